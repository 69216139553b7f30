//! What long-lived verbs work with: stores that guard their board, and the surroundings of a
//! dispatcher. It reads settings and profiles; it starts nothing.

use crate::arguments;
use crate::backups::Backups;
use crate::error::CliError;
use crate::missing;
use crate::random;
use crate::target::Target;
use andon_core::policy::Policy;
use andon_core::time::Timestamp;
use andon_daemon::boards::Boards;
use andon_daemon::config::{self, Argument, Config};
use andon_daemon::dispatcher::{self, Observer, StartMode};
use andon_daemon::env::Env;
use andon_daemon::home::{Home, Layout};
use andon_daemon::profile::Profiles;
use andon_daemon::quarantine;
use andon_store::{CorruptWhat, Environment, Store, StoreError, SystemClock};
use andon_store_sqlite::{
    Depth, Guarding, Options, SqliteStore, Verdict, WriterLocking, check_board,
};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Longest check of a board that failed. A board that is too large to be checked in this time is
/// given the benefit of the doubt; every later failure doubts it anew.
const PROBE_MAX: Duration = Duration::from_secs(20);

/// What every board of a home is dispatched with.
#[derive(Clone)]
pub(crate) struct Equipment {
    /// The home.
    pub(crate) home: Home,
    /// The file of this program, as [`this_program`] found it when the process started.
    pub(crate) program: PathBuf,
    /// The environment that workers may inherit from.
    pub(crate) env: Arc<Env>,
    /// The limit of open files for workers, where this process has raised its own.
    pub(crate) open_files: Option<u64>,
    /// Settings given with the call.
    pub(crate) arguments: Vec<Argument>,
    /// What to do when another dispatcher has a board.
    pub(crate) mode: StartMode,
    /// Hears what dispatchers do.
    pub(crate) observer: Arc<dyn Observer>,
}

impl Equipment {
    /// The settings of a board.
    pub(crate) fn config(&self, layout: &Layout) -> Result<Config, CliError> {
        Ok(config::load(&self.home, Some(layout.slug()), &self.env, &self.arguments)?)
    }

    /// The surroundings of a board's dispatcher.
    pub(crate) fn options(&self, layout: &Layout) -> Result<dispatcher::Options, CliError> {
        let config = self.config(layout)?;
        let metadata = Boards::new(&self.home).metadata(layout.slug())?;
        let path = layout.database().to_owned();
        let opened = store_options(&config, Guarding::Hold);
        let policy = config.policy.clone();
        let probed = path.clone();
        let backups = Arc::new(Backups::of(layout, &config));
        let open = move || {
            let store = SqliteStore::open(&path, opened.clone(), environment(policy.clone()))?;
            Ok(Arc::new(store) as Arc<dyn Store>)
        };
        Ok(dispatcher::Options {
            home: self.home.clone(),
            layout: layout.clone(),
            config,
            profiles: Arc::new(Profiles::load(&self.home)?),
            default_workdir: metadata.default_workdir.map(|path| {
                PathBuf::from(arguments::expand_home(&path.to_string_lossy(), &self.env))
            }),
            andon: self.program.clone(),
            env: Arc::clone(&self.env),
            open_files: self.open_files,
            mode: self.mode,
            open: Arc::new(open),
            probe: Arc::new(move || probe(&probed)),
            backups,
            clock: Arc::new(SystemClock),
            random: Arc::new(random::bits),
            observer: Arc::clone(&self.observer),
        })
    }
}

/// The home, which must be there: a list of nothing would hide a mistyped path.
pub(crate) fn existing_home(target: &Target) -> Result<Home, CliError> {
    let home = target.home()?;
    if home.exists() {
        return Ok(home);
    }
    if let Err(error) = std::fs::read_dir(home.path())
        && error.kind() == ErrorKind::PermissionDenied
    {
        let doing = format!("cannot look into the home {}", home.path().display());
        let hint = "run as the user who owns the home, or name another one with `--home`";
        return Err(CliError::io(doing, &error).hint(hint));
    }
    Err(missing::no_home(&home))
}

/// The file of the running program. Workers are told this name, so it must be one that they can
/// call; the kernel's own alias for it would name the caller. It is asked for once, before boards
/// are served: after an upgrade the kernel tells of a deleted file, while the name leads to the new
/// one.
pub(crate) fn this_program() -> Result<PathBuf, CliError> {
    std::env::current_exe().map_err(|error| CliError::io("cannot find the andon program", &error))
}

/// How a store is opened, by a board's settings.
pub(crate) fn store_options(config: &Config, guard: Guarding) -> Options {
    Options {
        busy: config.busy_timeout,
        checkpoint_pages: config.checkpoint_pages,
        writer_lock: if config.writer_lock { WriterLocking::Queue } else { WriterLocking::Off },
        guard,
    }
}

/// The machine's clock and randomness, and these limits.
pub(crate) fn environment(policy: Policy) -> Environment {
    Environment {
        clock: Arc::new(SystemClock),
        random: Arc::new(random::bits),
        policy: Arc::new(policy),
    }
}

/// Opens a board to look at it, unless it is in quarantine.
pub(crate) fn open_to_look(
    home: &Home,
    layout: &Layout,
    now: Timestamp,
) -> Result<SqliteStore, StoreError> {
    if let Some(record) = quarantine::in_force(home, layout, now) {
        return Err(StoreError::Corrupt(CorruptWhat::File(record.reason)));
    }
    SqliteStore::open(layout.database(), Options::default(), environment(Policy::default()))
}

fn probe(path: &Path) -> Result<(), StoreError> {
    match check_board(path, Depth::Quick, PROBE_MAX)? {
        Verdict::Sound | Verdict::OutOfTime => Ok(()),
        Verdict::Damaged(findings) => {
            let first = findings.into_iter().next().unwrap_or_else(|| "damaged".to_owned());
            Err(StoreError::Corrupt(CorruptWhat::File(first)))
        }
    }
}

#[cfg(test)]
mod tests;
