//! Power cuts: after any operation of the disk, everything that may be left of a board is opened by
//! the real store, and must be what was acknowledged, or that with the command in flight.

mod back;
mod backups;
mod clients;
mod explore;
pub(super) mod foreign;
pub(super) mod lab;
mod loss;
pub mod mistake;
mod replaced;
mod scene;
mod shelf;
mod story;
mod tally;
pub(super) mod teller;
pub(super) mod volume;

pub use scene::Scene;
pub use tally::Tally;

use super::Failure;
use super::bench::Bench;
use super::chance::Chance;
use super::crew::{self, Job};
use super::options::Options;
use crate::disk::Habits;
use lab::Lab;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Seeds of stories in which something was lost once, by the product or by this engine. They are
/// told before all others.
const PAST: &[u64] = &[
    // The engine took a switch to the log that had to be made again for a loss.
    1073, // The same, where the switch was to be made again after a second cut.
    3095,
    // It took the log of a copy that was not finished, which the next attempt clears, for a copy.
    86,
];

/// Images for a night, and for a release.
const NIGHTLY: u64 = 100_000_000;
const RELEASE: u64 = 1_000_000_000;
/// Images where nobody says otherwise: some minutes.
const USUAL: u64 = 1_000_000;

/// The engine, as the command line calls it.
pub fn run(words: &[String]) -> Result<String, Failure> {
    let (mistakes, words): (Vec<_>, Vec<_>) =
        words.iter().cloned().partition(|word| word == "--mistakes");
    let (scenes, words) = scenes(words)?;
    let options = Options::parse(&words, "--images")?;
    if !mistakes.is_empty() {
        return mistake::all(options.seed);
    }
    let job = options.job(USUAL, NIGHTLY, RELEASE);
    let began = Instant::now();
    let tally = cut(job, &scenes, None)?;
    Ok(tally.report(began.elapsed()))
}

/// Takes the scenes out of the options.
fn scenes(mut words: Vec<String>) -> Result<(Vec<Scene>, Vec<String>), Failure> {
    let Some(at) = words.iter().position(|word| word == "--scenes") else {
        return Ok((Scene::USUAL.to_vec(), words));
    };
    let chosen = words.get(at + 1).ok_or("--scenes needs words with commas between them")?;
    let scenes = Scene::parse(chosen)?;
    words.drain(at..=at + 1);
    Ok((scenes, words))
}

/// A mistake of the product or a habit of the disk, made on purpose.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wrong {
    /// Of the product.
    pub mistake: Option<&'static str>,
    /// Of the product once the power is back.
    pub afterwards: Option<&'static str>,
    /// Of the disk.
    pub habits: Habits,
}

/// Cuts the power until enough images were looked at; the first loss ends it.
pub fn cut(job: Job, scenes: &[Scene], wrong: Option<Wrong>) -> Result<Tally, Failure> {
    let Wrong { mistake, afterwards, habits } = wrong.unwrap_or_default();
    let total = Mutex::new(Tally::default());
    let tools = || -> Result<(Bench, [Lab; 2]), Failure> {
        let bench = Bench::with_mistake("live", habits, mistake)?;
        let lab = |name| Lab::with_mistake(name, afterwards);
        Ok((bench, [lab("lab")?, lab("second")?]))
    };
    // A mistake is looked for where everything is; the past is about the product as it is meant,
    // and about the usual scenes.
    let past = if wrong.is_some() || scenes != Scene::USUAL { &[][..] } else { PAST };
    crew::work(job, past, tools, |(bench, labs), seed| {
        let scene = Scene::of(seed, scenes);
        let story = story::tell(bench, scene, seed)
            .map_err(|failure| format!("{}: {failure}", scene.word()))?;
        let mut tally = Tally::default();
        explore::explore((scene, &story), labs, &mut Chance::new(!seed), &mut tally)
            .map_err(|failure| format!("{}: {failure}", scene.word()))?;
        total.lock().unwrap_or_else(PoisonError::into_inner).add(&tally);
        Ok(tally.images)
    })?;
    Ok(total.into_inner().unwrap_or_else(PoisonError::into_inner))
}
