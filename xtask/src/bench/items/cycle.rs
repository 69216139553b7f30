//! `cycle1` and `cycle64`: what a task's way from ready to done costs, beside the bare probe that
//! says what SQLite itself can do here with as many steps in one commit.

use crate::bench::answer::Rate;
use crate::bench::figures::{ANDON, Contestant, Measured, in_turn};
use crate::bench::lab::Lab;
use crate::bench::{client, peers};
use crate::error::TaskError;

/// How one of the two benches runs.
struct Crowd {
    bench: &'static str,
    tasks: u32,
    /// The peer's own number where it would take too long otherwise; it is a rate in any case.
    tasks_peer: u32,
    threads: u32,
    /// Steps in one commit of the probe.
    per_commit: u32,
}

pub(super) fn one_client(lab: &Lab) -> Result<Measured, TaskError> {
    let tasks = lab.counts.cycles;
    run(lab, &Crowd { bench: "cycle1", tasks, tasks_peer: tasks, threads: 1, per_commit: 1 })
}

pub(super) fn many_clients(lab: &Lab) -> Result<Measured, TaskError> {
    let counts = &lab.counts;
    run(
        lab,
        &Crowd {
            bench: "cycle64",
            tasks: counts.crowd_tasks,
            tasks_peer: counts.crowd_tasks_peer,
            threads: counts.crowd_threads,
            per_commit: counts.crowd_per_commit,
        },
    )
}

fn run(lab: &Lab, crowd: &Crowd) -> Result<Measured, TaskError> {
    let tasks = crowd.tasks.to_string();
    let tasks_peer = crowd.tasks_peer.to_string();
    let threads = crowd.threads.to_string();
    let per_commit = crowd.per_commit.to_string();
    let andon = Contestant::new(ANDON, |round| {
        let board = lab.turn(crowd.bench, "andon", round)?.join("board.db");
        let mut command = lab.client.command("cycle");
        client::ask::<Rate>(command.arg(board).args([&tasks, &threads]))
    });
    let probe = Contestant::new(format!("bare probe, {per_commit} in a commit"), |round| {
        let file = lab.turn(crowd.bench, "probe", round)?.join("probe.db");
        let mut command = lab.client.command("probe");
        client::ask::<Rate>(command.arg(file).args([&tasks, &per_commit]))
    });
    let rows =
        Contestant::new(format!("bare rows of a board, {per_commit} in a commit"), |round| {
            let board = lab.turn(crowd.bench, "rows", round)?.join("board.db");
            let mut command = lab.client.command("rows");
            client::ask::<Rate>(command.arg(board).args([&tasks, &per_commit]))
        });
    let hermes = Contestant::new(peers::HERMES, |round| {
        let board = lab.turn(crowd.bench, "hermes", round)?.join("board.db");
        let mut command = lab.peers.hermes("cycle", &board)?;
        client::ask::<Rate>(command.args([&tasks_peer, &threads]))
    });
    let tallies = in_turn(lab.counts.rounds, &[andon, probe, rows, hermes])?;
    let lines =
        tallies.iter().map(|tally| super::rate_line("tasks claimed and completed/s", tally));
    Ok(Measured {
        lines: lines.collect(),
        notes: vec![
            "The probe changes one row of a task and adds one row of an event for each step and \
             checks nothing: it is the ceiling of any queue. The bare rows are those of the task, \
             the run and the event, on a board with all its indexes: the ceiling of this format, \
             which Andon shares with its peer."
                .to_owned(),
        ],
    })
}
