//! The three locks, between threads and between descriptors.

use super::*;
use andon_faults::{Hooks, interfere};
use std::cell::RefCell;
use std::rc::Rc;

fn board() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("kanban.db");
    (home, path)
}

#[test]
fn an_init_lock_that_is_held_makes_the_next_one_busy_and_names_the_holder() {
    let (_home, path) = board();
    let _held = InitLock::acquire(&path, Duration::ZERO).unwrap();
    let wait = Duration::from_millis(20);
    let Err(StoreError::Busy { waited_ms, holder, .. }) = InitLock::acquire(&path, wait) else {
        panic!("two holders of one lock");
    };
    assert!(waited_ms >= 20, "gave up after {waited_ms} ms");
    assert_eq!(holder.pid, Some(std::process::id().cast_signed()));
    assert!(holder.program.is_some());
}

/// Notes how long each wait would be, and waits.
#[derive(Default)]
struct Patience(RefCell<Vec<Duration>>);

impl Hooks for Patience {
    fn pause(&self, span: Duration) {
        self.0.borrow_mut().push(span);
        std::thread::yield_now();
    }
}

#[test]
fn nobody_waits_longer_than_they_wanted_to() {
    let (_home, path) = board();
    let _held = InitLock::acquire(&path, Duration::ZERO).unwrap();
    let patience = Rc::new(Patience::default());
    let _noted = interfere(patience.clone());
    let wait = POLL / 2;
    InitLock::acquire(&path, wait).unwrap_err();
    let waits = patience.0.borrow();
    assert!(waits[0] <= wait, "{waits:?}");
}

#[test]
fn a_dropped_init_lock_is_free_again() {
    let (_home, path) = board();
    drop(InitLock::acquire(&path, Duration::ZERO).unwrap());
    InitLock::acquire(&path, Duration::ZERO).unwrap();
}

#[test]
fn lock_files_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let (_home, path) = board();
    let _lock = WriterLock::open(&path).unwrap();
    let file = exists::beside(&path, exists::WRITER_LOCK);
    let mode = file.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
}

#[test]
fn a_link_in_a_lock_files_place_is_refused_and_nothing_is_made_where_it_leads() {
    let (home, path) = board();
    let elsewhere = home.path().join("elsewhere");
    std::os::unix::fs::symlink(&elsewhere, exists::beside(&path, exists::WRITER_LOCK)).unwrap();
    let error = WriterLock::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
    assert!(!elsewhere.exists());
}

#[test]
fn programs_that_are_started_meanwhile_do_not_get_a_lock_file() {
    let (_home, path) = board();
    let _lock = WriterLock::open(&path).unwrap();
    let mut command = std::process::Command::new("ls");
    let output = command.args(["-l", "/proc/self/fd"]).output().unwrap();
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(listed.contains("/proc/"), "{listed}");
    assert!(!listed.contains(path.to_str().unwrap()), "{listed}");
}

#[test]
fn only_whoever_has_the_byte_of_writes_to_himself_is_taken_for_the_writer() {
    let is_writer = |line| holder::is_writer(&andon_proc::lock_table::parse(line).unwrap());
    assert!(is_writer("1: POSIX  ADVISORY  WRITE 40 fd:01:7 120 120"));
    assert!(is_writer("1: POSIX  ADVISORY  WRITE 40 fd:01:7 120 122"), "and those next to it");
    for other in [
        "1: POSIX  ADVISORY  READ 40 fd:01:7 120 120",
        "1: POSIX  ADVISORY  WRITE 40 fd:01:7 121 127",
        "1: FLOCK  ADVISORY  WRITE 40 fd:01:7 0 EOF",
        "1: OFDLCK ADVISORY  WRITE -1 fd:01:7 120 120",
    ] {
        assert!(!is_writer(other), "{other}");
    }
}

#[test]
fn writers_with_their_own_descriptors_exclude_each_other() {
    let (_home, path) = board();
    let first = WriterLock::open(&path).unwrap();
    let second = WriterLock::open(&path).unwrap();
    let turn = first.lock().unwrap();
    let wait = Duration::from_millis(10);
    assert_eq!(second.lock_within(wait, "write").unwrap_err().code(), "busy");
    drop(turn);
    second.lock_within(wait, "write").unwrap();
}

#[test]
fn threads_that_share_a_writer_lock_exclude_each_other() {
    let (_home, path) = board();
    let lock = WriterLock::open(&path).unwrap();
    let inside = Mutex::new(());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let _turn = lock.lock().unwrap();
                    drop(inside.try_lock().expect("nobody else is inside"));
                }
            });
        }
    });
}
