//! Rows to values. What no version of the schema allows is an error that names table, row and
//! column; nothing is guessed.

mod names;

use crate::quote;
use andon_core::event::Event;
use andon_core::id::{Assignee, ClaimLock, EventId, RunId, TaskId};
use andon_core::policy::retry::FailureCounts;
use andon_core::process::Process;
use andon_core::run::{JsonText, Keeper, Run, Stop, StopTo};
use andon_core::task::{
    BlockKind, BlockMemory, Claim, GoalMode, Hold, PastParents, Status, Task, Workspace,
    WorkspaceKind,
};
use andon_core::time::{Seconds, Timestamp};
use andon_store::{CorruptWhat, StoreError, codec};
use rusqlite::Row;
use rusqlite::types::FromSql;

/// Columns of a task, in the order in which [`task`] reads them. `x` is `andon_tasks`.
pub(crate) const TASK_COLUMNS: &str = "t.id, t.title, t.body, t.assignee, t.status, t.priority, \
    t.created_by, t.created_at, t.started_at, t.completed_at, t.workspace_kind, t.workspace_path, \
    t.branch_name, t.project_id, t.claim_lock, t.claim_expires, t.tenant, t.result, \
    t.idempotency_key, t.consecutive_failures, t.worker_pid, t.last_failure_error, \
    t.max_runtime_seconds, t.last_heartbeat_at, t.current_run_id, t.workflow_template_id, \
    t.current_step_key, t.skills, t.model_override, t.max_retries, t.goal_mode, t.goal_max_turns, \
    t.session_id, t.block_kind, t.block_recurrences, \
    x.task_id, x.not_before, x.due_at, x.past_parents, x.f_spawn, x.f_crash, x.f_timeout, \
    x.f_rate_limit, x.f_protocol, x.f_stale";

/// The tables that [`TASK_COLUMNS`] are read from.
pub(crate) const TASK_FROM: &str = "tasks t LEFT JOIN andon_tasks x ON x.task_id = t.id";

/// Columns of a run, in the order in which [`run`] reads them. `k` is `andon_runs`.
pub(crate) const RUN_COLUMNS: &str = "r.id, r.task_id, r.profile, r.step_key, r.status, \
    r.claim_lock, r.claim_expires, r.worker_pid, r.max_runtime_seconds, r.last_heartbeat_at, \
    r.started_at, r.ended_at, r.outcome, r.summary, r.metadata, r.error, \
    k.run_id, k.came_from, k.claimer, k.runner, k.worker, k.stop_to, k.stop_reason, k.stop_by, \
    k.stop_at, k.gone_at";

/// How many columns [`RUN_COLUMNS`] has; for joins that read more after them.
pub(crate) const RUN_WIDTH: usize = 26;

/// The tables that [`RUN_COLUMNS`] are read from.
pub(crate) const RUN_FROM: &str = "task_runs r LEFT JOIN andon_runs k ON k.run_id = r.id";

/// Reads the columns of one row, one after the other.
struct Columns<'a, 'r> {
    table: &'static str,
    row: &'a Row<'r>,
    next: usize,
}

impl Columns<'_, '_> {
    fn take<T: FromSql>(&mut self) -> Result<T, StoreError> {
        let index = self.next;
        self.next += 1;
        self.row.get(index).map_err(|error| self.broken(index, error.to_string()))
    }

    fn broken(&self, index: usize, why: String) -> StoreError {
        let column = names::column(self.table, index);
        let row = self.row.get_ref(0).map(quote::value).unwrap_or_default();
        StoreError::Corrupt(CorruptWhat::Row { table: self.table, row, column, why })
    }

    /// Reads the next column where it lies: a word is looked at and not kept.
    fn text<T>(&mut self, read: impl FnOnce(Option<&str>) -> T) -> Result<T, StoreError> {
        let index = self.next;
        self.next += 1;
        let value =
            self.row.get_ref(index).map_err(|error| self.broken(index, error.to_string()))?;
        value.as_str_or_null().map(read).map_err(|_| self.unknown(index))
    }

    fn word<T>(&mut self, read: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
        let index = self.next;
        self.text(|text| text.and_then(&read))?.ok_or_else(|| self.unknown(index))
    }

    fn optional_word<T>(
        &mut self,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        let index = self.next;
        let word = self.text(|text| text.filter(|word| !word.is_empty()).map(&read))?;
        word.map(|known| known.ok_or_else(|| self.unknown(index))).transpose()
    }

    fn unknown(&self, index: usize) -> StoreError {
        let value = self.row.get_ref(index).map(quote::value).unwrap_or_default();
        self.broken(index, format!("{value} is not a known value"))
    }

    fn time(&mut self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.take::<Option<i64>>()?.map(Timestamp))
    }

    fn count(&mut self) -> Result<u32, StoreError> {
        Ok(self.take::<Option<u32>>()?.unwrap_or(0))
    }

    fn task_id(&mut self) -> Result<TaskId, StoreError> {
        self.word(|text| TaskId::parse(text).ok())
    }
}

/// Reads a task from [`TASK_COLUMNS`].
pub(crate) fn task(row: &Row<'_>) -> Result<Task, StoreError> {
    let mut c = Columns { table: "tasks", row, next: 0 };
    Ok(Task {
        id: c.task_id()?,
        title: c.take()?,
        body: c.take()?,
        assignee: c
            .take::<Option<String>>()?
            .filter(|name| !name.is_empty())
            .map(Assignee::from_row),
        status: c.word(Status::from_word)?,
        priority: c.take::<Option<i64>>()?.unwrap_or(0),
        created_by: c.take()?,
        created_at: Timestamp(c.take()?),
        started_at: c.time()?,
        completed_at: c.time()?,
        workspace: Workspace {
            kind: c.word(WorkspaceKind::from_word)?,
            path: c.take()?,
            branch: c.take()?,
        },
        project_id: c.take()?,
        claim: claim(&mut c)?,
        tenant: c.take()?,
        result: c.take()?,
        idempotency_key: c.take()?,
        consecutive_failures: c.take::<Option<i64>>()?.unwrap_or(0),
        worker_pid: c.take()?,
        last_failure_error: c.take()?,
        max_runtime: c.take::<Option<i64>>()?.map(Seconds),
        last_heartbeat_at: c.time()?,
        current_run: run_ref(&mut c)?,
        workflow_template_id: c.take()?,
        current_step_key: c.take()?,
        skills: c.take::<Option<String>>()?.and_then(|text| codec::skills_from(&text)),
        model_override: c.take::<Option<String>>()?.filter(|model| !model.is_empty()),
        max_retries: c.take()?,
        goal_mode: match c.take::<Option<i64>>()? {
            None | Some(0) => GoalMode::Off,
            Some(_) => GoalMode::On,
        },
        goal_max_turns: c.take::<Option<i64>>()?.filter(|turns| *turns != 0),
        session_id: c.take()?,
        block: BlockMemory {
            kind: c.optional_word(BlockKind::from_word)?,
            recurrences: c.take::<Option<i64>>()?.unwrap_or(0),
        },
        hold: hold(&mut c)?,
    })
}

fn claim(c: &mut Columns<'_, '_>) -> Result<Option<Claim>, StoreError> {
    let (lock, expires) = (c.take::<Option<String>>()?, c.time()?);
    Ok(lock.map(|lock| Claim { lock: ClaimLock::from_text(lock), expires }))
}

/// A run id as the peer writes it: 0 means none (dispatch reference §0.3).
fn run_ref(c: &mut Columns<'_, '_>) -> Result<Option<RunId>, StoreError> {
    Ok(c.take::<Option<i64>>()?.filter(|id| *id != 0).map(RunId))
}

fn hold(c: &mut Columns<'_, '_>) -> Result<Hold, StoreError> {
    if c.take::<Option<String>>()?.is_none() {
        return Ok(Hold::default());
    }
    Ok(Hold {
        not_before: c.time()?,
        due_at: c.time()?,
        past_parents: match c.take::<i64>()? {
            0 => PastParents::Wait,
            _ => PastParents::Overruled,
        },
        failures: FailureCounts {
            spawn: c.count()?,
            crash: c.count()?,
            timeout: c.count()?,
            rate_limit: c.count()?,
            protocol: c.count()?,
            stale: c.count()?,
        },
    })
}

/// Reads a run from [`RUN_COLUMNS`].
pub(crate) fn run(row: &Row<'_>) -> Result<Run, StoreError> {
    let mut c = Columns { table: "task_runs", row, next: 0 };
    Ok(Run {
        id: RunId(c.take()?),
        task: c.task_id()?,
        profile: c.take()?,
        step_key: c.take()?,
        status: c.take()?,
        claim: claim(&mut c)?,
        worker_pid: c.take()?,
        max_runtime: c.take::<Option<i64>>()?.map(Seconds),
        last_heartbeat_at: c.time()?,
        started_at: Timestamp(c.take()?),
        ended_at: c.time()?,
        outcome: c.take()?,
        summary: c.take()?,
        metadata: c.take::<Option<String>>()?.map(JsonText),
        error: c.take()?,
        keeper: keeper(&mut c)?,
    })
}

fn keeper(c: &mut Columns<'_, '_>) -> Result<Option<Keeper>, StoreError> {
    if c.take::<Option<i64>>()?.is_none() {
        return Ok(None);
    }
    let came_from = c.word(Status::from_word)?;
    let claimer = c.word(Process::parse)?;
    let runner = c.optional_word(Process::parse)?;
    let worker = c.optional_word(Process::parse)?;
    let stop_to = c.optional_word(StopTo::from_word)?;
    let (reason, by, at) = (c.take()?, c.take::<Option<String>>()?, c.time()?);
    let stop = stop_to.map(|to| Stop {
        to,
        reason,
        by: by.unwrap_or_default(),
        at: at.unwrap_or(Timestamp(0)),
    });
    let gone_at = c.time()?;
    Ok(Some(Keeper { came_from, claimer, runner, worker, stop, gone_at }))
}

/// Columns of an event, in the order in which [`event`] reads them.
pub(crate) const EVENT_COLUMNS: &str = "id, task_id, run_id, kind, payload, created_at";

/// Reads an event from [`EVENT_COLUMNS`].
pub(crate) fn event(row: &Row<'_>) -> Result<Event, StoreError> {
    let mut c = Columns { table: "task_events", row, next: 0 };
    Ok(Event {
        id: EventId(c.take()?),
        task: c.task_id()?,
        run: run_ref(&mut c)?,
        kind: c.take()?,
        payload: c.take::<Option<String>>()?.map(JsonText),
        at: Timestamp(c.take()?),
    })
}
