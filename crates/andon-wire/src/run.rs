//! Runs, in the two orders of fields in which the peer tells them.

use crate::stored;
use andon_core::run::Run;
use serde::Serialize;
use serde_json::Value;

/// A run as `show` tells it (surfaces reference §3.4).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "fields are those of `andon_core::run::Run`")]
pub struct RunOfTask<'a> {
    pub id: i64,
    pub profile: Option<&'a str>,
    pub step_key: Option<&'a str>,
    pub status: &'a str,
    pub outcome: Option<&'a str>,
    pub summary: Option<&'a str>,
    pub error: Option<&'a str>,
    pub metadata: Value,
    pub worker_pid: Option<i64>,
    pub started_at: i64,
    pub ended_at: Option<i64>,

    #[serde(flatten)]
    pub more: MoreOfRun,
}

/// A run as `runs` tells it (surfaces reference §3.15).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "fields are those of `andon_core::run::Run`")]
pub struct RunRow<'a> {
    pub id: i64,
    pub profile: Option<&'a str>,
    pub status: &'a str,
    pub outcome: Option<&'a str>,
    pub started_at: i64,
    pub ended_at: Option<i64>,
    pub summary: Option<&'a str>,
    pub error: Option<&'a str>,
    pub metadata: Value,
    pub worker_pid: Option<i64>,
    pub step_key: Option<&'a str>,

    #[serde(flatten)]
    pub more: MoreOfRun,
}

/// What Andon adds to a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MoreOfRun {
    /// Bound on the run.
    pub max_runtime_seconds: Option<i64>,
    /// Last sign of life.
    pub last_heartbeat_at: Option<i64>,
    /// When the claim lapses, while the run is open.
    pub claim_expires: Option<i64>,
    /// Where the task goes when its processes are gone, once somebody wished the run's end.
    pub stopping_to: Option<&'static str>,
    /// When every process of the run was confirmed gone.
    pub processes_gone_at: Option<i64>,
}

impl From<&Run> for MoreOfRun {
    fn from(run: &Run) -> Self {
        let keeper = run.keeper.as_ref();
        let stop = keeper.and_then(|keeper| keeper.stop.as_ref());
        Self {
            max_runtime_seconds: run.max_runtime.map(|span| span.0),
            last_heartbeat_at: run.last_heartbeat_at.map(|at| at.0),
            claim_expires: run.claim.as_ref().and_then(|claim| claim.expires).map(|at| at.0),
            stopping_to: stop.filter(|_| run.is_open()).map(|stop| stop.to.word()),
            processes_gone_at: keeper.and_then(|keeper| keeper.gone_at).map(|at| at.0),
        }
    }
}

impl<'a> From<&'a Run> for RunOfTask<'a> {
    fn from(run: &'a Run) -> Self {
        Self {
            id: run.id.0,
            profile: run.profile.as_deref(),
            step_key: run.step_key.as_deref(),
            status: &run.status,
            outcome: run.outcome.as_deref(),
            summary: run.summary.as_deref(),
            error: run.error.as_deref(),
            metadata: run.metadata.as_ref().map_or(Value::Null, stored::value),
            worker_pid: run.worker_pid,
            started_at: run.started_at.0,
            ended_at: run.ended_at.map(|at| at.0),
            more: run.into(),
        }
    }
}

impl<'a> From<&'a Run> for RunRow<'a> {
    fn from(run: &'a Run) -> Self {
        Self {
            id: run.id.0,
            profile: run.profile.as_deref(),
            status: &run.status,
            outcome: run.outcome.as_deref(),
            started_at: run.started_at.0,
            ended_at: run.ended_at.map(|at| at.0),
            summary: run.summary.as_deref(),
            error: run.error.as_deref(),
            metadata: run.metadata.as_ref().map_or(Value::Null, stored::value),
            worker_pid: run.worker_pid,
            step_key: run.step_key.as_deref(),
            more: run.into(),
        }
    }
}
