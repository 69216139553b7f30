//! The state machine as a table, made by asking [`crate::command`] for every status and command.
//!
//! Nothing here decides: each cell is what `decide` answered to a sample. So the table cannot say
//! anything that the code does not do.

mod prose;
pub(crate) mod sample;
mod situations;

use crate::actor::Actor;
use crate::command::{Command, Context};
use crate::policy::Policy;
use crate::task::Status;
use crate::transition::{Outcome, Transition, Write};
use std::fmt::Write as _;

/// A row: one command in one situation.
pub(crate) struct Row {
    /// Verb, as people write it.
    pub(crate) verb: &'static str,
    /// What is particular about the command or the board; empty for the ordinary case.
    pub(crate) situation: &'static str,
    /// Makes the board and the command for a status.
    pub(crate) ask: fn(Status) -> sample::Asked,
}

/// What a command did to its task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell {
    /// It stands there now.
    Moved(Status),
    /// It stands where it stood, and something was written about it.
    Recorded,
    /// Its run is being ended; the end moves it.
    Stopping,
    /// Nothing was written, and that is no fault.
    Unchanged,
    /// The command was refused with this code.
    Refused(&'static str),
}

/// Every row, in order of the verbs.
pub(crate) fn rows() -> impl Iterator<Item = &'static Row> {
    situations::ALL.iter().flat_map(|rows| rows.iter())
}

/// Asks for one row and status.
pub(crate) fn cell(row: &Row, status: Status) -> Cell {
    let asked = (row.ask)(status);
    let (actor, policy) = (Actor::human("somebody"), Policy::default());
    let ctx = Context { actor: &actor, at: sample::NOW, policy: &policy };
    match asked.command.decide(&asked.view, ctx) {
        Ok(transition) => effect(&transition, &asked.command, status),
        Err(rejected) => Cell::Refused(rejected.code()),
    }
}

fn effect(transition: &Transition, command: &Command, before: Status) -> Cell {
    if let Outcome::Stopping { .. } = transition.outcome {
        return Cell::Stopping;
    }
    if transition.writes.is_empty() {
        return Cell::Unchanged;
    }
    let subject = match command {
        Command::Create(_) => sample::fresh_id(),
        _other => sample::task_id(),
    };
    let mut moves = transition.writes.iter().filter_map(|write| match write {
        Write::InsertTask(task) => Some(task.status.status()),
        Write::SetState { task, state } if *task == subject => Some(state.stage.status()),
        Write::SetStatus { task, to, .. } if *task == subject => Some(to.status()),
        _other => None,
    });
    match moves.next_back() {
        Some(status) if status != before || matches!(command, Command::Create(_)) => {
            Cell::Moved(status)
        }
        Some(_) | None => Cell::Recorded,
    }
}

/// The table in Markdown, for `docs/state-machine.md`.
pub fn markdown() -> String {
    let mut page = String::from(prose::INTRODUCTION);
    for status in Status::ALL {
        line(&mut page, &format!("| `{status}` | {} |", prose::of_status(*status)));
    }
    page.push_str(prose::COMMANDS);
    let mut told = Vec::new();
    for row in rows() {
        let asked = (row.ask)(Status::Ready).command;
        let sentence = prose::of_command(&asked);
        if !told.contains(&sentence) {
            line(&mut page, &format!("| `{}` | {sentence} |", row.verb));
            told.push(sentence);
        }
    }
    page.push_str(prose::TABLE);
    table(&mut page);
    page.push_str(prose::RULES);
    page
}

fn table(page: &mut String) {
    let words: Vec<String> = Status::ALL.iter().map(|status| format!("`{status}`")).collect();
    line(page, &format!("| command | {} |", words.join(" | ")));
    line(page, &format!("|---|{}", "---|".repeat(words.len())));
    for row in rows() {
        let situation =
            if row.situation.is_empty() { String::new() } else { format!(", {}", row.situation) };
        let cells: Vec<String> =
            Status::ALL.iter().map(|status| shown(cell(row, *status))).collect();
        line(page, &format!("| `{}`{situation} | {} |", row.verb, cells.join(" | ")));
    }
}

fn shown(cell: Cell) -> String {
    match cell {
        Cell::Moved(status) => format!("**{status}**"),
        Cell::Recorded => "stays".to_owned(),
        Cell::Stopping => "ending".to_owned(),
        Cell::Unchanged => "=".to_owned(),
        Cell::Refused("wrong_status") => "–".to_owned(),
        Cell::Refused(code) => format!("*{code}*"),
    }
}

fn line(page: &mut String, text: &str) {
    // Writing to a string cannot fail.
    let _infallible = writeln!(page, "{text}");
}
