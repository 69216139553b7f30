//! What the measuring programs answer, Andon's client and the peers' scripts alike.

use std::collections::BTreeSet;

use serde::Deserialize;

/// So many were done in that time.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Rate {
    pub(super) done: u64,
    pub(super) seconds: f64,
    pub(super) errors: u64,
    pub(super) first_error: Option<String>,
    pub(super) sync: String,
}

impl Rate {
    pub(super) fn per_second(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts of tasks are far below 2^52")]
        let done = self.done as f64;
        done / self.seconds.max(f64::MIN_POSITIVE)
    }
}

/// How long single calls took.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Times {
    pub(super) samples: u64,
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
    pub(super) max_us: f64,
    pub(super) sync: String,
}

/// The disk's sync.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Disk {
    pub(super) overwriting: Times,
    pub(super) appending: Times,
}

/// A look at a board's file after a bench.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Audit {
    pub(super) rows: u64,
    /// `ok`, or what SQLite found.
    pub(super) integrity: String,
}

/// Something that has no answer but that it was done.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Done {}

/// Spans in milliseconds.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Spans {
    pub(super) samples: u64,
    pub(super) p50: f64,
    pub(super) p99: f64,
    pub(super) max: f64,
}

/// From a task to its worker.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Latency {
    pub(super) sync: String,
    /// From the moment at which the creator knew of its commit.
    pub(super) from_commit_ms: Spans,
    /// From the moment at which it asked.
    pub(super) from_call_ms: Spans,
}

/// The versions of a peer.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Versions {
    pub(super) peer: String,
    pub(super) sqlite: String,
    pub(super) runtime: String,
}

/// The SQLite inside Andon's client, which is the one inside Andon.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ClientVersions {
    pub(super) sqlite: String,
}

/// The sync modes of several programs as one text; they should be the same, and it shows if not.
pub(super) fn sync_of<'a>(modes: impl IntoIterator<Item = &'a str>) -> String {
    let modes: BTreeSet<&str> = modes.into_iter().collect();
    modes.into_iter().collect::<Vec<_>>().join(", ")
}

/// The failures of several turns as one text, empty when there was none.
pub(super) fn failures<'a>(rates: impl IntoIterator<Item = &'a Rate>) -> String {
    let (mut count, mut first) = (0, None);
    for rate in rates {
        count += rate.errors;
        first = first.or(rate.first_error.as_deref());
    }
    match (count, first) {
        (0, _) => String::new(),
        (count, Some(first)) => format!("{count} errors, first: {first}"),
        (count, None) => format!("{count} errors"),
    }
}
