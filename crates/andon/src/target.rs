//! Which home and board a call is about, and how the board is opened.
//!
//! Nothing is looked up before it is asked for: a verb pays for what it uses.

use crate::actor::Caller;
use crate::app::Globals;
use crate::error::CliError;
use crate::random;
use andon_core::command::Command;
use andon_core::id::OpId;
use andon_core::policy::Policy;
use andon_core::time::Timestamp;
use andon_daemon::config::{self, Config};
use andon_daemon::env::Env;
use andon_daemon::home::{BoardChoice, Home, choose_board};
use andon_store::{Applied, Clock, Environment, Request, Store, SystemClock};
use std::sync::Arc;
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

    /// The board of the call. An empty `--board` counts as not given.
    pub(crate) fn choose(&self, home: &Home) -> Result<BoardChoice, CliError> {
        let named = self.globals.board.as_deref().filter(|text| !text.is_empty());
        Ok(choose_board(home, named, &self.env)?)
    }

    /// The settings of a board.
    pub(crate) fn config(&self, home: &Home, choice: &BoardChoice) -> Result<Config, CliError> {
        Ok(config::load(home, Some(choice.layout.slug()), &self.env, &[])?)
    }

    /// Opens the board for a verb that only reads. Settings are not read: no limit applies.
    pub(crate) fn open_to_read(&self) -> Result<Board, CliError> {
        let choice = self.choose(&self.home()?)?;
        self.open(choice, Policy::default())
    }

    /// Opens the board for a verb that may change it, with the limits that its settings name.
    pub(crate) fn open_to_write(&self) -> Result<Board, CliError> {
        let home = self.home()?;
        let choice = self.choose(&home)?;
        let config = self.config(&home, &choice)?;
        self.open(choice, config.policy)
    }

    fn open(&self, choice: BoardChoice, policy: Policy) -> Result<Board, CliError> {
        let environment = Environment {
            clock: Arc::new(SystemClock),
            random: Arc::new(random::bits),
            policy: Arc::new(policy),
        };
        let store = open_store(&choice, environment)?;
        Ok(Board { choice, store, caller: Caller::from_env(&self.env)? })
    }
}

fn open_store(choice: &BoardChoice, _: Environment) -> Result<Box<dyn Store>, CliError> {
    let database = choice.layout.database().display();
    Err(CliError::user("no_backend", format!("cannot open {database}: no backend is built in")))
}

impl Board {
    /// Carries out a command as the caller.
    pub(crate) fn apply(&self, command: impl Into<Command>) -> Result<Applied, CliError> {
        Ok(self.store.apply(self.request(command))?)
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

fn new_op() -> OpId {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    OpId::new(millis, random::bytes())
}
