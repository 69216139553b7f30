//! What stands around the table in `docs/state-machine.md`.

use crate::command::Command;
use crate::task::Status;

pub(super) const INTRODUCTION: &str = "\
# The state machine

This page is printed from the code by `cargo xtask gen`; each cell is what the rules answered.

A task stands in one of nine statuses:

| status | meaning |
|---|---|
";

pub(super) fn of_status(status: Status) -> &'static str {
    match status {
        Status::Triage => {
            "An idea that nobody has made actionable yet, or a task that was blocked for the \
             same reason twice. Nothing moves it by itself."
        }
        Status::Todo => "Waits for its parents. When the last one is finished, it becomes ready.",
        Status::Scheduled => {
            "Parked. It wakes at its time, if it has one, or when somebody unblocks it."
        }
        Status::Ready => "May be claimed.",
        Status::Running => "Claimed. Exactly one run is open, and the task names it.",
        Status::Blocked => "Needs a person. Nothing moves it by itself.",
        Status::Review => "Finished by its worker and waiting to be looked at. May be claimed.",
        Status::Done => "Finished. Its children no longer wait for it.",
        Status::Archived => "Put away. Its children no longer wait for it, whatever it was before.",
    }
}

pub(super) const COMMANDS: &str = "
Only these commands move a task, or write anything else about one:

| command | what it does |
|---|---|
";

pub(super) fn of_command(command: &Command) -> &'static str {
    match command {
        Command::Archive(_) => "Puts a task away. A running one is ended first.",
        Command::Assign(_) => "Says who shall do a task, and forgets its failures.",
        Command::Block(_) => {
            "Says that a task cannot go on. A second time of the same kind sends it to triage."
        }
        Command::Cancel(_) => "Ends a running task and parks it.",
        Command::Claim(_) => "Takes a task and opens a run.",
        Command::Comment(_) => "Adds a comment.",
        Command::Complete(_) => {
            "Finishes a task. In the same commit, children that waited for it alone become ready."
        }
        Command::Create(_) => "Makes a task, or finds the one made with the same key.",
        Command::Due(_) => "Wakes a scheduled task whose time has come.",
        Command::Edit(_) => "Changes descriptive fields.",
        Command::EditResult(_) => "Rewrites the result of a finished task.",
        Command::Expire(_) => "Judges a claim whose lease ran out.",
        Command::FinishRun(_) => "Records how a run's process tree ended, and what comes next.",
        Command::Heartbeat(_) => "Gives a sign of life and renews the lease.",
        Command::Link(_) => "Makes one task wait for another.",
        Command::SetPause(_) => "Stops or resumes claiming on the whole board.",
        Command::Promote(_) => "Makes a waiting or blocked task ready by hand.",
        Command::Reclaim(_) => "Takes a running task back, to be tried again.",
        Command::Register(_) => "Records who keeps a run, before its worker may start.",
        Command::Schedule(_) => "Parks a task, if wanted until a time.",
        Command::Settle(_) => {
            "Makes a waiting task ready whose parents another program has finished."
        }
        Command::Unblock(_) => "Releases a blocked or parked task.",
        Command::Unlink(_) => "Removes a link.",
    }
}

pub(super) const TABLE: &str = "
## Every command in every status

The columns say where the task stands when the command comes; for `create`, where the only parent
of the new task stands. A cell says where the task goes: **bold** is a new status; *stays* means that
something was written and the status is the same; *ending* that the runner was asked to end the
process tree, whose end then moves the task; = that nothing needed to be written; – that the command
does not apply to the status (`wrong_status`); any other word is the code of the refusal.

";

pub(super) const RULES: &str = "
## Rules behind the table

**Parents.** `done` and `archived` parents hold nobody back, in every command alike. A ready task
that is claimed while a parent is open goes back to `todo`. A promotion by force holds for the parents
of its time: the claim respects it, a later link to an open parent takes it back.

**Runs.** A run is one attempt, and its id is the fencing token: `complete`, `block`, `schedule`,
`heartbeat` and `register` that name a run which is no longer the current one are refused with
`stale_run`. A run that does not finish returns its task to where the claim took it from, `ready` or
`review`, or to `todo` if a parent was added meanwhile. Heartbeat, worker and claim end with the run.

**Leases.** A claim lapses unless it is renewed. A lapsed claim is taken back only when its holder is
proven gone; if it lives, the lease is extended. A task is not claimed again while processes of an
earlier run may live (`still_ending`).

**Ending.** `cancel`, `reclaim` and `archive` of a task whose run has a runner only ask for the end. The
runner ends the process tree; when all of it is gone, `finish-run` moves the task where it was wished.

**Breaker.** Failures are counted by cause: spawn, crash, timeout, rate limit, protocol violation,
stale. Each cause has its bound and its wait, and all together have one. Reaching a bound blocks the
task, and only a person releases it: nothing is promoted from `blocked` by itself. A completion, or
somebody's decision (`unblock`, `promote`, `reclaim`, another assignee), begins the count anew.
";
