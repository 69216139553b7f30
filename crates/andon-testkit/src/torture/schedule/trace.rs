//! What happened in a schedule, step by step, for a person who looks for the cause of a failure.

use std::sync::{Mutex, PoisonError};

/// Whether it is written down. It costs more than the schedule itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tracing {
    /// Nothing is kept.
    Off,
    /// Everything.
    On,
}

/// The lines.
#[derive(Debug)]
pub(super) struct Trace(Option<Mutex<Vec<String>>>);

impl Trace {
    pub(super) fn new(tracing: Tracing) -> Self {
        Self((tracing == Tracing::On).then(Mutex::default))
    }

    /// Adds a line, which is made only if it is kept.
    pub(super) fn add(&self, line: impl FnOnce() -> String) {
        if let Some(lines) = &self.0 {
            lines.lock().unwrap_or_else(PoisonError::into_inner).push(line());
        }
    }

    /// All of it.
    pub(super) fn text(&self) -> String {
        let lines =
            self.0.as_ref().map(|lines| lines.lock().unwrap_or_else(PoisonError::into_inner));
        lines.map_or_else(String::new, |lines| lines.join("\n"))
    }
}
