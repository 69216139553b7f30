//! `list`: what a person or an agent waits for when asking for the board: a whole process.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::bench::figures::{ANDON, Better, Contestant, Line, Measured, Spread, Tally, in_turn};
use crate::bench::home::Home;
use crate::bench::lab::Lab;
use crate::bench::peers;
use crate::error::TaskError;
use crate::process;

/// Runs before the first one that counts, so that programs and files are in the cache.
const WARM_UP: u32 = 2;
/// A command line client keeps nothing and writes nothing here.
const NO_SYNC: &str = "–";

pub(super) fn run(lab: &Lab) -> Result<Measured, TaskError> {
    let home = Home::make(lab, "list-andon", &["true"])?;
    let board = lab.fresh("list-hermes")?.join("kanban.db");
    lab.peers.hermes_init(&board)?;
    let andon = || {
        let mut command = home.andon(lab);
        command.arg("list");
        Ok(command)
    };
    let hermes = || {
        let mut command = lab.peers.hermes_program(&board)?;
        command.args(["kanban", "list"]);
        Ok(command)
    };
    for _ in 0..WARM_UP {
        once(andon()?)?;
        once(hermes()?)?;
    }
    let contestants = [
        Contestant::new(ANDON, |_| once(andon()?)),
        Contestant::new(peers::HERMES, |_| once(hermes()?)),
    ];
    let runs = usize::try_from(lab.counts.lists).expect("a count of runs fits");
    let tallies = in_turn(runs, &contestants)?;
    Ok(Measured { lines: tallies.iter().flat_map(lines).collect(), notes: Vec::new() })
}

/// From before the process exists to after it is gone.
fn once(mut command: Command) -> Result<Duration, TaskError> {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let started = Instant::now();
    process::run(&mut command)?;
    Ok(started.elapsed())
}

fn lines(tally: &Tally<Duration>) -> [Line; 2] {
    let mut spans: Vec<f64> = tally.turns.iter().map(|span| span.as_secs_f64() * 1e3).collect();
    spans.sort_by(f64::total_cmp);
    let line = |which: &str, spread: Spread| Line {
        figure: format!("list an empty board, ms ({which})"),
        better: Better::Lower,
        who: tally.who.clone(),
        sync: NO_SYNC.to_owned(),
        spread,
        remark: format!("{} runs", spans.len()),
    };
    let rank = (spans.len() * 99).div_ceil(100);
    let p99 = spans.get(rank.max(1) - 1).copied();
    [line("p50", Spread::of(spans.iter().copied())), line("p99", Spread::of(p99))]
}
