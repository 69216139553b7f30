//! Reads of tasks and of what hangs on them.

use super::board::Board;
use super::{MemStore, load, queue};
use crate::search::folded;
use crate::{
    Archived, AssigneeFilter, AttachmentRow, Comment, Cursor, DueTask, EventFilter, ExpiredClaim,
    LinkEnds, ListFilter, Newest, OpenRunRow, QueueEntry, Read, SettledPage, SortOrder, Stats,
    StoreError,
};
use andon_core::event::Event;
use andon_core::id::{EventId, RunId, TaskId};
use andon_core::run::{Run, RunOutcome};
use andon_core::task::{Status, Task};
use andon_core::time::Timestamp;
use andon_core::view::{OpenParents, Pause};
use std::cmp::{Ordering, Reverse};

impl Read for MemStore {
    fn task_get(&self, id: &TaskId) -> Result<Option<Task>, StoreError> {
        Ok(self.board().tasks.get(id).cloned())
    }

    fn task_list(&self, filter: &ListFilter) -> Result<Vec<Task>, StoreError> {
        let board = self.board();
        let mut tasks: Vec<&Task> = board.tasks.values().filter(|t| passes(t, filter)).collect();
        tasks.sort_by(|a, b| order(a, b, filter.sort));
        let limit = filter.limit.unwrap_or(usize::MAX);
        Ok(tasks.into_iter().skip(filter.offset).take(limit).cloned().collect())
    }

    fn links(&self, id: &TaskId) -> Result<LinkEnds, StoreError> {
        let board = self.board();
        Ok(LinkEnds {
            parents: board.parents(id).cloned().collect(),
            children: board.children(id).cloned().collect(),
        })
    }

    fn open_parents(&self, id: &TaskId) -> Result<OpenParents, StoreError> {
        Ok(load::open_parents(&self.board(), id))
    }

    fn run_get(&self, id: RunId) -> Result<Option<Run>, StoreError> {
        Ok(self.board().runs.get(&id).cloned())
    }

    fn run_list(&self, task: &TaskId) -> Result<Vec<Run>, StoreError> {
        let mut runs: Vec<Run> = self.board().runs_of(task).cloned().collect();
        runs.sort_by_key(|run| (run.started_at, run.id));
        Ok(runs)
    }

    fn run_newest(&self, task: &TaskId, limit: usize) -> Result<Newest<Run>, StoreError> {
        let runs = self.run_list(task)?.into_iter().filter(|run| !run.is_open());
        Ok(newest(runs.collect(), limit))
    }

    fn run_completed(&self, task: &TaskId) -> Result<Option<Run>, StoreError> {
        Ok(self.run_list(task)?.into_iter().rfind(completed))
    }

    fn run_lingering(&self, task: &TaskId) -> Result<Option<Run>, StoreError> {
        Ok(self.board().lingering().find(|run| run.task == *task).cloned())
    }

    fn run_recent(
        &self,
        profile: &str,
        but: &TaskId,
        limit: usize,
    ) -> Result<Vec<Run>, StoreError> {
        let board = self.board();
        let mut runs: Vec<&Run> = board.runs.values().filter(|r| completed(r)).collect();
        runs.retain(|run| run.profile.as_deref() == Some(profile) && run.task != *but);
        runs.sort_by_key(|run| Reverse((run.ended_at, run.id)));
        Ok(runs.into_iter().take(limit).cloned().collect())
    }

    fn comment_list(&self, task: &TaskId) -> Result<Vec<Comment>, StoreError> {
        let board = self.board();
        let of_task = board.comments.iter().filter(|comment| comment.task == *task);
        let mut comments: Vec<Comment> = of_task.cloned().collect();
        comments.sort_by_key(|comment| (comment.at, comment.id));
        Ok(comments)
    }

    fn comment_newest(&self, task: &TaskId, limit: usize) -> Result<Newest<Comment>, StoreError> {
        Ok(newest(self.comment_list(task)?, limit))
    }

    /// No command attaches anything: attachments come from the peer, or from migration.
    fn attachment_list(&self, _: &TaskId) -> Result<Vec<AttachmentRow>, StoreError> {
        Ok(Vec::new())
    }

    fn event_list(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
        let EventFilter { task, after, kinds, limit, odd: _ } = filter;
        let board = self.board();
        let events = board.events.iter().filter(|event| {
            task.as_ref().is_none_or(|task| event.task == *task)
                && after.is_none_or(|after| event.id > after)
                && (kinds.is_empty() || kinds.contains(&event.kind))
        });
        Ok(events.take(*limit).cloned().collect())
    }

    fn event_last(&self) -> Result<Option<EventId>, StoreError> {
        Ok(self.board().events.last().map(|event| event.id))
    }

    fn status_counts(&self) -> Result<Vec<(Status, u64)>, StoreError> {
        Ok(queue::by_status(self.board().tasks.values()))
    }

    fn stats(&self) -> Result<Stats, StoreError> {
        Ok(queue::stats(&self.board()))
    }

    fn pause_get(&self) -> Result<Option<Pause>, StoreError> {
        Ok(self.board().pause.clone())
    }

    fn queue_heads(&self, at: Timestamp, each: usize) -> Result<Vec<QueueEntry>, StoreError> {
        Ok(queue::heads(&self.board(), at, each))
    }

    fn run_open_list(&self) -> Result<Vec<OpenRunRow>, StoreError> {
        let board = self.board();
        let row = |task: &Task| OpenRunRow {
            task: task.id.clone(),
            assignee: task.assignee.clone(),
            run: current_run(&board, task),
        };
        Ok(running(&board).map(row).collect())
    }

    fn run_lingering_list(&self, limit: usize) -> Result<Vec<Run>, StoreError> {
        Ok(self.board().lingering().take(limit).cloned().collect())
    }

    fn claim_expired(&self, at: Timestamp, limit: usize) -> Result<Vec<ExpiredClaim>, StoreError> {
        let board = self.board();
        let expires = |task: &Task| task.claim.as_ref().and_then(|claim| claim.expires);
        let mut tasks: Vec<&Task> =
            running(&board).filter(|task| expires(task).is_none_or(|end| end < at)).collect();
        tasks.sort_by_key(|task| (expires(task).is_none(), expires(task), &task.id));
        let row = |task: &Task| ExpiredClaim {
            task: task.id.clone(),
            claim: task.claim.clone(),
            worker_pid: task.worker_pid,
            run: current_run(&board, task),
        };
        Ok(tasks.into_iter().take(limit).map(row).collect())
    }

    fn due_list(&self, at: Timestamp, limit: usize) -> Result<Vec<DueTask>, StoreError> {
        Ok(queue::due(&self.board(), at, limit))
    }

    fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        Ok(queue::next_due(&self.board(), after))
    }

    fn settled_page(&self, after: Cursor, scan: usize) -> Result<SettledPage, StoreError> {
        Ok(queue::settled(&self.board(), after, scan))
    }
}

fn running(board: &Board) -> impl Iterator<Item = &Task> {
    board.tasks.values().filter(|task| task.status == Status::Running)
}

fn current_run(board: &Board, task: &Task) -> Option<Run> {
    task.current_run.and_then(|id| board.runs.get(&id)).cloned()
}

/// The end of a list.
fn newest<T>(mut rows: Vec<T>, limit: usize) -> Newest<T> {
    let earlier = rows.len().saturating_sub(limit);
    rows.drain(..earlier);
    Newest { rows, earlier }
}

fn completed(run: &Run) -> bool {
    run.outcome.as_deref() == Some(RunOutcome::Completed.word())
}

fn passes(task: &Task, filter: &ListFilter) -> bool {
    fn is(wanted: &Option<String>, has: &Option<String>) -> bool {
        wanted.is_none() || wanted == has
    }
    let status = match (filter.statuses.as_slice(), filter.archived) {
        ([], Archived::Hidden) => task.status != Status::Archived,
        ([], Archived::Shown) => true,
        (statuses, Archived::Hidden | Archived::Shown) => statuses.contains(&task.status),
    };
    let assignee = match &filter.assignee {
        AssigneeFilter::Any => true,
        AssigneeFilter::Nobody => task.assignee.is_none(),
        AssigneeFilter::Is(assignee) => task.assignee.as_ref() == Some(assignee),
    };
    let found = filter.search.as_deref().is_none_or(|text| {
        let text = folded(text);
        let texts = [Some(task.title.as_str()), task.body.as_deref()];
        texts.into_iter().flatten().any(|field| folded(field).contains(&text))
    });
    status
        && assignee
        && found
        && is(&filter.tenant, &task.tenant)
        && is(&filter.session_id, &task.session_id)
        && is(&filter.workflow_template_id, &task.workflow_template_id)
        && is(&filter.current_step_key, &task.current_step_key)
}

/// The orders of board reference §9.2, each made total by the id.
fn order(a: &Task, b: &Task, sort: SortOrder) -> Ordering {
    let created = || (a.created_at, &a.id).cmp(&(b.created_at, &b.id));
    match sort {
        SortOrder::Created => created(),
        SortOrder::CreatedDesc => created().reverse(),
        SortOrder::Priority => b.priority.cmp(&a.priority).then_with(created),
        SortOrder::PriorityDesc => a.priority.cmp(&b.priority).then_with(created),
        SortOrder::Status => a.status.word().cmp(b.status.word()).then_with(created),
        SortOrder::Assignee => a.assignee.cmp(&b.assignee).then_with(created),
        SortOrder::Title => (&a.title, &a.id).cmp(&(&b.title, &b.id)),
        SortOrder::Updated => {
            // Never started counts as started before everything else.
            let newest = (b.started_at, b.created_at).cmp(&(a.started_at, a.created_at));
            newest.then_with(|| a.id.cmp(&b.id))
        }
    }
}
