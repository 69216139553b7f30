//! Threads that take seeds until there is enough.

use super::Failure;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Between two lines that tell how far a long run is.
const TELL: Duration = Duration::from_secs(60);

/// What a crew is to do.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// So much of what is counted.
    pub amount: u64,
    /// Time to stop.
    pub limit: Duration,
    /// First seed; each piece of work takes the next one.
    pub seed: u64,
    /// Threads.
    pub threads: usize,
}

/// Lets each thread make its tools and work on seeds with them: those in `past` first, and all of
/// them, even where fewer would be enough. A piece of work tells how much it counts for; the first
/// failure ends everything, and is told with its seed.
pub fn work<T>(
    job: Job,
    past: &[u64],
    tools: impl Fn() -> Result<T, Failure> + Sync,
    piece: impl Fn(&mut T, u64) -> Result<u64, Failure> + Sync,
) -> Result<(), Failure> {
    let (next, done, is_over) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let progress = Progress::new();
    let began = progress.began;
    let take = || -> Option<u64> {
        if is_over.load(Ordering::Relaxed) || began.elapsed() >= job.limit {
            return None;
        }
        let nth = next.fetch_add(1, Ordering::Relaxed);
        let is_enough = done.load(Ordering::Relaxed) >= job.amount;
        let later = || (!is_enough).then(|| job.seed + (nth - past.len()) as u64);
        past.get(nth).copied().or_else(later)
    };
    let one = || -> Result<(), String> {
        let mut tools = tools().map_err(|failure| failure.to_string())?;
        while let Some(seed) = take() {
            match piece(&mut tools, seed) {
                Ok(counts) => {
                    let so_far = done.fetch_add(counts, Ordering::Relaxed) + counts;
                    progress.tell(so_far, job.amount);
                }
                Err(failure) => {
                    is_over.store(true, Ordering::Relaxed);
                    return Err(format!("seed {seed}: {failure}"));
                }
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..job.threads).map(|_| scope.spawn(one)).collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, Result<(), String>>| {
            thread.join().unwrap_or_else(|_| Err("the engine itself panicked".to_owned()))
        };
        // All are waited for; the first failure is told.
        let ended: Vec<Result<(), String>> = threads.into_iter().map(join).collect();
        ended.into_iter().collect::<Result<(), String>>()
    })?;
    Ok(())
}

/// Tells now and then how far a run is.
pub(super) struct Progress {
    began: Instant,
    /// How often it was told.
    told: AtomicU64,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self { began: Instant::now(), told: AtomicU64::new(0) }
    }

    #[expect(clippy::print_stderr, reason = "whoever waits for hours wants to see that it goes on")]
    pub(super) fn tell(&self, done: u64, amount: u64) {
        let due = self.began.elapsed().as_secs() / TELL.as_secs();
        if self.told.fetch_max(due, Ordering::Relaxed) < due {
            eprintln!("{done} of {amount} after {} s", self.began.elapsed().as_secs());
        }
    }
}

#[cfg(test)]
mod tests;
