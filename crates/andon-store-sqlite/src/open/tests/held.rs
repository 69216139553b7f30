//! A board whose index somebody makes anew, and who stops in the middle of it.

use super::*;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;

/// The file by which the child says that it holds the locks.
const HELD: &str = ".test-held";

/// Bytes of SQLite's index (`WALINDEX_PGSZ`).
const INDEX_BYTES: usize = 32 << 10;

/// In a child: leaves an index without a header, and keeps all locks of whoever writes a new one.
#[test]
#[ignore = "a part of the test below, which runs it as a process"]
fn holds_the_locks_of_a_recovery() {
    let board = child_board();
    let index = exists::beside(&board, exists::SHM);
    std::fs::write(&index, [0; INDEX_BYTES]).unwrap();
    let file = std::fs::File::options().read(true).write(true).open(&index).unwrap();
    let lock = |kind: libc::c_int, start, len| {
        let wanted = libc::flock {
            l_type: kind as libc::c_short,
            l_whence: libc::SEEK_SET as libc::c_short,
            l_start: start,
            l_len: len,
            l_pid: 0,
        };
        fcntl(&file, FcntlArg::F_SETLK(&wanted)).unwrap();
    };
    lock(libc::F_RDLCK, 128, 1);
    lock(libc::F_WRLCK, 120, 8);
    std::fs::write(exists::beside(&board, HELD), "").unwrap();
    loop {
        std::thread::park();
    }
}

#[test]
fn whoever_stops_while_the_index_is_made_anew_is_named_to_those_who_open() {
    let home = Home::new();
    drop(create(&home.board(), &options()).unwrap());
    let mut child = start_child("open::tests::held::holds_the_locks_of_a_recovery", &home.board());
    let held = exists::beside(&home.board(), HELD);
    let limit = Instant::now() + Duration::from_secs(60);
    while !held.exists() && Instant::now() < limit {
        std::thread::yield_now();
    }
    let busy = Duration::from_millis(100);
    let hurried = OpenOptions { connect: ConnectOptions { busy }, ..options() };
    let refused = open(&home.board(), &hurried).unwrap_err();
    let pid = child.id().cast_signed();
    child.kill().unwrap();
    child.wait().unwrap();
    let StoreError::Busy { waited_ms, holder, .. } = &refused else { panic!("{refused}") };
    assert_eq!(holder.pid, Some(pid), "{refused}");
    assert!(*waited_ms >= 100, "{refused}");
    drop(open(&home.board(), &hurried).unwrap());
}
