//! Schedules: 2-6 simulated processes on one board, one at a time, with a switch at any call of
//! SQLite's file interface and at any point of the guard and the writers' lock. Processes are
//! killed anywhere, locks are lost as POSIX loses them, and files are taken away.
//!
//! A seed says everything: who runs when, who dies, what is lost. The same seed gives the same sum.

mod file;
mod history;
mod life;
mod mistake;
mod plan;
mod sea;
mod seed;
mod tally;
mod trace;
mod turns;

pub use plan::{Setting, Trouble};
pub use tally::Tally;
pub use trace::Tracing;

use super::Failure;
use super::crew::{self, Job};
use super::options::Options;
use andon_store_sqlite::WriterLocking;
use seed::Harbour;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Seeds of schedules in which something was lost once, by the product or by this engine. They
/// are run before all others.
const PAST: &[u64] = &[];

/// Its options.
pub const OPTIONS: &str = "[--seeds N | --seconds S | --nightly | --release | --mistakes] \
    [--seed S] [--threads N] [--processes 2-6] [--no-writer-lock] [--no-trouble] [--trace] [--old-sqlite]";

/// Seeds for a night, for a release, and where nobody says otherwise.
const NIGHTLY: u64 = 300_000;
const RELEASE: u64 = 3_000_000;
const USUAL: u64 = 10_000;

/// The engine, as the command line calls it.
pub fn run(words: &[String]) -> Result<String, Failure> {
    let mut setting = Setting::default();
    let (mut rest, mut makes_mistakes) = (Vec::new(), false);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--processes" => {
                let text = words.next().ok_or("--processes needs a number or a range")?;
                let (least, most) = text.split_once('-').unwrap_or((text, text));
                (setting.least, setting.most) = (least.parse()?, most.parse()?);
                if setting.least == 0 || setting.most < setting.least {
                    return Err(format!("--processes {text}: not a range").into());
                }
            }
            "--mistakes" => makes_mistakes = true,
            "--no-writer-lock" => setting.writer_lock = WriterLocking::Off,
            "--no-trouble" => setting.trouble = Trouble::None,
            "--trace" => setting.tracing = Tracing::On,
            _ => rest.push(word.clone()),
        }
    }
    let options = Options::parse(&rest, "--seeds")?;
    if makes_mistakes {
        return mistake::all(options.seed);
    }
    let began = Instant::now();
    let tally = play(options.job(USUAL, NIGHTLY, RELEASE), setting)
        .map_err(|failure| format!("SQLite {}, {failure}", rusqlite::version()))?;
    Ok(tally.report(began.elapsed()))
}

/// Plays schedules until there were enough; the first failure ends it.
pub fn play(job: Job, setting: Setting) -> Result<Tally, Failure> {
    let total = Mutex::new(Tally::default());
    let is_sound = setting.mistake.is_none() && setting.writer_lock == WriterLocking::Queue;
    let past = if !is_sound { &[][..] } else { PAST };
    crew::work(job, past, Harbour::new, |harbour, seed| {
        let tally = harbour.play(seed, &setting)?;
        total.lock().unwrap_or_else(PoisonError::into_inner).add(&tally);
        Ok(1)
    })?;
    Ok(total.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Plays one seed.
pub fn play_one(seed: u64, setting: &Setting) -> Result<Tally, Failure> {
    Harbour::new()?.play(seed, setting)
}
