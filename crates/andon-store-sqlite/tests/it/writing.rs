//! Claims about writers beside each other. Each has a store of its own, as another process has.

use andon_core::actor::Actor;
use andon_core::command::Command;
use andon_core::command::comment::Comment;
use andon_core::command::create::Create;
use andon_core::id::{OpId, TaskId};
use andon_core::transition::Outcome;
use andon_store::{Environment, ListFilter, Read, Request, Store, StoreError, SystemClock};
use andon_store_sqlite::{Guarding, Options, SqliteStore};
use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};
use tempfile::TempDir;

static OPS: AtomicU64 = AtomicU64::new(1);
static DRAWS: AtomicU32 = AtomicU32::new(1);

fn environment() -> Environment {
    let random = || DRAWS.fetch_add(1, Ordering::Relaxed);
    Environment { clock: Arc::new(SystemClock), random: Arc::new(random), policy: Arc::default() }
}

fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kanban.db");
    SqliteStore::create(&path, Options::default(), environment()).unwrap();
    (directory, path)
}

fn open(path: &Path, options: Options) -> SqliteStore {
    SqliteStore::open(path, options, environment()).unwrap()
}

fn apply(store: &SqliteStore, command: impl Into<Command>) -> Result<Outcome, StoreError> {
    let op = OpId::new(OPS.fetch_add(1, Ordering::Relaxed), [1; 10]);
    let request = Request { op, actor: Actor::human("tester"), command: command.into() };
    store.apply(request).map(|applied| applied.outcome)
}

fn create(store: &SqliteStore, key: Option<&str>) -> TaskId {
    let idempotency_key = key.map(str::to_owned);
    let create = Create { title: "a".to_owned(), idempotency_key, ..Create::default() };
    match apply(store, create).unwrap() {
        Outcome::Created { task, .. } | Outcome::Existing { task, .. } => task,
        other => panic!("{other:?}"),
    }
}

fn comment(task: &TaskId, body: String) -> Comment {
    Comment { task: task.clone(), author: "tester".to_owned(), body }
}

#[test]
fn b11_creators_with_one_key_at_the_same_time_make_one_task() {
    const CREATORS: usize = 4;
    const ROUNDS: usize = 10;
    let (_directory, path) = place();
    for round in 0..ROUNDS {
        let key = format!("key {round}");
        let line = Barrier::new(CREATORS);
        let made = std::thread::scope(|scope| {
            let creator = || {
                let store = open(&path, Options::default());
                line.wait();
                create(&store, Some(&key))
            };
            let threads: Vec<_> = (0..CREATORS).map(|_| scope.spawn(creator)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(made.windows(2).all(|pair| pair[0] == pair[1]), "{made:?}");
    }
    let tasks = open(&path, Options::default()).task_list(&ListFilter::default()).unwrap();
    assert_eq!(tasks.len(), ROUNDS);
}

#[test]
fn b2_no_write_that_was_kept_is_answered_with_an_error() {
    const WRITERS: usize = 3;
    const WRITES: usize = 40;
    const BODY_BYTES: usize = 30_000;
    let (_directory, path) = place();
    let task = create(&open(&path, Options::default()), None);
    // Every commit is followed by a checkpoint, so that pages move while others write and open.
    let options = || Options { checkpoint_pages: 1, ..Options::default() };
    std::thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| {
                for _ in 0..WRITES {
                    let store = open(&path, options());
                    apply(&store, comment(&task, "x".repeat(BODY_BYTES))).unwrap();
                }
            });
        }
    });
    let kept = open(&path, Options::default()).comment_list(&task).unwrap();
    assert_eq!(kept.len(), WRITERS * WRITES);
}

#[test]
fn b10_a_command_that_panics_leaves_no_transaction_behind() {
    let (_directory, path) = place();
    let draws = AtomicU32::new(0);
    let random = move || match draws.fetch_add(1, Ordering::Relaxed) {
        0 => panic!("no randomness"),
        drawn => drawn,
    };
    let environment = Environment { random: Arc::new(random), ..environment() };
    let store = SqliteStore::open(&path, Options::default(), environment).unwrap();
    let create = || Create { title: "a".to_owned(), ..Create::default() };
    let panicked = apply(&store, create());
    assert!(matches!(panicked, Err(StoreError::Internal(_))), "{panicked:?}");
    let other = open(&path, Options { busy: Duration::from_secs(5), ..Options::default() });
    apply(&other, create()).unwrap();
    apply(&store, create()).unwrap();
    assert_eq!(store.task_list(&ListFilter::default()).unwrap().len(), 2);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a lock file is not the board")]
fn b42_a_call_waits_as_long_as_it_may_and_is_not_carried_out_later() {
    let (_directory, path) = place();
    let task = create(&open(&path, Options::default()), None);
    let queue = path.with_extension("db.writer.lock");
    let queue = rustix::fs::open(&queue, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).unwrap();
    flock(&queue, FlockOperation::LockExclusive).unwrap();
    let store = open(&path, Options { busy: Duration::from_millis(50), ..Options::default() });
    let begun = Instant::now();
    let busy = apply(&store, comment(&task, "late".to_owned()));
    let Err(StoreError::Busy { waited_ms: 50.., holder, .. }) = busy else { panic!("{busy:?}") };
    assert_eq!(holder.pid, Some(std::process::id().cast_signed()), "who has the turn");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    flock(&queue, FlockOperation::Unlock).unwrap();
    // Dropping a store waits for its writer, which now has its turn.
    drop(store);
    assert_eq!(open(&path, Options::default()).comment_list(&task), Ok(Vec::new()));
}

#[test]
fn a_program_that_writes_without_queueing_is_named() {
    let (_directory, path) = place();
    let store = open(&path, Options { busy: Duration::from_millis(20), ..Options::default() });
    let task = create(&store, None);
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let busy = apply(&store, comment(&task, "late".to_owned()));
    let Err(StoreError::Busy { holder, .. }) = busy else { panic!("{busy:?}") };
    assert_eq!(holder.pid, Some(std::process::id().cast_signed()));
    assert!(holder.program.is_some());
}

#[test]
fn b12_ids_that_another_program_took_are_passed_over() {
    /// More than the first tries can pass over, with the small draws of this test.
    const TAKEN: u32 = 40;
    let (_directory, path) = place();
    let store = open(&path, Options::default());
    let newest = create(&store, None);
    let number = u32::from_str_radix(&newest.as_str()[2..], 16).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    let rows = other.unchecked_transaction().unwrap();
    for step in 1..=TAKEN {
        let sql = "INSERT INTO tasks (rowid, id, title, status, created_at, workspace_kind) \
                   VALUES ((SELECT min(rowid) - 1 FROM tasks), ?1, 'theirs', 'ready', 1, 'scratch')";
        rows.execute(sql, [TaskId::from_random(number.wrapping_add(step)).as_str()]).unwrap();
    }
    rows.commit().unwrap();
    let made = create(&store, None);
    assert_eq!(store.task_get(&made).unwrap().unwrap().title, "a");
    let theirs = ListFilter { search: Some("theirs".to_owned()), ..ListFilter::default() };
    assert_eq!(store.task_list(&theirs).unwrap().len(), usize::try_from(TAKEN).unwrap());
}

/// Moves a board away with all its files.
#[expect(clippy::disallowed_methods, reason = "does what a person does to a board in use")]
fn moved(from: &Path, to: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let name = |path: &Path| PathBuf::from(format!("{}{suffix}", path.display()));
        if name(from).exists() {
            std::fs::rename(name(from), name(to)).unwrap();
        }
    }
}

#[test]
fn what_was_in_a_boards_place_for_a_while_is_not_written_to() {
    let (_directory, path) = place();
    let task = create(&open(&path, Options::default()), None);
    let other = path.with_extension("other");
    SqliteStore::create(&other, Options::default(), environment()).unwrap();
    let store = open(&path, Options { guard: Guarding::None, ..Options::default() });
    let aside = path.with_extension("aside");
    moved(&path, &aside);
    moved(&other, &path);
    let replaced = apply(&store, comment(&task, "early".to_owned()));
    assert!(matches!(replaced, Err(StoreError::Replaced { .. })), "{replaced:?}");
    let watched = store.watch().map(drop);
    assert!(matches!(watched, Err(StoreError::Replaced { .. })), "{watched:?}");
    moved(&path, &other);
    moved(&aside, &path);
    apply(&store, comment(&task, "late".to_owned())).unwrap();
    let comments = open(&path, Options::default()).comment_list(&task).unwrap();
    assert_eq!(comments.len(), 1, "the comment was acknowledged and is not on the board");
}
