//! Random sequences of commands: the model and SQLite compared after each step, then the same
//! commands on SQLite with the peer's own writes in between. A board in memory if the machine has
//! such a file system, synced as shipped.

use super::Failure;
use super::board_place::BoardPlace;
use super::words::Words;
use crate::peer::Peer;
use crate::sequence::{self, BLOCK, Met, STEPS_MAX, Seed, play, play_beside, steps, turns};
use crate::world::World;
use andon_core::policy::Policy;
use andon_store::mem::MemStore;
use andon_store::{Environment, Store};
use andon_store_sqlite::SqliteStore;
use proptest::test_runner::TestCaseError;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// As the usage shows them.
pub(super) const OPTIONS: &str = "[--sequences N] [--seed N] [--block N] [--jobs N] [--minutes N] \
                           [--with-peer | --peer PYTHON]";

/// Sequences where nobody says how many.
const SEQUENCES: u64 = 10_000;

/// The longest that a hunt goes on where nobody says otherwise, in minutes.
const MINUTES: u64 = 60;

/// What is to be hunted.
#[derive(Debug, Clone)]
struct Plan {
    sequences: u64,
    seed: u64,
    /// Only this block, to see a failure again.
    block: Option<u64>,
    jobs: u64,
    until: Instant,
    /// Interpreter that has the peer installed.
    peer: Option<PathBuf>,
}

/// Runs the engine.
pub(super) fn run(words: &[String]) -> Result<String, Failure> {
    let mut options = Words::read(words)?;
    let jobs = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let minutes = options.number("minutes")?.unwrap_or(MINUTES);
    let plan = Plan {
        sequences: options.number("sequences")?.unwrap_or(SEQUENCES),
        seed: options.number("seed")?.unwrap_or(0),
        block: options.number("block")?,
        jobs: options.number("jobs")?.unwrap_or(jobs).max(1),
        until: Instant::now() + Duration::from_secs(minutes * 60),
        peer: options.text("peer").map(PathBuf::from),
    };
    options.finish()?;
    let started = Instant::now();
    let met = match plan.peer.clone() {
        None => share(&plan, compare_blocks)?,
        Some(python) => share(&plan, move |blocks| mixed_blocks(blocks, &python))?,
    };
    Ok(report(&plan, &met, started.elapsed()))
}

/// Blocks of a plan, handed out to those who play them.
struct Blocks<'p> {
    plan: &'p Plan,
    next: &'p AtomicU64,
}

impl Blocks<'_> {
    /// The next block and how many sequences are in it.
    fn take(&self) -> Option<(Seed, u32)> {
        let nth = self.next.fetch_add(1, Ordering::SeqCst);
        let left = self.plan.sequences.saturating_sub(nth * u64::from(BLOCK));
        let count = u32::try_from(left).unwrap_or(u32::MAX).min(BLOCK);
        if count == 0 || Instant::now() >= self.plan.until {
            return None;
        }
        let seed = |block| Seed { hunt: self.plan.seed, block };
        match self.plan.block {
            None => Some((seed(nth), count)),
            Some(block) => (nth == 0).then(|| (seed(block), BLOCK)),
        }
    }
}

/// Lets several threads play, and adds up what they met.
fn share(
    plan: &Plan,
    play: impl Fn(&Blocks<'_>) -> Result<Met, String> + Sync,
) -> Result<Met, Failure> {
    let next = AtomicU64::new(0);
    let (play, next) = (&play, &next);
    let ends: Vec<Result<Met, String>> = std::thread::scope(|scope| {
        let work = || play(&Blocks { plan, next });
        let players: Vec<_> = (0..plan.jobs).map(|_| scope.spawn(work)).collect();
        let ended = players.into_iter().map(|player| player.join());
        ended.map(|end| end.unwrap_or_else(|_| Err("a player panicked".to_owned()))).collect()
    });
    let mut met = Met::default();
    for end in ends {
        met.add(end?);
    }
    Ok(met)
}

fn compare_blocks(blocks: &Blocks<'_>) -> Result<Met, String> {
    let place = BoardPlace::new().map_err(|error| error.to_string())?;
    let model =
        |environment: Environment| -> Box<dyn Store> { Box::new(MemStore::new(environment)) };
    let sqlite = |environment: Environment| -> Box<dyn Store> {
        place.clear();
        Box::new(create(&place.next_path(), environment).expect("a board can be made"))
    };
    let mut met = Met::default();
    while let Some((seed, count)) = blocks.take() {
        let each = steps(STEPS_MAX);
        met.add(sequence::hunt(&each, count, seed, |steps| play(&model, &sqlite, &steps))?);
    }
    Ok(met)
}

fn mixed_blocks(blocks: &Blocks<'_>, python: &Path) -> Result<Met, String> {
    let place = BoardPlace::new().map_err(|error| error.to_string())?;
    let peer = RefCell::new(Peer::start(python).map_err(|error| error.to_string())?);
    let mut met = Met::default();
    while let Some((seed, count)) = blocks.take() {
        let played = sequence::hunt(&turns(), count, seed, |turns| {
            place.clear();
            let path = place.next_path();
            let world = World::new(Policy::default());
            let store = create(&path, world.environment());
            let store = store.map_err(|error| TestCaseError::fail(error.to_string()))?;
            let mut peer = peer.borrow_mut();
            peer.open(&path).map_err(|gone| TestCaseError::fail(gone.to_string()))?;
            play_beside(Box::new(store), world, &mut peer, &turns)
        });
        met.add(played?);
    }
    Ok(met)
}

fn create(path: &Path, environment: Environment) -> Result<SqliteStore, andon_store::StoreError> {
    SqliteStore::create(path, andon_store_sqlite::Options::default(), environment)
}

fn report(plan: &Plan, met: &Met, took: Duration) -> String {
    let seconds = took.as_secs_f64();
    let each = met.sequences as f64 / seconds.max(f64::EPSILON);
    let what = match plan.peer {
        None => "the model and SQLite equal after each step, every invariant true",
        Some(_) => "with the peer's writes in between: every read works, no invariant broken",
    };
    let Met { sequences, steps, answers } = met;
    let mut text = format!(
        "sequence: {sequences} sequences of up to {STEPS_MAX} steps, {steps} steps, seed {}, \
         {seconds:.0} s, {each:.0} sequences/s: {what}\n",
        plan.seed
    );
    for (answer, times) in answers {
        text.push_str(&format!("  {times:>8} {answer}\n"));
    }
    text
}
