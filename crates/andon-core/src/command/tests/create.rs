//! Making tasks.

use super::{accepted, events, kinds, refused};
use crate::command::create::{Begin, Create};
use crate::command::settle::Settle;
use crate::event::NewEvent;
use crate::id::TaskId;
use crate::policy::SPAN_MAX;
use crate::table::sample::{self, NOW, beside, parent_id, task_id, view};
use crate::task::{GoalMode, Status, Workspace, WorkspaceKind};
use crate::time::{Seconds, Timestamp};
use crate::transition::{NewTask, Outcome, Transition, Write};
use crate::view::View;

fn empty() -> View {
    View { fresh_id: Some(sample::fresh_id()), ..View::default() }
}

fn create(title: &str) -> Create {
    Create { title: title.to_owned(), ..Create::default() }
}

fn stands(transition: &Transition) -> Status {
    match &transition.outcome {
        Outcome::Created { status, .. } => *status,
        other => unreachable!("nothing was created: {other:?}"),
    }
}

/// The task that a command makes.
fn made(command: &Create) -> NewTask {
    let transition = accepted(&empty(), command.clone());
    let mut tasks = transition.writes.into_iter().filter_map(|write| match write {
        Write::InsertTask(task) => Some(*task),
        _other => None,
    });
    tasks.next().expect("a task is made")
}

#[test]
fn a_task_without_parents_is_ready() {
    assert_eq!(stands(&accepted(&empty(), create("a"))), Status::Ready);
}

#[test]
fn b13_only_done_and_archived_parents_count_as_finished() {
    for status in Status::ALL {
        let view = beside(empty(), parent_id(), *status);
        let child = Create { parents: vec![parent_id()], ..create("a") };
        let expected = if status.releases_children() { Status::Ready } else { Status::Todo };
        assert_eq!(stands(&accepted(&view, child)), expected, "{status}");
    }
}

#[test]
fn b14_s2_a_task_made_blocked_stays_blocked() {
    let made = accepted(&empty(), Create { begin: Begin::Blocked, ..create("a") });
    assert_eq!(stands(&made), Status::Blocked);
    assert_eq!(kinds(&made), ["created", "blocked"], "the event makes it hold for the peer, too");
    let settle = Settle { task: task_id() };
    assert_eq!(refused(&view(Status::Blocked), settle), "wrong_status");
}

#[test]
fn a_task_for_later_is_scheduled_with_its_time() {
    let due = NOW + Seconds(60);
    let made = accepted(&empty(), Create { begin: Begin::At(due), ..create("a") });
    assert_eq!(stands(&made), Status::Scheduled);
    assert_eq!(super::hold(&made).and_then(|hold| hold.due_at), Some(due));
}

#[test]
fn a_time_in_the_past_or_beyond_a_year_is_refused() {
    for due in [NOW, Timestamp(0), NOW + SPAN_MAX + Seconds(1)] {
        let command = Create { begin: Begin::At(due), ..create("a") };
        assert_eq!(refused(&empty(), command), "invalid_field");
    }
}

#[test]
fn b11_the_same_key_finds_the_task_and_writes_nothing() {
    let same_key = Some((task_id(), Status::Done));
    let view = View { same_key, ..empty() };
    let found = accepted(&view, Create { idempotency_key: Some("key".into()), ..create("a") });
    assert_eq!(found.outcome, Outcome::Existing { task: task_id(), status: Status::Done });
    assert!(found.writes.is_empty());
}

#[test]
fn a_key_is_looked_up_as_it_is_stored() {
    let command = Create { idempotency_key: Some("  key ".into()), ..create("a") };
    let command = crate::command::Command::from(command);
    assert_eq!(command.needs().idempotency_key, Some("key"));
    let made = accepted(&empty(), command);
    let stored = made.writes.iter().find_map(|write| match write {
        Write::InsertTask(task) => task.idempotency_key.clone(),
        _other => None,
    });
    assert_eq!(stored.as_deref(), Some("key"));
}

#[test]
fn unknown_parents_are_refused_wherever_the_task_would_begin() {
    for begin in [Begin::Normal, Begin::Triage, Begin::Blocked] {
        let parents = vec![TaskId::from_random(1)];
        let command = Create { parents, begin, ..create("a") };
        assert_eq!(refused(&empty(), command), "unknown_tasks");
    }
}

#[test]
fn a_parent_named_twice_is_linked_once() {
    let view = beside(empty(), parent_id(), Status::Done);
    let made = accepted(&view, Create { parents: vec![parent_id(), parent_id()], ..create("a") });
    let links = made.writes.iter().filter(|write| matches!(write, Write::AddLink { .. }));
    assert_eq!(links.count(), 1);
}

#[test]
fn s31_what_no_worker_could_use_is_refused() {
    let workspace = |kind, path: Option<&str>, branch: Option<&str>| {
        let (path, branch) = (path.map(str::to_owned), branch.map(str::to_owned));
        Create { workspace: Some(Workspace { kind, path, branch }), ..create("a") }
    };
    let bad = [
        create("   "),
        create("two\nlines"),
        workspace(WorkspaceKind::Dir, None, None),
        workspace(WorkspaceKind::Dir, Some("relative"), None),
        workspace(WorkspaceKind::Scratch, None, Some("branch")),
        workspace(WorkspaceKind::Worktree, None, Some("-option")),
        workspace(WorkspaceKind::Worktree, None, Some("")),
        workspace(WorkspaceKind::Worktree, None, Some("two words")),
        workspace(WorkspaceKind::Worktree, None, Some("up/../down")),
        workspace(WorkspaceKind::Dir, Some("/src"), Some("branch")),
        Create { max_runtime: Some(Seconds(0)), ..create("a") },
        Create { max_retries: Some(0), ..create("a") },
        Create { goal_max_turns: Some(0), ..create("a") },
        Create { skills: Some(vec!["a,b".to_owned()]), ..create("a") },
    ];
    for command in bad {
        assert_eq!(refused(&empty(), command.clone()), "invalid_field", "{command:?}");
    }
}

#[test]
fn what_a_worker_can_use_is_taken() {
    let workspace = |kind, path: Option<&str>, branch: Option<&str>| {
        let (path, branch) = (path.map(str::to_owned), branch.map(str::to_owned));
        Workspace { kind, path, branch }
    };
    for workspace in [
        workspace(WorkspaceKind::Scratch, None, None),
        workspace(WorkspaceKind::Scratch, Some("/scratch"), None),
        workspace(WorkspaceKind::Dir, Some("/src"), None),
        workspace(WorkspaceKind::Worktree, Some("/src"), Some("fix/one-two")),
        workspace(WorkspaceKind::Worktree, None, None),
    ] {
        let command = Create { workspace: Some(workspace.clone()), ..create("a") };
        assert_eq!(made(&command).workspace, workspace);
    }
    assert_eq!(made(&create("a")).workspace, workspace(WorkspaceKind::Scratch, None, None));
}

#[test]
fn skills_are_trimmed_and_named_once_and_none_is_not_the_same_as_no_answer() {
    let skills = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        made(&Create { skills: Some(names), ..create("a") }).skills
    };
    assert_eq!(skills(&[" a ", "", "b", "a"]), Some(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(skills(&[]), Some(Vec::new()));
    assert_eq!(made(&create("a")).skills, None);
}

#[test]
fn the_event_of_a_new_task_says_what_it_begins_with() {
    let command = Create {
        tenant: Some("t".to_owned()),
        skills: Some(vec!["s".to_owned()]),
        parents: vec![parent_id()],
        goal_mode: GoalMode::On,
        ..create("a")
    };
    let view = beside(empty(), parent_id(), Status::Ready);
    let created = NewEvent::Created {
        assignee: None,
        status: Status::Todo,
        parents: vec![parent_id()],
        tenant: Some("t".to_owned()),
        branch_name: None,
        skills: vec!["s".to_owned()],
        goal_mode: true,
    };
    assert_eq!(events(&accepted(&view, command)), [&created]);
    let plain = accepted(&empty(), create("a"));
    assert!(matches!(events(&plain)[..], [NewEvent::Created { goal_mode: false, .. }]));
}
