//! Which home and board a call is about, and how the board is opened.
//!
//! Nothing is looked up before it is asked for: a verb pays for what it uses.

use crate::actor::Caller;
use crate::app::Globals;
use crate::error::CliError;
use crate::{equipment, missing, random, when};
use andon_core::command::Command;
use andon_core::id::{OpId, TaskId};
use andon_core::policy::Policy;
use andon_core::time::Timestamp;
use andon_daemon::config::{self, Config};
use andon_daemon::env::Env;
use andon_daemon::home::{BoardChoice, Home, choose_board};
use andon_daemon::private;
use andon_daemon::quarantine::{self, Record};
use andon_store::{Applied, Clock, Environment, Request, Store, StoreError, SystemClock};
use andon_store_sqlite::{Guarding, Options, SqliteStore};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::io::Write as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// What the global flags and the environment say, not looked at yet.
#[derive(Debug)]
pub(crate) struct Target {
    globals: Globals,
    env: Env,
}

/// An open board with the caller's identity.
pub(crate) struct Board {
    /// Which board it is, and where its files lie.
    pub(crate) choice: BoardChoice,
    /// The board.
    pub(crate) store: Box<dyn Store>,
    /// Who calls.
    pub(crate) caller: Caller,
}

impl Target {
    /// Keeps the flags and the environment for later.
    pub(crate) fn new(globals: Globals, env: Env) -> Self {
        Self { globals, env }
    }

    /// The environment of the call.
    pub(crate) fn env(&self) -> &Env {
        &self.env
    }

    /// The home.
    pub(crate) fn home(&self) -> Result<Home, CliError> {
        Ok(Home::resolve(self.globals.home.as_deref(), &self.env)?)
    }

    /// The home in which a board is to be made: a board of the peer elsewhere is no obstacle.
    pub(crate) fn home_for_init(&self) -> Result<Home, CliError> {
        Ok(Home::resolve_for_init(self.globals.home.as_deref(), &self.env)?)
    }

    /// The text of `--board`. An empty one counts as not given.
    pub(crate) fn named_board(&self) -> Option<&str> {
        self.globals.board.as_deref().filter(|text| !text.is_empty())
    }

    /// The board of the call. An empty `--board` counts as not given.
    pub(crate) fn choose(&self, home: &Home) -> Result<BoardChoice, CliError> {
        Ok(choose_board(home, self.named_board(), &self.env)?)
    }

    /// The settings of a board.
    pub(crate) fn config(&self, home: &Home, choice: &BoardChoice) -> Result<Config, CliError> {
        Ok(config::load(home, Some(choice.layout.slug()), &self.env, &[])?)
    }

    /// Opens the board for a verb that only reads. Settings are not read: no limit applies.
    pub(crate) fn open_to_read(&self) -> Result<Board, CliError> {
        self.open_in(&self.home()?)
    }

    /// The same, for a verb that has looked up the home for another purpose.
    pub(crate) fn open_in(&self, home: &Home) -> Result<Board, CliError> {
        let opening = Opening {
            policy: Policy::default(),
            options: Options::default(),
            how: SqliteStore::open,
        };
        self.open(home, self.choose(home)?, opening)
    }

    /// Opens the board for a verb that may change it, with the limits that its settings name.
    pub(crate) fn open_to_write(&self) -> Result<Board, CliError> {
        self.open_with_settings(SqliteStore::open)
    }

    /// The same, and makes the board's file where there never was one: a first task needs no
    /// other call before it.
    pub(crate) fn open_to_create(&self) -> Result<Board, CliError> {
        self.open_with_settings(SqliteStore::create)
    }

    fn open_with_settings(&self, how: OpenStore) -> Result<Board, CliError> {
        let home = self.home()?;
        let choice = self.choose(&home)?;
        let config = self.config(&home, &choice)?;
        let options = equipment::store_options(&config, Guarding::None);
        self.open(&home, choice, Opening { policy: config.policy, options, how })
    }

    fn open(&self, home: &Home, choice: BoardChoice, opening: Opening) -> Result<Board, CliError> {
        require_free(home, &choice)?;
        let Opening { policy, options, how } = opening;
        let store = how(choice.layout.database(), options, equipment::environment(policy))
            .map_err(|error| missing::told(error, home, &choice.layout))?;
        if let Some(copy) = store.copy_before_adoption() {
            tell_adopted(&choice, copy);
        }
        let store = Box::new(store);
        Ok(Board { choice, store, caller: Caller::from_env(&self.env)? })
    }
}

/// How a board is opened.
struct Opening {
    policy: Policy,
    options: Options,
    how: OpenStore,
}

/// Opens or makes the file of a board.
type OpenStore = fn(&Path, Options, Environment) -> Result<SqliteStore, StoreError>;

/// Refuses a board in quarantine.
pub(crate) fn require_free(home: &Home, choice: &BoardChoice) -> Result<(), CliError> {
    match quarantine::in_force(home, &choice.layout, now()) {
        Some(record) => Err(quarantined(choice, &record)),
        None => Ok(()),
    }
}

fn quarantined(choice: &BoardChoice, record: &Record) -> CliError {
    let slug = choice.layout.slug();
    let until = when::local(Timestamp(record.next));
    CliError::board("quarantined", format!("board {slug} is in quarantine: {}", record.reason))
        .hint(format!("it is looked at again at {until}; see `andon doctor`"))
}

/// Says once, on the error output, that a board of another program was adopted. A message that
/// cannot be written is no reason to fail: the copy lies beside the board either way.
fn tell_adopted(choice: &BoardChoice, copy: &Path) {
    let board = choice.layout.database().display();
    let line = format!("adopted {board}; a copy of what it was: {}\n", copy.display());
    let _unheard = std::io::stderr().write_all(line.as_bytes());
}

impl Board {
    /// Carries out a command as the caller.
    pub(crate) fn apply(&self, command: impl Into<Command>) -> Result<Applied, CliError> {
        Ok(self.store.apply(self.request(command))?)
    }

    /// Refuses a task that the board does not have.
    pub(crate) fn require_task(&self, id: &TaskId) -> Result<(), CliError> {
        self.store.task_get(id)?.map(drop).ok_or_else(|| CliError::unknown_task(id))
    }

    /// Whether a dispatcher serves the board: one holds the lock on its file as long as it lives.
    pub(crate) fn is_dispatched(&self) -> bool {
        let path = self.choice.layout.dispatch_lock_file();
        let Ok(file) = private::open_to_read(&path) else { return false };
        // Shared, so that two calls that ask at the same time do not take each other for one. Who
        // wants the lock for itself waits for such a look. The kernel's list of locks would tell
        // without one, but one reading of it costs milliseconds and holds up all locking on the
        // machine, and dispatchers in other containers are missing from it.
        matches!(flock(&file, FlockOperation::NonBlockingLockShared), Err(Errno::WOULDBLOCK))
    }

    /// A command with the caller's name and an identity of its own.
    pub(crate) fn request(&self, command: impl Into<Command>) -> Request {
        Request { op: new_op(), actor: self.caller.actor(), command: command.into() }
    }
}

/// The present time.
pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}

/// An identity for one request.
pub(crate) fn new_op() -> OpId {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    OpId::new(millis, random::bytes())
}
