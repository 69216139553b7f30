//! What a dispatcher would find lost or lapsed on a board, for `doctor`. It only reads, and judges
//! by the same rules.

use super::board::{Identity, IdentityError};
use super::{expired, lost};
use andon_core::command::expire::{Evidence, Expire};
use andon_core::id::{RunId, TaskId};
use andon_core::run::Run;
use andon_core::time::{Seconds, Timestamp};
use andon_store::{Read, StoreError};

/// A task that is held by somebody who cannot go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stranded {
    /// The task.
    pub task: TaskId,
    /// Its run.
    pub run: Option<RunId>,
    /// In what way.
    pub how: Stranding,
}

/// In what way a task is stranded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stranding {
    /// Its lease ran out and its holder is gone: this takes the claim back.
    Lapsed(Expire),
    /// Its lease ran out, and its holder lives.
    Overdue,
    /// Its runner is gone, or never came. What is left of its processes has to be ended first,
    /// which is a dispatcher's.
    Lost,
}

/// Why no survey could be made.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// This process cannot be told apart from others.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The board.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Looks at every running task. `start_grace` is how long a claim may be without a runner.
pub fn survey(
    store: &dyn Read,
    start_grace: Seconds,
    now: Timestamp,
) -> Result<Vec<Stranded>, SurveyError> {
    let identity = Identity::read()?;
    let liveness = |process: &_| identity.liveness(process);
    let in_hand = |_: &Run| false;
    let me = &identity.process;
    let known = lost::Known { now, start_grace, me, liveness: &liveness, in_hand: &in_hand };
    let lost = lost::plan(&lost::load(store)?, &known).lost.into_iter();
    let lost =
        lost.map(|lost| Stranded { task: lost.task, run: Some(lost.run), how: Stranding::Lost });
    let known = expired::Known {
        host_name: &identity.host_name,
        liveness: &liveness,
        number_lives: &|pid, claimed| expired::number_lives(pid, claimed, now),
        in_hand: &|_| false,
    };
    let lapsed = expired::plan(&expired::load(store, now)?, &known).into_iter();
    let lapsed = lapsed.map(|expired::Verdict { task, run, evidence }| {
        let how = match evidence {
            Evidence::Alive => Stranding::Overdue,
            Evidence::Gone(_) => Stranding::Lapsed(Expire { task: task.clone(), run, evidence }),
        };
        Stranded { task, run, how }
    });
    Ok(lost.chain(lapsed).collect())
}
