//! Claims about rows that no release of ours writes: they are left alone, and nothing else is.

use super::Boards;
use andon_core::command::pause::{SetPause, Turn};
use andon_core::id::TaskId;
use andon_core::run::{Exit, OnExitZero};
use andon_core::task::Status;
use andon_store::{CorruptWhat, Cursor, EventFilter, ListFilter, OddEvents, Store, StoreError};
use andon_store_sqlite::{Options, SqliteStore};
use andon_testkit::fixture::{Board, verbs};
use rusqlite::Connection;
use std::slice::from_ref;

/// A board, and a connection of another program to it.
fn shared(boards: &Boards) -> (Board, Connection) {
    let path = boards.next_path();
    let board = Board::new(&|environment| -> Box<dyn Store> {
        Box::new(SqliteStore::create(&path, Options::default(), environment).unwrap())
    });
    (board, Connection::open(&path).unwrap())
}

fn insert(other: &Connection, id: &str, status: &str) {
    let sql = "INSERT INTO tasks (id, title, status, assignee, created_at, workspace_kind) \
               VALUES (?1, 'odd', ?2, ' ', 1, 'scratch')";
    other.execute(sql, [id, status]).unwrap();
}

#[test]
fn d31_the_dispatcher_passes_over_rows_that_it_cannot_read() {
    let boards = Boards::new();
    let (board, other) = shared(&boards);
    let good = board.task("good").create();
    let running = board.task("running").claimed();
    for status in ["ready", "running", "todo", "scheduled", "unheard of"] {
        insert(&other, &format!("odd {status}"), status);
    }
    insert(&other, "t_00000001", "ready");
    other.execute("UPDATE tasks SET created_at = 'x' WHERE id = 't_00000001'", []).unwrap();

    let now = board.now();
    let heads = board.store.queue_heads(now, 10).unwrap();
    assert_eq!(heads.iter().map(|head| &head.task).collect::<Vec<_>>(), [&good]);
    let open = board.store.run_open_list().unwrap();
    assert_eq!(open.iter().map(|row| &row.task).collect::<Vec<_>>(), [&running]);
    assert_eq!(board.store.claim_expired(now, 10), Ok(Vec::new()));
    assert_eq!(board.store.due_list(now, 10), Ok(Vec::new()));
    assert_eq!(board.store.settled_page(Cursor::START, 10).unwrap().ready, []);
    let listed = board.store.task_list(&ListFilter::default()).unwrap();
    assert_eq!(listed.len(), 2);
}

#[test]
fn d31_a_family_with_an_odd_member_goes_on() {
    let boards = Boards::new();
    let (board, other) = shared(&boards);
    let parent = board.task("parent").create();
    let child = board.task("child").after(&parent).create();
    let waiting = board.task("waits for the odd one").after(&parent).create();
    insert(&other, "odd", "todo");
    let link = "INSERT INTO task_links (parent_id, child_id) VALUES (?1, ?2)";
    other.execute(link, [parent.as_str(), "odd"]).unwrap();
    other.execute(link, ["odd", waiting.as_str()]).unwrap();
    board.complete(&parent);
    let ready = board.store.queue_heads(board.now(), 10).unwrap();
    let ready: Vec<_> = ready.into_iter().map(|head| head.task).collect();
    assert_eq!(ready, from_ref(&child));
    assert_eq!(board.store.open_parents(&waiting).unwrap().count, 1);
}

#[test]
fn a_task_that_is_merely_named_keeps_nobody_from_the_end_whatever_its_row_says() {
    let boards = Boards::new();
    let (board, other) = shared(&boards);
    insert(&other, "t_0000000d", "a word of a newer release");
    other.execute("UPDATE tasks SET created_by = x'ff' WHERE id = 't_0000000d'", []).unwrap();
    let (task, exiting) = (board.task("reports").claimed(), board.task("exits").claimed());
    let mut report = verbs::complete(&task);
    report.handoff.summary = Some("made t_0000000d".to_owned());
    board.done(report);
    let mut exit = verbs::finish(&exiting, board.last_run(&exiting).id, Exit::Code(0));
    exit.on_exit_zero = OnExitZero::Completes;
    exit.tail = Some("made t_0000000d".to_owned());
    board.done(exit);
    for task in [task, exiting] {
        assert_eq!(board.store.task_get(&task).unwrap().unwrap().status, Status::Done);
    }
    // What nobody knows is waited for.
    let child = board.task("child").create();
    other.execute("INSERT INTO task_links VALUES ('t_0000000d', ?1)", [child.as_str()]).unwrap();
    assert_eq!(board.store.open_parents(&child).unwrap().count, 1);
}

#[test]
fn d31_events_and_comments_that_cannot_be_read_hide_no_others() {
    let boards = Boards::new();
    let (board, other) = shared(&boards);
    let task = board.task("first").create();
    let before = board.store.event_last().unwrap();
    for odd in ["X-1", "", "../x"] {
        let sql = "INSERT INTO task_events (task_id, kind, created_at) VALUES (?1, 'odd', 1)";
        other.execute(sql, [odd]).unwrap();
        board.task("next").create();
    }
    // Somebody who follows takes fewer than asked for as the end.
    let list = |after, limit| {
        let odd = OddEvents::PassedOver;
        let filter = EventFilter { after, limit, odd, ..EventFilter::default() };
        board.store.event_list(&filter).unwrap()
    };
    let (two, all) = (list(before, 2), list(before, 100));
    assert_eq!((two.len(), all.len()), (2, 3));
    assert_eq!(list(Some(two[1].id), 2), all[2..]);

    let sql =
        "INSERT INTO task_comments (task_id, author, body, created_at) VALUES (?1, ?2, 'b', 1)";
    other.execute(sql, (task.as_str(), "me")).unwrap();
    other.execute(sql, (task.as_str(), vec![255_u8])).unwrap();
    assert_eq!(board.store.comment_list(&task).unwrap().len(), 1);
}

#[test]
fn the_number_of_a_run_that_is_not_the_tasks_own_and_open_counts_as_none() {
    let boards = Boards::new();
    let (board, other) = shared(&boards);
    let bystander = board.task("bystander").claimed();
    let ended = board.task("ended").claimed();
    let over = board.last_run(&ended).id.0;
    board.complete(&ended);
    let theirs = board.last_run(&bystander);
    for number in [9_999, over, theirs.id.0] {
        let task = board.task("odd").claimed();
        let sql = "UPDATE tasks SET current_run_id = ?1 WHERE id = ?2";
        other.execute(sql, (number, task.as_str())).unwrap();
        board.done(verbs::heartbeat(&task, None));
        board.complete(&task);
    }
    assert_eq!(board.last_run(&bystander), theirs, "nothing is written to another task's run");
}

/// Table, row and column that an error names.
fn named<T: std::fmt::Debug>(
    answer: Result<T, StoreError>,
) -> (&'static str, String, &'static str) {
    match answer {
        Err(StoreError::Corrupt(CorruptWhat::Row { table, row, column, .. })) => {
            (table, row, column)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_cannot_be_read_is_named_by_table_row_and_column() {
    let boards = Boards::new();
    let (board, other) = shared(&boards);
    let task = board.task("odd").claimed();
    let run = board.last_run(&task).id.0.to_string();
    let event = board.store.event_last().unwrap().unwrap().0.to_string();
    let id = format!("{:?}", task.as_str());
    let event_list = || board.store.event_list(&EventFilter { limit: 10, ..Default::default() });
    let spoil = |sql: &str| assert_eq!(other.execute(sql, [task.as_str()]).unwrap(), 1, "{sql}");

    spoil("UPDATE task_runs SET started_at = 'x' WHERE task_id = ?1");
    assert_eq!(named(board.store.run_list(&task)), ("task_runs", run, "started_at"));
    spoil("UPDATE task_events SET created_at = 'x' WHERE task_id = ?1 AND kind = 'claimed'");
    assert_eq!(named(event_list()), ("task_events", event, "created_at"));
    spoil("UPDATE tasks SET priority = 'high' WHERE id = ?1");
    assert_eq!(named(board.store.task_get(&task)), ("tasks", id.clone(), "priority"));
    spoil("UPDATE tasks SET status = 'odd' WHERE id = ?1");
    spoil("UPDATE tasks SET priority = 0 WHERE id = ?1");
    assert_eq!(named(board.store.task_get(&task)), ("tasks", id, "status"));
}

/// Makes the row of a task odd in one column.
fn spoil(other: &Connection, task: &TaskId, change: &str) {
    let sql = format!("UPDATE tasks SET {change} WHERE id = ?1");
    assert_eq!(other.execute(&sql, [task.as_str()]).unwrap(), 1, "{change}");
}

#[test]
fn d31_an_assignee_that_is_no_text_keeps_no_other_queue_waiting() {
    let boards = Boards::new();
    let (board, other) = shared(&boards);
    let good = board.task("good").assigned("zoe").create();
    for name in ["x'ff'", "x'00'", "CAST(x'ff' AS TEXT)"] {
        let odd = board.task("odd").assigned("alice").create();
        spoil(&other, &odd, &format!("assignee = {name}"));
    }
    let heads = board.store.queue_heads(board.now(), 10).unwrap();
    assert_eq!(heads.iter().map(|head| &head.task).collect::<Vec<_>>(), [&good]);
    assert_eq!(board.store.task_list(&ListFilter::default()).unwrap().len(), 1);
    let counted = board.store.stats().unwrap().by_assignee;
    assert_eq!(counted.iter().map(|of| of.assignee.as_str()).collect::<Vec<_>>(), ["zoe"]);
}

#[test]
fn d31_a_status_that_nobody_knows_is_left_out_of_the_counts() {
    let boards = Boards::new();
    let (board, other) = shared(&boards);
    let good = board.task("good").create();
    for status in ["'unheard of'", "x'ff'", "''"] {
        spoil(&other, &board.task("odd").create(), &format!("status = {status}"));
    }
    spoil(&other, &good, "created_at = 'x'");
    other.execute("UPDATE task_events SET created_at = 'x'", []).unwrap();
    assert_eq!(board.store.status_counts(), Ok(vec![(Status::Ready, 1)]));
    let stats = board.store.stats().unwrap();
    assert_eq!((stats.by_status, stats.oldest_ready), (vec![(Status::Ready, 1)], None));
}

#[test]
fn a_pause_with_an_odd_author_is_a_pause_and_can_be_ended() {
    let boards = Boards::new();
    let (board, other) = shared(&boards);
    let sql = "INSERT INTO andon_board (key, value) VALUES ('pause_by', x'ff'), \
               ('pause_reason', x'fe'), ('pause_at', x'fd')";
    other.execute(sql, []).unwrap();
    let pause = board.store.pause_get().unwrap().unwrap();
    assert_eq!((pause.by.as_str(), pause.reason), ("(a blob of 1 bytes)", None));
    board.done(SetPause { turn: Turn::Resume });
    assert_eq!(board.store.pause_get(), Ok(None));
}

#[test]
fn new_tasks_come_after_the_newest_one_whose_id_can_be_read() {
    let boards = Boards::new();
    let (board, other) = shared(&boards);
    let before = board.task("before").create();
    for odd in ["NULL", "x'ff'", "'PROJ-1'", "CAST(x'ff' AS TEXT)"] {
        let sql = "INSERT INTO tasks (id, title, status, created_at) VALUES";
        other.execute(&format!("{sql} ({odd}, 'odd', 'ready', 1)"), []).unwrap();
    }
    let after = board.task("after").create();
    let step = |id: &TaskId| u32::from_str_radix(&id.as_str()[2..], 16).unwrap();
    assert!(step(&after).wrapping_sub(step(&before)) <= 512, "{before} {after}");
}

#[test]
fn d31_a_run_that_cannot_be_read_hides_no_others() {
    let boards = Boards::new();
    let (board, other) = shared(&boards);
    let runs = ["odd", "good"].map(|title| board.task(title).assigned("w").create());
    for task in &runs {
        board.start(task);
        board.complete(task);
    }
    let sql = "UPDATE task_runs SET summary = x'ff' WHERE task_id = ?1";
    other.execute(sql, [runs[0].as_str()]).unwrap();
    let lingering = board.store.run_lingering_list(10).unwrap();
    assert_eq!(lingering.iter().map(|run| &run.task).collect::<Vec<_>>(), [&runs[1]]);
    let me = board.task("me").create();
    let recent = board.store.run_recent("w", &me, 1).unwrap();
    assert_eq!(recent.iter().map(|run| &run.task).collect::<Vec<_>>(), [&runs[1]]);
}

#[test]
fn d31_times_that_are_none_leave_the_next_due_one() {
    let boards = Boards::new();
    let (board, other) = shared(&boards);
    let task = board.task("claimed").claimed();
    spoil(&other, &task, "claim_expires = 'x'");
    assert_eq!(board.store.next_due(board.now()), Ok(None));
}

#[test]
fn a_waiting_task_that_is_linked_to_itself_can_be_archived() {
    let boards = Boards::new();
    let (board, other) = shared(&boards);
    let task = board.task("circle").create();
    spoil(&other, &task, "status = 'todo'");
    other.execute("INSERT INTO task_links VALUES (?1, ?1)", [task.as_str()]).unwrap();
    board.archive(&task);
    assert_eq!(board.status(&task), Status::Archived);
}
