//! What the checks look at: a home and its boards, each part looked up once and only when asked
//! for. Nothing here changes anything.

use crate::equipment;
use crate::target;
use andon_core::policy::Policy;
use andon_core::time::Timestamp;
use andon_daemon::config::{self, Config, ConfigError};
use andon_daemon::env::Env;
use andon_daemon::home::{Home, Layout};
use andon_proc::open_files::{self, OpenFiles};
use andon_store::StoreError;
use andon_store_sqlite::{
    Contents, Guarding, Header, Holders, Inspection, Schema, SqliteStore, Verdict, beside, holders,
};
use std::cell::{OnceCell, RefCell};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest check of a structure. Larger boards are named as not checked to the end.
const STRUCTURE_MAX: Duration = Duration::from_secs(300);

/// The home, and what all its boards share.
pub(super) struct HomeCase {
    pub(super) home: Home,
    pub(super) env: Env,
    pub(super) layouts: Vec<Layout>,
    open_files: OnceCell<io::Result<OpenFiles>>,
}

impl HomeCase {
    pub(super) fn new(home: Home, env: Env, layouts: Vec<Layout>) -> Self {
        Self { home, env, layouts, open_files: OnceCell::new() }
    }

    /// Files of all boards that any process has open. One look at all processes serves all boards.
    pub(super) fn open_files(&self) -> Result<&OpenFiles, String> {
        let look = || {
            let databases: Vec<PathBuf> =
                self.layouts.iter().map(|layout| resolved(layout.database())).collect();
            let is_wanted = |path: &Path| {
                databases
                    .iter()
                    .any(|database| database_files(database).iter().any(|(file, _)| file == path))
            };
            open_files::find(is_wanted)
        };
        self.open_files.get_or_init(look).as_ref().map_err(ToString::to_string)
    }
}

/// The files of a database that SQLite opens, with what each is.
pub(super) fn database_files(database: &Path) -> [(PathBuf, &'static str); 3] {
    [("", "database"), ("-wal", "log"), ("-shm", "index of the log")]
        .map(|(suffix, what)| (beside(database, suffix), what))
}

/// A path with its links followed, as far as it exists.
pub(super) fn resolved(path: &Path) -> PathBuf {
    let parent = || Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(parent).unwrap_or_else(|| path.to_owned())
}

/// A board.
pub(super) struct BoardCase<'h> {
    pub(super) home: &'h HomeCase,
    pub(super) layout: Layout,
    /// The database with all links followed.
    pub(super) database: PathBuf,
    pub(super) now: Timestamp,
    inspection: OnceCell<Result<RefCell<Inspection>, StoreError>>,
    header: OnceCell<Result<Header, String>>,
    structure: OnceCell<Result<Verdict, String>>,
    contents: OnceCell<Result<Option<Contents>, String>>,
    store: OnceCell<Result<SqliteStore, String>>,
    config: OnceCell<Result<Config, ConfigError>>,
    holders: OnceCell<Holders>,
}

impl<'h> BoardCase<'h> {
    pub(super) fn new(home: &'h HomeCase, layout: Layout) -> Self {
        Self {
            home,
            database: resolved(layout.database()),
            layout,
            now: target::now(),
            inspection: OnceCell::new(),
            header: OnceCell::new(),
            structure: OnceCell::new(),
            contents: OnceCell::new(),
            store: OnceCell::new(),
            config: OnceCell::new(),
            holders: OnceCell::new(),
        }
    }

    /// The open file, or why it cannot be opened.
    pub(super) fn inspection(&self) -> Result<&RefCell<Inspection>, &StoreError> {
        let open = || Inspection::open(self.layout.database()).map(RefCell::new);
        self.inspection.get_or_init(open).as_ref()
    }

    /// Runs a look at the file.
    pub(super) fn look<T>(
        &self,
        look: impl FnOnce(&mut Inspection) -> Result<T, StoreError>,
    ) -> Result<T, String> {
        let inspection = self.inspection().map_err(|_| "the file cannot be opened".to_owned())?;
        look(&mut inspection.borrow_mut()).map_err(|error| error.to_string())
    }

    /// Its header.
    pub(super) fn header(&self) -> Result<&Header, String> {
        self.header.get_or_init(|| self.look(Inspection::header)).as_ref().map_err(Clone::clone)
    }

    /// What SQLite finds in its structure.
    pub(super) fn structure(&self) -> Result<&Verdict, String> {
        let check = || {
            let inspection =
                self.inspection().map_err(|_| "the file cannot be opened".to_owned())?;
            inspection.borrow_mut().structure(STRUCTURE_MAX).map_err(|error| error.to_string())
        };
        self.structure.get_or_init(check).as_ref().map_err(Clone::clone)
    }

    /// Fails unless the file is a board of Andon's current schema.
    pub(super) fn require_current(&self) -> Result<(), String> {
        match self.header()?.schema {
            Schema::Current => Ok(()),
            Schema::Peer => Err("Andon has not adopted the board yet".to_owned()),
            Schema::NoBoard | Schema::Newer { .. } | Schema::Foreign { .. } => {
                Err("it is no board that this program knows".to_owned())
            }
        }
    }

    /// Its rows; nothing if there are too many of them.
    pub(super) fn contents(&self) -> Result<Option<&Contents>, String> {
        let read = || {
            self.require_current()?;
            self.look(Inspection::contents)
        };
        self.contents.get_or_init(read).as_ref().map(Option::as_ref).map_err(Clone::clone)
    }

    /// The board as other verbs open it. Only a board in the current schema is opened, because
    /// opening any other one changes it.
    pub(super) fn store(&self) -> Result<&SqliteStore, String> {
        let open = || {
            self.require_current()?;
            if self.header()?.journal_mode != "wal" {
                return Err("it is not in WAL mode".to_owned());
            }
            let options = match self.config() {
                Ok(config) => equipment::store_options(config, Guarding::None),
                Err(_) => andon_store_sqlite::Options::default(),
            };
            let policy = self.config().map_or_else(|_| Policy::default(), |it| it.policy.clone());
            SqliteStore::open(self.layout.database(), options, equipment::environment(policy))
                .map_err(|error| error.to_string())
        };
        self.store.get_or_init(open).as_ref().map_err(Clone::clone)
    }

    /// Its settings.
    pub(super) fn config(&self) -> Result<&Config, &ConfigError> {
        let load = || config::load(&self.home.home, Some(self.layout.slug()), &self.home.env, &[]);
        self.config.get_or_init(load).as_ref()
    }

    /// Who holds its locks.
    pub(super) fn holders(&self) -> &Holders {
        self.holders.get_or_init(|| holders(&self.database))
    }
}
