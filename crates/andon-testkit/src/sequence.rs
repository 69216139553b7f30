//! Random commands on two stores, compared step by step: answers, the whole board, and what must
//! hold on every board. A failure is shrunk to the shortest sequence that shows it.

mod step;
mod translate;

pub use step::{Step, steps};
pub use translate::command;

use crate::fixture::Factory;
use crate::snapshot::{self, Whole};
use crate::world::World;
use andon_core::actor::Actor;
use andon_core::command::Command;
use andon_core::id::{OpId, TaskId};
use andon_core::invariant;
use andon_core::policy::Policy;
use andon_core::time::Seconds;
use andon_core::transition::Outcome;
use andon_store::{Applied, Clock, Request, Store, StoreError};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Sequences that are tried where nobody says otherwise: a few seconds of work.
pub const SEQUENCES: u32 = 256;

/// Longest sequence. Longer ones rarely find more, and shrink badly.
pub const STEPS_MAX: usize = 60;

/// Tasks that a sequence speaks about. Few, so that commands meet each other.
pub const POOL: usize = 6;

/// Steps towards the shortest failing sequence.
const SHRINKS_MAX: u32 = 4_096;

/// The steps of a seed, for those who drive a store by themselves.
pub fn drawn(seed: u64, count: usize) -> Vec<Step> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let one = step::step();
    let drawn = (0..count).map(|_| one.new_tree(&mut runner).map(|tree| tree.current()));
    drawn.collect::<Result<_, _>>().expect("a step can always be drawn")
}

/// Compares two stores along so many sequences. The same sequences each time: a failure in one run
/// is a failure in the next. Tells which answers there were, so that a test can see that the
/// sequences went somewhere.
pub fn compare(one: &Factory<'_>, other: &Factory<'_>, sequences: u32) -> BTreeSet<&'static str> {
    let config = Config {
        cases: sequences,
        max_shrink_iters: SHRINKS_MAX,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let answers = RefCell::new(BTreeSet::new());
    let outcome = runner.run(&steps(STEPS_MAX), |steps| {
        let given = play(one, other, &steps)?;
        answers.borrow_mut().extend(given);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("two stores differ: {failure}");
    }
    answers.into_inner()
}

/// Plays one sequence on two new boards, and tells how they answered.
pub fn play(
    one: &Factory<'_>,
    other: &Factory<'_>,
    steps: &[Step],
) -> Result<Vec<&'static str>, TestCaseError> {
    let (mut one, mut other) = (Player::new(one), Player::new(other));
    let (mut known, mut given): (Vec<TaskId>, Vec<&str>) = (Vec::new(), Vec::new());
    for (nth, step) in (0u32..).zip(steps) {
        let command = translate::command(step, &known, &*one.store, one.world.clock.now());
        let answer = one.take(nth, step, command.clone());
        let answers = (answer.clone(), other.take(nth, step, command.clone()));
        if answers.0 != answers.1 {
            return Err(TestCaseError::fail(format!("{command:?} was answered {answers:#?}")));
        }
        given.push(match &answer {
            Ok(applied) => word(&applied.outcome),
            Err(error) => error.code(),
        });
        if let Ok(Applied { outcome: Outcome::Created { task, .. }, .. }) = answer {
            known.push(task);
        }
        let boards = (one.look()?, other.look()?);
        if boards.0 != boards.1 {
            let both = format!("{:#?}\nor\n{:#?}", boards.0, boards.1);
            return Err(TestCaseError::fail(format!("after {command:?} the board is {both}")));
        }
        let broken = invariant::check(&boards.0.whole.board);
        if !broken.is_empty() {
            return Err(TestCaseError::fail(format!("after {command:?}: {broken:#?}")));
        }
    }
    Ok(given)
}

/// An outcome in a word.
fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Created { .. } => "created",
        Outcome::Existing { .. } => "existing",
        Outcome::Claimed { .. } => "claimed",
        Outcome::SentBack { .. } => "sent_back",
        Outcome::Moved { to, .. } => to.word(),
        Outcome::Stopping { .. } => "stopping",
        Outcome::HeldBack { .. } => "held_back",
        Outcome::Recorded { .. } => "recorded",
        Outcome::Unchanged => "unchanged",
        Outcome::PauseSet => "pause_set",
    }
}

/// A store in a world of its own, which is the same for both.
struct Player {
    store: Box<dyn Store>,
    world: World,
}

/// Draws of one step stay within a block of the row of draws.
const DRAWS_PER_STEP: u32 = 64;

impl Player {
    fn new(factory: &Factory<'_>) -> Self {
        let world = World::new(Policy::default());
        Self { store: factory(world.environment()), world }
    }

    fn take(&mut self, nth: u32, step: &Step, command: Command) -> Result<Applied, StoreError> {
        self.world.clock.advance(Seconds(i64::from(step.seconds)));
        // A store may draw for a preview or a refused command or not: no later id depends on it.
        self.world.random.wind(nth * DRAWS_PER_STEP);
        let op = OpId::new(u64::from(nth), [1; 10]);
        let request = Request { op, actor: Actor::human("tester"), command };
        self.store.apply(request)
    }

    fn look(&self) -> Result<Seen, TestCaseError> {
        let whole = snapshot::whole(&*self.store).map_err(unreadable)?;
        let at = self.world.clock.now();
        let sorted = |mut ids: Vec<TaskId>| {
            ids.sort();
            ids
        };
        let open = self.store.run_open_list().map_err(unreadable)?;
        let expired = self.store.claim_expired(at, POOL).map_err(unreadable)?;
        let lingering = self.store.run_lingering_list(STEPS_MAX).map_err(unreadable)?;
        let heads = self.store.queue_heads(at, POOL).map_err(unreadable)?;
        let due = self.store.due_list(at, POOL).map_err(unreadable)?;
        Ok(Seen {
            open: sorted(open.into_iter().map(|row| row.task).collect()),
            expired: sorted(expired.into_iter().map(|row| row.task).collect()),
            lingering: sorted(lingering.into_iter().map(|run| run.task).collect()),
            queue: heads.into_iter().map(|entry| entry.task).collect(),
            due: due.into_iter().map(|due| due.task).collect(),
            whole,
        })
    }
}

fn unreadable(error: StoreError) -> TestCaseError {
    TestCaseError::fail(format!("a board could not be read: {error}"))
}

/// Everything that is compared after a step.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    whole: Whole,
    open: Vec<TaskId>,
    expired: Vec<TaskId>,
    lingering: Vec<TaskId>,
    queue: Vec<TaskId>,
    due: Vec<TaskId>,
}
