//! Real processes on one board, killed at random while they work: dispatchers, runners, workers,
//! programs that use the library, calls of the command line; an old SQLite, the peer and full disks
//! beside them. What each of them says of itself is held against what is left.

mod action;
mod call;
pub mod child;
mod client;
mod crew;
mod ending;
pub mod engine;
mod home;
mod killer;
mod neighbours;
mod pace;
mod remains;
mod report;
mod stray;
pub mod tally;
mod turns;
pub mod versus;
mod watch;
mod worker;

use super::Failure;
use super::chance::Chance;
use super::crew::Progress;
use andon_runner::identity::Host;
use call::Caller;
use child::Clock;
use crew::{Crew, Ends, Post};
use home::Home;
use killer::Killer;
use neighbours::Seen;
use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use versus::Side;
use watch::Watch;

pub use crew::Job;
pub use killer::{Strike, Struck};
pub use report::Report;

/// Between two looks at the processes.
const LOOK: Duration = Duration::from_millis(5);
/// Between two looks at their descriptors, which cost more.
const WATCH: Duration = Duration::from_millis(1_500);
/// A client is told to do something that it should not, about so often.
const STRAY: Duration = Duration::from_millis(300);

/// What is run.
#[derive(Debug, Clone)]
pub struct Programs {
    /// The shipped binary.
    pub andon: PathBuf,
    /// Clients and workers: a program that comes to [`child::run`].
    pub child: PathBuf,
    /// A Python that has the peer installed.
    pub peer: Option<PathBuf>,
}

/// Who else is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Neighbours {
    /// All that this machine has.
    Hostile,
    /// Nobody.
    None,
}

/// A run to be made.
#[derive(Debug, Clone)]
pub struct Plan {
    /// For how long.
    pub seconds: u64,
    /// Processes that are there all the time, beside runners and workers.
    pub processes: usize,
    /// Strikes to be made.
    pub kills: u64,
    /// Fewer processes killed than this are a finding: a loaded machine starts its processes late.
    pub kills_min: u64,
    /// Seed of the strikes and of what the processes do.
    pub seed: u64,
    /// Operations in a second of each client, about.
    pub rate: u64,
    /// Who else is about.
    pub neighbours: Neighbours,
    /// What is run.
    pub programs: Programs,
    /// Where everything lies; it must be empty.
    pub directory: PathBuf,
}

/// Makes a run and tells what came of it. An error means that the harness itself could not go on;
/// what was lost stands in the report.
pub fn run(plan: &Plan) -> Result<Report, Failure> {
    let home = Home::make(&plan.directory, plan.programs.clone(), plan.neighbours, Side::Andon)?;
    let crew = Crew::default();
    let mut scene = Scene {
        watch: Watch::new(home.boards()),
        ends: Ends::default(),
        killer: Killer::new(&home, Host::read()?, plan.seed, between_strikes(plan)),
        strays: 0,
        findings: Vec::new(),
    };
    let started = Instant::now();
    let seen = std::thread::scope(|scope| {
        let mut threads = Vec::new();
        for number in 0..share(plan) {
            let (home, crew) = (&home, &crew);
            threads.push(scope.spawn(move || told(call_on(home, crew, number, plan.seed))));
        }
        if plan.neighbours == Neighbours::Hostile {
            let (home, crew) = (&home, &crew);
            threads.push(scope.spawn(|| told(neighbours::old_sqlite(home, crew, plan.seed))));
            threads.push(scope.spawn(|| told(neighbours::peer(home, crew, plan.seed))));
            let time = Duration::from_secs(plan.seconds);
            threads.push(
                scope.spawn(move || told(neighbours::small_disk(home, crew, plan.seed, time))),
            );
            threads.push(scope.spawn(|| Ok(neighbours::integrity(home, crew))));
            threads.push(scope.spawn(|| told(neighbours::copies(home, crew))));
        }
        let driven = told(drive(plan, &home, &crew, &mut scene));
        crew.end();
        let mut seen = Seen::default();
        for thread in threads {
            seen.merge(thread.join().map_err(|_| "a thread of the harness panicked")??);
        }
        driven.map(|()| seen)
    })?;
    let struck = scene.killer.struck.clone();
    let Scene { watch, ends, findings, strays, .. } = scene;
    let ran = started.elapsed();
    let mut report =
        Report { ran, struck, watch, ends, seen, findings, strays, ..Report::new(plan) };
    ending::judge(&home, &mut report)?;
    Ok(report)
}

/// What the harness does itself.
struct Scene<'h> {
    watch: Watch,
    ends: Ends,
    killer: Killer<'h>,
    /// How often a client was told to do what foreign code may do.
    strays: u64,
    findings: Vec<String>,
}

/// Errors of a thread, as they can be handed to another one.
fn told<T>(outcome: Result<T, Failure>) -> Result<T, String> {
    outcome.map_err(|error| error.to_string())
}

/// Dispatchers, and callers: as many of each. All others are clients.
fn share(plan: &Plan) -> usize {
    (plan.processes / 5).max(2)
}

fn between_strikes(plan: &Plan) -> Duration {
    Duration::from_secs(plan.seconds).div_f64(plan.kills.max(1) as f64)
}

fn call_on(home: &Home, crew: &Crew, number: usize, seed: u64) -> Result<Seen, Failure> {
    let number_of_seed = u64::try_from(number)?;
    let mut caller = Caller::new(home, number, seed.wrapping_add(number_of_seed))?;
    while !crew.is_over() {
        caller.call(crew)?;
    }
    Ok(Seen::default())
}

/// Keeps every post taken and strikes, until the time is over; then lets all come to rest.
fn drive<'c>(
    plan: &Plan,
    home: &'c Home,
    crew: &'c Crew,
    scene: &mut Scene<'_>,
) -> Result<(), Failure> {
    let output = File::options().create(true).append(true).open(home.output())?;
    let (mut dispatchers, mut clients) = match home.side {
        Side::Andon => posts(plan, home),
        Side::Peer => versus::peer_posts(plan, home),
    };
    let mut chance = Chance::new(plan.seed ^ 0x57);
    let deadline = Instant::now() + Duration::from_secs(plan.seconds);
    let progress = Progress::new();
    let (mut next_watch, mut next_stray) = (Instant::now() + WATCH, Instant::now() + STRAY);
    while Instant::now() < deadline {
        for post in dispatchers.iter_mut().chain(&mut clients) {
            post.fill(crew, &output, &mut scene.ends)?;
        }
        scene.killer.look(crew);
        progress.tell(scene.killer.struck.values().sum(), plan.kills);
        if Instant::now() >= next_stray {
            next_stray += STRAY;
            let place = chance.below(clients.len());
            if crew.turns.may_stray() {
                clients[place].tell(stray::WORD);
                scene.strays += 1;
            }
        }
        if Instant::now() >= next_watch {
            scene.watch.look();
            next_watch = Instant::now() + WATCH;
        }
        pace::rest(LOOK);
    }
    scene.killer.release_all();
    crew.end();
    for post in &mut dispatchers {
        post.fill(crew, &output, &mut scene.ends)?;
    }
    ending::rest(home, (clients, dispatchers), &mut scene.findings)?;
    scene.watch.look();
    Ok(())
}

fn posts<'c>(plan: &Plan, home: &'c Home) -> (Vec<Post<'c>>, Vec<Post<'c>>) {
    let dispatchers = (0..share(plan)).map(|_| {
        Post::new(Job::Dispatcher, move || {
            let mut command = home.andon();
            command.arg("up");
            command
        })
    });
    let count = plan.processes.saturating_sub(2 * share(plan)).max(2);
    let (seed, rate) = (plan.seed, plan.rate);
    let clients = (0..count).map(|number| {
        let clock = if number == 0 { Clock::Stepping } else { Clock::True };
        let mut chance = Chance::new(seed.wrapping_add(number as u64));
        Post::new(Job::Client, move || home.client(chance.draw(), rate, clock))
    });
    (dispatchers.collect(), clients.collect())
}
