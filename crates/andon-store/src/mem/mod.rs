//! The reference model: a board in plain maps, small enough to be seen to be right. What a real
//! store does is compared with it. Nothing here is durable, and nothing here is fast: each command
//! works on a copy of the whole board, which replaces the board only if everything went well.

mod board;
mod load;
mod queue;
mod read;
mod watch;
mod write;

use crate::{Applied, Environment, Request, Store, StoreError, Watch};
use andon_core::command::Context;
use andon_core::time::Timestamp;
use andon_core::transition::{Outcome, Transition};
use board::Board;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A board in memory.
#[derive(Debug, Clone)]
pub struct MemStore {
    board: Arc<Mutex<Board>>,
    environment: Environment,
}

impl MemStore {
    /// An empty board.
    pub fn new(environment: Environment) -> Self {
        Self { board: Arc::new(Mutex::new(Board::default())), environment }
    }

    /// The board. A panic of another holder left nothing half done: a change is one assignment.
    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn decide(
        &self,
        board: &Board,
        request: &Request,
        at: Timestamp,
    ) -> Result<Transition, StoreError> {
        let random = || (self.environment.random)();
        let view = load::view(board, &request.command.needs(), random)?;
        let policy = &*self.environment.policy;
        Ok(request.command.decide(&view, Context { actor: &request.actor, at, policy })?)
    }
}

impl Store for MemStore {
    fn apply(&self, request: Request) -> Result<Applied, StoreError> {
        let mut board = self.board();
        let at = self.environment.clock.now();
        if request.command.is_recorded() && board.ops.contains(&request.op) {
            return Ok(Applied { outcome: Outcome::Unchanged, run: None, event: None, at });
        }
        let Transition { writes, outcome } = self.decide(&board, &request, at)?;
        if writes.is_empty() {
            return Ok(Applied { outcome, run: None, event: None, at });
        }
        let mut next = board.clone();
        let written = write::all(&mut next, writes, at)?;
        if request.command.is_recorded() {
            next.ops.insert(request.op);
        }
        next.commits += 1;
        *board = next;
        Ok(Applied { outcome, run: written.run, event: written.event, at })
    }

    fn preview(&self, request: &Request) -> Result<Outcome, StoreError> {
        let board = self.board();
        if request.command.is_recorded() && board.ops.contains(&request.op) {
            return Ok(Outcome::Unchanged);
        }
        Ok(self.decide(&board, request, self.environment.clock.now())?.outcome)
    }

    fn watch(&self) -> Result<Box<dyn Watch>, StoreError> {
        Ok(Box::new(watch::MemWatch::new(Arc::clone(&self.board))))
    }
}

#[cfg(test)]
mod tests;
