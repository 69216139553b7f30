//! `burst`: many processes, one board, one moment. Every task is counted afterwards and the file
//! is checked: a fast answer about a damaged board is none.

use std::path::Path;
use std::process::Command;

use crate::bench::answer::{Audit, Rate, failures, sync_of};
use crate::bench::figures::{
    ANDON, Better, Contestant, Line, Measured, Spread, Tally, in_turn, per_second,
};
use crate::bench::lab::Lab;
use crate::bench::{gate, peers};
use crate::error::TaskError;

/// One burst.
struct Burst {
    /// Tasks a second whose creator was told that they are there, from the common start to the
    /// last process's answer.
    acknowledged: f64,
    /// Tasks a second that are there afterwards.
    kept: f64,
    /// Of each process.
    rates: Vec<Rate>,
    audit: Audit,
}

pub(super) fn run(lab: &Lab) -> Result<Measured, TaskError> {
    let andon = Contestant::new(ANDON, |round| {
        let board = lab.turn("burst", "andon", round)?.join("board.db");
        lab.client.init(&board)?;
        burst(lab, &board, || {
            let mut command = lab.client.command("burst");
            command.arg(&board);
            Ok(command)
        })
    });
    let hermes = Contestant::new(peers::HERMES, |round| {
        let board = lab.turn("burst", "hermes", round)?.join("board.db");
        lab.peers.hermes_init(&board)?;
        burst(lab, &board, || lab.peers.hermes("burst", &board))
    });
    let tallies = in_turn(lab.counts.rounds, &[andon, hermes])?;
    let note =
        "Kept are the tasks that the board holds afterwards. What the peer loses depends on the \
                SQLite of its Python, named above."
            .to_owned();
    Ok(Measured { lines: tallies.iter().flat_map(|t| lines(lab, t)).collect(), notes: vec![note] })
}

fn burst(
    lab: &Lab,
    board: &Path,
    process: impl Fn() -> Result<Command, TaskError>,
) -> Result<Burst, TaskError> {
    let each = lab.counts.burst_each.to_string();
    let commands = (0..lab.counts.burst_processes).map(|_| {
        let mut command = process()?;
        command.arg(&each);
        Ok(command)
    });
    let (took, rates) = gate::together(commands.collect::<Result<Vec<_>, TaskError>>()?)?;
    let done = rates.iter().map(|rate| rate.done).sum();
    let audit = lab.client.audit(board)?;
    let (acknowledged, kept) = (per_second(done, took), per_second(audit.rows, took));
    Ok(Burst { acknowledged, kept, rates, audit })
}

fn lines(lab: &Lab, tally: &Tally<Burst>) -> [Line; 2] {
    let Counted { wanted, found, sound } = count(lab, tally);
    let failed = failures(tally.turns.iter().flat_map(|turn| &turn.rates));
    let failed = if failed.is_empty() { "no errors" } else { &failed };
    let rounds = tally.turns.len();
    let rates = tally.turns.iter().flat_map(|turn| &turn.rates);
    let sync = sync_of(rates.map(|rate| rate.sync.as_str()));
    let line = |what: &str, of: fn(&Burst) -> f64, remark: String| Line {
        figure: format!(
            "{} processes × {} creates, tasks {what}/s",
            lab.counts.burst_processes, lab.counts.burst_each
        ),
        better: Better::Higher,
        who: tally.who.clone(),
        sync: sync.clone(),
        spread: Spread::of(tally.turns.iter().map(of)),
        remark,
    };
    let rows = format!(
        "{found} of {wanted} tasks on the boards, integrity ok in {sound} of {rounds} rounds"
    );
    [
        line("acknowledged", |burst| burst.acknowledged, failed.to_owned()),
        line("kept", |burst| burst.kept, rows),
    ]
}

/// What the boards held after all rounds.
struct Counted {
    wanted: u64,
    found: u64,
    sound: usize,
}

fn count(lab: &Lab, tally: &Tally<Burst>) -> Counted {
    let processes = u64::try_from(lab.counts.burst_processes).unwrap_or(u64::MAX);
    let rounds = u64::try_from(tally.turns.len()).unwrap_or(u64::MAX);
    Counted {
        wanted: processes * u64::from(lab.counts.burst_each) * rounds,
        found: tally.turns.iter().map(|turn| turn.audit.rows).sum(),
        sound: tally.turns.iter().filter(|turn| turn.audit.integrity == "ok").count(),
    }
}
