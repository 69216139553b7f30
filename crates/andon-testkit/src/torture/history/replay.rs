//! The board as its events tell it: every status and every owner, event by event, in a model of
//! its own that shares no rule with the code under test.

mod step;

use super::{Claim, Operation, Outcome, Remains, Verdict};
use andon_core::event::Event;
use andon_core::run::Run;
use andon_core::task::Status;
use std::collections::{BTreeSet, HashMap};

/// Where a task stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Standing {
    status: Status,
    /// Run that holds it.
    run: Option<i64>,
    /// Somebody promoted it past its parents.
    overruled: bool,
    comments: usize,
}

/// How long a run held its task.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ownership {
    task: String,
    /// Event with which it began.
    from: i64,
    /// Event with which it ended, and its kind.
    to: Option<(i64, String)>,
}

/// A replayed history.
pub(super) struct Replay<'r> {
    tasks: HashMap<&'r str, Standing>,
    links: BTreeSet<(String, String)>,
    parents: HashMap<String, BTreeSet<String>>,
    owners: HashMap<i64, Ownership>,
    runs: HashMap<i64, &'r Run>,
}

/// Replays all events.
pub(super) fn play<'r>(remains: &'r Remains, verdict: &mut Verdict) -> Replay<'r> {
    let runs = remains.board.runs.iter().map(|run| (run.id.0, run)).collect();
    let (tasks, owners, parents) = (HashMap::new(), HashMap::new(), HashMap::new());
    let mut replay = Replay { tasks, links: BTreeSet::new(), parents, owners, runs };
    for event in &remains.board.events {
        replay.step(event, verdict);
    }
    replay
}

impl Replay<'_> {
    /// Holds the end of the replay against the board.
    pub(super) fn compare(&self, remains: &Remains, verdict: &mut Verdict) {
        for task in &remains.board.tasks {
            let id = task.id.as_str();
            let comments = remains.comments.get(id).copied().unwrap_or(0);
            let run = task.current_run.map(|run| run.0);
            let is = (task.status, run, comments);
            let said = self.tasks.get(id).map(|said| (said.status, said.run, said.comments));
            let differs = (said != Some(is)).then(|| {
                format!("task {id} has (status, run, comments) {is:?}, its events say {said:?}")
            });
            verdict.judge(Claim::Replayed, differs);
        }
        for run in &remains.board.runs {
            let open = self.owners.get(&run.id.0).is_some_and(|owner| owner.to.is_none());
            let differs = (open != run.is_open())
                .then(|| format!("run {} of {}: open by its events: {open}", run.id, run.task));
            verdict.judge(Claim::Replayed, differs);
        }
        let links: BTreeSet<(String, String)> = remains
            .board
            .links
            .iter()
            .map(|(parent, child)| (parent.as_str().to_owned(), child.as_str().to_owned()))
            .collect();
        let odd: Vec<_> = links.symmetric_difference(&self.links).take(3).collect();
        let differs = (!odd.is_empty()).then(|| format!("links {odd:?} are on one side only"));
        verdict.judge(Claim::Replayed, differs);
    }

    /// Whoever wrote for a run must have held its task: by the places in the history, and by the
    /// times at which others heard that the run had ended or that the next one had begun.
    pub(super) fn fences(&self, operations: &[Operation], verdict: &mut Verdict) {
        let ends = Ends::of(operations);
        for operation in operations {
            let Outcome::Done(answer) = &operation.outcome else { continue };
            if let (Some(run), Some(event)) = (answer.run, answer.event) {
                let from = self.owners.get(&run).map(|owner| owner.from);
                let what = || format!("claim {event} of run {run}; by the events it is {from:?}");
                verdict.judge(Claim::Exclusive, (from != Some(event)).then(what));
            }
            let Some(run) = operation.run else { continue };
            let outside = answer.event.and_then(|event| self.outside(operation, run, event));
            verdict.judge(Claim::Fenced, outside.or_else(|| ends.late(operation, run)));
        }
    }

    fn outside(&self, operation: &Operation, run: i64, event: i64) -> Option<String> {
        let verb = &operation.verb;
        let Some(owner) = self.owners.get(&run) else {
            return Some(format!("{verb} for run {run}, which was never claimed"));
        };
        let holds = match (closing(verb), &owner.to) {
            (Some(kinds), Some((at, kind))) => *at <= event && kinds.contains(&kind.as_str()),
            (Some(_), None) => false,
            (None, to) => to.as_ref().is_none_or(|(at, _)| event <= *at),
        };
        let own = operation.task.as_ref().is_none_or(|task| *task == owner.task);
        let fits = own && holds && owner.from < event;
        (!fits).then(|| format!("{verb} for run {run} at event {event}, which held {owner:?}"))
    }
}

/// The kinds of events by which a verb ends a run; none for verbs that end none.
fn closing(verb: &str) -> Option<&'static [&'static str]> {
    match verb {
        "complete" => Some(&["completed"]),
        "block" => Some(&["blocked", "dependency_wait", "block_loop_detected"]),
        "schedule" => Some(&["scheduled"]),
        _ => None,
    }
}

/// When it was first heard that a run was over.
struct Ends {
    /// By run: the earliest end of an acknowledged operation that ended it.
    closed: HashMap<i64, (u64, String)>,
    /// By task: acknowledged claims, by run, each with the earliest end of it and all later ones.
    claimed: HashMap<String, Vec<(i64, u64)>>,
}

impl Ends {
    fn of(operations: &[Operation]) -> Self {
        let mut closed: HashMap<i64, (u64, String)> = HashMap::new();
        let mut claimed: HashMap<String, Vec<(i64, u64)>> = HashMap::new();
        for operation in operations {
            let (Outcome::Done(answer), Some(end)) = (&operation.outcome, operation.end) else {
                continue;
            };
            if let (Some(run), Some(task)) = (answer.run, &answer.task) {
                claimed.entry(task.clone()).or_default().push((run, end));
            }
            if let Some(run) = operation.run.filter(|_| closing(&operation.verb).is_some()) {
                let first = closed.entry(run).or_insert_with(|| (end, operation.id.clone()));
                if end < first.0 {
                    *first = (end, operation.id.clone());
                }
            }
        }
        for claims in claimed.values_mut() {
            claims.sort_unstable();
            let mut earliest = u64::MAX;
            for (_, end) in claims.iter_mut().rev() {
                earliest = earliest.min(*end);
                *end = earliest;
            }
        }
        Self { closed, claimed }
    }

    /// Why an operation for this run came too late, if it did.
    fn late(&self, operation: &Operation, run: i64) -> Option<String> {
        let Operation { verb, start, id, .. } = operation;
        if let Some((end, by)) = self.closed.get(&run)
            && by != id
            && end < start
        {
            return Some(format!("{verb} (operation {id}) for run {run}, which {by} had ended"));
        }
        let claims = self.claimed.get(operation.task.as_ref()?)?;
        let next = claims.partition_point(|(other, _)| *other <= run);
        let (other, end) = claims.get(next)?;
        (end < start)
            .then(|| format!("{verb} (operation {id}) for run {run} after run {other} had begun"))
    }
}

/// A word of an event's payload.
fn word<'p>(payload: &'p serde_json::Value, key: &str) -> Option<&'p str> {
    payload.get(key).and_then(serde_json::Value::as_str)
}

/// The payload of an event; nothing where there is none.
fn payload(event: &Event) -> serde_json::Value {
    let text = event.payload.as_ref().map_or("null", |payload| payload.0.as_str());
    serde_json::from_str(text).unwrap_or_default()
}
