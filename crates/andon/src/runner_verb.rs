//! The hidden verb that keeps one worker. It reads its spec from stdin and nothing else: no
//! settings, no arguments, no environment, so that a runner starts fast and stays small.

use crate::equipment;
use andon_runner::spawn::StubProgram;
use andon_runner::{BoardSettings, RunSpec, prepare};
use andon_store::{Store, StoreError};
use andon_store_sqlite::{Guarding, Options, SqliteStore, WriterLocking};
use std::error::Error;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::thread::park_timeout;
use std::time::{Duration, Instant};

/// How long a board that is busy or whose disk is full is asked again. The worker has not started,
/// so giving up loses nothing but the attempt; registering is tried for as long.
const OPEN_WAIT: Duration = Duration::from_secs(60);

/// Time between two tries.
const OPEN_PAUSE: Duration = Duration::from_millis(100);

/// Keeps a run to its end. What goes wrong is on the board; stderr is for whoever tries it by hand.
pub(crate) fn run() -> ExitCode {
    match keep() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write as _;
            let _unwritten = writeln!(io::stderr(), "andon runner: {error}");
            ExitCode::FAILURE
        }
    }
}

fn keep() -> Result<(), Box<dyn Error>> {
    let spec = RunSpec::read(io::stdin().lock())?;
    let (path, settings) = (spec.db.clone(), spec.settings.clone());
    // The worker is made ready while the board opens, and held until the board knows of it.
    let prepared = prepare(spec, &StubProgram::this_binary())?;
    let store = open(&path, &settings)?;
    let store: &dyn Store = &store;
    Ok(prepared.keep(&store)?)
}

fn open(path: &Path, settings: &BoardSettings) -> Result<SqliteStore, Box<dyn Error>> {
    let options = Options {
        busy: Duration::from_millis(settings.busy_ms),
        checkpoint_pages: settings.checkpoint_pages,
        writer_lock: if settings.writer_lock { WriterLocking::Queue } else { WriterLocking::Off },
        guard: Guarding::Hold,
    };
    let deadline = Instant::now() + OPEN_WAIT;
    loop {
        let environment = equipment::environment(settings.policy());
        match SqliteStore::open(path, options.clone(), environment) {
            Err(StoreError::Busy { .. } | StoreError::Unavailable { .. })
                if Instant::now() < deadline =>
            {
                park_timeout(OPEN_PAUSE);
            }
            opened => return Ok(opened?),
        }
    }
}
