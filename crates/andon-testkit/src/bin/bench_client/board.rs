//! A board as a client of the library sees it: opened once, one command after the other.

use crate::{Answer, Failure};
use andon_core::actor::Actor;
use andon_core::command::Command;
use andon_core::command::claim::{Claim, Holder};
use andon_core::command::complete::{Complete, Handoff};
use andon_core::command::create::Create;
use andon_core::id::{Assignee, ClaimLock, OpId, RunId, TaskId};
use andon_core::policy::Policy;
use andon_core::transition::Outcome;
use andon_store::{Applied, Environment, Request, Store, StoreError, SystemClock};
use andon_store_sqlite::{Options, SqliteStore};
use serde_json::json;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// An open board and the one who works on it. Threads share it.
pub(crate) struct Client {
    store: SqliteStore,
    actor: Actor,
}

/// Makes a board.
pub(crate) fn init(path: &Path) -> Answer {
    SqliteStore::create(path, Options::default(), environment())?;
    Ok(Some(json!({ "done": true })))
}

impl Client {
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let store = SqliteStore::open(path, Options::default(), environment())?;
        Ok(Self { store, actor: Actor::human("bench") })
    }

    /// Opens a board, making it first where there is none.
    pub(crate) fn open_or_create(path: &Path) -> Result<Self, Failure> {
        if !path.exists() {
            init(path)?;
        }
        Self::open(path)
    }

    /// The board itself, for whoever works on it without being a client.
    pub(crate) fn into_store(self) -> SqliteStore {
        self.store
    }

    /// The journal and sync mode of the writing connection. The store reads both back when it opens
    /// and refuses a board on which they are anything else.
    pub(crate) fn sync_mode(&self) -> &'static str {
        "WAL FULL"
    }

    /// Creates a task that nobody is named for.
    pub(crate) fn create(&self, title: String) -> Result<TaskId, Failure> {
        self.create_as(Create { title, ..Create::default() })
    }

    /// Creates a task for a profile.
    pub(crate) fn create_for(&self, title: String, profile: &str) -> Result<TaskId, Failure> {
        let assignee = Some(Assignee::parse(profile)?);
        self.create_as(Create { title, assignee, ..Create::default() })
    }

    fn create_as(&self, create: Create) -> Result<TaskId, Failure> {
        match self.apply(create)?.outcome {
            Outcome::Created { task, .. } => Ok(task),
            other => Err(format!("create came to {other:?}").into()),
        }
    }

    /// Claims a ready task and completes it.
    pub(crate) fn cycle(&self, task: &TaskId) -> Result<(), Failure> {
        let run = self.claim(task)?;
        let handoff = Handoff { summary: Some("done".to_owned()), ..Handoff::default() };
        let task = task.clone();
        self.apply(Complete { task, handoff, created_cards: Vec::new(), expected_run: Some(run) })?;
        Ok(())
    }

    fn claim(&self, task: &TaskId) -> Result<RunId, Failure> {
        let lock = ClaimLock::new("bench", std::process::id(), random());
        let claim = Claim { task: task.clone(), lock, ttl: None, holder: Holder::Outside };
        let applied = self.apply(claim)?;
        applied.run.ok_or_else(|| format!("claim came to {:?}", applied.outcome).into())
    }

    fn apply(&self, command: impl Into<Command>) -> Result<Applied, StoreError> {
        let request = Request { op: op(), actor: self.actor.clone(), command: command.into() };
        self.store.apply(request)
    }
}

fn environment() -> Environment {
    Environment {
        clock: Arc::new(SystemClock),
        random: Arc::new(|| (random() >> 32) as u32),
        policy: Arc::new(Policy::default()),
    }
}

fn op() -> OpId {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    let mut bytes = [0; 10];
    bytes[..8].copy_from_slice(&random().to_le_bytes());
    bytes[8..].copy_from_slice(&random().to_le_bytes()[..2]);
    OpId::new(millis, bytes)
}

/// Random bits from the seed that the standard library draws for its hash maps: good enough for ids
/// that must differ, and no dependency.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
