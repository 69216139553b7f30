//! Boards that are replaced: by a backup, or by what could be read of them.

use super::back::{Back, Came, Verb};
use super::backups::{self, Kept};
use super::clients::Clients;
use super::loss::{self, Loss};
use super::shelf::Shelf;
use super::story::{CHECKPOINT_PAGES, CLIENTS_MAX};
use super::teller::{BOARD, Seen, Story, Teller};
use crate::snapshot;
use crate::torture::Failure;
use crate::torture::bench::Bench;
use crate::torture::chance::Chance;
use andon_store_sqlite::{GoodBoard, Keep, SqliteStore};

/// Backups from which one is restored.
const BACKUPS_MAX: usize = 2;
/// Restores of a story.
const ROUNDS_MAX: usize = 2;
/// Commands between two steps of a story.
const STEPS_BETWEEN_MAX: usize = 5;

/// Tells a story of restores. The first one finds a board that is in order, or none that is.
pub(super) fn by_restores(bench: &Bench, seed: u64, chance: &mut Chance) -> Result<Story, Failure> {
    let mut clients = backups::ground(bench, seed, chance)?;
    let mut kept: Vec<Kept> = Vec::new();
    for _ in 0..1 + chance.below(BACKUPS_MAX) {
        kept.push(backups::make(bench, clients.store(), Keep::All)?);
        clients.work(chance.below(STEPS_BETWEEN_MAX), chance, None)?;
    }
    let rounds = 1 + chance.below(ROUNDS_MAX);
    let Some(first) = chance.pick(&kept) else { return Err("no backup was made".into()) };
    let verb = Verb::Restore(first.name.clone());
    let mut teller = match Loss::of_restored(chance) {
        Some(loss) => {
            clients.leave();
            if loss == Loss::Header {
                loss::settle(bench)?;
            }
            loss.befall(bench, chance)?;
            let teller = begin_away(bench, &verb)?;
            let mut teller = teller.ok_or("a restore had nothing to do")?;
            replace(bench, &verb, GoodBoard::Stays, &mut clients, &mut teller)?;
            teller
        }
        None => {
            let mut teller = Teller::begin(bench, None);
            teller.acknowledge(clients.store())?;
            clients.work(chance.below(STEPS_BETWEEN_MAX), chance, Some(&mut teller))?;
            replace(bench, &verb, GoodBoard::GoesAside, &mut clients, &mut teller)?;
            teller
        }
    };
    require_whole(&clients, first)?;
    clients.work(chance.below(STEPS_BETWEEN_MAX), chance, Some(&mut teller))?;
    for _ in 1..rounds {
        let Some(next) = chance.pick(&kept) else { break };
        let verb = Verb::Restore(next.name.clone());
        replace(bench, &verb, GoodBoard::GoesAside, &mut clients, &mut teller)?;
        require_whole(&clients, next)?;
        clients.work(chance.below(STEPS_BETWEEN_MAX), chance, Some(&mut teller))?;
    }
    Ok(teller.end())
}

/// Tells the story of a repair.
pub(super) fn by_repair(bench: &Bench, seed: u64, chance: &mut Chance) -> Result<Story, Failure> {
    let mut clients = backups::ground(bench, seed, chance)?;
    let before = snapshot::whole(clients.store())?;
    clients.leave();
    let loss = Loss::of_repaired(chance);
    loss.befall(bench, chance)?;
    let mut teller = match begin_away(bench, &Verb::Repair)? {
        Some(teller) => teller,
        // The log has what was damaged, so nothing was lost.
        None => {
            loss::settle(bench)?;
            loss.befall(bench, chance)?;
            begin_away(bench, &Verb::Repair)?.ok_or("a damaged board is taken for one in order")?
        }
    };
    replace(bench, &Verb::Repair, GoodBoard::Stays, &mut clients, &mut teller)?;
    // An index is made wrong by a change of its table.
    if loss != Loss::Index && snapshot::whole(clients.store())? != before {
        return Err("the board was repaired, and is not what it was".into());
    }
    clients.work(chance.below(STEPS_BETWEEN_MAX), chance, Some(&mut teller))?;
    Ok(teller.end())
}

/// Begins with a board that cannot be used; that it comes back, and as what, is tried first.
/// Nothing if there was nothing to do.
fn begin_away<'b>(bench: &'b Bench, verb: &Verb) -> Result<Option<Teller<'b>>, Failure> {
    let image = bench.disk.image();
    if verb.carry_out(bench, GoodBoard::Stays)? == Came::Nothing {
        return Ok(None);
    }
    let store = bench.open(BOARD, CHECKPOINT_PAGES[0])?;
    let then = bench.digest(BOARD);
    drop(store);
    let aside = Shelf::of(&bench.disk.image()).beyond(&Shelf::of(&image));
    bench.disk.load(image.iter().map(|(name, content)| (name.as_os_str(), content)))?;
    let back = Back { verb: verb.clone(), aside };
    Ok(Some(Teller::begin(bench, Some((Seen::Away(then), Some(back))))))
}

/// Replaces the board; then clients use it again.
fn replace(
    bench: &Bench,
    verb: &Verb,
    good: GoodBoard,
    clients: &mut Clients<'_>,
    teller: &mut Teller<'_>,
) -> Result<(), Failure> {
    clients.leave();
    let before = Shelf::of(&bench.disk.image());
    teller.attempt();
    verb.carry_out(bench, good)?;
    teller.answered();
    clients.come(CLIENTS_MAX)?;
    let aside = Shelf::of(&bench.disk.image()).beyond(&before);
    teller.note_board(clients.store(), Some(Back { verb: verb.clone(), aside }))
}

fn require_whole(clients: &Clients<'_>, kept: &Kept) -> Result<(), Failure> {
    if snapshot::whole(clients.store())? == kept.whole {
        Ok(())
    } else {
        Err(format!("{} was restored, and is not what is there", kept.name.display()).into())
    }
}

/// Does once more after a cut what it cut short.
pub(super) fn again(
    bench: &Bench,
    back: &Back,
    is_away: bool,
    teller: &mut Teller<'_>,
) -> Result<SqliteStore, Failure> {
    let before = Shelf::of(&bench.disk.image());
    teller.attempt();
    back.verb.carry_out(bench, GoodBoard::GoesAside)?;
    teller.answered();
    let store = bench.open(BOARD, CHECKPOINT_PAGES[0])?;
    let aside = if is_away {
        // Some of it may have been moved before.
        back.aside.clone()
    } else {
        Shelf::of(&bench.disk.image()).beyond(&before)
    };
    teller.note_board(&store, Some(Back { verb: back.verb.clone(), aside }))?;
    Ok(store)
}
