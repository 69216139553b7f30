//! Clients that take turns to change a board, by a random sequence of commands.

use super::teller::{BOARD, Teller};
use crate::sequence::{self, Step};
use crate::snapshot;
use crate::torture::Failure;
use crate::torture::bench::Bench;
use crate::torture::cache::{Cache, is_taken_back};
use crate::torture::chance::Chance;
use andon_core::actor::Actor;
use andon_core::id::{OpId, TaskId};
use andon_core::time::Seconds;
use andon_core::transition::Outcome;
use andon_store::{Applied, Clock, Request, Store, StoreError};
use andon_store_sqlite::SqliteStore;

/// One in so many turns begins with a new process.
const TURNS_PER_PROCESS: usize = 8;

/// One in so many transactions is taken back, and made by the next client instead, where the page
/// cache is small.
const TURNS_PER_TAKING_BACK: usize = 4;

/// The clients.
pub(super) struct Clients<'b> {
    bench: &'b Bench,
    pages: u32,
    stores: Vec<SqliteStore>,
    known: Vec<TaskId>,
    steps: std::vec::IntoIter<Step>,
    /// Commands so far: each has an operation id of its own.
    nth: u64,
}

impl<'b> Clients<'b> {
    /// So many clients of a board that is open, who checkpoint after so many pages.
    pub(super) fn new(
        bench: &'b Bench,
        first: SqliteStore,
        count: usize,
        pages: u32,
        steps: Vec<Step>,
    ) -> Result<Self, Failure> {
        let (stores, known) = (vec![first], Vec::new());
        let mut clients = Self { bench, pages, stores, known, steps: steps.into_iter(), nth: 0 };
        clients.come(count)?;
        Ok(clients)
    }

    /// More of them open the board, until there are so many.
    pub(super) fn come(&mut self, count: usize) -> Result<(), Failure> {
        while self.stores.len() < count {
            self.stores.push(self.bench.open(BOARD, self.pages)?);
        }
        let tasks = snapshot::board(&self.stores[0])?.tasks;
        self.known = tasks.into_iter().map(|task| task.id).collect();
        Ok(())
    }

    /// All of them close it.
    pub(super) fn leave(&mut self) {
        self.stores.clear();
    }

    /// The board, as one of them has it open.
    pub(super) fn store(&self) -> &SqliteStore {
        &self.stores[0]
    }

    /// Up to so many of them have a turn.
    pub(super) fn work(
        &mut self,
        turns: usize,
        chance: &mut Chance,
        mut teller: Option<&mut Teller<'_>>,
    ) -> Result<(), Failure> {
        for _ in 0..turns {
            let Some(step) = self.steps.next() else { return Ok(()) };
            self.turn(&step, chance, teller.as_deref_mut())?;
        }
        Ok(())
    }

    fn turn(
        &mut self,
        step: &Step,
        chance: &mut Chance,
        teller: Option<&mut Teller<'_>>,
    ) -> Result<(), Failure> {
        let (bench, clock) = (self.bench, &self.bench.world.clock);
        let mut turn = chance.below(self.stores.len());
        if chance.once_in(TURNS_PER_PROCESS) {
            drop(self.stores.remove(turn));
            self.stores.insert(turn, bench.open(BOARD, self.pages)?);
        }
        clock.advance(Seconds(i64::from(step.seconds())));
        let store = &self.stores[turn];
        let command = sequence::command(step, &self.known, store, clock.now());
        let op = OpId::new(self.nth, [1; 10]);
        self.nth += 1;
        if let Some(teller) = &teller {
            teller.attempt();
        }
        let request = Request { op, actor: Actor::human("tester"), command };
        if bench.cache() == Cache::OnePage && chance.once_in(TURNS_PER_TAKING_BACK) {
            bench.take_next_back();
            match store.apply(request.clone()) {
                Err(error) if is_taken_back(&error) => {}
                other => return Err(format!("taken back, and yet: {other:?}").into()),
            }
            turn = (turn + 1) % self.stores.len();
        }
        let store = &self.stores[turn];
        match store.apply(request) {
            Ok(Applied { outcome: Outcome::Created { task, .. }, .. }) => self.known.push(task),
            Ok(_) | Err(StoreError::Rejected(_)) => {}
            Err(error) => return Err(format!("the undisturbed run failed: {error}").into()),
        }
        match teller {
            Some(teller) => teller.acknowledge(store),
            None => Ok(()),
        }
    }
}
