//! What an engine of faults has done.

use super::point::Outcome;
use std::collections::BTreeMap;
use std::time::Duration;

/// Figures of a run, or of one thread of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Points at which something went wrong, by what it was.
    pub points: BTreeMap<&'static str, u64>,
    /// Actions that succeeded all the same.
    pub survived: u64,
    /// Actions that failed, and said so.
    pub failed: u64,
    /// Actions whose outcome could not be told.
    pub unknown: u64,
}

impl Tally {
    pub(super) fn note(&mut self, what: &'static str, outcome: Outcome) {
        let counted = match outcome {
            Outcome::NotReached => return,
            Outcome::Survived => &mut self.survived,
            Outcome::Failed => &mut self.failed,
            Outcome::Unknown => &mut self.unknown,
        };
        *counted += 1;
        *self.points.entry(what).or_default() += 1;
    }

    /// All points.
    pub fn total(&self) -> u64 {
        self.points.values().sum()
    }

    /// Adds the figures of another thread.
    pub fn add(&mut self, other: &Self) {
        for (what, points) in &other.points {
            *self.points.entry(what).or_default() += points;
        }
        self.survived += other.survived;
        self.failed += other.failed;
        self.unknown += other.unknown;
    }

    /// The figures for people.
    pub fn report(&self, took: Duration) -> String {
        let seconds = took.as_secs_f64().max(f64::MIN_POSITIVE);
        let kinds: Vec<String> =
            self.points.iter().map(|(what, points)| format!("{what} {points}")).collect();
        format!(
            "faults: {} points; {} survived, {} failed and said why, {} of unknown outcome\n  {}\n  \
             0 silent losses, 0 masked causes, 0 wedged\n  {seconds:.0} s, {:.0} points/s",
            self.total(),
            self.survived,
            self.failed,
            self.unknown,
            kinds.join(", "),
            self.total() as f64 / seconds,
        )
    }
}
