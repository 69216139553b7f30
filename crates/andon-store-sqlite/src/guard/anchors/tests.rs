//! Which descriptors stay, and which are given back to a process that opens board after board.

#![expect(clippy::disallowed_methods, reason = "stands in for careless code: it makes files")]

use super::*;
use crate::exists;
use crate::guard::{Glance, Guard, Identity};
use crate::open::tests::{Home, child, child_board, options};
use std::path::PathBuf;

fn forever_at(path: &Path) -> Forever {
    forever(path).unwrap().expect("the file is there")
}

/// Files below a directory that this process has open, without and with those that were deleted.
fn open_below(directory: &Path) -> (usize, usize) {
    let entries = std::fs::read_dir("/proc/self/fd").unwrap();
    // A descriptor may be gone by now: the one of this very directory.
    let targets = entries.filter_map(|entry| entry.ok()?.path().read_link().ok());
    let ours: Vec<PathBuf> = targets.filter(|target| target.starts_with(directory)).collect();
    let is_there = |target: &&PathBuf| !target.to_string_lossy().ends_with(" (deleted)");
    (ours.iter().filter(is_there).count(), ours.len())
}

/// Opens files, one after the other, each deleted before the next one is made.
fn open_and_delete(directory: &Path, files: usize) {
    let path = directory.join("passing");
    for _ in 0..files {
        File::create(&path).unwrap();
        drop(forever_at(&path));
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn what_is_not_there_is_nothing_and_what_is_there_is_opened_once() {
    let home = Home::new();
    assert!(forever(&home.board()).unwrap().is_none());
    File::create(home.board()).unwrap();
    let first = forever_at(&home.board());
    assert!(Arc::ptr_eq(&first, &forever_at(&home.board())));
    let beneath_a_file = home.board().join("board");
    assert!(forever(&beneath_a_file).is_err(), "it is not known that nothing is there");
}

#[test]
#[ignore = "runs as a process of its own"]
fn child_opens_board_after_board() {
    let path = child_board();
    let directory = path.parent().unwrap().to_owned();
    let few = SWEPT_FROM / 2;
    open_and_delete(&directory, few);
    assert_eq!(open_below(&directory), (0, few), "few are not worth a look");

    let (kept, used) = (directory.join("kept"), directory.join("used"));
    File::create(&kept).unwrap();
    drop(forever_at(&kept));
    File::create(&used).unwrap();
    let in_use = forever_at(&used);
    std::fs::remove_file(&used).unwrap();
    open_and_delete(&directory, 4 * SWEPT_FROM);
    let (there, all) = open_below(&directory);
    assert_eq!(there, 1, "closing it would cost the locks of this process");
    assert!(all <= SWEPT_FROM + 1, "{all} files are open");
    assert!(Arc::ptr_eq(
        &in_use,
        &ANCHORS.lock().unwrap().as_ref().unwrap()[&inode(&in_use)].descriptor
    ));
}

fn inode(file: &File) -> Inode {
    names(file).unwrap().inode
}

#[test]
fn a_process_that_opens_board_after_board_keeps_what_somebody_needs_and_no_more() {
    let home = Home::new();
    child("guard::anchors::tests::child_opens_board_after_board", &home.board());
}

#[test]
#[ignore = "runs as a process of its own"]
fn child_guards_a_board_that_is_deleted() {
    let path = child_board();
    let directory = path.parent().unwrap().to_owned();
    let before = Glance::at(&path);
    let opened = crate::open::create(&path, &options()).unwrap();
    let identity = Identity::of(&path, &before).unwrap();
    Guard::hold(&identity).unwrap();
    let guarded = [identity.database.inode, identity.index.inode];
    drop(opened);
    for suffix in ["", exists::WAL, exists::SHM] {
        std::fs::remove_file(exists::beside(&path, suffix)).unwrap();
    }
    open_and_delete(&directory, 4 * SWEPT_FROM);
    let anchors = ANCHORS.lock().unwrap();
    assert!(guarded.iter().all(|inode| anchors.as_ref().unwrap()[inode].is_locked));
}

#[test]
fn the_guard_of_a_board_that_was_deleted_stays() {
    let home = Home::new();
    child("guard::anchors::tests::child_guards_a_board_that_is_deleted", &home.board());
}
