//! The model of opening: processes that make, adopt or find one board, the peer that makes its own
//! without always queueing, deaths between any two steps, and power cuts.
//!
//! Left out: what stands in the tables. A file is empty, half made, the peer's, or ours.

mod mistake;
mod opener;
mod outside;
mod step;

use super::Depth;
use super::check::{Goal, World};
use mistake::{MISTAKES, Mistake};
use stateright::{Model, Property};
pub(crate) use step::Step;
use step::{Does, Lost, PeerDoes};

/// Processes of ours that open the board at once.
const OPENERS: usize = 3;

/// The model.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opening {
    /// What is done wrongly, if anything.
    mistake: Option<Mistake>,
    /// Processes that die.
    deaths: u8,
    /// Power cuts.
    cuts: u8,
}

const LEAST: Opening = Opening { mistake: None, deaths: 1, cuts: 0 };
const USUAL: Opening = Opening { mistake: None, deaths: 2, cuts: 1 };

/// What went wrong in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Wrong {
    HalfSeen,
    Replaced,
    AdoptedTwice,
    Lost,
}

/// Everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct State {
    file: Option<File>,
    /// The log beside it.
    log: Option<Log>,
    /// What stands under the temporary name.
    unfinished: Option<File>,
    init: Option<Holder>,
    openers: [Opener; OPENERS],
    peer: Peer,
    deaths: u8,
    cuts: u8,
    /// Whether a commit was acknowledged.
    is_promised: bool,
    wrong: Option<Wrong>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct File {
    content: Content,
    is_synced: bool,
    /// Whether its name is.
    is_named: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Content {
    Empty,
    /// The peer makes it, one table after the other.
    HalfPeers,
    Peers,
    /// We make it.
    HalfOurs,
    /// Marked as ours, with tables of the peer alone.
    Marked,
    Ours,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Log {
    /// Somebody made it, and nobody has committed into it.
    New,
    /// It holds a commit, and its name is durable or not.
    Used { is_named: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Holder {
    Opener(u8),
    Peer,
    /// It died; only where locks outlive their holders.
    Nobody,
}

/// How far an opener is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Opener {
    Away,
    /// It saw nothing, and waits for the lock.
    WaitsToMake,
    /// It saw the peer's board, and waits for the lock.
    WaitsToAdopt,
    /// It reads the header, and holds the lock or not.
    Reads,
    /// Under the lock, before it looks again.
    Makes,
    Discarded,
    Begun,
    Half,
    Written,
    Synced,
    Named,
    Adopts,
    /// Inside its transaction; whether the marks are committed already.
    Adopting {
        is_marked: bool,
    },
    Open,
    Dead,
}

/// How far the peer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Peer {
    Away,
    /// It holds the lock, or has waited long enough.
    Began,
    Opened,
    Dead,
}

const HALF: &str = "nobody sees half a board";
const REPLACED: &str = "no board takes the place of another";
const TWICE: &str = "a board is adopted once";
const KEPT: &str = "what was acknowledged is there after a power cut";
const OPENS: &str = "everybody who lives gets the board, or is told that its file is empty";

impl Opening {
    fn errs(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }
}

impl Model for Opening {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        let durable = |content| Some(File { content, is_synced: true, is_named: true });
        let nothing = State {
            file: None,
            log: None,
            unfinished: None,
            init: None,
            openers: [Opener::Away; OPENERS],
            peer: Peer::Away,
            deaths: self.deaths,
            cuts: self.cuts,
            is_promised: false,
            wrong: None,
        };
        vec![
            nothing,
            State { unfinished: durable(Content::HalfOurs), ..nothing },
            State { file: durable(Content::Peers), ..nothing },
        ]
    }

    fn actions(&self, _: &State, actions: &mut Vec<Step>) {
        Step::all(actions);
    }

    fn next_state(&self, last: &State, step: Step) -> Option<State> {
        let mut next = *last;
        match step {
            Step::Opener(at, does) => next.opener(self, at, does),
            Step::Peer(does) => next.peer(does),
            Step::Dies(at) => next.dies(self, at),
            Step::PeerDies => next.peer_dies(self),
            Step::Cut(lost) => next.cut(lost),
        }?;
        (next != *last).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(HALF, |_, state: &State| {
                let is_half = |file: File| matches!(file.content, Content::HalfOurs);
                state.wrong != Some(Wrong::HalfSeen) && !state.file.is_some_and(is_half)
            }),
            Property::always(REPLACED, |_, state: &State| state.wrong != Some(Wrong::Replaced)),
            Property::always(TWICE, |_, state: &State| state.wrong != Some(Wrong::AdoptedTwice)),
            Property::always(KEPT, |_, state: &State| state.wrong != Some(Wrong::Lost)),
        ]
    }
}

impl World for Opening {
    const NAME: &'static str = "opening";

    fn sound(depth: Depth) -> Vec<Self> {
        match depth {
            Depth::Least => vec![LEAST],
            Depth::Usual => vec![USUAL],
            Depth::Most => vec![Self { deaths: 4, cuts: 2, ..USUAL }],
        }
    }

    fn mistaken() -> Vec<(&'static str, &'static str, Self)> {
        let world = |rule, mistake| {
            // A goal that is out of reach takes a look at all states.
            let world = if rule == OPENS { LEAST } else { USUAL };
            Self { mistake: Some(mistake), ..world }
        };
        MISTAKES.iter().map(|(what, rule, m)| (*what, *rule, world(*rule, *m))).collect()
    }

    fn is_fair(&self, step: Step) -> bool {
        step.is_fair()
    }

    fn goals(&self) -> Vec<Goal<Self>> {
        vec![Goal {
            name: OPENS,
            is_reached: |_, state| {
                let is_empty = state.file.is_some_and(|file| file.content == Content::Empty);
                let has_it = |opener: &Opener| matches!(opener, Opener::Open | Opener::Dead);
                state.openers.iter().all(has_it) || (is_empty && state.init.is_none())
            },
        }]
    }
}
