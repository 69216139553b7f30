//! The forms of an answer, the same for every program that the bench calls: rates and spans.

use serde_json::{Value, json};
use std::fmt::Display;
use std::time::Duration;

/// Counts failures and keeps the first one's text.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    pub(crate) count: usize,
    first: Option<String>,
}

impl Errors {
    pub(crate) fn add(&mut self, error: &impl Display) {
        self.count += 1;
        self.first.get_or_insert_with(|| error.to_string());
    }

    /// Takes over what another thread counted.
    pub(crate) fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.first = self.first.take().or(other.first);
    }
}

/// So many were done in that time.
pub(crate) fn rate(done: usize, took: Duration, errors: &Errors, sync: &str) -> Value {
    json!({
        "done": done,
        "seconds": took.as_secs_f64(),
        "errors": errors.count,
        "first_error": errors.first,
        "sync": sync,
    })
}

/// How long single calls took.
pub(crate) fn times(microseconds: Vec<f64>, sync: &str) -> Value {
    let Spans { samples, p50, p99, max } = spans(microseconds);
    json!({ "samples": samples, "p50_us": p50, "p99_us": p99, "max_us": max, "sync": sync })
}

/// The shape of many spans of time, in the unit in which they were given.
#[derive(Debug)]
pub(crate) struct Spans {
    pub(crate) samples: usize,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

pub(crate) fn spans(mut values: Vec<f64>) -> Spans {
    values.sort_by(f64::total_cmp);
    let samples = values.len();
    Spans {
        samples,
        p50: percentile(&values, 50),
        p99: percentile(&values, 99),
        max: percentile(&values, 100),
    }
}

/// The smallest value that so many percent of the ordered values do not exceed; 0 of none.
fn percentile(ordered: &[f64], percent: usize) -> f64 {
    let rank = (ordered.len() * percent).div_ceil(100);
    ordered.get(rank.max(1) - 1).copied().unwrap_or(0.0)
}

/// A span in microseconds.
pub(crate) fn microseconds(span: Duration) -> f64 {
    span.as_secs_f64() * 1e6
}
