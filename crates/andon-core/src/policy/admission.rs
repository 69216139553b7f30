//! Which ready tasks may start now: the limits of the peer, made to hold (D1-D4, D14).

use crate::id::{Assignee, TaskId};
use crate::task::Status;
use crate::time::Timestamp;
use std::collections::HashMap;

/// How many workers may run at once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    /// On the board. Reviews count like any other run (D4).
    pub in_progress: Option<usize>,
    /// Per profile, unless the profile names its own.
    pub per_profile: Option<usize>,
    /// A profile's own limit.
    pub own: HashMap<Assignee, usize>,
}

impl Limits {
    /// Limit of one profile.
    pub fn of(&self, profile: &Assignee) -> Option<usize> {
        self.own.get(profile).copied().or(self.per_profile)
    }
}

/// What runs at the moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Load {
    /// On the board.
    pub running: usize,
    /// By profile.
    pub by_profile: HashMap<Assignee, usize>,
}

/// A ready task that nothing but a limit keeps from starting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Task.
    pub task: TaskId,
    /// Profile.
    pub profile: Assignee,
    /// Higher first.
    pub priority: i64,
    /// Older first.
    pub created_at: Timestamp,
    /// `ready` or `review`.
    pub status: Status,
}

/// A task that a limit keeps waiting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capped {
    /// Task.
    pub task: TaskId,
    /// Profile.
    pub profile: Assignee,
    /// How many of the profile run.
    pub current: usize,
}

/// What to start, in order, and what waits for its profile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Admission {
    /// To start.
    pub start: Vec<Candidate>,
    /// Waiting for a place of their profile.
    pub capped: Vec<Capped>,
}

/// Chooses. The order is fair and total: priority, then age, then id (D14).
pub fn admit(mut candidates: Vec<Candidate>, load: &Load, limits: &Limits) -> Admission {
    candidates.sort_by(|a, b| {
        (b.priority, a.created_at, &a.task).cmp(&(a.priority, b.created_at, &b.task))
    });
    let mut running = load.running;
    let mut by_profile = load.by_profile.clone();
    let mut admission = Admission::default();
    for candidate in candidates {
        if limits.in_progress.is_some_and(|limit| running >= limit) {
            break;
        }
        let of_profile = by_profile.entry(candidate.profile.clone()).or_insert(0);
        if limits.of(&candidate.profile).is_some_and(|limit| *of_profile >= limit) {
            let (task, profile) = (candidate.task, candidate.profile);
            admission.capped.push(Capped { task, profile, current: *of_profile });
            continue;
        }
        *of_profile += 1;
        running += 1;
        admission.start.push(candidate);
    }
    admission
}

#[cfg(test)]
mod tests;
