//! What a seed means: how many processes, how turns are given, what goes wrong.

use super::trace::Tracing;
use super::turns::Rule;
use crate::torture::cache::Cache;
use crate::torture::chance::Chance;
use andon_store_sqlite::WriterLocking;

/// What somebody does to which file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// The database is removed.
    DatabaseGone,
    /// It is moved away.
    DatabaseMoved,
    /// The log is removed.
    LogGone,
    /// It is moved away.
    LogMoved,
}

const TARGETS: [Target; 4] =
    [Target::DatabaseGone, Target::DatabaseMoved, Target::LogGone, Target::LogMoved];

impl Target {
    /// The file's name.
    pub(super) fn file(self) -> &'static str {
        match self {
            Self::DatabaseGone | Self::DatabaseMoved => super::sea::BOARD,
            Self::LogGone | Self::LogMoved => "kanban.db-wal",
        }
    }

    /// Whether it can be moved back.
    pub(super) fn is_moved(self) -> bool {
        matches!(self, Self::DatabaseMoved | Self::LogMoved)
    }
}

/// What all seeds of a run have in common.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Processes at least.
    pub least: usize,
    /// Processes at most.
    pub most: usize,
    /// Whether writers queue.
    pub writer_lock: WriterLocking,
    /// A mistake of the product, made on purpose.
    pub mistake: Option<&'static str>,
    /// What goes wrong beside it.
    pub trouble: Trouble,
    /// Whether all that happens is told where a schedule fails.
    pub tracing: Tracing,
}

/// Whether anything goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// By the seed: kills, lost locks, files removed and moved away.
    BySeed,
    /// Nothing but the order of things.
    None,
}

impl Default for Setting {
    fn default() -> Self {
        let (least, most) = (2, 6);
        let writer_lock = WriterLocking::Queue;
        let (trouble, tracing) = (Trouble::BySeed, Tracing::Off);
        Self { least, most, writer_lock, mistake: None, trouble, tracing }
    }
}

/// The plan of a seed.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) processes: usize,
    pub(super) rule: Rule,
    /// One step in so many kills the process that makes it; 0 for never.
    pub(super) kill_in: usize,
    /// One step in so many loses locks of its process; 0 for never.
    pub(super) cancel_in: usize,
    /// Whether that happens to processes without a guard, too.
    pub(super) cancels_unguarded: bool,
    /// Whether locks of the index are spared. A program that does not queue with us is kept from
    /// writing at the same time by nothing else, so both cannot be had.
    pub(super) spares_index: bool,
    /// What happens to which file, and after which step.
    pub(super) strike: Option<(Target, u64)>,
    /// Whether the board is there at the beginning.
    pub(super) begins_with_board: bool,
    /// How many processes in ten hold the guard.
    pub(super) guards_in_ten: usize,
    /// Whether one of them is a program that knows nothing of us.
    pub(super) has_stranger: bool,
    pub(super) checkpoint_pages: u32,
    pub(super) commands: usize,
    pub(super) cache: Cache,
    /// One transaction in so many is taken back once it has written; 0 for never.
    pub(super) take_back_in: usize,
    pub(super) writer_lock: WriterLocking,
    pub(super) mistake: Option<&'static str>,
    pub(super) tracing: Tracing,
}

/// Steps between which a process believes something of the log, the index or the files that others
/// may change: around a checkpoint, in which SQLite lets go of its mappings once, and around locks.
const POINTS: [&[&str]; 4] = [
    &["writer.checkpoint", "unfetch"],
    &["shm lock", "shm unlock"],
    &["shm barrier"],
    &["lock", "unlock"],
];

/// Steps of an ordinary schedule; changes and strikes fall into them.
const STEPS_USUAL: usize = 2_000;

impl Plan {
    pub(super) fn of(seed: u64, setting: &Setting) -> Self {
        let chance = &mut Chance::new(seed ^ 0x5C4E_D01E);
        let processes = setting.least + chance.below(setting.most - setting.least + 1);
        let rule = if chance.once_in(4) {
            let mut changes: Vec<u64> =
                (0..4 + chance.below(30)).map(|_| chance.below(STEPS_USUAL) as u64).collect();
            changes.sort_unstable_by(|a, b| b.cmp(a));
            Rule::Urgency { changes }
        } else if chance.once_in(3) {
            Rule::Points { at: POINTS[chance.below(POINTS.len())] }
        } else {
            Rule::Chance { permille: [5, 10, 30, 100, 300][chance.below(5)] }
        };
        let mut plan = Self {
            processes,
            rule,
            kill_in: 0,
            cancel_in: 0,
            // Without a guard there is nobody who could be robbed.
            cancels_unguarded: setting.mistake == Some("guard.none"),
            spares_index: false,
            strike: None,
            begins_with_board: !chance.once_in(12),
            guards_in_ten: [0, 5, 10][chance.below(3)],
            has_stranger: chance.once_in(4),
            checkpoint_pages: [4, 10, 30, 1_000][chance.below(4)],
            commands: [3, 4, 6, 10, 25][chance.below(5)],
            cache: Cache::of(seed),
            take_back_in: 0,
            writer_lock: setting.writer_lock,
            mistake: setting.mistake,
            tracing: setting.tracing,
        };
        if setting.trouble == Trouble::BySeed {
            plan.goes_wrong(chance);
            if plan.cache == Cache::OnePage {
                plan.take_back_in = [2, 4, 10][chance.below(3)];
            }
        } else {
            plan.has_stranger = false;
        }
        plan
    }

    fn goes_wrong(&mut self, chance: &mut Chance) {
        let kind = chance.below(8);
        if matches!(kind, 1..=3) {
            self.kill_in = [300, 1_000, 4_000][chance.below(3)];
        }
        if matches!(kind, 3..=5) {
            self.cancel_in = [50, 300, 2_000][chance.below(3)];
            self.guards_in_ten = [5, 10][chance.below(2)];
            self.spares_index = self.has_stranger;
        }
        if kind == 6 {
            let at = chance.below(STEPS_USUAL) as u64;
            self.strike = Some((TARGETS[chance.below(TARGETS.len())], at));
            self.has_stranger = false;
            // Of a board that vanishes before anybody opened it nothing is left that could tell.
            self.begins_with_board = true;
        }
    }
}
