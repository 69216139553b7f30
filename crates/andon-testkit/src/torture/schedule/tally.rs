//! Figures of schedules.

use std::collections::BTreeMap;
use std::time::Duration;

/// The figures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Schedules.
    pub seeds: u64,
    /// Places at which others could have had their turn.
    pub steps: u64,
    /// Places at which they had it.
    pub switches: u64,
    /// Commands that were acknowledged.
    pub acknowledged: u64,
    /// Processes killed.
    pub kills: u64,
    /// Times that a process lost locks.
    pub cancellations: u64,
    /// Files that were taken away.
    pub strikes: u64,
    /// Errors by their codes, all of them such as may be.
    pub errors: BTreeMap<&'static str, u64>,
    /// What all schedules add up to, in whatever order they were played.
    pub hash: u64,
}

impl Tally {
    /// Adds other figures.
    pub fn add(&mut self, other: &Self) {
        self.seeds += other.seeds;
        self.steps += other.steps;
        self.switches += other.switches;
        self.acknowledged += other.acknowledged;
        self.kills += other.kills;
        self.cancellations += other.cancellations;
        self.strikes += other.strikes;
        for (code, count) in &other.errors {
            *self.errors.entry(code).or_default() += count;
        }
        self.hash = self.hash.wrapping_add(other.hash);
    }

    /// The figures for people.
    pub fn report(&self, took: Duration) -> String {
        let seconds = took.as_secs_f64().max(f64::MIN_POSITIVE);
        let errors: Vec<String> =
            self.errors.iter().map(|(code, count)| format!("{code} {count}")).collect();
        format!(
            "schedules: {} seeds, {} steps, {} switches; {} commands acknowledged\n  \
             {} processes killed, locks lost {} times, {} files taken away; errors: {}\n  \
             SQLite {}; sum {:016x}\n  0 lost, 0 out of order, 0 claimed twice, 0 damaged, \
             0 wedged\n  {:.0} s, {:.1} seeds/s, {:.0} steps/s",
            self.seeds,
            self.steps,
            self.switches,
            self.acknowledged,
            self.kills,
            self.cancellations,
            self.strikes,
            errors.join(", "),
            rusqlite::version(),
            self.hash,
            seconds,
            self.seeds as f64 / seconds,
            self.steps as f64 / seconds,
        )
    }
}
