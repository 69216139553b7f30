//! A program that has the board open for long and asks for one thing after the other, writing down
//! each question before it is asked and each answer when it is heard.

use super::child::Clock;
use super::{action, stray};
use crate::torture::Failure;
use crate::torture::chance::Chance;
use crate::torture::history::record::now;
use crate::torture::history::{Log, answer};
use andon_core::actor::Actor;
use andon_core::command::Command;
use andon_core::id::{OpId, RunId, TaskId};
use andon_core::policy::Policy;
use andon_core::time::{Seconds, Timestamp};
use andon_store::{Applied, Environment, Request, Store, StoreError, SystemClock};
use andon_store_sqlite::{Guarding, Options, SqliteStore};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Operations without a pause: enough that a kill strikes between any two steps of one.
const BURST: u64 = 40;
/// Life of a client's claim. Its owner dies often, and somebody else must get on with the task.
const CLAIM_TTL: Seconds = Seconds(3);
/// Farthest that the stepping clock is from the true one.
const STEP_SECONDS_MAX: usize = 4_000;
/// Operations between two steps of the clock, about.
const STEP_EVERY: usize = 60;
/// Tries to open the board. Others may hold the init lock, or have just been killed with it.
const OPEN_TRIES: u32 = 50;

/// How a client is.
pub(super) struct Setting<'s> {
    pub(super) board: &'s Path,
    pub(super) logs: &'s Path,
    pub(super) seed: u64,
    pub(super) rate: u64,
    pub(super) clock: Clock,
}

/// A clock that somebody sets.
#[derive(Default)]
struct SteppingClock(AtomicI64);

impl andon_store::Clock for SteppingClock {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0 + self.0.load(Ordering::SeqCst))
    }
}

/// A client at work.
pub(super) struct Client {
    pub(super) store: SqliteStore,
    pub(super) chance: Chance,
    /// Runs that it holds, or believes to.
    pub(super) held: Vec<(TaskId, RunId)>,
    /// Runs that it held once.
    pub(super) past: Vec<(TaskId, RunId)>,
    /// Tasks that it knows of.
    pub(super) known: Vec<TaskId>,
    log: Log,
    actor: Actor,
    clock: Arc<SteppingClock>,
}

/// Works until its input ends.
pub(super) fn run(setting: &Setting<'_>) -> Result<(), Failure> {
    let is_over = Arc::new(AtomicBool::new(false));
    stray::listen(setting.board.to_owned(), Arc::clone(&is_over));
    let pid = std::process::id();
    let mut chance = Chance::new(setting.seed ^ u64::from(pid) << 32 ^ now());
    let clock = Arc::new(SteppingClock::default());
    let store = open(setting.board, Arc::clone(&clock), chance.draw())?;
    let log = Log::create(&setting.logs.join(format!("client-{pid}-{}.jsonl", now())))?;
    let actor = Actor::human(&format!("client {pid}"));
    let (held, past, known) = (Vec::new(), Vec::new(), Vec::new());
    let mut client = Client { store, chance, held, past, known, log, actor, clock };
    let pause = Duration::from_millis(1_000 * BURST / setting.rate.max(1));
    while !is_over.load(Ordering::SeqCst) {
        let since = Instant::now();
        for _ in 0..BURST {
            if setting.clock == Clock::Stepping && client.chance.once_in(STEP_EVERY) {
                client.step_clock();
            }
            action::next(&mut client)?;
        }
        // A pause of a random length: clients must not fall into step with each other.
        let pause = pause.mul_f64(client.chance.below(1_000) as f64 / 500.0);
        super::pace::rest(pause.saturating_sub(since.elapsed()));
    }
    Ok(())
}

fn open(board: &Path, clock: Arc<SteppingClock>, seed: u64) -> Result<SqliteStore, Failure> {
    let chance = std::sync::Mutex::new(Chance::new(seed));
    let random = move || {
        let mut chance = chance.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        (chance.draw() >> 32) as u32
    };
    let policy = Policy { claim_ttl: CLAIM_TTL, ..Policy::default() };
    let env = Environment { clock, random: Arc::new(random), policy: Arc::new(policy) };
    let options = Options { guard: Guarding::Hold, checkpoint_pages: 200, ..Options::default() };
    let mut tries = 1;
    loop {
        match SqliteStore::open(board, options.clone(), env.clone()) {
            Ok(store) => return Ok(store),
            Err(StoreError::Busy { .. }) if tries < OPEN_TRIES => tries += 1,
            Err(error) => return Err(error.into()),
        }
    }
}

impl Client {
    /// Asks for something, with a record before and after. Errors of the log end the client: what
    /// is not written down must not be done.
    pub(super) fn ask(
        &mut self,
        command: impl Into<Command>,
    ) -> Result<Result<Applied, StoreError>, Failure> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let op = OpId::new(u64::try_from(since.as_millis())?, self.chance.bytes());
        let request = Request { op, actor: self.actor.clone(), command: command.into() };
        self.log.write(&answer::start(&request, now()))?;
        let answer = self.store.apply(request.clone());
        self.log.write(&answer::end(&request, &answer))?;
        Ok(answer)
    }

    fn step_clock(&mut self) {
        let step = i64::try_from(self.chance.below(2 * STEP_SECONDS_MAX)).unwrap_or(0);
        let back = i64::try_from(STEP_SECONDS_MAX).unwrap_or(0);
        self.clock.0.store(step - back, Ordering::SeqCst);
    }
}
