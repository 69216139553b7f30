//! Boards of the peer, of today and of old.

use super::*;

/// What a board of the peer's first releases had.
const LEGACY: &str = "
    CREATE TABLE tasks (
        id TEXT PRIMARY KEY, title TEXT NOT NULL, body TEXT, assignee TEXT, status TEXT NOT NULL,
        priority INTEGER DEFAULT 0, created_by TEXT, created_at INTEGER NOT NULL,
        started_at INTEGER, completed_at INTEGER, workspace_kind TEXT NOT NULL DEFAULT 'scratch',
        workspace_path TEXT, claim_lock TEXT, claim_expires INTEGER,
        spawn_failures INTEGER, last_spawn_error TEXT);
    CREATE TABLE task_events (
        id INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT NOT NULL, kind TEXT NOT NULL,
        payload TEXT, created_at INTEGER NOT NULL);
    INSERT INTO tasks (id, title, assignee, status, created_at, started_at, claim_lock,
                       claim_expires, spawn_failures, last_spawn_error) VALUES
        ('t_00000001', 'runs', 'ada', 'running', 5, 10, 'host:1', 900, 3, 'no such file'),
        ('t_00000002', 'runs, start unknown', 'bob', 'running', 5, NULL, NULL, NULL, NULL, NULL),
        ('t_00000003', 'waits', NULL, 'todo', 5, NULL, NULL, NULL, 0, NULL);
    INSERT INTO task_events (task_id, kind, created_at) VALUES
        ('t_00000001', 'ready', 6), ('t_00000001', 'priority', 7),
        ('t_00000003', 'spawn_auto_blocked', 8), ('t_00000003', 'created', 9);";

fn adopted(more: &str) -> (Home, Opened) {
    let home = Home::new();
    peer_board(&home.board(), more);
    let opened = open(&home.board(), &options()).unwrap();
    (home, opened)
}

fn legacy() -> (Home, Opened) {
    let home = Home::new();
    let connection = Connection::open(home.board()).unwrap();
    connection.execute_batch(LEGACY).unwrap();
    connection.close().unwrap();
    let opened = open(&home.board(), &options()).unwrap();
    (home, opened)
}

/// Every table and index with its columns, in an order that does not depend on history.
fn shape(connection: &Connection) -> Vec<String> {
    let mut statement = connection
        .prepare(
            "SELECT s.type || ' ' || s.name || '.' || i.name || ' ' || i.type || ' '
                 || i.\"notnull\" || ' ' || ifnull(i.dflt_value, '-') || ' ' || i.pk
             FROM sqlite_schema s, pragma_table_info(s.name) i WHERE s.type = 'table'
             UNION ALL
             SELECT s.type || ' ' || s.name || ' ' || ifnull(s.sql, '') FROM sqlite_schema s
             WHERE s.type <> 'table' ORDER BY 1",
        )
        .unwrap();
    let lines = statement.query_map([], |row| row.get(0)).unwrap();
    lines.collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_board_of_the_peer_keeps_every_row_and_gets_the_shape_of_a_new_one() {
    let (_home, opened) = adopted(
        "INSERT INTO tasks (id, title, status, created_at) VALUES ('t_00000001', 'a', 'todo', 5);
         INSERT INTO task_comments VALUES (9, 't_00000001', 'ada', 'hello', 6);",
    );
    let fresh = Home::new();
    let fresh = create(&fresh.board(), &options()).unwrap();
    assert_eq!(shape(&opened.reader), shape(&fresh.reader));
    assert_eq!(one::<String>(&opened.reader, "SELECT title FROM tasks"), "a");
    assert_eq!(one::<i64>(&opened.reader, "SELECT id FROM task_comments"), 9);
    assert_eq!(one::<i64>(&opened.reader, "SELECT count(*) FROM andon_salvage"), 0);
}

#[test]
fn a_legacy_board_gets_the_shape_of_a_new_one_and_keeps_its_own_columns() {
    let (_home, opened) = legacy();
    let fresh = Home::new();
    let fresh = create(&fresh.board(), &options()).unwrap();
    let old = ["table tasks.spawn_failures", "table tasks.last_spawn_error"];
    let shape_now: Vec<String> = shape(&opened.reader)
        .into_iter()
        .filter(|line| !old.iter().any(|own| line.starts_with(own)))
        .collect();
    assert_eq!(shape_now, shape(&fresh.reader));
    let counter = "SELECT consecutive_failures || last_failure_error FROM tasks WHERE rowid = 1";
    assert_eq!(one::<String>(&opened.reader, counter), "3no such file");
    let unknown = "SELECT consecutive_failures FROM tasks WHERE rowid = 2";
    assert_eq!(one::<i64>(&opened.reader, unknown), 0);
}

#[test]
fn each_running_task_of_a_legacy_board_gets_a_run() {
    let (_home, opened) = legacy();
    let run = "SELECT r.profile || ' ' || r.started_at || ' ' || ifnull(r.claim_lock, '-')
               FROM tasks t JOIN task_runs r ON r.id = t.current_run_id AND r.task_id = t.id
               WHERE r.status = 'running' AND r.outcome IS NULL AND t.id = ";
    let known = format!("{run} 't_00000001'");
    assert_eq!(one::<String>(&opened.reader, &known), "ada 10 host:1");
    let unknown = format!("{run} 't_00000002'");
    assert_eq!(one::<String>(&opened.reader, &unknown), "bob 1700000000 -");
    assert_eq!(one::<i64>(&opened.reader, "SELECT count(*) FROM task_runs"), 2);
    assert_eq!(one::<i64>(&opened.reader, "SELECT count(*) FROM task_events"), 4, "an event");
}

#[test]
fn old_kinds_of_events_get_their_new_names() {
    let (_home, opened) = legacy();
    let kinds = "SELECT group_concat(kind, ' ') FROM (SELECT kind FROM task_events ORDER BY id)";
    assert_eq!(one::<String>(&opened.reader, kinds), "promoted reprioritized gave_up created");
}

#[test]
fn the_copy_is_what_the_board_was() {
    let home = Home::new();
    peer_board(&home.board(), "INSERT INTO task_events VALUES (1, 't', NULL, 'ready', NULL, 1)");
    let opened = open(&home.board(), &options()).unwrap();
    let Origin::Migrated { backup } = opened.origin else { panic!("not migrated") };
    assert_eq!(backup, exists::beside(&home.board(), ".before-andon-1700000000.bak"));
    let copy = Connection::open(&backup).unwrap();
    assert_eq!(one::<String>(&copy, "SELECT kind FROM task_events"), "ready");
    assert_eq!(one::<i64>(&copy, "PRAGMA application_id"), 0);
}

#[test]
fn only_the_newest_copy_is_kept() {
    let home = Home::new();
    peer_board(&home.board(), "");
    let old = exists::beside(&home.board(), ".before-andon-1600000000.bak");
    std::fs::write(&old, b"of an attempt that was interrupted").unwrap();
    open(&home.board(), &options()).unwrap();
    let copies: Vec<String> =
        home.names().into_iter().filter(|name| name.contains("before-andon")).collect();
    assert_eq!(copies, ["kanban.db.before-andon-1700000000.bak"]);
}

#[test]
fn a_migrated_board_is_not_migrated_again() {
    let (home, opened) = adopted("");
    drop(opened);
    let later = OpenOptions { now: Timestamp(1_800_000_000), ..options() };
    assert_eq!(open(&home.board(), &later).unwrap().origin, Origin::Current);
}

#[test]
fn a_board_that_lost_its_marks_in_a_dump_is_adopted_again() {
    let (home, opened) = adopted("");
    drop(opened);
    let plain = Connection::open(home.board()).unwrap();
    plain.execute_batch("PRAGMA application_id = 0; PRAGMA user_version = 0").unwrap();
    plain.execute_batch("INSERT INTO andon_board VALUES ('key', 'kept')").unwrap();
    plain.close().unwrap();
    let again = open(&home.board(), &options()).unwrap();
    assert!(matches!(again.origin, Origin::Migrated { .. }));
    assert_eq!(one::<String>(&again.reader, "SELECT value FROM andon_board"), "kept");
}

#[test]
fn a_peer_that_holds_the_write_lock_makes_the_migration_busy_and_harmless() {
    let home = Home::new();
    peer_board(&home.board(), "");
    let peer = Connection::open(home.board()).unwrap();
    peer.execute_batch("BEGIN IMMEDIATE; DELETE FROM tasks").unwrap();
    let hasty =
        OpenOptions { connect: ConnectOptions { busy: Duration::from_millis(20) }, ..options() };
    assert_eq!(open(&home.board(), &hasty).unwrap_err().code(), "busy");
    peer.execute_batch("COMMIT").unwrap();
    open(&home.board(), &options()).unwrap();
    // The peer goes on with the connection that it had.
    let insert = "INSERT INTO tasks (id, title, status, created_at) VALUES ('t_1', 'a', 'todo', 1)";
    assert_eq!(peer.execute(insert, []).unwrap(), 1);
}

#[test]
fn a_damaged_board_is_not_migrated() {
    let home = Home::new();
    peer_board(&home.board(), "INSERT INTO task_links VALUES ('a', 'b')");
    home.overwrite_last_page();
    let before = std::fs::read(home.board()).unwrap();
    assert_eq!(open(&home.board(), &options()).unwrap_err().code(), "corrupt");
    assert_eq!(std::fs::read(home.board()).unwrap(), before);
    assert!(home.names().iter().all(|name| !name.contains("before-andon")), "{:?}", home.names());
}

#[test]
fn two_openers_migrate_once() {
    let home = Home::new();
    peer_board(&home.board(), LEGACY_RUNNING);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| open(&home.board(), &options()).unwrap());
        }
    });
    let opened = open(&home.board(), &options()).unwrap();
    assert_eq!(one::<i64>(&opened.reader, "SELECT count(*) FROM task_runs"), 1);
}

const LEGACY_RUNNING: &str =
    "INSERT INTO tasks (id, title, status, created_at) VALUES ('t_1', 'a', 'running', 5)";
