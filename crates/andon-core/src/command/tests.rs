//! The rules, claim by claim, asked of `decide` alone: no store, no clock. Samples are those of the
//! printed table.

mod block;
mod claim;
mod complete;
mod create;
mod edit;
mod failure;
mod finish_run;
mod lease;
mod limits;
mod needs;
mod parents;
mod record;
mod resting;
mod stale_runs;
mod table;
mod wishes;

use super::{Command, Context};
use crate::actor::Actor;
use crate::event::NewEvent;
use crate::policy::Policy;
use crate::rejected::Rejected;
use crate::run::RunOutcome;
use crate::table::sample::NOW;
use crate::task::{Hold, Status};
use crate::transition::{RunEnd, State, Transition, Write};
use crate::view::View;

fn decide_with(
    view: &View,
    command: impl Into<Command>,
    policy: &Policy,
) -> Result<Transition, Rejected> {
    let actor = Actor::human("somebody");
    command.into().decide(view, Context { actor: &actor, at: NOW, policy })
}

fn decide(view: &View, command: impl Into<Command>) -> Result<Transition, Rejected> {
    decide_with(view, command, &Policy::default())
}

/// The decision of a command that is not refused.
fn accepted(view: &View, command: impl Into<Command>) -> Transition {
    decide(view, command).expect("the command is not refused")
}

fn refused(view: &View, command: impl Into<Command>) -> &'static str {
    decide(view, command).expect_err("the command is refused").code()
}

fn state(transition: &Transition) -> &State {
    let mut states = transition.writes.iter().filter_map(|write| match write {
        Write::SetState { state, .. } => Some(&**state),
        _other => None,
    });
    states.next_back().expect("the command sets a state")
}

fn status(transition: &Transition) -> Status {
    state(transition).stage.status()
}

/// The hold that a decision leaves, where it changes it.
fn hold(transition: &Transition) -> Option<&Hold> {
    transition.writes.iter().rev().find_map(|write| match write {
        Write::SetHold { hold, .. } => Some(hold),
        _other => None,
    })
}

fn events(transition: &Transition) -> Vec<&NewEvent> {
    let mut events = Vec::new();
    for write in &transition.writes {
        if let Write::AddEvent { event, .. } = write {
            events.push(&**event);
        }
    }
    events
}

fn kinds(transition: &Transition) -> Vec<&'static str> {
    events(transition).into_iter().map(NewEvent::kind).collect()
}

/// How the run was closed.
fn closed(transition: &Transition) -> Option<&RunEnd> {
    transition.writes.iter().find_map(|write| match write {
        Write::CloseRun { end, .. } => Some(&**end),
        _other => None,
    })
}

fn outcome(transition: &Transition) -> Option<RunOutcome> {
    closed(transition).map(|end| end.outcome)
}
