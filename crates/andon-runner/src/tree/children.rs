//! Children of this process that have ended. Each is reaped by its own number (D23): the kernel is
//! asked for it first, without taking leave of anybody.

use nix::errno::Errno;
use nix::sys::wait::{Id, WaitPidFlag, waitid as peek};
use rustix::process::{Pid, WaitId, WaitIdOptions, WaitIdStatus, waitid};

/// Orphans reaped at one turn of the keeper's loop. A worker that makes more of them in a second
/// has the rest reaped at the next turn; the limit keeps its runner attentive meanwhile.
const ORPHANS_MAX: usize = 1_000;

/// A child that has ended and was not reaped, or that there is none. `ECHILD` where there is no
/// child at all.
pub(super) fn ended() -> Result<Option<i32>, Errno> {
    let ended = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    Ok(peek(Id::All, ended)?.pid().map(nix::unistd::Pid::as_raw))
}

/// Reaps one ended child, if there is one of this number.
pub(super) fn reap(pid: i32) -> Option<WaitIdStatus> {
    let ended = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
    waitid(WaitId::Pid(Pid::from_raw(pid)?), ended).ok().flatten()
}

/// Reaps adopted orphans that have ended: they would stay as zombies as long as the worker lives,
/// and what they used would count for nobody. The worker's own end is left to whoever waits for it.
pub(crate) fn reap_orphans(worker: i32) {
    for _ in 0..ORPHANS_MAX {
        match ended() {
            Ok(Some(pid)) if pid != worker => drop(reap(pid)),
            Ok(Some(_) | None) | Err(_) => return,
        }
    }
}
