//! The engine `versus`: the same kinds of processes, the same strikes and the same ledger on boards
//! of Andon and of the peer, by turns, and the figures beside each other.

use super::crew::{Crew, Ends, Job, Post};
use super::home::Home;
use super::killer::Killer;
use super::tally::{self, Tally};
use super::watch::Watch;
use super::{Neighbours, Plan, Scene, call_on, drive, engine, told};
use crate::torture::Failure;
use crate::torture::history::History;
use andon_runner::identity::Host;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The options, as the usage shows them.
pub const OPTIONS: &str = "--with-peer [--seconds N] [--kills N] [--seed S]";

/// Length of one turn. Boards of the peer are damaged within seconds, and tell nothing more then.
const TURN_SECONDS: u64 = 15;
/// Processes of a turn, beside the workers of neither side.
const PROCESSES: usize = 12;

/// Whose board it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Ours.
    Andon,
    /// hermes-agent's.
    Peer,
}

/// Runs the engine: the time is shared between both.
pub fn start(arguments: &[String]) -> Result<String, Failure> {
    let whole = engine::plan(arguments)?;
    if whole.programs.peer.is_none() {
        return Err("the engine `versus` needs --with-peer".into());
    }
    let turns = (whole.seconds / TURN_SECONDS / 2).max(1);
    let kills = (whole.kills / turns / 2).max(1);
    let (mut ours, mut theirs) = (Tally::default(), Tally::default());
    for turn in 0..turns {
        for (side, sum) in [(Side::Andon, &mut ours), (Side::Peer, &mut theirs)] {
            let name = if side == Side::Andon { "andon" } else { "peer" };
            let mut plan = whole.clone();
            plan.directory = whole.directory.join(format!("{name}-{turn}"));
            (plan.seconds, plan.kills) = (TURN_SECONDS, kills);
            plan.seed = whole.seed.wrapping_add(turn);
            plan.processes = PROCESSES;
            plan.neighbours = Neighbours::None;
            sum.add(&one_turn(&plan, side)?);
        }
    }
    let table = table(&whole, turns, (&ours, &theirs));
    if ours.lost + ours.half_done + ours.integrity_errors + ours.failed_and_there > 0 {
        return Err(table.into());
    }
    std::fs::remove_dir_all(&whole.directory)?;
    Ok(table)
}

fn one_turn(plan: &Plan, side: Side) -> Result<Tally, Failure> {
    let home = Home::make(&plan.directory, plan.programs.clone(), plan.neighbours, side)?;
    let crew = Crew::default();
    let between = Duration::from_secs(plan.seconds).div_f64(plan.kills as f64);
    let mut scene = Scene {
        watch: Watch::new(vec![home.board()]),
        ends: Ends::default(),
        killer: Killer::new(&home, Host::read()?, plan.seed, between),
        strays: 0,
        findings: Vec::new(),
    };
    std::thread::scope(|scope| -> Result<(), String> {
        let threads: Vec<_> = (0..super::share(plan))
            .map(|number| {
                let (home, crew) = (&home, &crew);
                scope.spawn(move || match side {
                    Side::Andon => told(call_on(home, crew, number, plan.seed).map(drop)),
                    Side::Peer => told(peer_calls(home, crew, plan.seed)),
                })
            })
            .collect();
        let driven = told(drive(plan, &home, &crew, &mut scene));
        crew.end();
        for thread in threads {
            thread.join().map_err(|_| "a thread of the harness panicked")??;
        }
        driven
    })?;
    let history = History::read(&home.logs())?;
    let mut tally = tally::count(&home.board(), &history)?;
    tally.kills = scene.killer.struck.values().sum();
    let deleted = scene.watch.findings.iter().filter(|found| found.ends_with(" (deleted)"));
    tally.deleted_sidecars = u64::try_from(deleted.count())?;
    Ok(tally)
}

/// One call of the peer after the other, each a process of its own that may be killed.
fn peer_calls(home: &Home, crew: &Crew, seed: u64) -> Result<(), Failure> {
    while !crew.is_over() {
        let mut command: Command = home.ledger("call", seed);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let _target = crew.watch(&child, Job::Call);
        child.wait()?;
    }
    Ok(())
}

/// The posts of the peer: as many dispatchers and clients as ours.
pub(super) fn peer_posts<'c>(plan: &Plan, home: &'c Home) -> (Vec<Post<'c>>, Vec<Post<'c>>) {
    let seed = plan.seed;
    let posts = |job, role, count| -> Vec<Post<'c>> {
        (0..count).map(|_| Post::new(job, move || home.ledger(role, seed))).collect()
    };
    let dispatchers = super::share(plan);
    let clients = plan.processes.saturating_sub(2 * dispatchers).max(2);
    (posts(Job::Dispatcher, "dispatcher", dispatchers), posts(Job::Client, "client", clients))
}

/// A line of the table: its name, and what stands in it.
type Row = (&'static str, fn(&Tally) -> u64);

fn table(plan: &Plan, turns: u64, (ours, theirs): (&Tally, &Tally)) -> String {
    let rows: &[Row] = &[
        ("boards", |tally| tally.boards),
        ("damaged boards", |tally| tally.damaged_boards),
        ("processes struck", |tally| tally.kills),
        ("operations acknowledged", |tally| tally.acknowledged),
        ("acknowledged and lost", |tally| tally.lost),
        ("half done", |tally| tally.half_done),
        ("integrity errors", |tally| tally.integrity_errors),
        ("operations failed", |tally| tally.failed),
        ("failed and yet there", |tally| tally.failed_and_there),
        ("unknown (killed)", |tally| tally.unknown),
        ("deleted sidecars in use", |tally| tally.deleted_sidecars),
    ];
    let mut text = format!(
        "{turns} turns of {TURN_SECONDS} s each, by turns; {PROCESSES} processes; seed {}\n\n\
         | figure | Andon | hermes-agent 0.19.0 |\n|---|---|---|\n",
        plan.seed
    );
    for (name, figure) in rows {
        text.push_str(&format!("| {name} | {} | {} |\n", figure(ours), figure(theirs)));
    }
    for (name, tally) in [("Andon", ours), ("the peer", theirs)] {
        let mut reasons: Vec<_> = tally.reasons.iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        reasons.truncate(5);
        text.push_str(&format!("\nfailed answers of {name}, the most frequent: {reasons:?}"));
    }
    text
}
