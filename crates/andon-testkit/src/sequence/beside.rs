//! The same commands with the peer's own writes in between, on one file. There is no model of the
//! peer, so nothing is compared: after each step every read works, and nothing is broken that our
//! programs promise whoever else writes.

use super::peer_call::{self, Call, PeerVerb};
use super::step::{Step, anywhere, joined, of_sequence};
use super::{Player, STEPS_MAX, translate, unreadable, word};
use crate::peer::{Answer, Peer};
use crate::world::World;
use andon_core::id::TaskId;
use andon_core::invariant::{self, Grade};
use andon_core::transition::Outcome;
use andon_store::{Applied, Clock, Cursor, Store, StoreError};
use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::prelude::Strategy;
use proptest::test_runner::TestCaseError;

/// Errors of the peer's database. It is alone at its turn, so one of them says that we left
/// something behind that stops it.
const PEER_STOPPED: &[&str] = &["OperationalError", "IntegrityError", "KanbanDbCorruptError"];

/// Part of the turns that is the peer's.
const PEERS_PART: f64 = 0.5;

/// A turn: a command of ours, or what the peer does instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    step: Step,
    peer: Option<PeerVerb>,
}

/// Sequences of up to [`STEPS_MAX`] turns. The peer meets any task alike: with as great a part in
/// the life of the first one as we have, it would end that life before it met much.
pub fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let peers = (anywhere(), peer_call::verbs());
    let turn = (weighted(PEERS_PART), of_sequence(), peers);
    let turns = turn.prop_map(|(is_peers, steps, (step, verb))| {
        if is_peers {
            return vec![Turn { step, peer: Some(verb) }];
        }
        steps.into_iter().map(|step| Turn { step, peer: None }).collect()
    });
    vec(turns, 1..=STEPS_MAX).prop_map(|parts| joined(parts, STEPS_MAX))
}

/// Plays one sequence on a board that the peer has open, too, and tells what was answered.
pub fn play_beside(
    store: Box<dyn Store>,
    world: World,
    peer: &mut Peer,
    turns: &[Turn],
) -> Result<Vec<String>, TestCaseError> {
    let mut table = Table { ours: Player { store, world }, peer, known: Vec::new() };
    let mut given = Vec::with_capacity(turns.len());
    for (nth, turn) in (0u32..).zip(turns) {
        let (what, answer) = match turn.peer {
            None => table.ours_moves(nth, &turn.step)?,
            Some(verb) => table.peer_moves(verb, &turn.step)?,
        };
        given.push(answer);
        table.judge().map_err(|why| TestCaseError::fail(format!("after {what}: {why}")))?;
    }
    Ok(given)
}

/// The board, and those who take turns at it.
struct Table<'p> {
    ours: Player,
    peer: &'p mut Peer,
    known: Vec<TaskId>,
}

impl Table<'_> {
    /// A command of ours: carried out or refused by a rule, whatever the peer left.
    fn ours_moves(&mut self, nth: u32, step: &Step) -> Result<(String, String), TestCaseError> {
        let board = &*self.ours.store;
        let command = translate::command(step, &self.known, board, self.ours.world.clock.now());
        let answer = self.ours.take(nth, step, command.clone());
        if let Err(error) = &answer
            && !matches!(error, StoreError::Rejected(_))
        {
            return Err(TestCaseError::fail(format!("{command:?} failed: {error}")));
        }
        let word = word(&answer);
        if let Ok(Applied { outcome: Outcome::Created { task, .. }, .. }) = answer {
            self.known.push(task);
        }
        Ok((format!("{command:?}"), word))
    }

    fn peer_moves(
        &mut self,
        verb: PeerVerb,
        step: &Step,
    ) -> Result<(String, String), TestCaseError> {
        self.ours.wait(step);
        let Call { name, arguments, options } =
            peer_call::call(verb, step, &self.known, &*self.ours.store);
        let around = peer_call::around(step, self.ours.world.clock.now());
        let answer = self.peer.call(name, &arguments, &options, around);
        let answer = answer.map_err(|gone| TestCaseError::fail(gone.to_string()))?;
        let what = format!("the peer's {name} {arguments} {options} {around:?} ({answer:?})");
        let word = match &answer {
            Answer::Raised(class, _) if PEER_STOPPED.contains(&class.as_str()) => {
                return Err(TestCaseError::fail(what));
            }
            Answer::Raised(class, _) => format!("peer {name}: {class}"),
            Answer::Returned(value) => {
                let made = value
                    .as_str()
                    .into_iter()
                    .chain(value.as_array().into_iter().flatten().filter_map(|each| each.as_str()));
                let made = made.filter_map(|id| TaskId::parse(id).ok());
                let new: Vec<_> = made.filter(|id| !self.known.contains(id)).collect();
                self.known.extend(new);
                let nothing = value.is_null()
                    || *value == false
                    || *value == 0
                    || value.as_array().is_some_and(|all| all.is_empty() || all[0] == false);
                format!("peer {name}: {}", if nothing { "nothing" } else { "did" })
            }
        };
        Ok((what, word))
    }

    fn judge(&self) -> Result<(), TestCaseError> {
        let seen = self.ours.look()?;
        self.read_the_rest()?;
        let found = invariant::check(&seen.whole.board);
        let broken: Vec<_> = found.iter().filter(|found| found.grade == Grade::Broken).collect();
        if broken.is_empty() {
            return Ok(());
        }
        Err(TestCaseError::fail(format!("{broken:#?}")))
    }

    /// Reads that [`Player::look`] leaves out: they must answer, whatever they say.
    fn read_the_rest(&self) -> Result<(), TestCaseError> {
        let store = &*self.ours.store;
        let now = self.ours.world.clock.now();
        store.next_due(now).map_err(unreadable)?;
        store.settled_page(Cursor::START, STEPS_MAX).map_err(unreadable)?;
        store.run_recent("worker", &TaskId::from_random(0), STEPS_MAX).map_err(unreadable)?;
        for task in &self.known {
            store.task_get(task).map_err(unreadable)?;
            store.open_parents(task).map_err(unreadable)?;
            store.run_lingering(task).map_err(unreadable)?;
            store.attachment_list(task).map_err(unreadable)?;
        }
        Ok(())
    }
}
