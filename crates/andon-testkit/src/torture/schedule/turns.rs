//! Whose turn it is: of all simulated processes of a schedule exactly one runs at a time, and who
//! is next is decided by the seed alone. It knows nothing of disks and boards.

use crate::disk::content::mix;
use crate::torture::chance::Chance;
use std::cell::Cell;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How turns are given.
#[derive(Debug, Clone)]
pub(super) enum Rule {
    /// At each step the turn is given away so many times in a thousand, to anybody.
    Chance { permille: usize },
    /// The most urgent one runs; at these steps, latest first, the running one becomes the least
    /// urgent ("probabilistic concurrency testing").
    Urgency { changes: Vec<u64> },
    /// The turn is given away at every other step of these kinds, and hardly ever elsewhere: what
    /// happens between two neighbouring steps of one process is a whole deed of another.
    Points { at: &'static [&'static str] },
}

/// How often, in a thousand steps, the turn is given away at other steps than those of a point.
const ELSEWHERE_PERMILLE: usize = 5;

/// Why a call has no effect: its process is dead, or the schedule has gone on for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended;

#[derive(Debug)]
struct State {
    /// Who runs; nobody before the start and after the end.
    now: Option<usize>,
    is_here: Vec<bool>,
    is_dead: Vec<bool>,
    urgency: Vec<i64>,
    least_urgent: i64,
    rule: Rule,
    chance: Chance,
    steps: u64,
    switches: u64,
    hash: u64,
}

/// The turns of one schedule.
#[derive(Debug)]
pub(super) struct Turns {
    state: Mutex<State>,
    news: Vec<Condvar>,
}

thread_local! {
    static SEAT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// The seat of this thread; none where it is not part of a schedule.
pub(super) fn seat() -> Option<usize> {
    SEAT.get()
}

/// Steps after which a schedule counts as wedged: fifty times what an ordinary one needs.
pub(super) const STEPS_MAX: u64 = 1_000_000;

impl Turns {
    pub(super) fn new(seats: usize, rule: Rule, mut chance: Chance) -> Self {
        let urgency = (0..seats).map(|_| i64::from(chance.draw() as u32)).collect();
        let state = State {
            now: None,
            is_here: vec![true; seats],
            is_dead: vec![false; seats],
            urgency,
            least_urgent: 0,
            rule,
            chance,
            steps: 0,
            switches: 0,
            hash: 0,
        };
        let news = (0..seats).map(|_| Condvar::new()).collect();
        Self { state: Mutex::new(state), news }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the first turn.
    pub(super) fn start(&self) {
        let mut state = self.state();
        state.now = state.next(None);
        self.wake(&state);
    }

    /// This thread takes a seat, and waits for its first turn.
    pub(super) fn sit(&self, seat: usize) {
        SEAT.set(Some(seat));
        drop(self.wait(self.state(), seat));
    }

    /// This thread leaves for good.
    pub(super) fn leave(&self, seat: usize) {
        SEAT.set(None);
        let mut state = self.state();
        state.is_here[seat] = false;
        state.now = state.next(Some(seat));
        self.wake(&state);
    }

    /// Something is about to happen: perhaps others have their turn first.
    pub(super) fn step(&self, seat: usize, what: &str) -> Result<(), Ended> {
        let mut state = self.state();
        state.note(seat, what)?;
        if state.is_time_to_switch(seat, what) {
            self.hand_over(state, seat)?;
        }
        Ok(())
    }

    /// Nothing can be done at the moment: others have their turn.
    pub(super) fn give_way(&self, seat: usize, what: &str) -> Result<(), Ended> {
        let mut state = self.state();
        state.note(seat, what)?;
        state.becomes_least_urgent(seat);
        self.hand_over(state, seat)
    }

    fn hand_over<'s>(&'s self, mut state: MutexGuard<'s, State>, seat: usize) -> Result<(), Ended> {
        let next = state.next(Some(seat));
        state.switches += 1;
        state.now = next;
        if next != Some(seat) {
            self.wake(&state);
            state = self.wait(state, seat);
        }
        state.refuse_if_ended(seat)
    }

    fn wake(&self, state: &State) {
        if let Some(next) = state.now {
            self.news[next].notify_one();
        }
    }

    fn wait<'s>(&'s self, mut state: MutexGuard<'s, State>, seat: usize) -> MutexGuard<'s, State> {
        while state.now != Some(seat) {
            state = self.news[seat].wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state
    }

    /// The process at this seat dies, or, when it is buried, another takes its place.
    pub(super) fn set_dead(&self, seat: usize, is_dead: Dead) {
        self.state().is_dead[seat] = is_dead == Dead::Yes;
    }

    /// Whether calls of this seat have no effect any more.
    pub(super) fn is_ended(&self, seat: usize) -> bool {
        self.state().refuse_if_ended(seat).is_err()
    }

    /// Takes a number into the sum of the schedule.
    pub(super) fn take_note(&self, number: u64) {
        let mut state = self.state();
        state.hash = mix(state.hash, number);
    }

    /// A draw of the schedule.
    pub(super) fn below(&self, bound: usize) -> usize {
        self.state().chance.below(bound)
    }

    /// Steps so far: the time of a schedule.
    pub(super) fn steps(&self) -> u64 {
        self.state().steps
    }

    /// What happened, in numbers: steps, switches, and what all of it adds up to.
    pub(super) fn sums(&self) -> (u64, u64, u64) {
        let state = self.state();
        (state.steps, state.switches, state.hash)
    }
}

/// Whether a process is dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dead {
    Yes,
    No,
}

impl State {
    fn note(&mut self, seat: usize, what: &str) -> Result<(), Ended> {
        self.refuse_if_ended(seat)?;
        self.steps += 1;
        let what =
            what.bytes().fold(seat as u64, |sum, byte| sum.wrapping_mul(257) + u64::from(byte));
        self.hash = mix(self.hash, what);
        self.refuse_if_ended(seat)
    }

    fn refuse_if_ended(&self, seat: usize) -> Result<(), Ended> {
        if self.is_dead[seat] || self.steps > STEPS_MAX { Err(Ended) } else { Ok(()) }
    }

    fn is_time_to_switch(&mut self, seat: usize, what: &str) -> bool {
        match &mut self.rule {
            Rule::Chance { permille } => self.chance.below(1_000) < *permille,
            Rule::Points { at } if at.contains(&what) => self.chance.once_in(2),
            Rule::Points { .. } => self.chance.below(1_000) < ELSEWHERE_PERMILLE,
            Rule::Urgency { changes } => {
                let is_time = changes.last().is_some_and(|at| *at <= self.steps);
                if is_time {
                    changes.pop();
                    self.becomes_least_urgent(seat);
                }
                is_time
            }
        }
    }

    fn becomes_least_urgent(&mut self, seat: usize) {
        self.least_urgent -= 1;
        self.urgency[seat] = self.least_urgent;
    }

    /// Who is next, `from` only if nobody else is here.
    fn next(&mut self, from: Option<usize>) -> Option<usize> {
        let is_other = |seat: &usize| self.is_here[*seat] && Some(*seat) != from;
        let others: Vec<usize> = (0..self.is_here.len()).filter(is_other).collect();
        if others.is_empty() {
            return from.filter(|seat| self.is_here[*seat]);
        }
        match self.rule {
            Rule::Chance { .. } | Rule::Points { .. } => {
                Some(others[self.chance.below(others.len())])
            }
            Rule::Urgency { .. } => others.into_iter().max_by_key(|seat| self.urgency[*seat]),
        }
    }
}

#[cfg(test)]
mod tests;
