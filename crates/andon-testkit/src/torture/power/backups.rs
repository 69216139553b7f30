//! Backups of a board that is in use.

use super::clients::Clients;
use super::shelf::BACKUPS;
use super::story::{CHECKPOINT_PAGES, CLIENTS_MAX, STEPS_MAX};
use super::teller::{BOARD, PROBE, Story, Teller};
use crate::sequence;
use crate::snapshot::{self, Whole};
use crate::torture::Failure;
use crate::torture::bench::Bench;
use crate::torture::chance::Chance;
use andon_store::Clock;
use andon_store_sqlite::{GoodBoard, Keep, SqliteStore, back_up, restore};
use std::ffi::OsString;
use std::num::NonZeroU32;

/// Backups that stay at most: few, so that older ones go soon.
const KEEP_MAX: usize = 3;
/// Backups of a story at most, beside those that were there before.
const ROUNDS_MAX: usize = 2;
/// Commands before a story, and between two backups.
const STEPS_BEFORE_MAX: usize = 24;
const STEPS_BETWEEN_MAX: usize = 5;

/// A backup, and what was on the board when it was made.
pub(super) struct Kept {
    /// Its name.
    pub(super) name: OsString,
    /// What is in it.
    pub(super) whole: Whole,
}

/// A board on which clients have worked.
pub(super) fn ground<'b>(
    bench: &'b Bench,
    seed: u64,
    chance: &mut Chance,
) -> Result<Clients<'b>, Failure> {
    let pages = CHECKPOINT_PAGES[chance.below(CHECKPOINT_PAGES.len())];
    let first = bench.create(BOARD, pages)?;
    let (count, steps) = (1 + chance.below(CLIENTS_MAX), sequence::drawn(seed, STEPS_MAX));
    let mut clients = Clients::new(bench, first, count, pages, steps)?;
    clients.work(1 + chance.below(STEPS_BEFORE_MAX), chance, None)?;
    Ok(clients)
}

/// Makes a backup.
pub(super) fn make(bench: &Bench, store: &SqliteStore, keep: Keep) -> Result<Kept, Failure> {
    let now = bench.world.clock.now();
    let made = back_up(&bench.path(BOARD), &bench.path(BACKUPS), keep, now)?;
    let name = made.backup.path.file_name().unwrap_or_default().to_owned();
    Ok(Kept { name, whole: snapshot::whole(store)? })
}

/// Tells a story of backups.
pub(super) fn tell(bench: &Bench, seed: u64, chance: &mut Chance) -> Result<Story, Failure> {
    let mut clients = ground(bench, seed, chance)?;
    let keep = keep(1 + chance.below(KEEP_MAX));
    let mut kept = Vec::new();
    for _ in 0..chance.below(KEEP_MAX + 1) {
        kept.push(make(bench, clients.store(), keep)?);
        clients.work(chance.below(STEPS_BETWEEN_MAX), chance, None)?;
    }
    let mut teller = Teller::begin(bench, None);
    teller.acknowledge(clients.store())?;
    for _ in 0..1 + chance.below(ROUNDS_MAX) {
        clients.work(chance.below(STEPS_BETWEEN_MAX), chance, Some(&mut teller))?;
        teller.attempt();
        kept.push(make(bench, clients.store(), keep)?);
        teller.acknowledge(clients.store())?;
    }
    clients.work(chance.below(STEPS_BETWEEN_MAX), chance, Some(&mut teller))?;
    let story = teller.end();
    let last = story.states.last().map(|state| state.shelf.backups()).unwrap_or_default();
    if last.is_empty() {
        return Err("a backup was made, and is not there".into());
    }
    for name in last {
        // The name of one that is gone may have been given again within its second.
        let made = kept.iter().rev().find(|kept| kept.name == name);
        let made = made.ok_or_else(|| format!("nobody made {}", name.display()))?;
        require_whole(bench, made)?;
    }
    Ok(story)
}

/// Checks that a backup holds one state of the board: that in which it was made.
fn require_whole(bench: &Bench, made: &Kept) -> Result<(), Failure> {
    let (probe, from) = (bench.path(PROBE), bench.path(BACKUPS).join(&made.name));
    restore(&probe, &from, GoodBoard::GoesAside, bench.world.clock.now())?;
    if snapshot::whole(&bench.open(PROBE, CHECKPOINT_PAGES[0])?)? != made.whole {
        return Err(format!("{} is not what was backed up", made.name.display()).into());
    }
    Ok(())
}

/// Makes one more after a cut.
pub(super) fn again(
    bench: &Bench,
    store: &SqliteStore,
    teller: &mut Teller<'_>,
) -> Result<(), Failure> {
    teller.attempt();
    make(bench, store, keep(KEEP_MAX))?;
    teller.acknowledge(store)
}

fn keep(count: usize) -> Keep {
    u32::try_from(count).ok().and_then(NonZeroU32::new).map_or(Keep::All, Keep::Newest)
}
