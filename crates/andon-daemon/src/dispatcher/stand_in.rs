//! What a dispatcher does about a lost run, done for one run by a caller who waits for its end,
//! where no dispatcher serves the board. It judges and settles by the same rules.

use super::board::Identity;
use super::lock::DispatchLock;
use super::{DispatchError, lost};
use crate::home::Layout;
use andon_core::command::Command;
use andon_core::command::finish_run::FinishRun;
use andon_core::id::RunId;
use andon_core::run::Run;
use andon_core::time::{Seconds, Timestamp};
use andon_store::{Request, Store};

/// A stand-in's surroundings.
pub struct StandIn<'a> {
    /// The board.
    pub store: &'a dyn Store,
    /// Its paths.
    pub layout: &'a Layout,
    /// How long a claim may be without a runner.
    pub start_grace: Seconds,
    /// The time.
    pub now: Timestamp,
    /// Makes a request of a command.
    pub request: &'a dyn Fn(Command) -> Request,
}

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It is not lost: it is over, or somebody may yet end it.
    NotLost,
    /// A dispatcher has come, and settles it.
    Served,
    /// What was left of its processes is gone, and the board knows.
    Told,
    /// So many processes cannot be ended.
    Survivors(usize),
}

impl StandIn<'_> {
    /// Settles a run if it is lost. May take as long as what is left of its processes does to end.
    pub fn settle(&self, run: RunId) -> Result<Settled, DispatchError> {
        let Some(run) = self.store.run_get(run)? else { return Ok(Settled::NotLost) };
        let identity = Identity::read()?;
        let known = lost::Known {
            now: self.now,
            start_grace: self.start_grace,
            me: &identity.process,
            liveness: &|process| identity.liveness(process),
            in_hand: &|_: &Run| false,
        };
        let lost = lost::plan(std::slice::from_ref(&run), &known).lost.pop();
        let Some(lost) = lost else { return Ok(Settled::NotLost) };
        // Held until the board is told: a dispatcher that comes meanwhile waits.
        let Some(_lock) = DispatchLock::try_take(&self.layout.dispatch_lock_file())? else {
            return Ok(Settled::Served);
        };
        let apply = |end: FinishRun| self.store.apply((self.request)(end.into()));
        match lost::settle(&lost, self.layout.slug(), &apply) {
            lost::Recorded::Told => Ok(Settled::Told),
            lost::Recorded::Survivors(count) => Ok(Settled::Survivors(count)),
            lost::Recorded::Failed(error) => Err(error.into()),
        }
    }
}
