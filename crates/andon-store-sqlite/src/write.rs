//! Writes what a decision asks for, row by row, inside the command's own transaction. It chooses
//! nothing: every status comes from `andon-core`.

pub(crate) mod ledger;
mod runs;
mod tasks;

use crate::fault;
use crate::statement::{Sql, Statements};
use andon_core::event::NewEvent;
use andon_core::id::{RunId, TaskId};
use andon_core::time::Timestamp;
use andon_core::transition::{RunRef, Write};
use andon_store::flat::StateColumns;
use andon_store::{StoreError, codec};
use ledger::{EventPlace, EventRow, Ledger};
use rusqlite::Params;

/// What the writer was doing, for errors.
pub(crate) const DOING: &str = "write to the board";

/// Carries out the writes of one transition.
pub(crate) struct Writing<'s, 'db> {
    db: &'s Statements<'db>,
    at: Timestamp,
    ledger: &'s mut Ledger,
    opened: Option<RunId>,
    event: Option<EventPlace>,
}

/// What the writes gave ids to.
pub(crate) struct Written {
    pub(crate) run: Option<RunId>,
    pub(crate) event: Option<EventPlace>,
}

impl<'s, 'db> Writing<'s, 'db> {
    pub(crate) fn new(db: &'s Statements<'db>, at: Timestamp, ledger: &'s mut Ledger) -> Self {
        Self { db, at, ledger, opened: None, event: None }
    }

    pub(crate) fn all(mut self, writes: Vec<Write>) -> Result<Written, StoreError> {
        for write in writes {
            self.one(write)?;
        }
        Ok(Written { run: self.opened, event: self.event })
    }

    fn one(&mut self, write: Write) -> Result<(), StoreError> {
        match write {
            Write::InsertTask(task) => self.insert_task(*task),
            Write::SetState { task, state } => {
                let opened = self.opened;
                self.set_state(&task, StateColumns::new(*state, |run| resolve(opened, run)))
            }
            Write::SetStatus { task, from, to } => self.set_status(&task, from, to),
            Write::SetLease { task, run, expires, heartbeat } => {
                self.set_lease(&task, run, expires, heartbeat)
            }
            Write::SetWorkerPid { task, run, pid } => self.set_worker_pid(&task, run, pid),
            Write::SetFields { task, fields } => self.set_fields(&task, *fields),
            Write::SetResult { task, result } => self.set_result(&task, &result),
            Write::SetAssignee { task, assignee } => self.set_assignee(&task, assignee.as_ref()),
            Write::SetHold { task, hold } => self.set_hold(&task, &hold),
            Write::OpenRun(run) => self.open_run(&run),
            Write::CloseRun { run, end } => self.close_run(run, &end),
            Write::SynthesizeRun { task, profile, step_key, end } => {
                self.synthesize_run(&task, profile.as_ref(), step_key.as_deref(), &end)
            }
            Write::EditRun { run, summary, metadata } => self.edit_run(run, summary, metadata),
            Write::RegisterKeeper { run, runner, worker } => {
                self.register_keeper(run, &runner, &worker)
            }
            Write::RequestStop { run, stop } => self.request_stop(run, &stop),
            Write::TreeGone { run, exit, usage } => self.tree_gone(run, &exit, usage),
            Write::AddLink { parent, child } => self.add_link(&parent, &child),
            Write::RemoveLink { parent, child } => self.remove_link(&parent, &child),
            Write::AddComment { task, author, body } => self.add_comment(&task, &author, &body),
            Write::AddEvent { task, run, event } => self.add_event(task, run, &event),
            Write::SetPause(pause) => self.set_pause(pause),
        }
    }

    /// Runs a statement that must touch one row: the decision was made on that row, in this very
    /// transaction, so anything else is a fault of ours.
    fn exactly_one<'sql>(
        &self,
        sql: impl Into<Sql<'sql>>,
        params: impl Params,
    ) -> Result<(), StoreError> {
        let sql = sql.into();
        match self.execute(sql, params)? {
            1 => Ok(()),
            n => Err(StoreError::Internal(format!("{n} rows instead of 1 changed by: {sql}"))),
        }
    }

    fn execute<'sql>(
        &self,
        sql: impl Into<Sql<'sql>>,
        params: impl Params,
    ) -> Result<usize, StoreError> {
        let mut statement = self.db.prepare(sql, DOING)?;
        statement.execute(params).map_err(|e| fault::of(DOING, e))
    }

    fn add_link(&self, parent: &TaskId, child: &TaskId) -> Result<(), StoreError> {
        let sql = "INSERT INTO task_links (parent_id, child_id) VALUES (?1, ?2)";
        self.exactly_one(sql, (parent.as_str(), child.as_str()))
    }

    fn remove_link(&self, parent: &TaskId, child: &TaskId) -> Result<(), StoreError> {
        let sql = "DELETE FROM task_links WHERE parent_id = ?1 AND child_id = ?2";
        self.exactly_one(sql, (parent.as_str(), child.as_str()))
    }

    fn add_comment(&self, task: &TaskId, author: &str, body: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO task_comments (task_id, author, body, created_at) \
                   VALUES (?1, ?2, ?3, ?4)";
        self.exactly_one(sql, (task.as_str(), author, body, self.at.0))
    }

    fn add_event(
        &mut self,
        task: TaskId,
        run: Option<RunRef>,
        event: &NewEvent,
    ) -> Result<(), StoreError> {
        let opened = self.opened;
        let payload = codec::payload(event, |run| resolve(opened, run));
        let run = run.map(|run| resolve(opened, run).0);
        // A due time holds only for the scheduling that set it: the peer may unblock the task and
        // schedule it again without one, and knows nothing of ours.
        let due_of =
            matches!(event, NewEvent::Scheduled { due_at: Some(_), .. }).then(|| task.clone());
        let row = EventRow { task, run, kind: event.kind(), payload };
        let place = self.ledger.event(self.db, row)?;
        self.event = Some(place);
        if let Some(task) = due_of {
            self.ledger.write_events(self.db)?;
            let id = self.ledger.number(place).map(|id| id.0);
            let sql = "UPDATE andon_tasks SET due_event = ?2 WHERE task_id = ?1";
            self.exactly_one(sql, (task.as_str(), id))?;
        }
        Ok(())
    }
}

/// The id of a run named by a transition.
fn resolve(opened: Option<RunId>, run: RunRef) -> RunId {
    match run {
        RunRef::Known(id) => id,
        RunRef::New => opened.expect("a transition names the new run only after opening one"),
    }
}
