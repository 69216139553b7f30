//! What a look sees on boards that were made so, and that it changes nothing.

#![expect(clippy::disallowed_methods, reason = "compares files as bytes, and leaves a journal")]

use super::*;
use crate::open::tests::{Home, fill, options};
use crate::open::{self};

const LIMIT: Duration = Duration::from_secs(60);

fn board() -> Home {
    let home = Home::new();
    drop(open::create(&home.board(), &options()).unwrap());
    fill(&home.board(), 3);
    home
}

fn change(board: &Path, sql: &str) {
    let db = connect::connect(board, Role::Writer, &ConnectOptions { busy: BUSY }).unwrap();
    db.execute_batch(sql).unwrap();
}

/// A row that is written while the schema does not name an index is not put into that index.
pub(crate) fn lose_an_index_row(board: &Path) {
    change(
        board,
        "PRAGMA writable_schema = ON;
         CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name = 'idx_tasks_status';
         DELETE FROM sqlite_schema WHERE name = 'idx_tasks_status';",
    );
    change(
        board,
        "INSERT INTO tasks (id, title, status, created_at) VALUES ('t_00000009', 'x', 'todo', 9)",
    );
    change(
        board,
        "PRAGMA writable_schema = ON;
         INSERT INTO sqlite_schema SELECT * FROM kept;
         DROP TABLE kept;",
    );
}

#[test]
fn a_new_board_is_in_order_and_stays_byte_for_byte_as_it_is() {
    let home = board();
    let files =
        || [exists::WAL, ""].map(|end| std::fs::read(exists::beside(&home.board(), end)).unwrap());
    let before = files();
    let mut inspection = Inspection::open(&home.board()).unwrap();
    let header = inspection.header().unwrap();
    assert_eq!((header.schema, header.journal_mode.as_str()), (Schema::Current, "wal"));
    assert_eq!(inspection.structure(LIMIT).unwrap(), Verdict::Sound);
    assert_eq!(inspection.orphans().unwrap(), []);
    let contents = inspection.contents().unwrap().unwrap();
    assert_eq!((contents.snapshot.tasks.len(), contents.unreadable.len()), (3, 0));
    assert_eq!(inspection.newest().unwrap(), None);
    assert!(inspection.log().unwrap().pages > 0);
    let indexes = inspection.indexes().unwrap();
    assert!(indexes.len() > 15, "{indexes:?}");
    assert!(indexes.iter().all(|rows| rows.by_index == rows.by_table), "{indexes:?}");
    let settings = inspection.settings().unwrap();
    assert!(settings.iter().any(|read| read.name == "synchronous" && read.found == "2"));
    drop(inspection);
    assert!(files() == before, "the look wrote something");
}

#[test]
fn rows_without_a_task_are_counted_by_table_and_owner() {
    let home = board();
    change(
        &home.board(),
        "INSERT INTO task_comments (task_id, author, body, created_at) VALUES ('t_ff', 'a', '', 1);
         INSERT INTO task_links VALUES ('t_00000001', 't_ff');
         INSERT INTO andon_tasks (task_id) VALUES ('t_ff'), ('t_00000001');
         INSERT INTO andon_runs (run_id, task_id, came_from, claimer, runner, gone_at)
             VALUES (7, 't_ff', 'ready', 'x', 'x', NULL), (8, 't_ff', 'ready', 'x', 'x', 9);",
    );
    let found = Inspection::open(&home.board()).unwrap().orphans().unwrap();
    let told: Vec<_> =
        found.iter().map(|it| (it.table, it.owner == Owner::Andon, it.rows, it.kept)).collect();
    let expected = [
        ("task_links", false, 1, 0),
        ("task_comments", false, 1, 0),
        ("andon_tasks", true, 1, 0),
        ("andon_runs", true, 2, 1),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_row_that_cannot_be_read_is_named() {
    let home = board();
    change(&home.board(), "UPDATE tasks SET status = 'sideways' WHERE id = 't_00000002'");
    let contents = Inspection::open(&home.board()).unwrap().contents().unwrap().unwrap();
    assert_eq!(contents.snapshot.tasks.len(), 2);
    let [found] = contents.unreadable.as_slice() else { panic!("{contents:?}") };
    assert_eq!((found.table, found.rows), ("tasks", 1));
    assert!(found.named[0].contains("sideways"), "{found:?}");
}

#[test]
fn a_row_that_an_index_lost_is_seen_by_counting_and_by_the_structure() {
    let home = board();
    lose_an_index_row(&home.board());
    let mut inspection = Inspection::open(&home.board()).unwrap();
    let differ: Vec<IndexRows> = inspection.indexes().unwrap();
    let differ: Vec<_> = differ.iter().filter(|rows| rows.by_index != rows.by_table).collect();
    assert_eq!(differ.len(), 1, "{differ:?}");
    assert_eq!((differ[0].by_index, differ[0].by_table), (3, 4));
    let verdict = inspection.structure(LIMIT).unwrap();
    let Verdict::Damaged(lines) = verdict else { panic!("{verdict:?}") };
    assert!(lines.iter().all(|line| line.contains("index idx_tasks_status")), "{lines:?}");
}

#[test]
fn a_file_with_an_unfinished_journal_is_not_rolled_back_by_a_look() {
    let home = Home::new();
    let db = Connection::open(home.board()).unwrap();
    db.execute_batch("CREATE TABLE tasks (id TEXT); BEGIN; INSERT INTO tasks VALUES ('t_1')")
        .unwrap();
    db.execute_batch("PRAGMA cache_size = 1; PRAGMA cache_spill = 1").unwrap();
    let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
                INSERT INTO tasks SELECT hex(randomblob(400)) FROM n";
    db.execute_batch(rows).unwrap();
    // What a program leaves that dies now: the file in the middle of a change, and its journal.
    let dead = Home::new();
    for end in ["", exists::JOURNAL] {
        let from = exists::beside(&home.board(), end);
        std::fs::copy(from, exists::beside(&dead.board(), end)).unwrap();
    }
    let files = || {
        ["", exists::JOURNAL].map(|end| std::fs::read(exists::beside(&dead.board(), end)).unwrap())
    };
    let before = files();
    let looked = Inspection::open(&dead.board()).and_then(|mut inspection| inspection.header());
    assert!(looked.is_err(), "{looked:?}");
    assert!(files() == before, "the look rolled the journal back");
}
