//! The three locks, between threads and between descriptors.

use super::*;

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
