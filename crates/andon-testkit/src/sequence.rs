//! Random commands on two stores, compared step by step: answers, the whole board, and what must
//! hold on every board. A failure is shrunk to the shortest sequence that shows it.

mod beside;
mod hunt;
mod peer_call;
mod step;
mod translate;

pub use beside::{Turn, play_beside, turns};
pub use hunt::{BLOCK, Met, Seed, hunt};
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

/// Sequences that are tried where nobody says otherwise: a few seconds of work.
pub const SEQUENCES: u32 = 256;

/// Longest sequence. Longer ones rarely find more, and shrink badly.
pub const STEPS_MAX: usize = 60;

/// Tasks that a sequence speaks about. Few, so that commands meet each other.
pub const POOL: usize = 6;

/// What need not hold once the clock was set back.
const OF_THE_CLOCK: &[&str] = &["event_times_grow", "run_ids_grow"];

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
pub fn compare(one: &Factory<'_>, other: &Factory<'_>, sequences: u32) -> Met {
    let seed = Seed { hunt: 0, block: 0 };
    let outcome = hunt(&steps(STEPS_MAX), sequences, seed, |steps| play(one, other, &steps));
    outcome.unwrap_or_else(|failure| panic!("two stores differ: {failure}"))
}

/// Plays one sequence on two new boards, and tells how they answered.
pub fn play(
    one: &Factory<'_>,
    other: &Factory<'_>,
    steps: &[Step],
) -> Result<Vec<String>, TestCaseError> {
    let (mut one, mut other) = (Player::new(one), Player::new(other));
    let (mut known, mut given): (Vec<TaskId>, Vec<String>) = (Vec::new(), Vec::new());
    let mut set_back = false;
    for (nth, step) in (0u32..).zip(steps) {
        let command = translate::command(step, &known, &*one.store, one.world.clock.now());
        let answer = one.take(nth, step, command.clone());
        let answers = (answer.clone(), other.take(nth, step, command.clone()));
        if answers.0 != answers.1 {
            return Err(TestCaseError::fail(format!("{command:?} was answered {answers:#?}")));
        }
        given.push(word(&answer));
        if let Ok(Applied { outcome: Outcome::Created { task, .. }, .. }) = answer {
            known.push(task);
        }
        let boards = (one.look()?, other.look()?);
        if boards.0 != boards.1 {
            let both = format!("{:#?}\nor\n{:#?}", boards.0, boards.1);
            return Err(TestCaseError::fail(format!("after {command:?} the board is {both}")));
        }
        set_back |= step.seconds < 0;
        let mut broken = invariant::check(&boards.0.whole.board);
        broken.retain(|broken| !(set_back && OF_THE_CLOCK.contains(&broken.name)));
        if !broken.is_empty() {
            return Err(TestCaseError::fail(format!("after {command:?}: {broken:#?}")));
        }
    }
    Ok(given)
}

/// An answer in a word.
fn word(answer: &Result<Applied, StoreError>) -> String {
    let word = match answer.as_ref().map(|applied| &applied.outcome) {
        Err(error) => error.code(),
        Ok(Outcome::Created { .. }) => "created",
        Ok(Outcome::Existing { .. }) => "existing",
        Ok(Outcome::Claimed { .. }) => "claimed",
        Ok(Outcome::SentBack { .. }) => "sent_back",
        Ok(Outcome::Moved { to, .. }) => to.word(),
        Ok(Outcome::Stopping { .. }) => "stopping",
        Ok(Outcome::HeldBack { .. }) => "held_back",
        Ok(Outcome::Recorded { .. }) => "recorded",
        Ok(Outcome::Unchanged) => "unchanged",
        Ok(Outcome::PauseSet) => "pause_set",
    };
    word.to_owned()
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

    fn wait(&self, step: &Step) {
        self.world.clock.advance(Seconds(i64::from(step.seconds)));
    }

    fn take(&mut self, nth: u32, step: &Step, command: Command) -> Result<Applied, StoreError> {
        self.wait(step);
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
