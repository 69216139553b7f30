//! What happens on the disk before the power is cut: a board is made or adopted, and clients take
//! turns to change it. The undisturbed run; everything that it acknowledges is checked here once.

use super::lab::{Found, sound};
use super::volume::Volume;
use crate::disk::{Disk, Logged, Window};
use crate::sequence;
use crate::snapshot::{self, Whole};
use crate::torture::Failure;
use crate::torture::bench::Bench;
use crate::torture::chance::Chance;
use crate::world::BEGIN;
use andon_core::actor::Actor;
use andon_core::id::{OpId, TaskId};
use andon_core::time::Seconds;
use andon_core::transition::Outcome;
use andon_store::{Applied, Clock, Request, Store, StoreError};
use andon_store_sqlite::SqliteStore;

/// The board's file.
pub(in crate::torture) const BOARD: &str = "kanban.db";

/// A state of the board that may be found after a cut.
#[derive(Debug, Clone)]
pub(in crate::torture) enum Seen {
    /// No board yet.
    Nothing,
    /// A board of another schema, which holds this once it is adopted.
    Foreign(Box<Whole>),
    /// A board that was adopted, holds this, and may have to be switched to the log again, after
    /// which it has pages that nobody saw before.
    Unswitched(Box<Whole>),
    /// A board with these pages.
    Board(u64),
}

impl From<Found> for Seen {
    fn from(found: Found) -> Self {
        match found {
            Found::Nothing => Self::Nothing,
            Found::Adopted(whole) => Self::Foreign(whole),
            Found::Board(digest) => Self::Board(digest),
        }
    }
}

/// What happened, and what was on the board at each moment.
pub(super) struct Story {
    pub(super) base: Volume,
    pub(super) log: Vec<Logged>,
    pub(super) seen: Vec<Seen>,
    pub(super) end: Window,
}

/// Clients that take turns.
const CLIENTS_MAX: usize = 3;
/// Log pages after which clients checkpoint: few, so that they do it often.
const CHECKPOINT_PAGES: [u32; 4] = [1, 12, 40, 120];
/// Commands of a story: enough to fill a page of each table, few enough to open many images.
const STEPS_MAX: usize = 80;
/// One in so many stories that go on after a cut is checked at its end.
const STORIES_PER_CHECK: usize = 4;
/// One in so many stories tells how the board was made or adopted; all others begin with it.
const STORIES_PER_BEGINNING: usize = 3;
/// One in so many turns begins with a new process.
const TURNS_PER_PROCESS: usize = 8;

/// Tells the story of a seed.
pub(super) fn tell(bench: &Bench, seed: u64) -> Result<Story, Failure> {
    let _here = bench.stay();
    let mut chance = Chance::new(seed);
    bench.disk.load(std::iter::empty())?;
    bench.wind(BEGIN, 0);
    let foreign = super::foreign::board(bench, &mut chance)?;
    let pages = CHECKPOINT_PAGES[chance.below(CHECKPOINT_PAGES.len())];
    let begin = || if foreign { bench.open(BOARD, pages) } else { bench.create(BOARD, pages) };
    let (mut teller, first) = if chance.once_in(STORIES_PER_BEGINNING) {
        let mut teller = Teller::begin(bench, if foreign { None } else { Some(Seen::Nothing) });
        let first = begin()?;
        if foreign {
            teller.seen.push(Seen::Foreign(Box::new(snapshot::whole(&first)?)));
        }
        (teller, first)
    } else {
        let first = begin()?;
        (Teller::begin(bench, None), first)
    };
    teller.acknowledge(&first)?;
    let clients = 1 + chance.below(CLIENTS_MAX);
    let mut stores = vec![first];
    while stores.len() < clients {
        stores.push(bench.open(BOARD, pages)?);
    }
    let tasks = snapshot::board(&stores[0])?.tasks;
    let mut known: Vec<TaskId> = tasks.into_iter().map(|task| task.id).collect();
    for (nth, step) in (0..).zip(sequence::drawn(seed, STEPS_MAX)) {
        let turn = chance.below(clients);
        if chance.once_in(TURNS_PER_PROCESS) {
            drop(stores.remove(turn));
            stores.insert(turn, bench.open(BOARD, pages)?);
        }
        bench.world.clock.advance(Seconds(i64::from(step.seconds())));
        let store: &SqliteStore = &stores[turn];
        let command = sequence::command(&step, &known, store, bench.world.clock.now());
        let request =
            Request { op: OpId::new(nth, [1; 10]), actor: Actor::human("tester"), command };
        teller.attempt();
        match store.apply(request) {
            Ok(Applied { outcome: Outcome::Created { task, .. }, .. }) => known.push(task),
            Ok(_) | Err(StoreError::Rejected(_)) => {}
            Err(error) => return Err(format!("the undisturbed run failed: {error}").into()),
        }
        teller.acknowledge(store)?;
    }
    Ok(teller.end())
}

/// Goes on with a board after a cut: opens it, and writes to it.
pub(super) fn go_on(bench: &Bench, now: Seen, chance: &mut Chance) -> Result<Story, Failure> {
    let mut teller = Teller::begin(bench, Some(now));
    teller.checks = Checks::None;
    let pages = CHECKPOINT_PAGES[chance.below(CHECKPOINT_PAGES.len())];
    let store = bench.create(BOARD, pages)?;
    teller.acknowledge(&store)?;
    teller.attempt();
    let task = bench.make_task(&store)?;
    teller.acknowledge(&store)?;
    teller.attempt();
    bench.comment(&store, &task)?;
    if chance.once_in(STORIES_PER_CHECK) {
        teller.checks = Checks::EachState;
    }
    teller.acknowledge(&store)?;
    Ok(teller.end())
}

/// Keeps what is acknowledged.
struct Teller<'b> {
    disk: &'b Disk,
    bench: &'b Bench,
    base: Volume,
    seen: Vec<Seen>,
    checks: Checks,
}

/// Whether each new state of the board is checked when it is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Checks {
    /// It is: pages that are found later are compared with these.
    EachState,
    /// It is not.
    None,
}

impl<'b> Teller<'b> {
    /// Begins with the disk as it is, and a first command in flight.
    fn begin(bench: &'b Bench, now: Option<Seen>) -> Self {
        let disk = &bench.disk;
        let base = Volume::at_rest(&disk.names(), |id| disk.content(id));
        disk.start_log();
        disk.set_window(Window { least: 0, most: 1 });
        Self { disk, bench, base, seen: now.into_iter().collect(), checks: Checks::EachState }
    }

    /// A command is about to begin.
    fn attempt(&self) {
        let least = self.seen.len() - 1;
        self.disk.set_window(Window { least, most: least + 1 });
    }

    /// A command was answered.
    fn acknowledge(&mut self, store: &SqliteStore) -> Result<(), Failure> {
        let now = self.bench.digest(BOARD);
        let is_new = !matches!(self.seen.last(), Some(Seen::Board(last)) if *last == now);
        if is_new {
            if self.checks == Checks::EachState {
                sound(store)?;
            }
            self.seen.push(Seen::Board(now));
        }
        let least = self.seen.len() - 1;
        self.disk.set_window(Window { least, most: least });
        Ok(())
    }

    fn end(self) -> Story {
        let least = self.seen.len() - 1;
        let end = Window { least, most: least };
        Story { base: self.base, log: self.disk.take_log(), seen: self.seen, end }
    }
}
