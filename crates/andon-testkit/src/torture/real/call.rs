//! Short calls of a program's command line, each with a record before and after.

use super::crew::{Crew, Job};
use super::home::Home;
use crate::torture::Failure;
use crate::torture::chance::Chance;
use crate::torture::history::record::now;
use crate::torture::history::{Log, Record, Trace};
use serde_json::Value;
use std::process::{Output, Stdio};

/// Tasks that a caller remembers.
const KNOWN_MAX: usize = 20;

/// Somebody at a command line, or a script: one call after the other.
pub(super) struct Caller<'h> {
    home: &'h Home,
    log: Log,
    chance: Chance,
    known: Vec<String>,
}

/// A call before it is made.
struct Wanted {
    verb: &'static str,
    task: Option<String>,
    run: Option<i64>,
    arguments: Vec<String>,
    trace: Trace,
}

/// An id that no other operation has.
pub(super) fn fresh_id(chance: &mut Chance) -> String {
    format!("{:016x}{:016x}", chance.draw(), chance.draw())
}

impl<'h> Caller<'h> {
    pub(super) fn new(home: &'h Home, number: usize, seed: u64) -> Result<Self, Failure> {
        let log = Log::create(&home.logs().join(format!("caller-{number}.jsonl")))?;
        Ok(Self { home, log, chance: Chance::new(seed ^ now()), known: Vec::new() })
    }

    /// Makes one call, which may be killed.
    pub(super) fn call(&mut self, crew: &Crew) -> Result<(), Failure> {
        let op = fresh_id(&mut self.chance);
        let wanted = self.choose(&op);
        let mut command = self.home.andon();
        command.args(&wanted.arguments).arg("--json");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let Wanted { verb, task, run, trace, .. } = wanted;
        let is_read = verb == "list";
        if !is_read {
            let (op, verb) = (op.clone(), verb.to_owned());
            self.log.write(&Record::Start { at: now(), op, verb, task: task.clone(), run })?;
        }
        let child = command.spawn()?;
        let _target = crew.watch(&child, Job::Call);
        let output = child.wait_with_output()?;
        let record = heard(op, &output, trace);
        if !is_read {
            self.log.write(&record)?;
        }
        match record {
            Record::Done { task: Some(task), .. } if verb == "create" => self.remember(task),
            Record::Done { task: Some(task), run: Some(run), .. } if verb == "claim" => {
                self.finish(crew, task, run)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Whoever has claimed works, and says that it is done.
    fn finish(&mut self, crew: &Crew, task: String, run: i64) -> Result<(), Failure> {
        let op = fresh_id(&mut self.chance);
        let mut command = self.home.andon();
        command.args(["complete", &task, "--run", &run.to_string()]);
        command.args(["--summary", &format!("op-{op}"), "--json"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let verb = "complete".to_owned();
        let start =
            Record::Start { at: now(), op: op.clone(), verb, task: Some(task), run: Some(run) };
        self.log.write(&start)?;
        let child = command.spawn()?;
        let _target = crew.watch(&child, Job::Call);
        let output = child.wait_with_output()?;
        Ok(self.log.write(&heard(op, &output, Trace::Text))?)
    }

    fn choose(&mut self, op: &str) -> Wanted {
        let mark = format!("op-{op}");
        let known = self.chance.pick(&self.known).cloned();
        let wanted = |verb: &'static str, arguments: &[&str], trace| {
            let task = known.clone();
            let first = [verb].into_iter().chain(task.as_deref());
            let arguments = first.chain(arguments.iter().copied()).map(str::to_owned).collect();
            Wanted { verb, task, run: None, arguments, trace }
        };
        match self.chance.below(10) {
            3 | 4 if known.is_some() => wanted("claim", &["--ttl", "3"], Trace::Nothing),
            5 | 6 if known.is_some() => wanted("comment", &[mark.as_str()], Trace::Text),
            7 if known.is_some() => wanted("block", &[mark.as_str()], Trace::Text),
            8 if known.is_some() => wanted("heartbeat", &["--note", mark.as_str()], Trace::Text),
            9 => {
                let arguments = vec!["list".to_owned(), "--limit".to_owned(), "20".to_owned()];
                Wanted { verb: "list", task: None, run: None, arguments, trace: Trace::Nothing }
            }
            _ => Wanted {
                verb: "create",
                task: None,
                run: None,
                arguments: vec!["create".to_owned(), mark],
                trace: Trace::Text,
            },
        }
    }

    fn remember(&mut self, task: String) {
        if self.known.len() >= KNOWN_MAX {
            self.known.remove(0);
        }
        self.known.push(task);
    }
}

/// What a call of the command line said, as a line of a history.
pub(super) fn heard(op: String, output: &Output, trace: Trace) -> Record {
    let at = now();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    match output.status.code() {
        Some(0) => {
            let text = |key: &str| answer.get(key).and_then(Value::as_str).map(str::to_owned);
            let number = |key: &str| answer.get(key).and_then(Value::as_i64);
            let task = text("task_id").or_else(|| text("id"));
            let claimed = answer.get("claim_lock").is_some() && answer.get("run_id").is_some();
            let run = if claimed { number("run_id") } else { None };
            Record::Done { at, op, event: number("event_id"), task, run, trace }
        }
        Some(code) => {
            let error: Value = serde_json::from_slice(&output.stderr).unwrap_or_default();
            let why = error.pointer("/error/code").and_then(Value::as_str);
            let why = why.map_or_else(|| format!("exit {code}"), str::to_owned);
            if why == "outcome_unknown" {
                return Record::Unknown { at, op, why };
            }
            Record::Failed { at, op, why }
        }
        None => Record::Unknown { at, op, why: "killed".to_owned() },
    }
}
