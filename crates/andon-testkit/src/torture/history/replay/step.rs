//! One event and what it does to the standing of its task.

use super::{Ownership, Replay, Standing, Verdict, payload, word};
use crate::torture::history::Claim;
use andon_core::event::Event;
use andon_core::task::Status;
use serde_json::Value;

impl<'r> Replay<'r> {
    /// Takes one event.
    pub(super) fn step(&mut self, event: &'r Event, verdict: &mut Verdict) {
        let (id, data) = (event.task.as_str(), payload(event));
        if event.kind == "created" {
            self.create(id, &data, verdict);
            return;
        }
        let known = self.tasks.get(id).cloned();
        let unknown = || format!("event {} ({}) of {id}, which was not made", event.id, event.kind);
        verdict.judge(Claim::Replayed, known.is_none().then(unknown));
        let Some(mut task) = known else { return };
        match event.kind.as_str() {
            "claimed" => self.claim(event, &mut task, verdict),
            "linked" | "unlinked" => self.link(event, &data, &mut task),
            "commented" => task.comments += 1,
            "promoted" => {
                self.release(event, &task, verdict);
                task.status = Status::Ready;
            }
            "promoted_manual" => {
                if self.waits(id) {
                    task.overruled = true;
                }
                task.status = Status::Ready;
            }
            "unblocked" => {
                let to = word(&data, "status").and_then(Status::from_word);
                task.status = to.unwrap_or(Status::Ready);
                if task.status == Status::Ready {
                    self.release(event, &task, verdict);
                }
            }
            "claim_rejected" => task.status = Status::Todo,
            // These end a run and return its task.
            "reclaimed" | "timed_out" | "stale" | "protocol_violation" | "rate_limited"
            | "crashed" | "spawn_failed" => {
                let to = self.return_place(id, &task);
                self.rest(event, &mut task, to);
            }
            // The event that follows in the same commit says the same.
            "cancelled" | "gave_up" | "blocked" => self.rest(event, &mut task, Status::Blocked),
            "block_loop_detected" => self.rest(event, &mut task, Status::Triage),
            "scheduled" => self.rest(event, &mut task, Status::Scheduled),
            "dependency_wait" => {
                task.overruled = false;
                self.rest(event, &mut task, Status::Todo);
            }
            "completed" => {
                task.overruled = false;
                self.rest(event, &mut task, Status::Done);
            }
            "archived" => {
                task.overruled = false;
                self.rest(event, &mut task, Status::Archived);
            }
            // All others move nothing.
            _ => {}
        }
        self.tasks.insert(id, task);
    }

    fn create(&mut self, id: &'r str, data: &Value, verdict: &mut Verdict) {
        let status = word(data, "status").and_then(Status::from_word).unwrap_or(Status::Ready);
        let parents = data.get("parents").and_then(Value::as_array);
        for parent in parents.into_iter().flatten().filter_map(Value::as_str) {
            self.add_link(parent, id);
        }
        let task = Standing { status, run: None, overruled: false, comments: 0 };
        let early = status == Status::Ready && self.waits(id);
        let what = || format!("task {id} was ready when it was made, before its parents");
        verdict.judge(Claim::Released, early.then(what));
        let twice = self.tasks.insert(id, task).is_some();
        verdict.judge(Claim::Replayed, twice.then(|| format!("task {id} was made twice")));
    }

    /// A claim: of a task that rests, that nobody holds and that waits for nobody.
    fn claim(&mut self, event: &Event, task: &mut Standing, verdict: &mut Verdict) {
        let free = matches!(task.status, Status::Ready | Status::Review) && task.run.is_none();
        let what = || format!("event {} claims {} while it is {task:?}", event.id, event.task);
        verdict.judge(Claim::Exclusive, (!free).then(what));
        if task.status == Status::Ready {
            self.release(event, task, verdict);
        }
        let run = event.run.map(|run| run.0);
        if let Some(run) = run {
            let from = event.id.0;
            let owner = Ownership { task: event.task.as_str().to_owned(), from, to: None };
            let before = self.owners.insert(run, owner);
            let what = before.map(|before| format!("run {run} was claimed by {before:?}, too"));
            verdict.judge(Claim::Exclusive, what);
        }
        (task.status, task.run) = (Status::Running, run);
    }

    /// A task that may be started now waits for nobody.
    fn release(&self, event: &Event, task: &Standing, verdict: &mut Verdict) {
        let early = !task.overruled && self.waits(event.task.as_str());
        let what = || format!("event {} ({}) of {}", event.id, event.kind, event.task);
        verdict.judge(Claim::Released, early.then(what));
    }

    fn rest(&mut self, event: &Event, task: &mut Standing, to: Status) {
        if let Some(owner) = task.run.take().and_then(|run| self.owners.get_mut(&run)) {
            owner.to = Some((event.id.0, event.kind.clone()));
        }
        task.status = to;
    }

    /// Where a run that did not finish returns its task to.
    fn return_place(&self, id: &str, task: &Standing) -> Status {
        let run = task.run.and_then(|run| self.runs.get(&run));
        let from = run.and_then(|run| run.keeper.as_ref()).map(|keeper| keeper.came_from);
        match from {
            Some(Status::Review) => Status::Review,
            Some(_) | None if !task.overruled && self.waits(id) => Status::Todo,
            Some(_) | None => Status::Ready,
        }
    }

    fn link(&mut self, event: &Event, data: &Value, task: &mut Standing) {
        let (Some(parent), Some(child)) = (word(data, "parent"), word(data, "child")) else {
            return;
        };
        if event.kind == "unlinked" {
            self.links.remove(&(parent.to_owned(), child.to_owned()));
            if let Some(parents) = self.parents.get_mut(child) {
                parents.remove(parent);
            }
            return;
        }
        self.add_link(parent, child);
        if self.is_open(parent) {
            task.overruled = false;
            if task.status == Status::Ready {
                task.status = Status::Todo;
            }
        }
    }

    fn add_link(&mut self, parent: &str, child: &str) {
        self.links.insert((parent.to_owned(), child.to_owned()));
        self.parents.entry(child.to_owned()).or_default().insert(parent.to_owned());
    }

    fn is_open(&self, id: &str) -> bool {
        self.tasks.get(id).is_some_and(|task| !task.status.releases_children())
    }

    fn waits(&self, id: &str) -> bool {
        self.parents.get(id).is_some_and(|all| all.iter().any(|parent| self.is_open(parent)))
    }
}
