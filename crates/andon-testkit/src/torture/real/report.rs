//! What a run came to, for people.

use super::crew::{Ends, Job};
use super::killer::{Strike, Struck};
use super::neighbours::Seen;
use super::watch::Watch;
use super::{Neighbours, Plan};
use crate::torture::history::Claim;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// Findings that are shown; one fault mostly causes many.
const SHOWN_MAX: usize = 20;

/// A run and what was found.
#[derive(Debug)]
pub struct Report {
    pub(super) plan: Plan,
    pub(super) ran: Duration,
    pub(super) ends: Ends,
    pub(super) struck: Struck,
    pub(super) watch: Watch,
    pub(super) seen: Seen,
    pub(super) strays: u64,
    pub(super) points: BTreeMap<String, u64>,
    pub(super) integrity: u64,
    pub(super) tasks: usize,
    pub(super) events: usize,
    pub(super) lives: usize,
    pub(super) unknown: u64,
    pub(super) checked: BTreeMap<Claim, u64>,
    /// Operations that were acknowledged.
    pub acknowledged: u64,
    /// Operations that failed, by the code of the answer.
    pub failed: BTreeMap<String, u64>,
    /// Everything that should not be.
    pub findings: Vec<String>,
    /// What could not be done here.
    pub skipped: Vec<String>,
}

impl Report {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            plan: plan.clone(),
            ran: Duration::ZERO,
            ends: Ends::default(),
            struck: Struck::new(),
            watch: Watch::default(),
            seen: Seen::default(),
            strays: 0,
            points: BTreeMap::new(),
            integrity: 0,
            tasks: 0,
            events: 0,
            lives: 0,
            unknown: 0,
            checked: BTreeMap::new(),
            acknowledged: 0,
            failed: BTreeMap::new(),
            findings: Vec::new(),
            skipped: Vec::new(),
        }
    }

    /// Processes that were killed.
    pub fn kills(&self) -> u64 {
        let kills = self.struck.iter().filter(|((_, strike), _)| *strike == Strike::Kill);
        kills.map(|(_, count)| count).sum::<u64>() + self.points.values().sum::<u64>()
    }

    /// A run that struck too few, or nobody of some kind, has proven little.
    pub(super) fn check_strikes(&mut self) {
        let (kills, least) = (self.kills(), self.plan.kills_min);
        if kills < least {
            self.findings.push(format!("{kills} processes were killed, {least} were to be"));
        }
        for job in [Job::Dispatcher, Job::Client, Job::Call, Job::Runner, Job::Worker] {
            if least > 0 && !self.struck.contains_key(&(job, Strike::Kill)) {
                self.findings.push(format!("no {job:?} was killed"));
            }
        }
    }

    /// The findings, for whoever must not go on with them.
    pub fn complaint(&self) -> Option<String> {
        let shown = self.findings.iter().take(SHOWN_MAX).map(|found| format!("\n  {found}"));
        let shown: String = shown.collect();
        let (count, seed) = (self.findings.len(), self.plan.seed);
        (count > 0).then(|| format!("{count} findings, seed {seed}:{shown}\n{self}"))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan { seed, processes, neighbours, directory, .. } = &self.plan;
        let seconds = self.plan.seconds.max(1);
        let about = if *neighbours == Neighbours::Hostile { "and neighbours" } else { "alone" };
        writeln!(f, "real processes, seed {seed}, {}", directory.display())?;
        writeln!(
            f,
            "  {seconds} s of work, {:.0} s in all; {processes} processes, runners and workers {about}",
            self.ran.as_secs_f64()
        )?;
        writeln!(f, "  started: {:?}; workers' lives: {}", self.ends.started, self.lives)?;
        writeln!(f, "  killed: {}; by whom and how: {:?}", self.kills(), self.struck)?;
        writeln!(f, "  of these at named points: {:?}", self.points)?;
        writeln!(f, "  stray opens and closes within clients: {}", self.strays)?;
        let failed: u64 = self.failed.values().sum();
        let rate = self.acknowledged / seconds;
        writeln!(
            f,
            "  operations: {} acknowledged ({rate}/s), {failed} failed, {} unknown",
            self.acknowledged, self.unknown
        )?;
        writeln!(f, "  failed, by answer: {:?}", self.failed)?;
        writeln!(f, "  neighbours did {:?}; refused {:?}", self.seen.did, self.seen.refused)?;
        let Watch { looks, descriptors, guards_seen, .. } = &self.watch;
        writeln!(
            f,
            "  {looks} looks at {descriptors} descriptors of boards, {guards_seen} guards"
        )?;
        let checks: u64 = self.checked.values().sum();
        writeln!(
            f,
            "  boards: {} tasks, {} events, {} sound",
            self.tasks, self.events, self.integrity
        )?;
        writeln!(f, "  history: {checks} checks {:?}", self.checked)?;
        for what in &self.skipped {
            writeln!(f, "  SKIPPED: {what}")?;
        }
        write!(f, "  findings: {}", self.findings.len())
    }
}
