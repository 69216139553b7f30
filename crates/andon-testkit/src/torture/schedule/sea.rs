//! The disk of a schedule: each call is a place at which others may have their turn, the calling
//! process may die, its locks may be lost, or somebody removes a file.

use super::file::Watched;
use super::plan::{Plan, Target};
use super::trace::Trace;
use super::turns::{Dead, Ended, Turns, seat};
use crate::disk::{Disk, Frozen, Lost, act_as};
use crate::torture::cache::{self, Cache};
use crate::world::World as Outside;
use andon_core::time::Seconds;
use andon_faults::{Contended, Hooks};
use andon_sim_vfs::{Code, DirectorySync, File, How, World, code};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The name of the one board.
pub(super) const BOARD: &str = "kanban.db";
/// What a file is called that somebody moved away.
const ASIDE: &str = ".aside";

/// What somebody who is no process of ours did to a file, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Strike {
    pub(super) target: Target,
    pub(super) at: u64,
}

#[derive(Debug, Default)]
struct Happened {
    strike: Option<Strike>,
    cancellations: u32,
    kills: u32,
    /// For each seat whose process is dead and not buried.
    frozen: Vec<(usize, Frozen)>,
    /// Which process sits where.
    processes: Vec<u32>,
    guarded: Vec<u32>,
}

/// The disk, shared by the threads of a schedule.
pub(super) struct Sea {
    pub(super) disk: Disk,
    pub(super) turns: Turns,
    pub(super) plan: Plan,
    pub(super) outside: Outside,
    pub(super) trace: Trace,
    happened: Mutex<Happened>,
    next_process: AtomicU32,
    waited_us: AtomicU64,
}

impl Sea {
    pub(super) fn new(disk: Disk, plan: Plan, turns: Turns, outside: Outside) -> Self {
        let (processes, tracing) = (vec![0; plan.processes], plan.tracing);
        Self {
            disk,
            turns,
            plan,
            outside,
            trace: Trace::new(tracing),
            happened: Mutex::new(Happened { processes, ..Happened::default() }),
            next_process: AtomicU32::new(1),
            waited_us: AtomicU64::new(0),
        }
    }

    fn happened(&self) -> MutexGuard<'_, Happened> {
        self.happened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The board's path.
    pub(super) fn board(&self) -> PathBuf {
        self.disk.root().join(BOARD)
    }

    /// The strike, once there was one.
    pub(super) fn strike(&self) -> Option<Strike> {
        self.happened().strike
    }

    /// Whether locks were lost: a reader may then see pages of two states.
    pub(super) fn is_lossy(&self) -> bool {
        let happened = self.happened();
        happened.cancellations > 0 || happened.strike.is_some()
    }

    /// Kills and lost locks so far.
    pub(super) fn blows(&self) -> (u32, u32) {
        let happened = self.happened();
        (happened.kills, happened.cancellations)
    }

    /// A new process begins at this seat.
    pub(super) fn begin_process(&self, seat: usize) {
        let process = self.next_process.fetch_add(1, Ordering::Relaxed);
        self.happened().processes[seat] = process;
        act_as(process);
    }

    /// The thread of a dead process has left everything: what it wrote on the way never happened.
    pub(super) fn bury(&self, seat: usize) {
        let mut happened = self.happened();
        while let Some(nth) = happened.frozen.iter().position(|(other, _)| *other == seat) {
            happened.frozen.swap_remove(nth).1.thaw();
        }
        drop(happened);
        self.turns.set_dead(seat, Dead::No);
    }

    /// The next call of the thread.
    pub(super) fn step(&self, what: &str) -> Result<(), Ended> {
        self.step_at(what, Path::new(""))
    }

    /// The same, about a file.
    pub(super) fn step_at(&self, what: &str, path: &Path) -> Result<(), Ended> {
        let Some(seat) = seat() else { return Ok(()) };
        self.turns.step(seat, what)?;
        self.trace.add(|| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            format!("{} process {seat}: {what} {name}", self.turns.steps())
        });
        if self.plan.kill_in != 0 && self.turns.below(self.plan.kill_in) == 0 {
            self.kill(seat);
            return Err(Ended);
        }
        if self.plan.cancel_in != 0 && self.turns.below(self.plan.cancel_in) == 0 {
            self.cancel(seat);
        }
        if let Some((target, at)) = self.plan.strike {
            self.strike_at(target, at);
        }
        Ok(())
    }

    fn kill(&self, seat: usize) {
        let mut happened = self.happened();
        happened.kills += 1;
        let frozen = self.disk.dies(happened.processes[seat]);
        happened.frozen.push((seat, frozen));
        drop(happened);
        self.turns.set_dead(seat, Dead::Yes);
    }

    fn cancel(&self, seat: usize) {
        let drawn = [Lost::Database, Lost::Index, Lost::Both][self.turns.below(3)];
        let lost = if self.plan.spares_index { Lost::Database } else { drawn };
        let mut happened = self.happened();
        let process = happened.processes[seat];
        // Foreign code runs in processes that live long, and those hold the guard.
        let is_spared = !self.plan.cancels_unguarded && !happened.guarded.contains(&process);
        if !is_spared {
            self.trace.add(|| format!("   process {seat} loses its locks: {lost:?}"));
            happened.cancellations += 1;
            self.disk.lose_locks(process, lost);
        }
    }

    fn strike_at(&self, target: Target, at: u64) {
        let now = self.turns.steps();
        let mut happened = self.happened();
        if now < at || happened.strike.is_some() {
            return;
        }
        let path = self.disk.root().join(target.file());
        let struck = if target.is_moved() {
            std::fs::rename(&path, aside(&path))
        } else {
            std::fs::remove_file(&path)
        };
        if struck.is_ok() {
            self.trace.add(|| format!("   {target:?}"));
            happened.strike = Some(Strike { target, at: now });
        }
    }

    /// Others have their turn until what this one waits for may have come.
    fn give_way(&self, what: &str) -> Result<(), Ended> {
        match seat() {
            Some(seat) => self.turns.give_way(seat, what),
            None => Ok(()),
        }
    }

    fn wait(&self, microseconds: u64) {
        let waited = self.waited_us.fetch_add(microseconds, Ordering::Relaxed) + microseconds;
        if waited >= 1_000_000 {
            self.waited_us.fetch_sub(1_000_000, Ordering::Relaxed);
            self.outside.clock.advance(Seconds(1));
        }
        // Whoever waits in vain, or is dead, learns it from what it does next.
        let _next = self.give_way("sleep");
    }
}

/// Where a file is moved to.
pub(super) fn aside(path: &Path) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(ASIDE);
    PathBuf::from(name)
}

impl World for Shared {
    fn open(&self, path: &Path, how: How) -> Result<Box<dyn File>, Code> {
        self.0.step_at("open", path).map_err(|Ended| code::SQLITE_CANTOPEN)?;
        let file = self.0.disk.open(path, how)?;
        Ok(Box::new(Watched::new(Arc::clone(&self.0), path, file)))
    }

    fn delete(&self, path: &Path, sync: DirectorySync) -> Result<(), Code> {
        self.0.step_at("delete", path).map_err(|Ended| code::SQLITE_IOERR_DELETE)?;
        self.0.disk.delete(path, sync)
    }

    fn exists(&self, path: &Path) -> Result<bool, Code> {
        self.0.step_at("exists", path).map_err(|Ended| code::SQLITE_IOERR_ACCESS)?;
        self.0.disk.exists(path)
    }

    fn sleep(&self, microseconds: u64) {
        self.0.wait(microseconds);
    }
}

/// A sea as SQLite and as the store beside SQLite see it.
#[derive(Clone)]
pub(super) struct Shared(pub(super) Arc<Sea>);

impl Hooks for Shared {
    fn reach(&self, point: &'static str, path: &Path) -> io::Result<()> {
        self.0.step_at(point, path).map_err(|Ended| dead())?;
        let Some(seat) = seat() else { return Ok(()) };
        if point == "guard.hold" {
            let process = self.0.happened().processes[seat];
            let mut index = path.to_owned().into_os_string();
            index.push("-shm");
            self.0.disk.guard(path, Path::new(&index), process)?;
            self.0.happened().guarded.push(process);
        }
        let one_in = self.0.plan.take_back_in;
        if point == cache::WRITTEN && one_in != 0 && self.0.turns.below(one_in) == 0 {
            self.0.trace.add(|| format!("   process {seat} is to take its transaction back"));
            return Err(cache::taken_back());
        }
        Ok(())
    }

    fn contended(&self, lock: &'static str) -> io::Result<Contended> {
        match self.0.give_way(lock) {
            Ok(()) => Ok(Contended::TryAgain),
            Err(Ended) => Err(dead()),
        }
    }

    fn pause(&self, span: Duration) {
        self.0.wait(u64::try_from(span.as_micros()).unwrap_or(u64::MAX));
    }

    fn planted(&self, mistake: &'static str) -> bool {
        let plan = &self.0.plan;
        matches!(mistake, "guard.simulated" | "version.any")
            || (mistake == Cache::PLANTED && plan.cache == Cache::OnePage)
            || plan.mistake == Some(mistake)
    }
}

fn dead() -> io::Error {
    io::Error::other("the process is dead")
}
