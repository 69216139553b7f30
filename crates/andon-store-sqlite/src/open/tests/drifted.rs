//! Tables whose ids are no row numbers any more (B6).

use super::*;

/// Replaces the peer's tables of runs, events and subscriptions by drifted ones, with rows.
fn drifted(rows: &str) -> (Home, Opened) {
    let home = Home::new();
    peer_board(
        &home.board(),
        &format!(
            "DROP TABLE task_runs; DROP TABLE task_events; DROP TABLE kanban_notify_subs;
             CREATE TABLE task_runs (id TEXT, task_id TEXT, profile TEXT, status TEXT,
                 started_at INTEGER, extra TEXT);
             CREATE TABLE task_events (id BIGINT PRIMARY KEY, task_id TEXT, run_id TEXT, kind TEXT,
                 payload TEXT, created_at INTEGER);
             CREATE TABLE kanban_notify_subs (task_id TEXT, platform TEXT, chat_id TEXT,
                 thread_id TEXT, created_at INTEGER, last_event_id TEXT);
             INSERT INTO tasks (id, title, status, created_at, current_run_id) VALUES
                 ('t_1', 'a', 'running', 1, 7), ('t_2', 'b', 'running', 1, 'uuid'),
                 ('t_3', 'c', 'running', 1, 9), ('t_4', 'd', 'todo', 1, NULL);
             {rows}"
        ),
    );
    let opened = open(&home.board(), &options()).unwrap();
    (home, opened)
}

const RUNS: &str = "INSERT INTO task_runs VALUES
    ('7', 't_1', 'ada', 'running', 1, 'kept'), ('uuid', 't_2', 'bob', 'running', 2, NULL),
    ('7', 't_4', 'eve', 'done', 3, NULL), (NULL, 't_4', 'dan', 'done', 4, NULL),
    ('9', NULL, 'nobody', 'running', 5, NULL);";

#[test]
fn ids_that_are_numbers_stay_and_the_others_are_followed() {
    let (_home, opened) = drifted(&format!(
        "{RUNS} INSERT INTO task_events VALUES (4, 't_1', '7', 'claimed', NULL, 1),
             (5, 't_2', 'uuid', 'claimed', NULL, 1);"
    ));
    let runs = "SELECT group_concat(profile || r.id, ' ') FROM
                    (SELECT * FROM task_runs WHERE profile IS NOT NULL ORDER BY id) r";
    assert_eq!(one::<String>(&opened.reader, runs), "ada7 bob8 eve9 dan10");
    let pointer = "SELECT r.profile FROM tasks t JOIN task_runs r ON r.id = t.current_run_id
                   WHERE typeof(t.current_run_id) = 'integer' AND t.id = ";
    assert_eq!(one::<String>(&opened.reader, &format!("{pointer} 't_1'")), "ada");
    assert_eq!(one::<String>(&opened.reader, &format!("{pointer} 't_2'")), "bob");
    let events = "SELECT group_concat(e.id || r.profile, ' ') FROM task_events e
                  JOIN task_runs r ON r.id = e.run_id";
    assert_eq!(one::<String>(&opened.reader, events), "4ada 5bob");
    assert_eq!(one::<String>(&opened.reader, "SELECT extra FROM task_runs WHERE id = 7"), "kept");
}

#[test]
fn the_rebuilt_tables_number_themselves() {
    let (home, _opened) = drifted(RUNS);
    let writer = connect::connect(&home.board(), Role::Writer, &options().connect).unwrap();
    writer
        .execute("INSERT INTO task_runs (task_id, status, started_at) VALUES ('t_4', 'x', 1)", [])
        .unwrap();
    assert!(writer.last_insert_rowid() > 10);
}

#[test]
fn rows_that_fit_nowhere_are_salvaged_and_never_stop_the_board() {
    let (_home, opened) = drifted(&format!(
        "{RUNS} INSERT INTO task_events VALUES (NULL, 't_1', NULL, NULL, x'00ff', 1),
             (NULL, 't_1', NULL, 'kept', NULL, 1);"
    ));
    let runs = "SELECT row ->> 'profile' FROM andon_salvage WHERE tbl = 'task_runs'";
    assert_eq!(one::<String>(&opened.reader, runs), "nobody");
    let events = "SELECT row ->> 'payload' FROM andon_salvage WHERE tbl = 'task_events'";
    assert_eq!(one::<String>(&opened.reader, events), "00FF");
    assert_eq!(one::<String>(&opened.reader, "SELECT kind FROM task_events"), "kept");
    assert_eq!(one::<i64>(&opened.reader, "SELECT count(*) FROM andon_salvage"), 2);
}

#[test]
fn a_task_whose_run_was_salvaged_gets_a_new_one() {
    let (_home, opened) = drifted("INSERT INTO task_runs VALUES ('9', NULL, NULL, 'x', 5, NULL)");
    let found = "SELECT count(*) FROM tasks t JOIN task_runs r
                     ON r.id = t.current_run_id AND r.task_id = t.id WHERE t.status = 'running'";
    assert_eq!(one::<i64>(&opened.reader, found), 3);
}

#[test]
fn a_duplicate_subscription_that_has_seen_more_makes_way() {
    let (_home, opened) = drifted(
        "INSERT INTO kanban_notify_subs VALUES
             ('t_1', 'chat', 'c', NULL, 1, '12'), ('t_1', 'chat', 'c', '', 1, '5'),
             ('t_1', 'mail', 'c', '', 1, 'abc'), ('t_1', NULL, 'c', '', 1, '1');",
    );
    let subscriptions = "SELECT group_concat(platform || last_event_id, ' ') FROM
        (SELECT * FROM kanban_notify_subs ORDER BY platform)";
    assert_eq!(one::<String>(&opened.reader, subscriptions), "chat5 mail0");
    assert_eq!(one::<i64>(&opened.reader, "SELECT count(*) FROM andon_salvage"), 2);
}

#[test]
fn subscriptions_follow_events_that_were_numbered_anew() {
    let home = Home::new();
    peer_board(
        &home.board(),
        "DROP TABLE task_events;
         CREATE TABLE task_events (id TEXT, task_id TEXT, kind TEXT, created_at INTEGER);
         INSERT INTO task_events VALUES ('one', 't', 'a', 1), ('two', 't', 'b', 2);
         INSERT INTO kanban_notify_subs (task_id, platform, chat_id, created_at, last_event_id)
             VALUES ('t', 'chat', 'c', 1, 'one');",
    );
    let opened = open(&home.board(), &options()).unwrap();
    let seen = "SELECT kind FROM task_events e JOIN kanban_notify_subs s ON s.last_event_id = e.id";
    assert_eq!(one::<String>(&opened.reader, seen), "a");
}
