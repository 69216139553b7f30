//! Commands: what can be asked of a board. One file per verb, each with what it must see
//! (`needs`) and what it decides (`decide`).

pub mod archive;
pub mod assign;
pub mod block;
pub mod cancel;
pub mod claim;
pub mod comment;
pub mod complete;
pub mod create;
pub mod due;
pub mod edit;
pub mod edit_result;
pub mod expire;
pub mod finish_run;
pub mod heartbeat;
pub mod link;
pub mod pause;
pub mod promote;
pub mod reclaim;
pub mod register;
pub mod schedule;
pub mod settle;
pub mod unblock;
pub mod unlink;

mod draft;

use crate::actor::Actor;
use crate::id::TaskId;
use crate::policy::Policy;
use crate::rejected::Rejected;
use crate::task::Task;
use crate::text;
use crate::time::Timestamp;
use crate::transition::Transition;
use crate::view::{Needs, View};

/// Circumstances of a decision, all of them given.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Who asks.
    pub actor: &'a Actor,
    /// The time, read after the write lock was won, so that no lease is born expired.
    pub at: Timestamp,
    /// Limits in force.
    pub policy: &'a Policy,
}

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident($module:ident)),* $(,)?) => {
        /// A wish to change the board. A plain value: it can be queued, batched, sent, replayed.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Command { $($(#[$doc])* $name($module::$name)),* }

        impl Command {
            /// The verb, as people write it.
            pub const fn verb(&self) -> &'static str {
                match self { $(Self::$name(_) => $module::VERB),* }
            }

            /// What to load before deciding.
            pub fn needs(&self) -> Needs<'_> {
                match self { $(Self::$name(command) => command.needs()),* }
            }

            /// Decides. The only place that names a next status.
            pub fn decide(&self, view: &View, ctx: Context<'_>) -> Result<Transition, Rejected> {
                // Whatever is written may carry the caller's name.
                text::one_line("name of the caller", &ctx.actor.name, text::NAME_BYTES_MAX)?;
                match self { $(Self::$name(command) => command.decide(view, ctx)),* }
            }
        }

        $(impl From<$module::$name> for Command {
            fn from(command: $module::$name) -> Self {
                Self::$name(command)
            }
        })*
    };
}

commands! {
    /// Puts a task away.
    Archive(archive),
    /// Says who shall do a task.
    Assign(assign),
    /// Says that a task cannot go on.
    Block(block),
    /// Ends a running task.
    Cancel(cancel),
    /// Takes a ready task.
    Claim(claim),
    /// Adds a comment.
    Comment(comment),
    /// Finishes a task.
    Complete(complete),
    /// Makes a task.
    Create(create),
    /// Wakes a scheduled task whose time has come.
    Due(due),
    /// Changes descriptive fields.
    Edit(edit),
    /// Rewrites the result of a finished task.
    EditResult(edit_result),
    /// Takes a claim back that lapsed.
    Expire(expire),
    /// Records how a run's process ended.
    FinishRun(finish_run),
    /// Gives a sign of life and renews the lease.
    Heartbeat(heartbeat),
    /// Makes one task wait for another.
    Link(link),
    /// Stops or resumes starting work on the board.
    SetPause(pause),
    /// Makes a waiting task ready by hand.
    Promote(promote),
    /// Takes a running task back.
    Reclaim(reclaim),
    /// Records who keeps a run, before its worker may start.
    Register(register),
    /// Parks a task.
    Schedule(schedule),
    /// Makes a waiting task ready because its parents are finished.
    Settle(settle),
    /// Releases a blocked or parked task.
    Unblock(unblock),
    /// Removes a link.
    Unlink(unlink),
}

impl Command {
    /// Whether the request's id is stored with what it wrote. Signs of life are not: they come
    /// often, and doing one twice does no harm.
    pub const fn is_recorded(&self) -> bool {
        !matches!(self, Self::Heartbeat(_))
    }
}

/// The subject, or the refusal that it does not exist.
fn subject<'v>(view: &'v View, id: &TaskId) -> Result<&'v Task, Rejected> {
    view.task.as_ref().ok_or_else(|| Rejected::UnknownTask(id.clone()))
}

#[cfg(test)]
mod tests;
