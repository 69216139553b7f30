//! Which processes belong to a tree. Looks only; whoever signals re-checks the identity.

use super::{Kinship, MARK_VARIABLE, Target};
use crate::limits::Measured;
use andon_proc::process::{self, Stat};
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;

/// Rounds of following children to their children; each adds one generation. A tree deeper than the
/// kernel's default number of processes does not exist, so this only bounds a looped answer.
const GENERATIONS_MAX: usize = 32_768;

/// A living process of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) pid: i32,
    pub(super) started: u64,
}

/// The tree's living processes; zombies are not among them.
pub(super) fn members(target: &Target) -> io::Result<Vec<Member>> {
    let all = process::all()?;
    let own = rustix::process::getpid().as_raw_pid();
    let roots = match target.kinship {
        Kinship::Keeper => HashSet::from([own]),
        Kinship::Stranger => orphan_roots(&all, target, &|pid| has_mark(pid, &target.mark)),
    };
    Ok(living_below(&all, roots, own))
}

/// What all living descendants of this process use together.
pub(crate) fn measure_descendants() -> io::Result<Measured> {
    let own = rustix::process::getpid().as_raw_pid();
    match process::below(own) {
        Ok(stats) => Ok(Measured::sum(stats.iter().filter(|stat| !stat.is_dead()))),
        Err(error) if error.kind() == io::ErrorKind::Unsupported => measure_among_all(own),
        Err(error) => Err(error),
    }
}

/// The same where the kernel keeps no lists of children: every process of the host is read.
fn measure_among_all(own: i32) -> io::Result<Measured> {
    let all = process::all()?;
    let members = living_below(&all, HashSet::from([own]), own);
    let pids: HashSet<i32> = members.iter().map(|member| member.pid).collect();
    Ok(Measured::sum(all.iter().filter(|stat| pids.contains(&stat.pid))))
}

/// Where to start when the keeper is gone: the worker itself, its session, the marked.
fn orphan_roots(all: &[Stat], target: &Target, marked: &dyn Fn(i32) -> bool) -> HashSet<i32> {
    let worker = &target.worker;
    let leader = all.iter().find(|stat| stat.pid == worker.pid);
    // A leader of another start time has taken over the number, and the session is its own.
    let session_is_ours = leader.is_none_or(|stat| stat.started == worker.started);
    let belongs = |stat: &&Stat| {
        // Nothing of the tree is older than its root: this spares reading most environments.
        stat.started >= worker.started
            && ((stat.pid == worker.pid && stat.started == worker.started)
                || (stat.session == worker.pid && session_is_ours)
                || marked(stat.pid))
    };
    all.iter().filter(belongs).map(|stat| stat.pid).collect()
}

/// Roots and descendants that live, without the caller itself.
fn living_below(all: &[Stat], roots: HashSet<i32>, own: i32) -> Vec<Member> {
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    for stat in all {
        children.entry(stat.parent).or_default().push(stat.pid);
    }
    let mut found = roots.clone();
    let mut generation: Vec<i32> = roots.into_iter().collect();
    for _ in 0..GENERATIONS_MAX {
        let next: Vec<i32> = generation
            .iter()
            .filter_map(|parent| children.get(parent))
            .flatten()
            .copied()
            .filter(|child| found.insert(*child))
            .collect();
        if next.is_empty() {
            break;
        }
        generation = next;
    }
    all.iter()
        .filter(|stat| stat.pid != own && !stat.is_dead() && found.contains(&stat.pid))
        .map(|stat| Member { pid: stat.pid, started: stat.started })
        .collect()
}

/// Whether the process was started with this run's mark; false where that may not be read.
fn has_mark(pid: i32, mark: &str) -> bool {
    let wanted = format!("{MARK_VARIABLE}={mark}");
    fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environ| {
        environ.split(|byte| *byte == 0).any(|entry| entry == wanted.as_bytes())
    })
}

#[cfg(test)]
mod tests;
