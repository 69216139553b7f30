//! One seed: a disk, the processes on it, and what is left in the end.

use super::history::History;
use super::life;
use super::plan::{Plan, Setting};
use super::sea::{BOARD, Sea, Shared, aside};
use super::tally::Tally;
use super::turns::{STEPS_MAX, Turns};
use crate::disk::{Content, Disk, Habits, act_as};
use crate::fixture::verbs;
use crate::snapshot;
use crate::torture::Failure;
use crate::torture::chance::Chance;
use crate::world::World as Outside;
use andon_core::actor::Actor;
use andon_core::command::create::Create;
use andon_core::id::{OpId, TaskId};
use andon_core::invariant;
use andon_core::policy::Policy;
use andon_core::transition::Outcome;
use andon_store::{Request, Store};
use andon_store_sqlite::{Options, SqliteStore};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::ffi::OsString;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// Where disks keep their placeholders: memory.
const MEMORY: &str = "/dev/shm";

/// A disk to play on, and the board with which most schedules begin.
pub(super) struct Harbour {
    disk: Disk,
    board: Vec<(OsString, Content)>,
    tasks: Vec<TaskId>,
}

/// The threads do little of their own.
const STACK_BYTES: usize = 1 << 20;
/// Tasks on the board with which a schedule begins.
const TASKS: u64 = 4;

impl Harbour {
    pub(super) fn new() -> Result<Self, Failure> {
        static HARBOURS: AtomicU64 = AtomicU64::new(0);
        let nth = HARBOURS.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id();
        let root = PathBuf::from(format!("{MEMORY}/andon-torture-{process}/schedule-{nth}"));
        let disk = Disk::new(&root, Habits::default())?;
        let mut harbour = Self { disk, board: Vec::new(), tasks: Vec::new() };
        let sea = harbour.sea(Plan::of(0, &Setting::default()), 0);
        let tasks = harbour.on(&sea, || make_board(&sea))?;
        harbour.board = harbour.disk.image();
        harbour.tasks = tasks;
        Ok(harbour)
    }

    fn sea(&self, plan: Plan, seed: u64) -> Arc<Sea> {
        let turns = Turns::new(plan.processes, plan.rule.clone(), Chance::new(!seed));
        let outside = Outside::new(Policy::default());
        Arc::new(Sea::new(self.disk.clone(), plan, turns, outside))
    }

    /// Does something on the disk outside of the schedule.
    fn on<T>(&self, sea: &Arc<Sea>, act: impl FnOnce() -> T) -> Result<T, Failure>
    where
        T: Sized,
    {
        let shared = Shared(Arc::clone(sea));
        let mounted = andon_sim_vfs::mount(self.disk.root(), Arc::new(shared.clone()))?;
        let stay = andon_sim_vfs::enter(Arc::new(shared.clone()));
        let hooks = andon_faults::interfere(Rc::new(shared));
        act_as(0);
        let answer = act();
        drop((hooks, stay, mounted));
        Ok(answer)
    }

    /// Plays a seed to its end, and looks at what is left.
    pub(super) fn play(&mut self, seed: u64, setting: &Setting) -> Result<Tally, Failure> {
        let plan = Plan::of(seed, setting);
        let begins_with_board = plan.begins_with_board;
        let board = if begins_with_board { &self.board[..] } else { &[] };
        self.disk.load(board.iter().map(|(name, content)| (name.as_os_str(), content)))?;
        let sea = self.sea(plan, seed);
        let tasks = if begins_with_board { self.tasks.clone() } else { Vec::new() };
        // Ids drawn now must not be those that were drawn when the board was made.
        sea.outside.random.wind(1_000);
        let history = History::new(tasks);
        self.on(&sea, || {
            thread::scope(|scope| -> Result<(), Failure> {
                let mut chance = Chance::new(seed);
                for seat in 0..sea.plan.processes {
                    let (sea, history) = (&sea, &history);
                    let chance = Chance::new(chance.draw());
                    thread::Builder::new()
                        .stack_size(STACK_BYTES)
                        .spawn_scoped(scope, move || life::live(sea, history, seat, chance))?;
                }
                sea.turns.start();
                Ok(())
            })
        })??;
        let (kills, cancellations) = sea.blows();
        self.on(&sea, || examine(&sea, &history))?.map_err(|why| {
            let strike = sea.strike();
            let (plan, trace) = (&sea.plan, sea.trace.text());
            format!(
                "{why}\n  {plan:?}\n  {kills} kills, {cancellations} cancellations, \
                 {strike:?}\n{trace}"
            )
        })?;
        Ok(tally(&sea, &history))
    }
}

impl Drop for Harbour {
    fn drop(&mut self) {
        // Whatever stays is in memory, under the number of a process that ends.
        let _removed = std::fs::remove_dir_all(self.disk.root());
        let _removed = self.disk.root().parent().map(std::fs::remove_dir);
    }
}

fn make_board(sea: &Sea) -> Vec<TaskId> {
    let options = Options::default();
    let store = SqliteStore::create(&sea.board(), options, sea.outside.environment())
        .expect("a board can be made where nothing goes wrong");
    let made = (0..TASKS).filter_map(|nth| {
        let op = OpId::new(nth, [0xB0; 10]);
        let create = Create { title: "there from the beginning".to_owned(), ..Create::default() };
        let command = create.into();
        let applied = store.apply(Request { op, actor: Actor::human("maker"), command });
        match applied.expect("a task can be made where nothing goes wrong").outcome {
            Outcome::Created { task, .. } => Some(task),
            _ => None,
        }
    });
    let tasks: Vec<TaskId> = made.collect();
    let claim = verbs::claim(&tasks[0]).into();
    let op = OpId::new(TASKS, [0xB0; 10]);
    let claimed = store.apply(Request { op, actor: Actor::human("maker"), command: claim });
    claimed.expect("a task can be claimed where nothing goes wrong");
    tasks
}

fn tally(sea: &Sea, history: &History) -> Tally {
    let (steps, switches, hash) = sea.turns.sums();
    let (acknowledged, errors) = history.counts();
    let (kills, cancellations) = sea.blows();
    Tally {
        seeds: 1,
        steps,
        switches,
        acknowledged,
        kills: kills.into(),
        cancellations: cancellations.into(),
        strikes: u64::from(sea.strike().is_some()),
        errors,
        hash,
    }
}

/// What is left must be a sound board with all that was promised.
fn examine(sea: &Sea, history: &History) -> Result<(), String> {
    if sea.turns.steps() > STEPS_MAX {
        return Err(format!("wedged after {STEPS_MAX} steps"));
    }
    let is_whole = put_back(sea)?;
    if !is_whole || !sea.board().exists() {
        return history.verdict(sea, None);
    }
    let board = open(sea).map_err(|error| format!("the board cannot be opened: {error}"))?;
    let lines = integrity(&board).map_err(|error| format!("integrity: {error}"))?;
    if lines != ["ok"] {
        return Err(format!("integrity: {}", lines.join("; ")));
    }
    if !has_tables(&board) {
        // Nobody has finished making one.
        return history.verdict(sea, None);
    }
    history.verdict(sea, Some(&board))?;
    drop(board);
    let environment = sea.outside.environment();
    let store = SqliteStore::open(&sea.board(), Options::default(), environment)
        .map_err(|error| format!("opening in the end: {error}"))?;
    let found = snapshot::board(&store).map_err(|error| format!("reading: {error}"))?;
    match invariant::check(&found).first() {
        Some(broken) => Err(format!("{broken:?}")),
        None => Ok(()),
    }
}

/// Moves a database back that was moved away; tells whether the files are those of the board.
fn put_back(sea: &Sea) -> Result<bool, String> {
    let Some(strike) = sea.strike() else { return Ok(true) };
    let path = sea.disk.root().join(strike.target.file());
    match strike.target.file() {
        BOARD if path.exists() => Err("a new board was made where there was one".to_owned()),
        BOARD if strike.target.is_moved() => {
            std::fs::rename(aside(&path), &path).map_err(|error| error.to_string())?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

fn open(sea: &Sea) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(sea.board(), flags)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(db)
}

fn integrity(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = db.prepare("PRAGMA integrity_check")?;
    let lines = statement.query_map([], |row| row.get(0))?;
    lines.collect()
}

fn has_tables(db: &Connection) -> bool {
    db.query_row("SELECT 1 FROM sqlite_schema WHERE name = 'andon_ops'", [], |_| Ok(())).is_ok()
}
