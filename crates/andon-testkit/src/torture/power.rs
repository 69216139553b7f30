//! Power cuts: after any operation of the disk, everything that may be left of a board is opened by
//! the real store, and must be what was acknowledged, or that with the command in flight.

mod explore;
mod foreign;
mod lab;
pub mod mistake;
mod story;
mod tally;
mod volume;

pub use tally::Tally;

use super::Failure;
use super::bench::Bench;
use super::chance::Chance;
use super::options::Options;
use crate::disk::Habits;
use lab::Lab;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What to do.
#[derive(Debug, Clone, Copy)]
pub struct Task {
    /// Images to look at, at least.
    pub images: u64,
    /// Time to stop.
    pub limit: Duration,
    /// First seed; each story takes the next one.
    pub seed: u64,
    /// Threads.
    pub threads: usize,
}

/// Seeds of stories in which something was lost once, by the product or by this engine. They are
/// told before all others.
const PAST: &[u64] = &[
    // The engine took a switch to the log that had to be made again for a loss.
    1073,
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
    let options = Options::parse(&words, "--images")?;
    if !mistakes.is_empty() {
        return mistake::all(options.seed);
    }
    let images = options.amount(USUAL, NIGHTLY, RELEASE);
    let task = Task { images, limit: options.limit, seed: options.seed, threads: options.threads };
    let began = Instant::now();
    let tally = cut(task, None)?;
    Ok(tally.report(began.elapsed()))
}

/// A mistake of the product or a habit of the disk, made on purpose.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wrong {
    /// Of the product.
    pub mistake: Option<&'static str>,
    /// Of the disk.
    pub habits: Habits,
}

/// Cuts the power until enough images were looked at; the first loss ends it.
pub fn cut(task: Task, wrong: Option<Wrong>) -> Result<Tally, Failure> {
    let shared = Shared {
        task,
        wrong: wrong.unwrap_or_default(),
        began: Instant::now(),
        next: AtomicU64::new(0),
        images: AtomicU64::new(0),
        is_over: AtomicBool::new(false),
        total: Mutex::default(),
    };
    std::thread::scope(|scope| {
        let worker = || shared.work().map_err(|failure| failure.to_string());
        let threads: Vec<_> = (0..task.threads).map(|_| scope.spawn(worker)).collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, Result<(), String>>| {
            thread.join().unwrap_or_else(|_| Err("the engine itself panicked".to_owned()))
        };
        // All are waited for; the first failure is told.
        let ended: Vec<Result<(), String>> = threads.into_iter().map(join).collect();
        ended.into_iter().collect::<Result<(), String>>()
    })?;
    Ok(shared.total.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// What the threads share.
struct Shared {
    task: Task,
    wrong: Wrong,
    began: Instant,
    next: AtomicU64,
    images: AtomicU64,
    is_over: AtomicBool,
    total: Mutex<Tally>,
}

impl Shared {
    fn work(&self) -> Result<(), Failure> {
        let Wrong { mistake, habits } = self.wrong;
        let bench = Bench::with_mistake("live", habits, mistake)?;
        let labs = [Lab::new("lab")?, Lab::new("second")?];
        while !self.is_enough() {
            let seed = self.seed();
            if let Err(failure) = self.story(&bench, &labs, seed) {
                self.is_over.store(true, Ordering::Relaxed);
                return Err(format!("seed {seed}: {failure}").into());
            }
        }
        Ok(())
    }

    fn story(&self, bench: &Bench, labs: &[Lab; 2], seed: u64) -> Result<(), Failure> {
        let story = story::tell(bench, seed)?;
        let mut tally = Tally::default();
        explore::explore(&story, labs, &mut Chance::new(!seed), &mut tally)?;
        self.images.fetch_add(tally.images, Ordering::Relaxed);
        self.total.lock().unwrap_or_else(PoisonError::into_inner).add(&tally);
        Ok(())
    }

    fn seed(&self) -> u64 {
        let nth = self.next.fetch_add(1, Ordering::Relaxed);
        let past = usize::try_from(nth).ok().and_then(|nth| PAST.get(nth));
        past.copied().unwrap_or(self.task.seed + nth - PAST.len().min(nth as usize) as u64)
    }

    fn is_enough(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
            || self.images.load(Ordering::Relaxed) >= self.task.images
            || self.began.elapsed() >= self.task.limit
    }
}
