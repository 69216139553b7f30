//! What goes wrong at a point.

use crate::disk::{Came, Disk, Injected, Plan, Recurrence};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// Something on the disk.
    Disk(Plan),
    /// SQLite gets no memory: which request is refused first, and how often.
    Memory(u64, Recurrence),
}

impl Wrong {
    /// Lets it go wrong from now on.
    pub(super) fn arm(self, disk: &Disk) {
        match self {
            Self::Disk(plan) => {
                disk.plan(Some(plan));
            }
            Self::Memory(first, recurrence) => {
                let every = match recurrence {
                    Recurrence::Once => 0,
                    Recurrence::Sticky => 1,
                    Recurrence::Every(nth) => nth,
                };
                andon_sim_vfs::allocations_fail(first, every);
            }
        }
    }

    /// Nothing goes wrong any more; tells what came.
    pub(super) fn disarm(self, disk: &Disk) -> Came {
        match self {
            Self::Disk(_) => disk.plan(None),
            Self::Memory(..) => {
                let asked = andon_sim_vfs::allocations_fail(0, 0);
                let nomem = Injected::Code(rusqlite::ffi::SQLITE_NOMEM);
                // Requests are counted, not operations; there are many more of them.
                let injected = if asked.refused > 0 { vec![nomem] } else { Vec::new() };
                Came { operations: 0, injected, place: None }
            }
        }
    }
}
