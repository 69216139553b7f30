//! A simulated disk with a board on it, and the means to work there: what the engines of power cuts
//! and of faults share.

use super::Failure;
use super::cache::{self, Cache};
use crate::disk::{Disk, Habits, sum_of_pages};
use crate::world::{TestRandom, World};
use andon_core::actor::Actor;
use andon_core::command::Command;
use andon_core::command::comment::Comment;
use andon_core::command::create::Create;
use andon_core::id::{OpId, TaskId};
use andon_core::policy::Policy;
use andon_core::time::Timestamp;
use andon_core::transition::Outcome;
use andon_faults::{Contended, Hooks, Interference};
use andon_sim_vfs::{Entered, Mount};
use andon_store::{Clock, Request, Store, StoreError};
use andon_store_sqlite::{Options, SqliteStore};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// The bench.
pub struct Bench {
    /// The disk.
    pub disk: Disk,
    /// Time, randomness and limits.
    pub world: World,
    mistake: Option<&'static str>,
    /// Which bench of the process.
    nth: u64,
    ops: AtomicU64,
    draws: Arc<AtomicU32>,
    spills: Arc<Spills>,
    _mounted: Mount,
}

/// What is asked of those who write.
#[derive(Debug, Default)]
struct Spills {
    has_small_cache: AtomicBool,
    /// Whether the next transaction is taken back once it has written.
    takes_back: AtomicBool,
}

/// A thread's stay at a bench.
#[must_use = "it ends when this is dropped"]
pub struct Stay {
    _world: Entered,
    _hooks: Interference,
}

/// Where simulated disks keep their placeholders: memory, so that nothing waits for a real disk.
const MEMORY: &str = "/dev/shm";

/// Nobody holds a lock for long where one process runs at a time.
const BUSY: Duration = Duration::from_millis(0);

impl Bench {
    /// A bench of its own.
    pub fn new(name: &str, habits: Habits) -> Result<Self, Failure> {
        Self::with_mistake(name, habits, None)
    }

    /// A bench at which the product makes a mistake.
    pub fn with_mistake(
        name: &str,
        habits: Habits,
        mistake: Option<&'static str>,
    ) -> Result<Self, Failure> {
        static BENCHES: AtomicU64 = AtomicU64::new(0);
        let nth = BENCHES.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id();
        let root = PathBuf::from(format!("{MEMORY}/andon-torture-{process}/{name}-{nth}"));
        let disk = Disk::new(&root, habits)?;
        let mounted = andon_sim_vfs::mount(&root, Arc::new(disk.clone()))?;
        let world = World::new(Policy::default());
        let (ops, draws) = (AtomicU64::new(0), Arc::new(AtomicU32::new(NOWHERE)));
        let spills = Arc::default();
        Ok(Self { disk, world, mistake, nth, ops, draws, spills, _mounted: mounted })
    }

    /// Winds time and randomness to a moment.
    pub fn wind(&self, at: Timestamp, draws: u32) {
        let clock = &self.world.clock;
        clock.advance(at - clock.now());
        self.world.random.wind(draws);
    }

    /// Draws from the same place at each try of a command, so that one that was tried twice does
    /// what it would have done at once; nothing lets draws go on again.
    pub fn draw_again_from(&self, draws: Option<u32>) {
        self.draws.store(draws.unwrap_or(NOWHERE), Ordering::Relaxed);
    }

    /// Whoever opens a board from now on writes with this page cache.
    pub(super) fn use_cache(&self, cache: Cache) {
        self.spills.has_small_cache.store(cache == Cache::OnePage, Ordering::Relaxed);
    }

    /// The page cache of those who open a board now.
    pub(super) fn cache(&self) -> Cache {
        let is_small = self.spills.has_small_cache.load(Ordering::Relaxed);
        if is_small { Cache::OnePage } else { Cache::Usual }
    }

    /// The next transaction is taken back once it has written.
    pub(super) fn take_next_back(&self) {
        self.spills.takes_back.store(true, Ordering::Relaxed);
    }

    /// From now on this thread works here.
    pub fn stay(&self) -> Stay {
        Stay {
            _world: andon_sim_vfs::enter(Arc::new(self.disk.clone())),
            _hooks: andon_faults::interfere(Rc::new(Turns {
                disk: self.disk.hooks(self.mistake),
                random: Arc::clone(&self.world.random),
                draws: Arc::clone(&self.draws),
                spills: Arc::clone(&self.spills),
            })),
        }
    }

    /// The path of a file here.
    pub fn path(&self, name: &str) -> PathBuf {
        self.disk.root().join(name)
    }

    /// How boards are opened here.
    pub fn options(checkpoint_pages: u32) -> Options {
        Options { busy: BUSY, checkpoint_pages, ..Options::default() }
    }

    /// Opens a board that exists.
    pub fn open(&self, name: &str, checkpoint_pages: u32) -> Result<SqliteStore, StoreError> {
        let environment = self.world.environment();
        SqliteStore::open(&self.path(name), Self::options(checkpoint_pages), environment)
    }

    /// Makes a board, or opens the one that is there.
    pub fn create(&self, name: &str, checkpoint_pages: u32) -> Result<SqliteStore, StoreError> {
        let environment = self.world.environment();
        SqliteStore::create(&self.path(name), Self::options(checkpoint_pages), environment)
    }

    /// What all pages of a board that somebody has open add up to.
    pub fn digest(&self, name: &str) -> u64 {
        self.disk.board_digest(&self.path(name))
    }

    /// The same, read by SQLite, which takes longer.
    pub fn digest_by_reading(&self, name: &str) -> Result<u64, Failure> {
        let db = self.plain(name)?;
        let found = andon_sim_vfs::pages(&db, sum_of_pages);
        found.ok_or_else(|| "the board's pages cannot be read".into())
    }

    /// A connection that is not the store's, and never checkpoints when it is closed.
    pub fn plain(&self, name: &str) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(self.path(name), flags)?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        Ok(db)
    }

    /// A request with an operation id that is new at this bench and in its images.
    pub fn request(&self, command: impl Into<Command>) -> Request {
        let nth = self.ops.fetch_add(1, Ordering::Relaxed);
        let mut random = [0xB0; 10];
        random[..8].copy_from_slice(&self.nth.to_be_bytes());
        Request {
            op: OpId::new(nth, random),
            actor: Actor::human("bench"),
            command: command.into(),
        }
    }

    /// Makes a task, which any sound board takes.
    pub fn make_task(&self, store: &dyn Store) -> Result<TaskId, Failure> {
        let create = Create { title: "made afterwards".to_owned(), ..Create::default() };
        match store.apply(self.request(create))?.outcome {
            Outcome::Created { task, .. } => Ok(task),
            other => Err(format!("{other:?} instead of a new task").into()),
        }
    }

    /// Comments on a task, which any sound board takes.
    pub fn comment(&self, store: &dyn Store, task: &TaskId) -> Result<(), Failure> {
        let (author, body) = ("bench".to_owned(), "seen".to_owned());
        store.apply(self.request(Comment { task: task.clone(), author, body }))?;
        Ok(())
    }
}

/// The disk's hooks, and the same draws for each try of a command.
struct Turns {
    disk: Rc<dyn Hooks>,
    random: Arc<TestRandom>,
    draws: Arc<AtomicU32>,
    spills: Arc<Spills>,
}

/// Where draws go on from try to try.
const NOWHERE: u32 = u32::MAX;

impl Hooks for Turns {
    fn reach(&self, point: &'static str, path: &Path) -> std::io::Result<()> {
        let draws = self.draws.load(Ordering::Relaxed);
        if point == "writer.turn" && draws != NOWHERE {
            self.random.wind(draws);
        }
        if point == cache::WRITTEN && self.spills.takes_back.swap(false, Ordering::Relaxed) {
            return Err(cache::taken_back());
        }
        self.disk.reach(point, path)
    }

    fn contended(&self, lock: &'static str) -> std::io::Result<Contended> {
        self.disk.contended(lock)
    }

    fn pause(&self, span: Duration) {
        self.disk.pause(span);
    }

    fn planted(&self, mistake: &'static str) -> bool {
        let has_small_cache = self.spills.has_small_cache.load(Ordering::Relaxed);
        (mistake == Cache::PLANTED && has_small_cache) || self.disk.planted(mistake)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // Whatever stays is in memory, under the number of a process that ends.
        let _removed = std::fs::remove_dir_all(self.disk.root());
        // The last bench of the process takes the common directory along; before, it is not empty.
        let _removed = self.disk.root().parent().map(std::fs::remove_dir);
    }
}
