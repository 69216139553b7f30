//! Findings about what a board holds.

use super::{change, findings, finds, home, of, only};
use rusqlite::Connection;
use std::fs;

#[test]
fn a_running_task_without_a_run_breaks_a_rule() {
    let env = home();
    change(&env, "UPDATE tasks SET status = 'running' WHERE title = 'First'");
    let found = of(&env, "invariants");
    assert!(found.iter().all(|(severity, _)| severity == "problem"), "{found:?}");
    assert!(found.iter().any(|(_, text)| text.contains("running_has_its_run")), "{found:?}");
}

#[test]
fn what_another_program_may_leave_is_only_noted() {
    let env = home();
    change(&env, "UPDATE tasks SET last_heartbeat_at = 5 WHERE title = 'First'");
    finds(&env, "invariants", "note", "heartbeat_ends_with_its_run");
}

#[test]
fn a_row_that_cannot_be_read_is_named() {
    let env = home();
    change(&env, "UPDATE tasks SET status = 'sideways' WHERE title = 'First'");
    finds(&env, "rows", "problem", "\"sideways\" is not a known value");
    change(&env, "UPDATE tasks SET status = x'00ff' WHERE title = 'First'");
    finds(&env, "rows", "problem", "(a blob of 2 bytes) is not a known value");
}

#[test]
fn rows_of_users_that_belong_to_nothing_stay() {
    let env = home();
    let comment = "INSERT INTO task_comments (task_id, author, body, created_at)
                   VALUES ('t_ffffffff', 'a', 'b', 1)";
    change(&env, comment);
    finds(&env, "orphans", "warning", "1 rows of task_comments");
    let fixed = findings(&env, &["--fix"]);
    let orphans = fixed.iter().find(|found| found["check"] == "orphans").unwrap();
    assert_eq!((&orphans["fixable"], &orphans["fixed"]), (&false.into(), &false.into()));
    finds(&env, "orphans", "warning", "1 rows of task_comments");
}

#[test]
fn an_index_that_lost_a_row_is_told_from_a_damaged_structure() {
    let env = home();
    super::lose_an_index_row(&env);
    let found = of(&env, "indexes");
    let text = "index idx_tasks_status has 2 rows, its table tasks has 3";
    assert!(found.contains(&("problem".to_owned(), text.to_owned())), "{found:?}");
    assert_eq!(only(&env, "structure").0, "ok");
}

#[test]
fn a_damaged_page_is_reported_and_nothing_is_written() {
    let env = home();
    env.ok(&["create", "Third", "--body", &"x".repeat(60_000)]);
    let db = Connection::open(env.database()).unwrap();
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    db.close().unwrap();
    let mut bytes = fs::read(env.database()).unwrap();
    // Between the first page and the last one lie those of the tables.
    let tables = 4096 * 2..bytes.len() - 4096;
    bytes[tables].iter_mut().step_by(7).for_each(|byte| *byte ^= 0xA5);
    fs::write(env.database(), &bytes).unwrap();
    for arguments in [&[][..], &["--fix"]] {
        let found = findings(&env, arguments);
        let structure = found.iter().find(|found| found["check"] == "structure").unwrap();
        assert_eq!(structure["severity"], "problem", "{structure}");
        assert!(structure["remedy"].as_str().unwrap().contains("andon repair"), "{structure}");
        assert!(fs::read(env.database()).unwrap() == bytes, "the file was changed");
    }
    assert!(env.run(&["doctor"]).stdout.contains("could not be made"));
}

#[test]
fn a_clock_that_went_back_is_noticed_by_the_newest_event() {
    let env = home();
    change(&env, "UPDATE task_events SET created_at = created_at + 7200");
    finds(&env, "clock", "warning", "in the future: the clock went back");
}

#[test]
fn databases_of_others_are_named_and_not_touched() {
    for (sql, severity, text) in [
        ("PRAGMA user_version = 99", "problem", "its schema 99 is newer"),
        ("PRAGMA application_id = 7; PRAGMA user_version = 7", "problem", "another program"),
        ("PRAGMA application_id = 0; PRAGMA user_version = 0", "note", "a board of the peer"),
    ] {
        let env = home();
        change(&env, sql);
        finds(&env, "schema", severity, text);
        assert!(of(&env, "invariants")[0].1.starts_with("not checked: "));
        let marks = Connection::open(env.database()).unwrap();
        let version: i64 = marks.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert!(sql.ends_with(&format!("user_version = {version}")), "{sql}: {version}");
    }
}

#[test]
fn a_database_without_tasks_is_no_board() {
    let env = home();
    fs::remove_file(env.database()).unwrap();
    for suffix in ["-wal", "-shm"] {
        fs::remove_file(format!("{}{suffix}", env.database().display())).unwrap();
    }
    change(&env, "CREATE TABLE other (id)");
    finds(&env, "schema", "problem", "without the tables of a board");
}

#[test]
fn a_journal_mode_that_was_changed_is_noticed_and_left() {
    let env = home();
    let db = Connection::open(env.database()).unwrap();
    db.execute_batch("PRAGMA journal_mode = DELETE").unwrap();
    db.close().unwrap();
    finds(&env, "journal_mode", "warning", "the journal mode is delete");
    finds(&env, "journal_mode", "warning", "the journal mode is delete");
}

#[test]
fn a_reader_that_does_not_end_is_named_when_the_log_grows() {
    let env = home().with("ANDON_CHECKPOINT_PAGES", "20");
    assert_eq!(only(&env, "log").0, "ok");
    let reader = Connection::open(env.database()).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM tasks").unwrap();
    for _ in 0..5 {
        env.create(&["Third", "--body", &"x".repeat(100_000)]);
    }
    let text = format!("process {} (", std::process::id());
    finds(&env, "log", "warning", &text);
    drop(reader);
    env.create(&["Fourth"]);
    env.create(&["Fifth"]);
    assert_eq!(only(&env, "log").0, "ok");
}
