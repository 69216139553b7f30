//! Whether a dispatcher serves the board, and goes on.

use crate::commands::doctor::program::{Kind, Program};
use crate::last_pass::last_pass;
use crate::target::Board;
use andon_core::time::Seconds;
use andon_proc::lock_table;

/// Whether a dispatcher serves the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DispatcherState {
    Serving,
    /// One holds the board and has made no whole pass for so long.
    Late(Seconds),
    Absent,
}

impl DispatcherState {
    /// Looks. Only a dispatcher of ours leaves the time of its passes, so that of another one says
    /// nothing; the kernel's list of locks, which tells whose it is, is read only where it matters.
    pub(super) fn of(board: &Board, interval: Seconds) -> Self {
        if !board.is_dispatched() {
            return Self::Absent;
        }
        let layout = &board.choice.layout;
        let Some(pass) = last_pass(layout, interval).filter(|pass| pass.is_late) else {
            return Self::Serving;
        };
        let holder = lock_table::flock_holder(&layout.dispatch_lock_file());
        let is_own = holder.is_some_and(|pid| Program::of(pid).kind == Kind::Own);
        if is_own { Self::Late(pass.age) } else { Self::Serving }
    }

    /// How long there was no pass, if that is too long.
    pub(super) fn late_by(self) -> Option<Seconds> {
        match self {
            Self::Late(span) => Some(span),
            Self::Serving | Self::Absent => None,
        }
    }
}
