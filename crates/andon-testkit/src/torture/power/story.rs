//! What happens on the disk before the power is cut: a board is made or adopted, and clients take
//! turns to change it. The undisturbed run; everything that it acknowledges is checked here once.

use super::back::Back;
use super::clients::Clients;
use super::scene::Scene;
use super::teller::{BOARD, Checks, Seen, Story, Teller};
use super::{backups, replaced};
use crate::sequence;
use crate::snapshot;
use crate::torture::Failure;
use crate::torture::bench::Bench;
use crate::torture::cache::Cache;
use crate::torture::chance::Chance;
use crate::world::BEGIN;

/// Clients that take turns.
pub(super) const CLIENTS_MAX: usize = 3;
/// Log pages after which clients checkpoint: few, so that they do it often.
pub(super) const CHECKPOINT_PAGES: [u32; 4] = [1, 12, 40, 120];
/// Commands of a story: enough to fill a page of each table, few enough to open many images.
pub(super) const STEPS_MAX: usize = 80;
/// One in so many stories that go on after a cut is checked at its end.
const STORIES_PER_CHECK: usize = 4;
/// One in so many stories tells how the board was made or adopted; all others begin with it.
const STORIES_PER_BEGINNING: usize = 3;

/// Tells the story of a seed.
pub(super) fn tell(bench: &Bench, scene: Scene, seed: u64) -> Result<Story, Failure> {
    let _here = bench.stay();
    let mut chance = Chance::new(seed);
    bench.disk.load(std::iter::empty())?;
    bench.wind(BEGIN, 0);
    bench.use_cache(Cache::of(seed));
    match scene {
        Scene::Commands => commands(bench, seed, &mut chance),
        Scene::Backup => backups::tell(bench, seed, &mut chance),
        Scene::Restore => replaced::by_restores(bench, seed, &mut chance),
        Scene::Repair => replaced::by_repair(bench, seed, &mut chance),
    }
}

fn commands(bench: &Bench, seed: u64, chance: &mut Chance) -> Result<Story, Failure> {
    let foreign = super::foreign::board(bench, chance)?;
    let pages = CHECKPOINT_PAGES[chance.below(CHECKPOINT_PAGES.len())];
    let begin = || if foreign { bench.open(BOARD, pages) } else { bench.create(BOARD, pages) };
    let (mut teller, first) = if chance.once_in(STORIES_PER_BEGINNING) {
        let now = if foreign { None } else { Some((Seen::Nothing, None)) };
        let mut teller = Teller::begin(bench, now);
        let first = begin()?;
        if foreign {
            teller.note_beginning(Seen::Foreign(Box::new(snapshot::whole(&first)?)), None);
        }
        (teller, first)
    } else {
        let first = begin()?;
        (Teller::begin(bench, None), first)
    };
    teller.acknowledge(&first)?;
    let count = 1 + chance.below(CLIENTS_MAX);
    let steps = sequence::drawn(seed, STEPS_MAX);
    let mut clients = Clients::new(bench, first, count, pages, steps)?;
    clients.work(STEPS_MAX, chance, Some(&mut teller))?;
    Ok(teller.end())
}

/// Where a story goes on after a cut.
pub(super) struct Left<'l> {
    /// The board that was found.
    pub(super) now: Seen,
    /// What the story was about.
    pub(super) scene: Scene,
    /// The verb that was cut short, or that brought the board back.
    pub(super) back: Option<&'l Back>,
}

/// Goes on with a board after a cut: does once more what was cut short, opens the board, and writes
/// to it.
pub(super) fn go_on(bench: &Bench, left: Left<'_>, chance: &mut Chance) -> Result<Story, Failure> {
    let is_away = matches!(left.now, Seen::Away(_));
    let mut teller = Teller::begin(bench, Some((left.now, left.back.cloned())));
    teller.checks = Checks::None;
    let pages = CHECKPOINT_PAGES[chance.below(CHECKPOINT_PAGES.len())];
    let store = match left.back {
        Some(back) => replaced::again(bench, back, is_away, &mut teller)?,
        None => {
            let store = bench.create(BOARD, pages)?;
            teller.acknowledge(&store)?;
            store
        }
    };
    if left.scene == Scene::Backup {
        backups::again(bench, &store, &mut teller)?;
    }
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
