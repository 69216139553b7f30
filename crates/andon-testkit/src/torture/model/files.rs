//! The model of a board's files: who has which file open, which locks stand on it, what its name
//! leads to. Two processes of ours, a peer that closes as SQLite does where nobody tells it
//! otherwise, somebody who restores a backup, foreign code that gives away locks of its process,
//! and people who move files.
//!
//! A file is a number; whoever has it open keeps the number from being given away. Left out: what
//! stands in the files, readers' marks, a loss of the index alone.

mod locks;
mod mistake;
mod opens;
mod outside;
mod restores;
mod state;
mod step;
mod writes;

use super::Depth;
use super::check::{Goal, World};
use mistake::{MISTAKES, Mistake};
use state::{
    FRESH, Handle, Holder, Names, Number, Peer, Process, Restorer, Set, Stage, State, Trio,
};
use stateright::{Model, Property};
pub(crate) use step::Step;

/// Processes of ours.
const OURS: usize = 2;

/// The model.
#[derive(Debug, Clone, Copy)]
pub(super) struct Files {
    /// What is done wrongly, if anything.
    mistake: Option<Mistake>,
    /// Which processes may guard the board.
    kinds: Kinds,
    /// Whether a peer comes and goes.
    peer: Neighbour,
    /// Times that foreign code in a process of ours gives away its locks.
    lost: u8,
    /// Whether these may be the index's.
    index: Index,
    /// Times that somebody moves a file by hand.
    strikes: u8,
    /// Backups that are restored.
    restores: u8,
    /// Processes that are killed.
    kills: u8,
}

/// Which processes guard the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kinds {
    /// Each time that one opens it, it may or may not.
    Any,
    /// The first does, the second does not.
    OneOfEach,
}

/// What the peer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Neighbour {
    /// It is not there.
    Absent,
    /// It reads.
    Reads,
    /// It reads and writes, and does not queue.
    Writes,
}

/// Whether locks of the index can be given away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Index {
    /// As those of the database.
    Loses,
    /// They are spared.
    Keeps,
}

/// What went wrong in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Wrong {
    TwoWriters,
    LogTaken,
    IndexAnew,
    Elsewhere,
    Mixed,
}

const TWO_WRITERS: &str = "never two writers inside a transaction";
const LOG_TAKEN: &str = "no log is deleted that a process of ours has open";
const INDEX_ANEW: &str = "no index is made anew beside a process that uses it";
const IN_PLACE: &str = "who finds its files in place has these files open";
const ELSEWHERE: &str = "no commit goes into a file that was not in place at the last look";
const MIXED: &str = "no checkpoint mixes files that were not in place at the last look";
const COMMITS: [&str; OURS] =
    ["the first process gets to commit", "the second process gets to commit"];

impl Files {
    fn errs(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    /// A peer comes and goes, and foreign code gives locks away, all or those of the database.
    fn beside(peer: Neighbour, index: Index, lost: u8, kills: u8) -> Self {
        let kinds = Kinds::Any;
        Self { mistake: None, kinds, peer, lost, index, strikes: 0, restores: 0, kills }
    }

    /// Files are moved, by hand and by `restore`.
    fn moved(strikes: u8, restores: u8, kills: u8) -> Self {
        let (kinds, peer, index) = (Kinds::OneOfEach, Neighbour::Absent, Index::Keeps);
        Self { mistake: None, kinds, peer, lost: 0, index, strikes, restores, kills }
    }
}

impl Model for Files {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            at: Trio { database: Some(0), log: None, index: None },
            ours: [FRESH; OURS],
            peer: Peer::Away,
            restorer: Restorer::Away,
            turn: None,
            lost: self.lost,
            strikes: self.strikes,
            restores: self.restores,
            kills: self.kills,
            wrong: None,
        }]
    }

    fn actions(&self, _: &State, actions: &mut Vec<Step>) {
        Step::all(actions);
    }

    fn next_state(&self, last: &State, step: Step) -> Option<State> {
        let mut next = *last;
        match step {
            Step::Opens(at, does) => next.opens(self, at, does),
            Step::Writes(at, does) => next.writes(self, at, does),
            Step::Loses(at, what) => next.loses(self, at, what),
            Step::Dies(at) => next.dies(self, at),
            Step::Peer(does) => next.peer(self, does),
            Step::Restores(does) => next.restores(self, does),
            Step::Strikes(what) => next.strikes(what),
        }?;
        (next != *last).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(TWO_WRITERS, |_, state: &State| {
                state.wrong != Some(Wrong::TwoWriters)
            }),
            Property::always(LOG_TAKEN, |_, state: &State| state.wrong != Some(Wrong::LogTaken)),
            Property::always(INDEX_ANEW, |_, state: &State| state.wrong != Some(Wrong::IndexAnew)),
            Property::always(IN_PLACE, |_, state: &State| {
                state.ours.iter().all(|process| process.is_not_deceived(&state.at))
            }),
            Property::always(ELSEWHERE, |_, state: &State| state.wrong != Some(Wrong::Elsewhere)),
            Property::always(MIXED, |_, state: &State| state.wrong != Some(Wrong::Mixed)),
        ]
    }
}

impl World for Files {
    const NAME: &'static str = "files";

    fn sound(depth: Depth) -> Vec<Self> {
        let more = match depth {
            Depth::Least => return vec![Self::moved(1, 0, 0), Self::moved(0, 1, 0)],
            Depth::Usual => 0,
            Depth::Most => 1,
        };
        vec![
            Self::beside(Neighbour::Writes, Index::Keeps, 1 + more, more),
            Self::beside(Neighbour::Absent, Index::Loses, 1 + more, more),
            Self::moved(1 + more, 1, more),
        ]
    }

    fn mistaken() -> Vec<(&'static str, &'static str, Self)> {
        let world = |rule, mistake| {
            let scene = match rule {
                LOG_TAKEN => Self::beside(Neighbour::Reads, Index::Keeps, 1, 0),
                INDEX_ANEW => Self::beside(Neighbour::Absent, Index::Loses, 1, 0),
                rule if rule == COMMITS[0] => Self::beside(Neighbour::Absent, Index::Keeps, 0, 1),
                _ => Self::moved(2, 1, 0),
            };
            Self { mistake: Some(mistake), ..scene }
        };
        let mistaken = MISTAKES.iter().map(|(what, rule, m)| (*what, *rule, world(*rule, *m)));
        // No mistake of ours: both at once are more than anybody can bear.
        let both = |peer| Self::beside(peer, Index::Loses, 1, 0);
        let limits = [
            ("the index's locks are given away while the peer reads", INDEX_ANEW, Neighbour::Reads),
            ("the same while it writes", TWO_WRITERS, Neighbour::Writes),
        ];
        let limits = limits.map(|(what, rule, peer)| (what, rule, both(peer)));
        mistaken.chain(limits).collect()
    }

    fn is_fair(&self, step: Step) -> bool {
        step.is_fair()
    }

    fn goals(&self) -> Vec<Goal<Self>> {
        vec![
            Goal { name: COMMITS[0], is_reached: |_, state| state.has_committed(0) },
            Goal { name: COMMITS[1], is_reached: |_, state| state.has_committed(1) },
        ]
    }
}

impl State {
    /// Whether a process committed. Without a board it cannot, is told so, and a person has to act.
    fn has_committed(&self, at: usize) -> bool {
        self.ours[at].stage == Stage::Committed || self.at.database.is_none()
    }
}
