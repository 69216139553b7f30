//! Tasks: what goes in comes out.

use super::claims;
use crate::fixture::{Board, profile, verbs};
use andon_core::command::assign::{Assign, Occasion};
use andon_core::command::comment::Comment;
use andon_core::command::create::Begin;
use andon_core::command::edit::Edit;
use andon_core::command::unblock::Unblock;
use andon_core::id::TaskId;
use andon_core::run::Exit;
use andon_core::task::{BlockKind, GoalMode, Hold, Status, Workspace, WorkspaceKind};
use andon_core::time::Seconds;
use andon_core::transition::Fields;

claims![
    every_field_of_a_new_task_comes_back,
    absent_and_empty_skills_differ,
    an_unknown_task_is_nothing_and_no_error,
    an_edit_changes_what_it_names_and_nothing_else,
    a_new_assignee_begins_with_a_clean_record,
    comments_come_in_the_order_in_which_they_were_made,
    texts_of_any_script_survive,
    a_finished_task_keeps_nothing_of_its_run,
    b14_a_task_made_blocked_is_released_by_a_person_only,
    b12_the_same_draw_makes_another_id,
];

fn every_field_of_a_new_task_comes_back(board: &Board) {
    let workspace = Workspace {
        kind: WorkspaceKind::Worktree,
        path: Some("/work".into()),
        branch: Some("a/b".into()),
    };
    let draft = board.task("  title ").assigned("worker").priority(-3).with(|create| {
        create.body = Some("line\nline".into());
        create.created_by = Some("somebody".into());
        create.workspace = Some(workspace.clone());
        create.project_id = Some("project".into());
        create.tenant = Some("tenant".into());
        create.idempotency_key = Some("key".into());
        create.max_runtime = Some(Seconds(60));
        create.skills = Some(vec![" a ".into(), "ä".into(), "a".into()]);
        create.model_override = Some("model".into());
        create.max_retries = Some(5);
        create.goal_mode = GoalMode::On;
        create.goal_max_turns = Some(7);
        create.session_id = Some("session".into());
    });
    let task = board.get(&draft.create());
    assert_eq!(task.title, "title");
    assert_eq!(task.body.as_deref(), Some("line\nline"));
    assert_eq!((task.priority, task.created_at), (-3, board.now()));
    assert_eq!(task.workspace, workspace);
    assert_eq!(task.skills, Some(vec!["a".to_owned(), "ä".to_owned()]));
    assert_eq!((task.max_runtime, task.max_retries), (Some(Seconds(60)), Some(5)));
    assert_eq!((task.goal_mode, task.goal_max_turns), (GoalMode::On, Some(7)));
    let texts = [
        &task.created_by,
        &task.project_id,
        &task.tenant,
        &task.idempotency_key,
        &task.model_override,
        &task.session_id,
    ];
    let texts: Vec<&str> = texts.iter().filter_map(|text| text.as_deref()).collect();
    assert_eq!(texts, ["somebody", "project", "tenant", "key", "model", "session"]);
    assert_eq!((task.assignee, task.hold), (Some(profile("worker")), Hold::default()));
}

fn absent_and_empty_skills_differ(board: &Board) {
    let absent = board.task("a").create();
    let empty = board.task("b").with(|create| create.skills = Some(Vec::new())).create();
    assert_eq!(board.get(&absent).skills, None);
    assert_eq!(board.get(&empty).skills, Some(Vec::new()));
}

fn an_unknown_task_is_nothing_and_no_error(board: &Board) {
    let nobody = TaskId::from_random(0xdead);
    let read = &board.store;
    assert_eq!(read.task_get(&nobody), Ok(None));
    assert_eq!(read.run_list(&nobody), Ok(Vec::new()));
    assert_eq!(read.comment_list(&nobody), Ok(Vec::new()));
    assert_eq!(read.attachment_list(&nobody), Ok(Vec::new()));
    assert_eq!(read.links(&nobody), Ok(andon_store::LinkEnds::default()));
    assert_eq!(board.refused(verbs::claim(&nobody)).code(), "unknown_task");
}

fn an_edit_changes_what_it_names_and_nothing_else(board: &Board) {
    let id = board.task("a").with(|create| create.body = Some("text".into())).create();
    let before = board.get(&id);
    let fields = Fields {
        title: Some("b".into()),
        tenant: Some(Some("t".into())),
        body: Some(None),
        ..Fields::default()
    };
    board.done(Edit { task: id.clone(), fields });
    let mut expected = before;
    expected.title = "b".into();
    expected.tenant = Some("t".into());
    expected.body = None;
    assert_eq!(board.get(&id), expected);
    assert_eq!(board.kinds(&id), ["created", "edited"]);
}

fn a_new_assignee_begins_with_a_clean_record(board: &Board) {
    let id = board.task("a").assigned("one").create();
    let run = board.start(&id);
    board.done(verbs::finish(&id, run, Exit::Code(1)));
    assert_eq!(board.get(&id).consecutive_failures, 1);
    let assignee = Some(profile("two"));
    board.done(Assign { task: id.clone(), assignee, occasion: Occasion::Asked });
    let task = board.get(&id);
    assert_eq!((task.consecutive_failures, task.last_failure_error), (0, None));
    assert_eq!((task.assignee, task.hold), (Some(profile("two")), Hold::default()));
}

fn comments_come_in_the_order_in_which_they_were_made(board: &Board) {
    let id = board.task("a").create();
    for body in ["3", "1", "2"] {
        let author = "somebody".to_owned();
        board.done(Comment { task: id.clone(), author, body: body.to_owned() });
    }
    let comments = board.store.comment_list(&id).expect("comments can be read");
    let bodies: Vec<&str> = comments.iter().map(|comment| comment.body.as_str()).collect();
    assert_eq!(bodies, ["3", "1", "2"], "made within one second, told apart by id");
    assert!(comments.windows(2).all(|pair| pair[0].id < pair[1].id));
    for (limit, earlier) in [(1, 2), (2, 1), (3, 0), (4, 0)] {
        let newest = board.store.comment_newest(&id, limit).expect("comments can be read");
        assert_eq!((&newest.rows[..], newest.earlier), (&comments[earlier..], earlier));
    }
}

fn texts_of_any_script_survive(board: &Board) {
    let text = "ä ß 漢字 🦀 ' \" % _ \\";
    let id = board.task(text).with(|create| create.body = Some(text.into())).create();
    let task = board.get(&id);
    assert_eq!((task.title.as_str(), task.body.as_deref()), (text, Some(text)));
}

fn a_finished_task_keeps_nothing_of_its_run(board: &Board) {
    let id = board.task("a").create();
    let run = board.start(&id);
    board.done(verbs::heartbeat(&id, Some(run)));
    board.complete(&id);
    let task = board.get(&id);
    assert_eq!(task.status, Status::Done);
    assert_eq!((task.claim, task.worker_pid, task.current_run), (None, None, None));
    assert_eq!((task.last_heartbeat_at, task.completed_at), (None, Some(board.now())));
}

fn b14_a_task_made_blocked_is_released_by_a_person_only(board: &Board) {
    let parent = board.task("parent").create();
    let id = board.task("a").after(&parent).begins(Begin::Blocked).create();
    board.complete(&parent);
    assert_eq!(board.status(&id), Status::Blocked);
    board.done(Unblock { task: id.clone(), reason: None });
    assert_eq!(board.status(&id), Status::Ready);
    board.done(verbs::block(&id, BlockKind::NeedsInput));
    assert_eq!(board.status(&id), Status::Blocked);
}

fn b12_the_same_draw_makes_another_id(board: &Board) {
    board.world.random.wind(0);
    let first = board.task("first").create();
    board.world.random.wind(0);
    let branch = "own".to_owned();
    let kind = WorkspaceKind::Worktree;
    let workspace = Workspace { kind, path: None, branch: Some(branch.clone()) };
    let second = board.task("second").with(|create| create.workspace = Some(workspace)).create();
    assert_ne!(first, second);
    assert_eq!(board.get(&first).workspace.branch, None, "nothing of the one is the other's");
    assert_eq!(board.get(&second).workspace.branch, Some(branch));
}
