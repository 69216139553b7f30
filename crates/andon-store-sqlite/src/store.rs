//! A board in one SQLite file, as callers hold it.

use crate::checkpoint::LogLength;
use crate::connect::{ConnectOptions, Role};
use crate::guard::{Guard, Identity};
use crate::lock::WriterLock;
use crate::open::{self, OpenOptions, Origin};
use crate::pool::Pool;
use crate::watch::BoardWatch;
use crate::writer::{self, Desk, Writer};
use crate::{Guarding, Options, WriterLocking, fault};
use andon_core::transition::Outcome;
use andon_store::{Applied, Environment, Request, Store, StoreError, Watch};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A board.
pub struct SqliteStore {
    path: PathBuf,
    options: Options,
    env: Environment,
    identity: Identity,
    origin: Origin,
    readers: Pool,
    writer: Mutex<Option<Arc<Writer>>>,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens a board that exists. A board of the peer is migrated first, after a backup.
    pub fn open(path: &Path, options: Options, env: Environment) -> Result<Self, StoreError> {
        open::open(path, &OpenOptions::of(&options))
            .and_then(|opened| Self::with(opened, options, env))
    }

    /// Makes a board where there is none, or opens the one that somebody else just made.
    pub fn create(path: &Path, options: Options, env: Environment) -> Result<Self, StoreError> {
        open::create(path, &OpenOptions::of(&options))
            .and_then(|opened| Self::with(opened, options, env))
    }

    fn with(opened: open::Opened, options: Options, env: Environment) -> Result<Self, StoreError> {
        let identity = opened.identity;
        if options.guard == Guarding::Hold {
            Guard::hold(&identity)?;
        }
        let connect = ConnectOptions { busy: options.busy };
        let readers = Pool::new(identity.clone(), connect, opened.reader);
        let path = identity.path().to_owned();
        let origin = opened.origin;
        Ok(Self { path, options, env, identity, origin, readers, writer: Mutex::new(None) })
    }

    /// The board's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the board was adopted from another schema just now: the verified copy of what it was.
    pub fn copy_before_adoption(&self) -> Option<&Path> {
        match &self.origin {
            Origin::Migrated { backup } => Some(backup),
            Origin::Current | Origin::Created => None,
        }
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.readers
    }

    /// The writer, made at the first write: a process that only reads has none.
    fn writer(&self) -> Result<Arc<Writer>, StoreError> {
        let mut slot = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(writer) = &*slot {
            return Ok(Arc::clone(writer));
        }
        let options = ConnectOptions { busy: self.options.busy };
        let mut db = self.identity.connect(Role::Writer, &options)?;
        let log = LogLength::watch(&mut db)
            .map_err(|error| fault::of("watch the log's length", error))?;
        let lock = match self.options.writer_lock {
            WriterLocking::Queue => Some(Arc::new(WriterLock::open(&self.path)?)),
            WriterLocking::Off => None,
        };
        let writer = Arc::new(Writer::new(Desk {
            db,
            env: self.env.clone(),
            lock,
            identity: self.identity.clone(),
            log,
            checkpoint_pages: self.options.checkpoint_pages,
        }));
        *slot = Some(Arc::clone(&writer));
        Ok(writer)
    }
}

impl Store for SqliteStore {
    fn apply(&self, request: Request) -> Result<Applied, StoreError> {
        self.writer()?.apply(request, self.options.busy)
    }

    fn preview(&self, request: &Request) -> Result<Outcome, StoreError> {
        self.readers.with(|db| writer::decide(db, &self.env, request)).map(|t| t.outcome)
    }

    fn watch(&self) -> Result<Box<dyn Watch>, StoreError> {
        BoardWatch::new(&self.identity, &ConnectOptions { busy: self.options.busy })
            .map(|watch| Box::new(watch) as Box<dyn Watch>)
    }
}
