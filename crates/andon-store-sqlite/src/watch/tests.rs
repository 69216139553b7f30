//! Commits of others are noticed, and told apart from silence.

use super::*;
use crate::connect::connect;
use crate::exists;
use crate::open::tests::{Home, options};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

fn watched() -> (Home, Connection, BoardWatch) {
    let home = Home::new();
    let opened = crate::open::create(&home.board(), &options()).unwrap();
    let writer = connect(&home.board(), Role::Writer, &options().connect).unwrap();
    let watch = BoardWatch::new(&opened.identity, &options().connect).unwrap();
    (home, writer, watch)
}

fn commit(writer: &Connection) {
    writer.execute("INSERT INTO andon_salvage VALUES ('a', 'b')", []).unwrap();
}

#[test]
fn a_commit_is_noticed_once() {
    let (_home, writer, mut watch) = watched();
    assert!(!watch.changed().unwrap());
    commit(&writer);
    assert!(watch.changed().unwrap());
    assert!(!watch.changed().unwrap());
}

#[test]
fn a_rolled_back_write_is_not_a_commit() {
    let (_home, writer, mut watch) = watched();
    writer.execute_batch("BEGIN IMMEDIATE; DELETE FROM andon_salvage; ROLLBACK").unwrap();
    assert!(!watch.changed().unwrap());
}

#[test]
fn a_commit_wakes_and_is_followed_up_closely() {
    let (_home, writer, mut watch) = watched();
    assert_eq!(watch.interval_ms(), INTERVAL_MS_IDLE);
    commit(&writer);
    let wake = watch.wake().expect("the kernel has inotify");
    let mut fds = [PollFd::new(&wake, PollFlags::IN)];
    let limit = Timespec { tv_sec: 10, tv_nsec: 0 };
    assert_eq!(poll(&mut fds, Some(&limit)).unwrap(), 1, "no wake-up");
    assert!(watch.changed().unwrap());
    assert_eq!(watch.interval_ms(), INTERVAL_MS_BURST);
}

#[test]
fn without_wake_ups_the_watcher_polls() {
    let (_home, writer, mut watch) = watched();
    watch.inotify = None;
    assert_eq!(watch.interval_ms(), INTERVAL_MS_POLLING);
    commit(&writer);
    assert!(watch.changed().unwrap());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "does what no program should do to a board")]
fn a_board_that_was_moved_away_ends_the_watch() {
    let (home, _writer, mut watch) = watched();
    std::fs::rename(home.board(), exists::beside(&home.board(), ".moved")).unwrap();
    assert_eq!(watch.changed().unwrap_err().code(), "replaced");
}
