//! What is mended, what stays, and the copy that is made first.

use super::*;
use crate::inspect::Inspection;
use crate::open::tests::{Home, fill, options};

const NOW: Timestamp = Timestamp(1_800_000_000);

fn board(sql: &str) -> Home {
    let home = Home::new();
    drop(crate::open::create(&home.board(), &options()).unwrap());
    fill(&home.board(), 3);
    change(&home, sql);
    home
}

fn change(home: &Home, sql: &str) {
    let db = connect(&home.board(), Role::Writer, &ConnectOptions { busy: WAIT }).unwrap();
    db.execute_batch(sql).unwrap();
}

#[test]
fn orphans_of_ours_go_and_those_of_users_and_of_living_processes_stay() {
    let home = board(
        "INSERT INTO task_comments (task_id, author, body, created_at) VALUES ('t_ff', 'a', '', 1);
         INSERT INTO andon_tasks (task_id) VALUES ('t_ff'), ('t_00000001');
         INSERT INTO andon_runs (run_id, task_id, came_from, claimer, runner, gone_at)
             VALUES (7, 't_ff', 'ready', 'x', 'x', NULL), (8, 't_ff', 'ready', 'x', 'x', 9);",
    );
    let orphans = || {
        let found = Inspection::open(&home.board()).unwrap().orphans().unwrap();
        found.into_iter().map(|found| (found.table, found.rows)).collect::<Vec<_>>()
    };
    assert_eq!(orphans(), [("task_comments", 1), ("andon_tasks", 1), ("andon_runs", 2)]);
    let mended = mend(&home.board(), Mending::Orphans, NOW).unwrap();
    assert_eq!(mended.rows_removed, 2);
    assert_eq!(orphans(), [("task_comments", 1), ("andon_runs", 1)]);
    let copy = Inspection::open(&mended.copy).unwrap().orphans().unwrap();
    assert_eq!(copy.len(), 3, "the copy is the board as it was: {copy:?}");
}

#[test]
fn indexes_are_written_anew_and_no_row_is_changed() {
    let home = board("");
    crate::inspect::tests::lose_an_index_row(&home.board());
    let differ = || {
        let rows = Inspection::open(&home.board()).unwrap().indexes().unwrap();
        rows.iter().filter(|rows| rows.by_index != rows.by_table).count()
    };
    let rows = || {
        let contents = Inspection::open(&home.board()).unwrap().contents().unwrap().unwrap();
        let mut tasks = contents.snapshot.tasks;
        tasks.sort_by(|a, b| a.id.cmp(&b.id));
        tasks
    };
    let before = rows();
    assert_eq!((differ(), before.len()), (1, 4));
    mend(&home.board(), Mending::Indexes, NOW).unwrap();
    assert_eq!(differ(), 0);
    assert_eq!(rows(), before);
}

#[test]
fn three_copies_stay_and_the_oldest_goes() {
    let home = board("");
    for second in 0..5 {
        mend(&home.board(), Mending::Indexes, Timestamp(NOW.0 + second)).unwrap();
    }
    let names: Vec<String> =
        home.names().into_iter().filter(|name| name.ends_with(exists::BACKUP)).collect();
    let expected = [2, 3, 4].map(|n| format!("kanban.db.before-mending-andon-{}.bak", NOW.0 + n));
    assert_eq!(names, expected);
}

#[test]
fn a_board_of_the_peer_is_not_mended_and_stays_as_it_is() {
    let home = board("PRAGMA application_id = 0; PRAGMA user_version = 0");
    let refused = mend(&home.board(), Mending::Indexes, NOW).unwrap_err();
    assert_eq!(refused.code(), "board_refused");
    assert!(home.names().iter().all(|name| !name.ends_with(exists::BACKUP)));
}
