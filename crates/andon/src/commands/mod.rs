//! The verbs. One file per verb: its `Args` (their doc comments are its help) and
//! `run(args, ctx)`, which turns them into a command and the answer into lines.
//!
//! To add a verb: write `commands/<verb>.rs`, add its `mod` line, and one line to the table
//! below. No rule of the board belongs here; those are in `andon-core`.

mod archive;
mod assign;
mod backup;
mod block;
mod boards;
mod cancel;
mod claim;
mod comment;
mod complete;
mod completions;
mod config;
mod context;
mod create;
mod demo;
mod dispatch;
mod doctor;
mod edit;
mod fence;
mod guard;
mod heartbeat;
mod init;
mod link;
mod list;
mod log;
mod pause;
mod profiles;
mod promote;
mod reclaim;
mod repair;
mod restore;
mod resume;
mod runs;
mod schedule;
mod show;
mod state_filter;
mod stats;
mod tail;
mod unblock;
mod unlink;
mod up;
mod watch;
mod why;

use crate::app::Ctx;
use crate::error::CliError;

macro_rules! verbs {
    ($($(#[$meta:meta])* $name:ident($module:ident)),* $(,)?) => {
        /// What to do.
        #[derive(Debug, clap::Subcommand)]
        pub(crate) enum Verb { $($(#[$meta])* $name($module::Args)),* }

        impl Verb {
            /// Does it.
            pub(crate) fn run(self, ctx: &mut Ctx) -> Result<(), CliError> {
                match self { $(Self::$name(args) => $module::run(args, ctx)),* }
            }
        }
    };
}

// The doc comment of a line is the verb's summary; `#[command(visible_alias = "…")]` names
// another word for it. The order is that of `andon --help`.
verbs! {
    /// Make the home and its default board.
    Init(init),
    /// Make a task.
    Create(create),
    /// List tasks.
    #[command(visible_alias = "ls")]
    List(list),
    /// Show one task with its history.
    Show(show),
    /// Say who shall do a task.
    Assign(assign),
    /// Make one task wait for another.
    Link(link),
    /// Remove a link.
    Unlink(unlink),
    /// Take a ready task, to work on it yourself.
    Claim(claim),
    /// Add a comment.
    Comment(comment),
    /// Change a task, or the hand-off of a finished one.
    Edit(edit),
    /// Finish tasks.
    Complete(complete),
    /// Say that tasks cannot go on, and why.
    Block(block),
    /// Release blocked or parked tasks.
    Unblock(unblock),
    /// Park tasks, until a time or until somebody unblocks them.
    Schedule(schedule),
    /// Make waiting tasks ready by hand.
    Promote(promote),
    /// Put tasks away; running ones are ended first.
    Archive(archive),
    /// End running tasks and park them.
    Cancel(cancel),
    /// Give a sign of life, and renew the claim.
    Heartbeat(heartbeat),
    /// Take running tasks back, to be tried again.
    Reclaim(reclaim),
    /// List the attempts at a task.
    Runs(runs),
    /// Show what a task's workers wrote.
    Log(log),
    /// Follow the events of one task.
    Tail(tail),
    /// Follow the events of the whole board.
    Watch(watch),
    /// Count tasks by status and assignee.
    Stats(stats),
    /// Show what a worker is told about its task.
    Context(context),
    /// Say why a task is not running, and what would make it run.
    Why(why),
    /// Start workers for ready tasks, on all boards, until told to stop.
    Up(up),
    /// Make one pass: settle what is due, and start workers for ready tasks.
    Dispatch(dispatch),
    /// Start nothing on the board until `resume`.
    Pause(pause),
    /// Let tasks start again.
    Resume(resume),
    /// Keep other programs from damaging the boards, and do nothing else.
    Guard(guard),
    /// Look whether home and boards are in order, say what to do, and mend what is safe to mend.
    Doctor(doctor),
    /// Copy the board to a safe place, and list such copies.
    Backup(backup),
    /// Put a backup into the board's place.
    Restore(restore),
    /// Bring a broken board back, with every row that can be read.
    Repair(repair),
    /// List, make and change boards.
    Boards(boards),
    /// List and check profiles: who can work on tasks.
    Profiles(profiles),
    /// Show the settings.
    Config(config),
    /// Watch real workers survey a directory, on a board of their own.
    Demo(demo),
    /// Write the completion script of a shell.
    Completions(completions),
}
