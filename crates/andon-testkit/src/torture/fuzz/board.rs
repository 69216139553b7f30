//! Boards that other programs, or a broken disk, left behind: any value in any column, any byte in
//! any page. Everything is read, checked and written to; each answer is an error with a type, and
//! none of them is that the program is at fault.

use super::rows;
use super::{Probe, Target};
use crate::fixture::{Board, profile, verbs};
use crate::snapshot;
use crate::torture::Failure;
use andon_core::actor::Actor;
use andon_core::command::Command;
use andon_core::command::due::Due;
use andon_core::command::expire::{Evidence, Expire};
use andon_core::command::reclaim::Reclaim;
use andon_core::command::settle::Settle;
use andon_core::command::unblock::Unblock;
use andon_core::id::{OpId, RunId, TaskId};
use andon_core::invariant;
use andon_core::policy::Policy;
use andon_core::run::{Exit, Termination};
use andon_core::task::BlockKind;
use andon_core::time::{Seconds, Timestamp};
use andon_store::{Cursor, ListFilter, Read, Request, Store, StoreError};
use andon_store_sqlite::{Depth, Options, SqliteStore, check_board};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

pub(super) const ALL: &[Target] = &[
    Target {
        name: "rows",
        in_a_test: 60,
        make: any_rows,
        examples: &[
            b"\0\x04\0\x03\x02\x07",
            b"\x03\x03\0\x05\x02\xff\xfe\x07",
            b"\x04\x05\x01\0\x07",
        ],
        words: &["\0", "\u{1}", "\u{2}", "\u{3}", "\u{4}", "\u{5}", "\u{6}", "\u{7}"],
    },
    Target {
        name: "pages",
        in_a_test: 60,
        make: any_pages,
        examples: &[b"\0\0\x10\x01", b"\0\x12\0\xff\0\x64\0\0"],
        words: &["\0", "\u{1}", "\u{d}", "\u{a}", "\u{5}", "\u{2}"],
    },
];

/// Longest check of a damaged file; it has some dozens of pages.
const CHECK_MAX: Duration = Duration::from_secs(5);

/// Rows asked for in each list.
const ROWS: usize = 20;

/// How long a command waits for the board, which nobody else has open.
const BUSY: Duration = Duration::from_millis(200);

/// A board with something of everything, whole in one file.
struct Pattern {
    /// Where the copies go, in memory where there is such a place: no claim here is about disks.
    dir: TempDir,
    bytes: Vec<u8>,
    tasks: Vec<TaskId>,
}

impl Pattern {
    fn make() -> Result<Self, Failure> {
        let memory = Path::new("/dev/shm");
        let dir =
            if memory.is_dir() { tempfile::tempdir_in(memory)? } else { tempfile::tempdir()? };
        let path = dir.path().join("pattern.db");
        let board = Board::new(&|environment| -> Box<dyn Store> {
            let made = SqliteStore::create(&path, Options::default(), environment);
            Box::new(made.expect("a board can be made in an empty directory"))
        });
        let done = board.task("done").create();
        board.complete(&done);
        let parent = board.task("parent").assigned("worker").create();
        let child = board.task("child").after(&parent).create();
        let blocked = board.task("blocked").create();
        board.done(verbs::block(&blocked, BlockKind::NeedsInput));
        let running = board.task("running").assigned("worker").create();
        board.done(verbs::dispatch(&running));
        board.done(verbs::register(&running, board.last_run(&running).id));
        let failed = board.task("failed").assigned("worker").create();
        board.done(verbs::dispatch(&failed));
        let run = board.last_run(&failed).id;
        board.done(verbs::finish(&failed, run, Exit::Code(1)));
        drop(board);
        // A file without a log is one that can be copied.
        let connection = Connection::open(&path)?;
        connection.pragma_update(None, "wal_checkpoint", "TRUNCATE")?;
        drop(connection);
        let tasks = vec![done, parent, child, blocked, running, failed];
        Ok(Self { bytes: fs::read(&path)?, dir, tasks })
    }

    /// A board of its own for one input, removed with all that stands beside it.
    fn lay(&self, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join("board.db");
        for suffix in ["", "-wal", "-shm", "-journal", ".writer.lock", ".init.lock"] {
            fs::remove_file(self.dir.path().join(format!("board.db{suffix}"))).ok();
        }
        fs::write(&path, bytes).expect("a board can be laid");
        path
    }
}

fn any_rows() -> Result<Probe, Failure> {
    let pattern = Pattern::make()?;
    Ok(Box::new(move |input| {
        let path = pattern.lay(&pattern.bytes);
        let other = Connection::open(&path).expect("another program opens the board");
        // Several changes, one commit; where it is lost, the board is as it was.
        other.execute_batch("BEGIN").expect("nobody else is there");
        rows::change(&other, input);
        other.execute_batch("COMMIT").ok();
        drop(other);
        use_board(&path, &pattern.tasks)
    }))
}

/// Pieces of four bytes: where, in what page, and what stands there instead. A last odd piece cuts
/// the file.
fn any_pages() -> Result<Probe, Failure> {
    let pattern = Pattern::make()?;
    Ok(Box::new(move |input| {
        let mut bytes = pattern.bytes.clone();
        let pieces = input.chunks_exact(4);
        if let [high, low, ..] = pieces.remainder() {
            bytes.truncate(usize::from(*high) << 8 | usize::from(*low));
        }
        for piece in pieces {
            let at =
                usize::from(piece[0]) << 12 | usize::from(piece[1]) << 4 | usize::from(piece[2]);
            let length = bytes.len().max(1);
            if let Some(byte) = bytes.get_mut(at % length) {
                *byte = piece[3];
            }
        }
        let path = pattern.lay(&bytes);
        let checked = check_board(&path, Depth::Full, CHECK_MAX).map(drop);
        format!("{} {}", answer(&checked), use_board(&path, &pattern.tasks))
    }))
}

/// Opens the board, reads all, asks for a bit of everything, and tells which answers there were.
fn use_board(path: &Path, tasks: &[TaskId]) -> String {
    let world = crate::world::World::new(Policy::default());
    let options = Options { busy: BUSY, ..Options::default() };
    let store = match SqliteStore::open(path, options, world.environment()) {
        Ok(store) => store,
        Err(error) => return answer(&Err(error)),
    };
    let mut answers = BTreeSet::new();
    let now = crate::world::BEGIN + Seconds(100);
    read_all(&store, tasks, now, &mut answers);
    let mut nth = 0;
    for task in tasks {
        for command in commands(task) {
            nth += 1;
            let op = OpId::new(nth, [3; 10]);
            let request = Request { op, actor: Actor::human("tester"), command };
            answers.insert(answer(&store.preview(&request).map(drop)));
            answers.insert(answer(&store.apply(request).map(drop)));
        }
    }
    read_all(&store, tasks, now, &mut answers);
    answers.into_iter().collect::<Vec<_>>().join("; ")
}

fn read_all(store: &dyn Read, tasks: &[TaskId], now: Timestamp, answers: &mut BTreeSet<String>) {
    let mut told = |result: Result<(), StoreError>| {
        answers.insert(answer(&result));
    };
    let whole = snapshot::whole(store);
    if let Ok(whole) = &whole {
        // What it finds is for others to judge; it must look at anything.
        drop(invariant::check(&whole.board));
    }
    told(whole.map(drop));
    told(store.task_list(&ListFilter::default()).map(drop));
    told(store.queue_heads(now, ROWS).map(drop));
    told(store.run_open_list().map(drop));
    told(store.run_lingering_list(ROWS).map(drop));
    told(store.claim_expired(now, ROWS).map(drop));
    told(store.due_list(now, ROWS).map(drop));
    told(store.next_due(now).map(drop));
    told(store.settled_page(Cursor::START, ROWS).map(drop));
    told(store.event_last().map(drop));
    told(store.run_get(RunId(1)).map(drop));
    for task in tasks {
        told(store.task_get(task).map(drop));
        told(store.links(task).map(drop));
        told(store.open_parents(task).map(drop));
        told(store.run_list(task).map(drop));
        told(store.run_newest(task, ROWS).map(drop));
        told(store.run_completed(task).map(drop));
        told(store.run_lingering(task).map(drop));
        told(store.run_recent(profile("worker").as_str(), task, ROWS).map(drop));
        told(store.comment_list(task).map(drop));
        told(store.comment_newest(task, ROWS).map(drop));
        told(store.attachment_list(task).map(drop));
    }
}

/// Something of each kind, those that dispatchers and runners ask for included.
fn commands(task: &TaskId) -> Vec<Command> {
    let evidence = Evidence::Gone(Termination::default());
    vec![
        Due { task: task.clone() }.into(),
        Settle { task: task.clone() }.into(),
        verbs::heartbeat(task, None).into(),
        Expire { task: task.clone(), run: None, evidence }.into(),
        verbs::register(task, RunId(1)).into(),
        verbs::finish(task, RunId(1), Exit::Code(1)).into(),
        Reclaim { task: task.clone(), reason: None }.into(),
        verbs::dispatch(task).into(),
        verbs::block(task, BlockKind::NeedsInput).into(),
        Unblock { task: task.clone(), reason: None }.into(),
        verbs::complete(task).into(),
    ]
}

/// An error in words. A fault of our own is a broken promise, whatever stands on the board.
fn answer(result: &Result<(), StoreError>) -> String {
    match result {
        Ok(()) => "ok".to_owned(),
        Err(StoreError::Internal(why)) => panic!("the program is at fault: {why}"),
        Err(error) => format!("{}: {error}", error.code()),
    }
}
