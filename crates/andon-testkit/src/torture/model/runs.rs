//! The model of runs: one task, dispatchers one after the other, runners, workers, time, people,
//! and the peer. Each step names what it stands for; a step of the product is as large as
//! what nobody can interrupt: one commit, one spawn, one signal.
//!
//! Left out: the rows' other columns, backoff (time passes as it likes), other boots and hosts.

mod board;
mod dispatcher;
mod mistake;
mod outside;
mod runner;
mod state;
mod step;

use super::Depth;
use super::check::{Goal, World};
use mistake::{MISTAKES, Mistake};
use state::{
    Claimer, Dispatcher, FREE, Found, Row, Run, Runner, Settling, State, Status, Tree, Word, Wrong,
};
use stateright::{Model, Property};
pub(crate) use step::Step;

/// Runs that anything still speaks of, at most. A task has one that is open, one that lingers, and
/// one whose runner is late; more only take turns with these.
const RUNS: usize = 3;
/// Failures after which a person has to look.
const FAILURES_MAX: u8 = 2;

/// The model.
#[derive(Debug, Clone, Copy)]
pub(super) struct Runs {
    /// What is done wrongly, if anything.
    mistake: Option<Mistake>,
    /// Dispatchers and runners that are killed, together.
    kills: u8,
    /// Orders of people.
    orders: u8,
    /// Times that the peer takes back a claim whose lease ran out, as it does, whoever lives.
    taken_back: u8,
}

const LEAST: Runs = Runs { mistake: None, kills: 1, orders: 0, taken_back: 0 };
const USUAL: Runs = Runs { mistake: None, kills: 1, orders: 1, taken_back: 1 };

impl Runs {
    /// Whether this is done wrongly.
    fn errs(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }
}

const ONE_TREE: &str = "a task has at most one live process tree";
const GONE: &str = "what is recorded as gone does not live";
const STALE: &str = "a run that is not the task's current one changes nothing";
const EXIT: &str = "an exit that a runner recorded stands on the board";
const SETTLED: &str = "the task comes to rest, and nothing of its runs is left";

impl Model for Runs {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            status: Status::Ready,
            current: None,
            failures: 0,
            runs: [FREE; RUNS],
            dispatcher: None,
            word: None,
            kills: self.kills,
            orders: self.orders,
            taken_back: self.taken_back,
            wrong: None,
        }]
    }

    fn actions(&self, _: &State, actions: &mut Vec<Step>) {
        Step::all(actions);
    }

    fn next_state(&self, last: &State, step: Step) -> Option<State> {
        let mut next = *last;
        match step {
            Step::Dispatcher(what) => next.dispatch(self, what),
            Step::Looks(run, what) => next.looks(self, run, what),
            Step::Runner(run, what) => next.keep(self, run, what),
            Step::Worker(run, what) => next.work(run, what),
            Step::Fate(run, what) => next.befall(self, run, what),
            Step::WordArrives => next.word_arrives(self),
            Step::DispatcherDies => next.dispatcher_dies(),
            Step::Outside(what) => next.obey(self, what),
        }?;
        next.forget();
        (next != *last).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(ONE_TREE, |_, state: &State| {
                state.runs.iter().filter(|run| run.is_alive()).count() <= 1
            }),
            Property::always(GONE, |_, state: &State| {
                !state.runs.iter().any(|run| run.is_gone && run.is_alive())
            }),
            Property::always(STALE, |_, state: &State| state.wrong != Some(Wrong::Stale)),
            Property::always(EXIT, |_, state: &State| state.wrong != Some(Wrong::ExitLost)),
        ]
    }
}

impl World for Runs {
    const NAME: &'static str = "runs";

    fn sound(depth: Depth) -> Vec<Self> {
        match depth {
            Depth::Least => vec![LEAST],
            Depth::Usual => vec![USUAL],
            Depth::Most => vec![Self { kills: 2, ..USUAL }, Self { orders: 2, ..USUAL }],
        }
    }

    fn mistaken() -> Vec<(&'static str, &'static str, Self)> {
        let world = |rule, mistake| {
            // A goal that is out of reach takes a look at all states.
            let world = if rule == SETTLED { LEAST } else { USUAL };
            Self { mistake: Some(mistake), ..world }
        };
        MISTAKES.iter().map(|(what, rule, m)| (*what, *rule, world(*rule, *m))).collect()
    }

    fn is_fair(&self, step: Step) -> bool {
        step.is_fair()
    }

    fn goals(&self) -> Vec<Goal<Self>> {
        vec![Goal {
            name: SETTLED,
            is_reached: |_, state| {
                matches!(state.status, Status::Done | Status::Blocked)
                    && state.runs.iter().all(|run| *run == FREE)
            },
        }]
    }
}
