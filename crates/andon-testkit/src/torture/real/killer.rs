//! Strikes processes: mostly with SIGKILL, at moments that a seed chooses.

use super::crew::{Crew, Job, Target};
use super::home::Home;
use super::remains;
use super::versus::Side;
use crate::torture::chance::Chance;
use andon_core::process::Process;
use andon_runner::identity::{Host, PidFd};
use andon_store::Read;
use rustix::process::Signal;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Strikes that are made up for at once after a pause of the harness itself.
const ARREARS_MAX: u32 = 3;
/// How long a stopped process stays stopped, at most: most are continued long before others give
/// up waiting for it, some are not.
const STOP_MS_MAX: usize = 400;
const LONG_STOP_MS: u64 = 3_000;

/// Strikes at runs that are put off until a run is there, and the time between two looks for one.
const OWED_MAX: usize = 20;
const LOOK_FOR_RUNS: Duration = Duration::from_millis(40);

/// The signals, as they are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "named as the signals")]
pub enum Strike {
    Kill,
    Stop,
    Term,
}

/// How often whom.
pub type Struck = BTreeMap<(Job, Strike), u64>;

/// Somebody who kills.
pub(super) struct Killer<'h> {
    home: &'h Home,
    host: Host,
    chance: Chance,
    between: Duration,
    next: Instant,
    stopped: Vec<(Instant, Arc<Target>)>,
    /// Runners and workers that were to be struck when none was there.
    owed: VecDeque<Job>,
    next_run: Instant,
    pub(super) struck: Struck,
}

impl<'h> Killer<'h> {
    pub(super) fn new(home: &'h Home, host: Host, seed: u64, between: Duration) -> Self {
        let (chance, now) = (Chance::new(seed), Instant::now());
        Self {
            home,
            host,
            chance,
            between,
            next: now + between,
            stopped: Vec::new(),
            owed: VecDeque::new(),
            next_run: now,
            struck: Struck::new(),
        }
    }

    /// Strikes if it is time to, and lets those go on who were stopped long enough.
    pub(super) fn look(&mut self, crew: &Crew) {
        self.go_on(Instant::now());
        self.pay(Instant::now());
        for _ in 0..ARREARS_MAX {
            if Instant::now() < self.next {
                return;
            }
            let jitter = self.chance.below(2_000) as f64 / 1_000.0;
            self.next += self.between.mul_f64(jitter);
            self.strike(crew);
        }
        self.next = self.next.max(Instant::now());
    }

    /// Lets everybody go on.
    pub(super) fn release_all(&mut self) {
        self.go_on(Instant::now() + Duration::from_millis(LONG_STOP_MS));
    }

    fn go_on(&mut self, until: Instant) {
        self.stopped.retain(|(at, target)| {
            if *at > until {
                return true;
            }
            // It may have been killed meanwhile; then there is nothing to continue.
            drop(target.fd.signal(Signal::CONT));
            false
        });
    }

    fn strike(&mut self, crew: &Crew) {
        match self.chance.below(100) {
            0..38 => self.one(crew, Job::Call, Strike::Kill),
            38..66 => self.one(crew, Job::Client, Strike::Kill),
            66..74 => self.one(crew, Job::Dispatcher, Strike::Kill),
            74..82 => self.owe(Job::Runner),
            82..90 => self.owe(Job::Worker),
            90..94 => self.one(crew, Job::Client, Strike::Stop),
            94..96 => self.one(crew, Job::Dispatcher, Strike::Stop),
            96..98 => self.one(crew, Job::Dispatcher, Strike::Term),
            98 => self.one(crew, Job::Call, Strike::Stop),
            _ => self.storm(crew),
        }
    }

    /// Everybody at once, but for the calls.
    fn storm(&mut self, crew: &Crew) {
        for target in crew.all().into_iter().filter(|target| target.job != Job::Call) {
            self.hit(&target, Strike::Kill);
        }
    }

    fn one(&mut self, crew: &Crew, job: Job, strike: Strike) {
        if let Some(target) = self.chance.pick(&crew.with(job)).cloned() {
            self.hit(&target, strike);
        }
    }

    fn hit(&mut self, target: &Arc<Target>, strike: Strike) {
        if !target.is_alive() {
            return;
        }
        let signal = match strike {
            Strike::Kill => Signal::KILL,
            Strike::Stop => Signal::STOP,
            Strike::Term => Signal::TERM,
        };
        if target.fd.signal(signal).is_err() {
            return;
        }
        if strike == Strike::Stop {
            let long = self.chance.once_in(20);
            let ms = if long { LONG_STOP_MS } else { 1 + self.chance.below(STOP_MS_MAX) as u64 };
            self.stopped.push((Instant::now() + Duration::from_millis(ms), Arc::clone(target)));
        }
        *self.struck.entry((target.job, strike)).or_default() += 1;
    }

    /// A runner or a worker is struck as soon as there is one. The peer's board must not be opened
    /// by us while it is the peer's.
    fn owe(&mut self, job: Job) {
        if self.home.side == Side::Andon && self.owed.len() < OWED_MAX {
            self.owed.push_back(job);
        }
    }

    fn pay(&mut self, now: Instant) {
        if now < self.next_run {
            return;
        }
        if let Some(job) = self.owed.front().copied() {
            self.next_run =
                now + LOOK_FOR_RUNS.mul_f64(0.5 + self.chance.below(100) as f64 / 100.0);
            self.of_a_run(job);
        }
    }

    /// A runner or a worker, as the board names them.
    fn of_a_run(&mut self, job: Job) {
        let Ok(store) = remains::open(&self.home.board()) else { return };
        let Ok(open) = store.run_open_list() else { return };
        let keepers = open.into_iter().filter_map(|row| row.run?.keeper);
        let processes: Vec<Process> = keepers
            .filter_map(|keeper| if job == Job::Runner { keeper.runner } else { keeper.worker })
            .collect();
        let Some(fd) = self.chance.pick(&processes).and_then(|it| self.host.open(it)) else {
            return;
        };
        self.owed.pop_front();
        self.hit_process(fd, job);
    }

    fn hit_process(&mut self, fd: PidFd, job: Job) {
        let strike = if self.chance.once_in(10) { Strike::Stop } else { Strike::Kill };
        self.hit(&Arc::new(Target { job, fd }), strike);
    }
}
