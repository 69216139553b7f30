//! Settings of real connections, and what closing one leaves behind.

use super::*;
use crate::open::tests::{Home, options};

fn board() -> Home {
    let home = Home::new();
    crate::open::create(&home.board(), &options()).unwrap();
    home
}

fn pragma(connection: &Connection, name: &str) -> String {
    read_back(connection, name).unwrap()
}

#[test]
fn every_setting_holds_on_a_writer_and_on_a_reader() {
    let home = board();
    for (role, cache, query_only) in [(Role::Writer, "-8192", "0"), (Role::Reader, "-512", "1")] {
        let connection = connect(&home.board(), role, &options().connect).unwrap();
        let wanted = [
            ("journal_mode", "wal"),
            ("synchronous", "2"),
            ("secure_delete", "1"),
            ("cell_size_check", "1"),
            ("trusted_schema", "0"),
            ("mmap_size", "0"),
            ("wal_autocheckpoint", "0"),
            ("busy_timeout", "5000"),
            ("cache_size", cache),
            ("query_only", query_only),
        ];
        for (name, value) in wanted {
            assert_eq!(pragma(&connection, name), value, "{name} of a {role:?}");
        }
        for (config, name, wanted) in CONFIGS {
            assert_eq!(connection.db_config(config).unwrap(), wanted, "{name} of a {role:?}");
        }
    }
}

#[test]
fn a_setting_that_does_not_take_is_an_error_that_names_it() {
    let home = board();
    let connection = connect(&home.board(), Role::Reader, &options().connect).unwrap();
    // SQLite knows no level nine of synchronous.
    let error = set(&connection, "synchronous", 9).unwrap_err();
    assert!(error.to_string().contains("synchronous"), "{error}");
}

#[test]
fn a_reader_cannot_write() {
    let home = board();
    let reader = connect(&home.board(), Role::Reader, &options().connect).unwrap();
    let error = reader.execute("DELETE FROM tasks", []).unwrap_err();
    assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::ReadOnly));
}

#[test]
fn triggers_that_stand_in_a_board_are_not_carried_out_and_stay() {
    let home = board();
    let other = Connection::open(home.board()).unwrap();
    let planted = "CREATE TRIGGER hidden AFTER INSERT ON tasks BEGIN
                       UPDATE tasks SET status = 'done' WHERE id = new.id; END";
    other.execute_batch(planted).unwrap();
    let insert = "INSERT INTO tasks (id, title, status, created_at) VALUES (?1, 'a', 'todo', 1)";
    let status = |id: &str| -> String {
        other.query_row("SELECT status FROM tasks WHERE id = ?1", [id], |row| row.get(0)).unwrap()
    };
    other.execute(insert, ["t_00000001"]).unwrap();
    assert_eq!(status("t_00000001"), "done", "the trigger works for others");
    let writer = connect(&home.board(), Role::Writer, &options().connect).unwrap();
    writer.execute(insert, ["t_00000002"]).unwrap();
    assert_eq!(status("t_00000002"), "todo");
    let count = "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'";
    let triggers: i64 = other.query_row(count, [], |row| row.get(0)).unwrap();
    assert_eq!(triggers, 1, "it is the user's");
}

#[test]
fn a_view_in_the_place_of_a_table_is_not_read() {
    let home = board();
    let other = Connection::open(home.board()).unwrap();
    let planted = "ALTER TABLE tasks RENAME TO hidden; CREATE VIEW tasks AS SELECT * FROM hidden";
    other.execute_batch(planted).unwrap();
    let reader = connect(&home.board(), Role::Reader, &options().connect).unwrap();
    let error = reader.prepare("SELECT id FROM tasks").unwrap_err();
    assert!(error.to_string().contains("access to view \"tasks\" prohibited"), "{error}");
}

#[test]
fn connecting_never_makes_a_file() {
    let home = Home::new();
    let error = connect(&home.board(), Role::Writer, &options().connect).unwrap_err();
    assert_eq!(error.code(), "no_board");
    assert_eq!(home.names(), Vec::<String>::new());
}

#[test]
fn the_last_one_to_close_leaves_the_log() {
    let home = board();
    let writer = connect(&home.board(), Role::Writer, &options().connect).unwrap();
    writer.execute("INSERT INTO andon_board VALUES ('a', 'b')", []).unwrap();
    drop(writer);
    let log = exists::beside(&home.board(), exists::WAL);
    assert!(log.metadata().unwrap().len() > 0, "closing checkpointed");
}
