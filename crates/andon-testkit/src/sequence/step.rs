//! A step of a random sequence, before it is known which tasks there are.

use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::sample::select;

/// What kind of command. Those that make and claim come often, or nothing else would apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Archive,
    Assign,
    Block,
    Cancel,
    Claim,
    Comment,
    Complete,
    Create,
    Due,
    Edit,
    EditResult,
    Expire,
    FinishRun,
    Heartbeat,
    Link,
    Pause,
    Promote,
    Reclaim,
    Register,
    Schedule,
    Settle,
    Unblock,
    Unlink,
}

const DRAWN: &[Verb] = &[
    Verb::Archive,
    Verb::Assign,
    Verb::Block,
    Verb::Block,
    Verb::Cancel,
    Verb::Claim,
    Verb::Claim,
    Verb::Claim,
    Verb::Claim,
    Verb::Comment,
    Verb::Complete,
    Verb::Complete,
    Verb::Create,
    Verb::Create,
    Verb::Create,
    Verb::Due,
    Verb::Edit,
    Verb::EditResult,
    Verb::Expire,
    Verb::FinishRun,
    Verb::FinishRun,
    Verb::FinishRun,
    Verb::Heartbeat,
    Verb::Link,
    Verb::Link,
    Verb::Pause,
    Verb::Promote,
    Verb::Reclaim,
    Verb::Register,
    Verb::Register,
    Verb::Schedule,
    Verb::Settle,
    Verb::Unblock,
    Verb::Unblock,
    Verb::Unlink,
];

/// One step. The numbers choose among what there is when its turn comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Kind of command.
    pub(super) verb: Verb,
    /// Which task.
    pub(super) task: u8,
    /// Which other task, run or status.
    pub(super) other: u8,
    /// Which form of the command.
    pub(super) form: u8,
    /// Time that passes before it; a clock that is set back goes the other way.
    pub(super) seconds: i16,
}

impl Step {
    /// Seconds that pass before it, or by which the clock is set back.
    pub fn seconds(&self) -> i16 {
        self.seconds
    }
}

/// Sequences of up to so many steps, in which one task comes often and the clock is set back now
/// and then.
pub fn steps(max: usize) -> impl Strategy<Value = Vec<Step>> {
    vec(of_sequence(), 1..=max).prop_map(move |parts| joined(parts, max))
}

/// One step of a sequence, or the few of [`AGAIN`].
pub(super) fn of_sequence() -> impl Strategy<Value = Vec<Step>> {
    let drawn = (weighted(IS_AGAIN), weighted(FIRST), select(LIFE));
    (anywhere(), drawn).prop_map(|(step, (is_again, is_first, verb))| {
        if is_again {
            let form = BY_DISPATCHER;
            return AGAIN.iter().map(|verb| Step { verb: *verb, form, ..step }).collect();
        }
        let (task, verb) = if is_first { (0, verb) } else { (step.task, step.verb) };
        vec![Step { verb, task, ..step }]
    })
}

/// The parts of a sequence, one after the other, as far as there is room.
pub(super) fn joined<T>(parts: Vec<Vec<T>>, max: usize) -> Vec<T> {
    parts.into_iter().flatten().take(max).collect()
}

/// One step with any task. Before it, the clock may be set back to before the last one began.
pub(super) fn anywhere() -> impl Strategy<Value = Step> {
    (step(), weighted(SET_BACK)).prop_map(|(step, is_set_back)| {
        let seconds = if is_set_back { SET_BACK_BY } else { step.seconds };
        Step { seconds, ..step }
    })
}

/// A task is given away and wanted again while the processes of its run may live: five steps that
/// chance hardly ever draws one after the other.
const AGAIN: &[Verb] = &[Verb::Claim, Verb::Register, Verb::Block, Verb::Unblock, Verb::Claim];
/// The form in which a dispatcher claims and a person blocks.
const BY_DISPATCHER: u8 = 1;
/// How often.
const IS_AGAIN: f64 = 0.05;

/// How often something is done that moves the first task on: it has to go through several hands
/// before its rarer refusals can be met.
const FIRST: f64 = 0.4;

/// What moves a task on, from hand to hand and round again.
const LIFE: &[Verb] = &[
    Verb::Block,
    Verb::Claim,
    Verb::Claim,
    Verb::Complete,
    Verb::FinishRun,
    Verb::Register,
    Verb::Register,
    Verb::Unblock,
    Verb::Unblock,
];

/// How often.
const SET_BACK: f64 = 0.03;
/// Beyond the longest lease.
const SET_BACK_BY: i16 = -2_000;

/// One step.
pub(super) fn step() -> impl Strategy<Value = Step> {
    // Mostly within a lease, at times beyond one.
    let seconds = select(vec![0, 0, 0, 1, 3, 60, 400, 1_000]);
    let step = (select(DRAWN), any::<u8>(), any::<u8>(), any::<u8>(), seconds);
    step.prop_map(|(verb, task, other, form, seconds)| Step { verb, task, other, form, seconds })
}
