//! Claims: which ready tasks start now. The limits hold whatever is under way: a start counts from
//! the moment it is decided, before anybody else can see it on the board.

use super::board::Board;
use super::places;
use super::report::{Phase, TickReport, Wait, Waiting};
use andon_core::command::assign::{Assign, Occasion};
use andon_core::id::{Assignee, RunId, TaskId};
use andon_core::policy::admission::{Candidate, Capped, Limits, Load, admit};
use andon_core::run::Run;
use andon_store::{OpenRunRow, QueueEntry, StoreError};
use std::collections::{HashMap, HashSet};

/// Heads read of each queue. As many as can be under way at once, and as many again, so that one
/// profile's queue alone keeps the dispatcher busy until the next look.
const HEADS_EACH: usize = 2 * super::jobs::JOBS_MAX;

/// What a profile is to the dispatcher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its workers can be started.
    Startable,
    /// Nothing is started for it, or it does not exist.
    NotStartable,
}

/// What is known beside the rows.
pub(super) struct Known<'a> {
    /// What runs, by the board.
    pub(super) open: &'a [OpenRunRow],
    /// Workers that have reported their end and still run.
    pub(super) lingering: &'a [Run],
    /// What is being started, whether or not the board shows it yet.
    pub(super) starting: &'a HashMap<TaskId, Assignee>,
    /// Limits.
    pub(super) limits: &'a Limits,
    /// Who gets tasks that nobody was named for.
    pub(super) default_assignee: Option<&'a Assignee>,
    /// What a profile is.
    pub(super) kind: &'a dyn Fn(&Assignee) -> Kind,
    /// Starts that may still be put under way.
    pub(super) slots: usize,
}

/// What to do about the heads of the queues.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Tasks to be given the default assignee.
    pub(super) assign: Vec<(TaskId, Assignee)>,
    /// To start, in order.
    pub(super) start: Vec<Candidate>,
    /// Waiting for a place of their profile.
    pub(super) capped: Vec<Capped>,
    /// Nobody's, and no default.
    pub(super) unassigned: Vec<TaskId>,
    /// For people, outside workers, or nobody known.
    pub(super) not_startable: Vec<TaskId>,
    /// Waiting for a place.
    pub(super) waiting: Vec<Waiting>,
}

/// Decides. The board may have changed meanwhile; each claim is judged again when it is made.
pub(super) fn plan(heads: Vec<QueueEntry>, known: &Known<'_>) -> Plan {
    let mut plan = Plan::default();
    let default = known.default_assignee.filter(|name| (known.kind)(name) == Kind::Startable);
    let mut candidates = Vec::new();
    for head in heads {
        if known.starting.contains_key(&head.task) {
            continue;
        }
        let profile = match (head.assignee, default) {
            (Some(name), _) => name,
            (None, Some(name)) => {
                plan.assign.push((head.task.clone(), name.clone()));
                name.clone()
            }
            (None, None) => {
                plan.unassigned.push(head.task);
                continue;
            }
        };
        match (known.kind)(&profile) {
            Kind::Startable => candidates.push(Candidate {
                task: head.task,
                profile,
                priority: head.priority,
                created_at: head.created_at,
                status: head.status,
            }),
            Kind::NotStartable => plan.not_startable.push(head.task),
        }
    }
    let load = load_of(known);
    let all: Vec<TaskId> = candidates.iter().map(|candidate| candidate.task.clone()).collect();
    let mut admission = admit(candidates, &load, known.limits);
    let running = load.running + admission.start.len();
    let later = admission.start.split_off(known.slots.min(admission.start.len()));
    let why_not = |task: &TaskId| {
        let is = |candidate: &Candidate| candidate.task == *task;
        if later.iter().any(is) {
            Some(Wait::NextStart)
        } else if admission.start.iter().any(is)
            || admission.capped.iter().any(|capped| capped.task == *task)
        {
            None
        } else {
            Some(Wait::BoardFull { running })
        }
    };
    plan.waiting = all
        .into_iter()
        .filter_map(|task| why_not(&task).map(|why| Waiting { task, why }))
        .collect();
    plan.start = admission.start;
    plan.capped = admission.capped;
    plan
}

/// What runs or is about to, each task once.
fn load_of(known: &Known<'_>) -> Load {
    let mut load = Load::default();
    let mut count = |profile: Option<&Assignee>| {
        load.running += 1;
        if let Some(profile) = profile {
            *load.by_profile.entry(profile.clone()).or_insert(0) += 1;
        }
    };
    let seen = known.open.iter().filter(|row| !known.starting.contains_key(&row.task));
    seen.for_each(|row| count(row.assignee.as_ref()));
    let runs = known.open.iter().filter_map(|row| row.run.as_ref());
    let open: HashSet<RunId> = runs.map(|run| run.id).collect();
    let lingering = known.lingering.iter().filter(|run| !open.contains(&run.id));
    lingering.for_each(|run| count(run.profile.clone().map(Assignee::from_row).as_ref()));
    known.starting.values().for_each(|profile| count(Some(profile)));
    load
}

/// The limits in force.
pub(super) fn limits(board: &Board) -> Limits {
    places::limits(&board.options.config, &board.options.profiles)
}

/// Loads the heads of the queues, `beside` more of each than usual: so many may be left alone.
pub(super) fn load(board: &Board, beside: usize) -> Result<Vec<QueueEntry>, StoreError> {
    board.store.queue_heads(board.now(), HEADS_EACH + beside)
}

/// Gives tasks to the default assignee; those that could not be given are taken out of the plan.
pub(super) fn assign(board: &Board, plan: &mut Plan, report: &mut TickReport) {
    for (task, name) in std::mem::take(&mut plan.assign) {
        let assignee = Some(name);
        let command = Assign { task: task.clone(), assignee, occasion: Occasion::Default };
        match board.apply(command) {
            Ok(_) => report.auto_assigned_default.push(task),
            Err(error) => {
                plan.start.retain(|candidate| candidate.task != task);
                // A refusal means that somebody else moved the task.
                if !matches!(error, StoreError::Rejected(_)) {
                    report.fail(Phase::Claim, Some(&task), error);
                }
            }
        }
    }
}

/// Notes in the report what is left alone, and why.
pub(super) fn note(plan: &mut Plan, report: &mut TickReport) {
    report.skipped_unassigned.append(&mut plan.unassigned);
    report.skipped_nonspawnable.append(&mut plan.not_startable);
    report.skipped_per_profile_capped.append(&mut plan.capped);
    report.waiting.append(&mut plan.waiting);
}

#[cfg(test)]
mod tests;
