//! Boards that somebody works on stay where they are.

use rustix::fs::{FlockOperation, flock};

use super::*;
use crate::file_lock::tests::look_for_a_moment;

#[test]
fn a_board_with_a_dispatcher_is_not_moved_and_the_refusal_says_who() {
    let (_dir, home) = home();
    let boards = Boards::new(&home);
    let layout = create(&boards, "a");
    fs::write(layout.dispatch_lock_file(), "andon run on host-7\n").unwrap();
    let dispatcher = fs::File::open(layout.dispatch_lock_file()).unwrap();
    flock(&dispatcher, FlockOperation::LockExclusive).unwrap();
    let confirmed = DeleteConfirmation::of(&slug("a"), "a").unwrap();
    let refusals = [
        boards.archive(&slug("a"), NOW, &nobody).unwrap_err(),
        boards.delete(confirmed, NOW, &nobody).unwrap_err(),
    ];
    for refused in refusals {
        let BoardError::InUse { by: UsedBy::Lock(held_by), .. } = &refused else {
            panic!("{refused}")
        };
        assert_eq!(held_by.note.as_deref(), Some("andon run on host-7"));
        assert!(layout.board_dir().exists());
    }
    drop(dispatcher);
    boards.archive(&slug("a"), NOW, &nobody).unwrap();
}

#[test]
fn a_board_in_a_write_transaction_is_not_moved() {
    let (_dir, home) = home();
    let boards = Boards::new(&home);
    let layout = create(&boards, "a");
    fs::write(layout.writer_lock_file(), "").unwrap();
    let writer = fs::File::open(layout.writer_lock_file()).unwrap();
    flock(&writer, FlockOperation::LockExclusive).unwrap();
    let refused = boards.archive(&slug("a"), NOW, &nobody).unwrap_err();
    let BoardError::InUse { by: UsedBy::Lock(held_by), .. } = refused else { panic!("{refused}") };
    assert_eq!(held_by.lock, layout.writer_lock_file());
    drop(writer);
    boards.archive(&slug("a"), NOW, &nobody).unwrap();
}

#[test]
fn a_board_that_a_process_has_open_is_not_moved_and_the_refusal_says_who() {
    let (_dir, home) = home();
    let boards = Boards::new(&home);
    let layout = create(&boards, "a");
    let a_runner = |database: &Path| {
        assert_eq!(database, layout.database());
        Ok(Some("process 7 (andon) has it open".to_owned()))
    };
    let confirmed = DeleteConfirmation::of(&slug("a"), "a").unwrap();
    for refused in [
        boards.archive(&slug("a"), NOW, &a_runner).unwrap_err(),
        boards.delete(confirmed, NOW, &a_runner).unwrap_err(),
    ] {
        assert_eq!(refused.to_string(), "board a is in use: process 7 (andon) has it open");
        assert!(refused.hint().unwrap().contains("running tasks"));
        assert!(layout.board_dir().exists());
    }
    let unsure = |_: &Path| Err(StoreError::Internal("no sight".to_owned()));
    assert!(boards.archive(&slug("a"), NOW, &unsure).is_err(), "who cannot tell moves nothing");
    boards.archive(&slug("a"), NOW, &nobody).unwrap();
}

#[test]
fn an_archived_board_in_use_is_not_deleted_and_the_refusal_says_who() {
    let (_dir, home) = home();
    let boards = Boards::new(&home);
    create(&boards, "a");
    let archived = boards.archive(&slug("a"), NOW, &nobody).unwrap();
    let a_reader = |database: &Path| {
        assert_eq!(database, archived.path.join("kanban.db"));
        Ok(Some("process 7 (sqlite3) has it open".to_owned()))
    };
    let refused = boards.delete_archived(&archived.name, &a_reader).unwrap_err();
    assert_eq!(refused.to_string(), "board a is in use: process 7 (sqlite3) has it open");
    assert!(archived.path.exists());
    boards.delete_archived(&archived.name, &nobody).unwrap();
    assert!(!archived.path.exists());
}

#[test]
fn a_look_at_the_dispatch_lock_keeps_no_board_in_its_place() {
    let (_dir, home) = home();
    let boards = Boards::new(&home);
    let layout = create(&boards, "a");
    let looker = look_for_a_moment(&layout.dispatch_lock_file());
    boards.archive(&slug("a"), NOW, &nobody).unwrap();
    looker.join().unwrap();
}
