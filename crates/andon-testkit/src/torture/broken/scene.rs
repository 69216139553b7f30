//! The boards that are broken, and what is on them.

use super::files::Files;
use crate::fixture::verbs::{claim, complete};
use crate::rows::{self, OnPage, Rows};
use crate::torture::Failure;
use crate::torture::chance::Chance;
use crate::world::World;
use andon_core::actor::Actor;
use andon_core::command::Command;
use andon_core::command::comment::Comment;
use andon_core::command::create::Create;
use andon_core::id::{OpId, TaskId};
use andon_core::policy::Policy;
use andon_core::task::Status;
use andon_core::time::Seconds;
use andon_core::transition::Outcome;
use andon_store::{Applied, Read, Request, Store};
use andon_store_sqlite::{Options, SqliteStore};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::collections::BTreeMap;
use std::path::Path;

/// Tasks of a board: so many that most tables have pages above others.
const TASKS: usize = 160;
/// Tasks that are made after everything was moved out of the log.
const TASKS_IN_LOG: usize = 24;

/// A board, whole.
#[derive(Debug, Clone, Default)]
pub(super) struct Whole {
    /// Its files.
    pub(super) files: Files,
    /// Every row.
    pub(super) rows: Rows,
    /// What stands on which page.
    pub(super) pages: BTreeMap<u32, OnPage>,
}

/// The boards.
pub(super) struct Scene {
    /// All of it in the database.
    pub(super) settled: Whole,
    /// The same board with its newest commits in the log alone.
    pub(super) logged: Whole,
    /// The database of that without its log.
    pub(super) unlogged: Whole,
    /// Another board, whose log stands beside its database.
    pub(super) other: Whole,
    /// The index of the log at an earlier moment.
    pub(super) earlier: Option<Vec<u8>>,
    /// A board with a rollback journal, in the middle of a change, and what it holds without it.
    pub(super) journalled: Whole,
}

impl Scene {
    /// Makes them.
    pub(super) fn make(seed: u64) -> Result<Self, Failure> {
        let directory = tempfile::Builder::new().prefix("andon-broken").tempdir_in(PLACE)?;
        let (ours, others) = (directory.path().join("ours.db"), directory.path().join("other.db"));
        fill(&ours, TASKS, seed)?;
        by_hand(&ours)?;
        settle(&ours)?;
        let files = Files::read(&ours);
        let unlogged = whole(&files, &directory.path().join("unlogged.db"))?;
        fill(&ours, TASKS_IN_LOG / 2, seed + 1)?;
        let earlier = Files::read(&ours).index;
        fill(&ours, TASKS_IN_LOG / 2, seed + 4)?;
        let files = Files::read(&ours);
        let logged = whole(&files, &directory.path().join("logged.db"))?;
        settle(&ours)?;
        let files = Files::read(&ours);
        let settled = whole(&files, &directory.path().join("settled.db"))?;
        fill(&others, TASKS, seed + 2)?;
        by_hand(&others)?;
        settle(&others)?;
        fill(&others, TASKS_IN_LOG, seed + 3)?;
        let files = Files::read(&others);
        let other = whole(&files, &directory.path().join("copy.db"))?;
        let journalled = journalled(&directory.path().join("journalled.db"), &settled.files)?;
        Ok(Self { settled, logged, unlogged, other, earlier, journalled })
    }
}

/// Memory: nothing here waits for a disk.
pub(super) const PLACE: &str = "/dev/shm";

/// Lets people and workers use a board, by commands.
fn fill(path: &Path, tasks: usize, seed: u64) -> Result<(), Failure> {
    let mut chance = Chance::new(seed);
    let world = World::new(Policy::default());
    // Each time goes on where the one before ended, and other boards have other tasks.
    world.clock.advance(Seconds(i64::try_from(seed)? * 1_000));
    world.random.wind(u32::try_from(chance.below(1 << 30))?);
    let options = Options { checkpoint_pages: u32::MAX, ..Options::default() };
    let store = SqliteStore::create(path, options, world.environment())?;
    let mut nth = 0;
    let mut apply = |command: Command| -> Result<Applied, Failure> {
        nth += 1;
        let mut random = [0xC0; 10];
        random[..8].copy_from_slice(&seed.to_be_bytes());
        let actor = Actor::human("tester");
        Ok(store.apply(Request { op: OpId::new(nth, random), actor, command })?)
    };
    let mut made: Vec<TaskId> = Vec::new();
    for nth in 0..tasks {
        world.clock.advance(Seconds(1));
        let length = if chance.once_in(12) { 9_000 } else { 20 + chance.below(400) };
        let parent = if chance.once_in(3) { chance.pick(&made).cloned() } else { None };
        let (title, body) = (format!("task {nth}"), Some(word(&mut chance).repeat(length / 8)));
        let parents = parent.into_iter().collect();
        let create = Create { title, body, parents, ..Create::default() };
        let Outcome::Created { task, .. } = apply(create.into())?.outcome else {
            return Err("a task was not made".into());
        };
        for _ in 0..chance.below(3) {
            let (author, body) = ("tester".to_owned(), word(&mut chance).repeat(12));
            apply(Comment { task: task.clone(), author, body }.into())?;
        }
        let is_ready = store.task_get(&task)?.is_some_and(|it| it.status == Status::Ready);
        if is_ready && chance.once_in(2) {
            apply(claim(&task).into())?;
            if chance.once_in(2) {
                apply(complete(&task).into())?;
            }
        }
        made.push(task);
    }
    Ok(())
}

fn word(chance: &mut Chance) -> String {
    format!("{:08x}", chance.draw() as u32)
}

/// What comes onto a board in other ways than by commands.
fn by_hand(path: &Path) -> Result<(), Failure> {
    let db = plain(path)?;
    db.execute_batch(
        "INSERT INTO task_attachments (task_id, filename, stored_path, created_at)
             SELECT id, 'report ' || rowid, '/somewhere/' || hex(randomblob(30)), 5 FROM tasks;
         INSERT INTO kanban_notify_subs (task_id, platform, chat_id, created_at)
             SELECT id, 'chat', hex(randomblob(20)), 5 FROM tasks;
         INSERT INTO andon_tasks (task_id, due_at) SELECT id, 9 FROM tasks WHERE true
             ON CONFLICT DO NOTHING;
         INSERT INTO andon_board VALUES ('note', 'of the tester');
         CREATE TABLE notes (name TEXT, note TEXT);
         INSERT INTO notes SELECT id, hex(randomblob(60)) FROM tasks;
         CREATE TABLE given_up AS SELECT hex(randomblob(900)) FROM tasks;
         DROP TABLE given_up;",
    )?;
    Ok(())
}

/// Moves everything out of the log, which is then gone.
fn settle(path: &Path) -> Result<(), Failure> {
    let db = Connection::open(path)?;
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    db.close().map_err(|(_, error)| error)?;
    Ok(())
}

fn plain(path: &Path) -> Result<Connection, Failure> {
    let db = Connection::open(path)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(db)
}

/// Reads what is in files, from a copy: reading moves a log.
fn whole(files: &Files, copy: &Path) -> Result<Whole, Failure> {
    files.write(copy)?;
    let db = Connection::open(copy)?;
    Ok(Whole { files: files.clone(), rows: rows::rows(&db)?, pages: rows::pages(&db)? })
}

/// A board that is not in the log's mode, left in the middle of a change.
fn journalled(path: &Path, settled: &Files) -> Result<Whole, Failure> {
    settled.write(path)?;
    let db = Connection::open(path)?;
    db.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    let (rows, pages) = (rows::rows(&db)?, rows::pages(&db)?);
    db.execute_batch(
        "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN;
         UPDATE tasks SET title = title || hex(randomblob(200));
         DELETE FROM task_comments;",
    )?;
    let files = Files::read(path);
    let has_begun = files.journal.as_ref().is_some_and(|bytes| bytes.len() > 512);
    if !has_begun {
        return Err("the change has not reached the disk".into());
    }
    drop(db);
    Ok(Whole { files: Files { index: None, log: None, ..files }, rows, pages })
}
