//! Claims about the one writer of a process: on whose thread it works, how it tidies up, and that
//! it ends.

use andon_core::actor::Actor;
use andon_core::command::comment::Comment;
use andon_core::command::create::Create;
use andon_core::id::{OpId, TaskId};
use andon_core::transition::Outcome;
use andon_faults::{Hooks, interfere};
use andon_store::{Environment, Request, Store, StoreError, SystemClock};
use andon_store_sqlite::{Options, SqliteStore};
use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::ThreadId;
use std::time::Duration;
use tempfile::TempDir;

static OPS: AtomicU64 = AtomicU64::new(1);

/// A board whose randomness tells on which threads it was asked for.
struct Told {
    store: SqliteStore,
    path: PathBuf,
    threads: Arc<Mutex<Vec<ThreadId>>>,
    _directory: TempDir,
}

fn board(options: Options) -> Told {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kanban.db");
    let threads = Arc::new(Mutex::new(Vec::new()));
    let (draws, told) = (AtomicU32::new(1), Arc::clone(&threads));
    let random = move || {
        told.lock().unwrap().push(std::thread::current().id());
        draws.fetch_add(1, Ordering::Relaxed)
    };
    let (clock, policy) = (Arc::new(SystemClock), Arc::default());
    let environment = Environment { clock, random: Arc::new(random), policy };
    let store = SqliteStore::create(&path, options, environment).unwrap();
    Told { store, path, threads, _directory: directory }
}

impl Told {
    fn request(&self, body: &str, task: &TaskId) -> Request {
        let (author, body) = ("me".to_owned(), body.to_owned());
        asked(Comment { task: task.clone(), author, body })
    }

    fn task(&self) -> TaskId {
        let create = asked(Create { title: "a".to_owned(), ..Create::default() });
        match self.store.apply(create).unwrap().outcome {
            Outcome::Created { task, .. } => task,
            other => panic!("{other:?}"),
        }
    }
}

fn asked(command: impl Into<andon_core::command::Command>) -> Request {
    let op = OpId::new(OPS.fetch_add(1, Ordering::Relaxed), [5; 10]);
    Request { op, actor: Actor::human("tester"), command: command.into() }
}

/// The lock file of the writers, held as another process would.
#[expect(clippy::disallowed_methods, reason = "a lock file is not the board")]
fn writers_lock(board: &Path) -> rustix::fd::OwnedFd {
    let path = board.with_extension("db.writer.lock");
    rustix::fs::open(&path, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).unwrap()
}

#[test]
fn a_command_that_finds_nobody_writing_is_carried_out_by_its_caller() {
    let board = board(Options::default());
    board.task();
    board.task();
    let here = std::thread::current().id();
    assert_eq!(*board.threads.lock().unwrap(), [here, here]);
}

#[test]
fn a_store_that_is_dropped_lets_go_of_everything() {
    let board = board(Options { busy: Duration::from_millis(20), ..Options::default() });
    let task = board.task();
    // A command that has to wait starts the thread; it is given up, and the thread gets its turn.
    let lock = writers_lock(&board.path);
    flock(&lock, FlockOperation::LockExclusive).unwrap();
    let busy = board.store.apply(board.request("late", &task));
    assert!(matches!(busy, Err(StoreError::Busy { .. })), "{busy:?}");
    flock(&lock, FlockOperation::Unlock).unwrap();
    let mut waits = 0;
    while board.store.apply(board.request("next", &task)).is_err() {
        waits += 1;
        assert!(waits < 1_000, "the thread keeps its turn");
    }
    let Told { store, threads, .. } = board;
    drop(store);
    assert_eq!(Arc::strong_count(&threads), 1, "the thread has ended, with all that it had");
}

/// Bodies of pages of their own, so that each commit is longer than the limit.
const BODY_BYTES: usize = 20_000;
const PAGES_MAX: u32 = 4;

#[test]
fn a_log_that_has_grown_is_moved_and_used_again_from_its_beginning() {
    const COMMENTS: usize = 50;
    let board = board(Options { checkpoint_pages: PAGES_MAX, ..Options::default() });
    let task = board.task();
    for _ in 0..COMMENTS {
        board.store.apply(board.request(&"x".repeat(BODY_BYTES), &task)).unwrap();
    }
    let log = board.path.with_extension("db-wal").metadata().unwrap().len();
    let all = u64::try_from(COMMENTS * BODY_BYTES).unwrap();
    assert!(log < all / 4, "{log} bytes of log for {all} bytes of comments");
}

/// Looks whether the writers' lock is held while the log is moved.
struct AtCheckpoints {
    path: PathBuf,
    held: Arc<Mutex<Vec<bool>>>,
}

impl Hooks for AtCheckpoints {
    fn reach(&self, point: &'static str, _path: &Path) -> io::Result<()> {
        if point == "writer.checkpoint" {
            let lock = writers_lock(&self.path);
            let is_free = flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok();
            self.held.lock().unwrap().push(!is_free);
        }
        Ok(())
    }
}

#[test]
fn the_log_is_moved_under_the_lock_of_the_write_before_it() {
    let board = board(Options { checkpoint_pages: PAGES_MAX, ..Options::default() });
    let task = board.task();
    let held = Arc::new(Mutex::new(Vec::new()));
    let at = AtCheckpoints { path: board.path.clone(), held: Arc::clone(&held) };
    let _watching = interfere(Rc::new(at));
    board.store.apply(board.request("short", &task)).unwrap();
    held.lock().unwrap().clear();
    board.store.apply(board.request(&"x".repeat(BODY_BYTES), &task)).unwrap();
    assert_eq!(*held.lock().unwrap(), [true]);
}

#[test]
fn a_log_that_is_short_is_left_alone() {
    let board = board(Options::default());
    let task = board.task();
    let held = Arc::new(Mutex::new(Vec::new()));
    let at = AtCheckpoints { path: board.path.clone(), held: Arc::clone(&held) };
    let _watching = interfere(Rc::new(at));
    board.store.apply(board.request("short", &task)).unwrap();
    assert_eq!(*held.lock().unwrap(), [false; 0], "each commit would be followed by a second sync");
}
