//! A pass of the dispatcher over a board on which there is nothing to do.

use crate::answer;
use crate::board::Client;
use crate::{Answer, Failure};
use andon_core::id::BoardSlug;
use andon_core::time::Timestamp;
use andon_daemon::config::{self, Layers};
use andon_daemon::dispatcher::{Backups, Options, StartMode, TickReport, Unobserved, tick_once};
use andon_daemon::env::Env;
use andon_daemon::home::{Home, Layout};
use andon_daemon::profile::Profiles;
use andon_store::{Store, StoreError, SystemClock};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One sample is a number, three are the least that have a median.
const SAMPLES_MIN: usize = 3;

/// Times passes over the board of the home in which its file lies. Nothing is configured there.
pub(crate) fn run(board: &Path, samples_max: usize, seconds_max: u64) -> Answer {
    let sync = Client::open(board)?.sync_mode();
    let options = options(board)?;
    pass(&options)?;
    let deadline = Instant::now() + Duration::from_secs(seconds_max);
    let mut spans = Vec::new();
    while spans.len() < samples_max && (spans.len() < SAMPLES_MIN || Instant::now() < deadline) {
        spans.push(pass(&options)?);
    }
    Ok(Some(answer::times(spans, sync)))
}

fn pass(options: &Options) -> Result<f64, Failure> {
    let options = options.clone();
    let started = Instant::now();
    let report = tick_once(options)?;
    let took = answer::microseconds(started.elapsed());
    if report == TickReport::default() {
        return Ok(took);
    }
    Err(format!("the tick was not idle: {report:?}").into())
}

/// A pass by itself makes no backups.
struct Unused;

impl Backups for Unused {
    fn newest(&self, _: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        Ok(None)
    }

    fn make(&self) -> Result<PathBuf, StoreError> {
        Err(StoreError::Internal("nobody asked for a backup".to_owned()))
    }
}

fn options(board: &Path) -> Result<Options, Failure> {
    let env = Env::default();
    let home = Home::resolve(board.parent(), &env)?;
    let slug = BoardSlug::default_board();
    let layers = Layers { hermes: None, file: None, board: Some(&slug), env: &env, arguments: &[] };
    let config = config::resolve(&layers)?;
    // Opened once, as a dispatcher does; a pass over it opens nothing.
    let store: Arc<dyn Store> = Arc::new(Client::open(board)?.into_store());
    Ok(Options {
        layout: Layout::new(&home, &slug),
        home,
        config,
        profiles: Arc::new(Profiles::built_in()),
        default_workdir: None,
        // Never started: the board is idle.
        andon: "andon".into(),
        env: Arc::new(env),
        open_files: None,
        mode: StartMode::Alone,
        open: Arc::new(move || Ok(Arc::clone(&store))),
        probe: Arc::new(|| Ok(())),
        backups: Arc::new(Unused),
        clock: Arc::new(SystemClock),
        random: Arc::new(|| (crate::board::random() >> 32) as u32),
        observer: Arc::new(Unobserved),
    })
}
