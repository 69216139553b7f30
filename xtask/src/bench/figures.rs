//! Figures: rounds in turn, their median and spread, and how two of them compare.

use std::time::Duration;

use crate::error::TaskError;

use super::items::Item;

/// The name that every comparison is made against.
pub(super) const ANDON: &str = "Andon";

/// Somebody who takes part in a bench.
pub(super) struct Contestant<'a, T> {
    pub(super) who: String,
    /// One turn. The number of the round makes its files differ from all others.
    pub(super) turn: Box<dyn Fn(usize) -> Result<T, TaskError> + 'a>,
}

impl<'a, T> Contestant<'a, T> {
    pub(super) fn new(
        who: impl Into<String>,
        turn: impl Fn(usize) -> Result<T, TaskError> + 'a,
    ) -> Self {
        Self { who: who.into(), turn: Box::new(turn) }
    }
}

/// What somebody did in all rounds.
pub(super) struct Tally<T> {
    pub(super) who: String,
    pub(super) turns: Vec<T>,
}

/// Lets everybody run once in each round. The order turns around from round to round, so that a
/// machine that grows slower is not always slow for the same one.
pub(super) fn in_turn<T>(
    rounds: usize,
    contestants: &[Contestant<'_, T>],
) -> Result<Vec<Tally<T>>, TaskError> {
    let mut tallies: Vec<Tally<T>> = contestants
        .iter()
        .map(|one| Tally { who: one.who.clone(), turns: Vec::with_capacity(rounds) })
        .collect();
    for round in 0..rounds {
        let mut order: Vec<usize> = (0..contestants.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for index in order {
            let turn = (contestants[index].turn)(round)?;
            tallies[index].turns.push(turn);
        }
        eprintln!("    round {} of {rounds}", round + 1);
    }
    Ok(tallies)
}

/// The median of some values and how far they lie apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) min: f64,
    pub(super) max: f64,
}

impl Spread {
    /// Of no values it is all zero, which no ratio is made of.
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let Some((&min, &max)) = values.first().zip(values.last()) else {
            return Self { median: 0.0, min: 0.0, max: 0.0 };
        };
        let upper = values.len() / 2;
        let lower = (values.len() - 1) / 2;
        Self { median: f64::midpoint(values[lower], values[upper]), min, max }
    }
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Better {
    /// A rate.
    Higher,
    /// A time, or a size.
    Lower,
}

/// One row of the table.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// What was measured, with its unit. Lines with the same text are compared.
    pub(super) figure: String,
    pub(super) better: Better,
    pub(super) who: String,
    /// As the program itself reads it back; a dash where nothing is written.
    pub(super) sync: String,
    pub(super) spread: Spread,
    /// Counts and failures, where there are any to tell.
    pub(super) remark: String,
}

impl Line {
    /// How often Andon's figure goes into this one's, or the other way round: above 1, Andon is
    /// ahead. Nothing for Andon itself and where one of them has no figure.
    pub(super) fn ratio(&self, lines: &[Self]) -> Option<f64> {
        let andon = lines.iter().find(|line| line.figure == self.figure && line.who == ANDON)?;
        if self.who == ANDON || andon.spread.median <= 0.0 || self.spread.median <= 0.0 {
            return None;
        }
        Some(match self.better {
            Better::Higher => andon.spread.median / self.spread.median,
            Better::Lower => self.spread.median / andon.spread.median,
        })
    }
}

/// What a bench comes to.
#[derive(Debug, Default)]
pub(super) struct Measured {
    pub(super) lines: Vec<Line>,
    /// Sentences that belong below the table.
    pub(super) notes: Vec<String>,
}

/// A bench in the report: its figures, or why there are none.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) measured: Measured,
    pub(super) failure: Option<String>,
}

impl Section {
    pub(super) fn of(item: &Item, measured: Measured) -> Self {
        Self { name: item.name, about: item.about, measured, failure: None }
    }

    pub(super) fn failed(item: &Item, error: &TaskError) -> Self {
        let failure = Some(error.to_string());
        Self { name: item.name, about: item.about, measured: Measured::default(), failure }
    }
}

/// A rate in one second.
pub(super) fn per_second(count: u64, took: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of tasks are far below 2^52")]
    let count = count as f64;
    count / took.as_secs_f64().max(f64::MIN_POSITIVE)
}
