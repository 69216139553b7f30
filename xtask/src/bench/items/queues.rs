//! `queues`: job queues on SQLite, which do far less than a board, at the sync mode of a board.

use crate::bench::answer::Rate;
use crate::bench::figures::{ANDON, Contestant, Measured, in_turn};
use crate::bench::lab::Lab;
use crate::bench::{client, peers};
use crate::error::TaskError;

pub(super) fn run(lab: &Lab) -> Result<Measured, TaskError> {
    let jobs = lab.counts.cycles.to_string();
    let andon = Contestant::new(ANDON, |round| {
        let board = lab.turn("queues", "andon", round)?.join("board.db");
        client::ask::<Rate>(lab.client.command("cycle").arg(board).args([jobs.as_str(), "1"]))
    });
    let plainjob = Contestant::new(peers::PLAINJOB, |round| {
        let file = lab.turn("queues", "plainjob", round)?.join("queue.db");
        client::ask::<Rate>(lab.peers.plainjob("cycle")?.arg(file).arg(&jobs))
    });
    let huey = Contestant::new(peers::HUEY, |round| {
        let file = lab.turn("queues", "huey", round)?.join("queue.db");
        client::ask::<Rate>(lab.peers.huey("cycle")?.arg(file).arg(&jobs))
    });
    let tallies = in_turn(lab.counts.rounds, &[andon, plainjob, huey])?;
    let lines = tallies.iter().map(|tally| super::rate_line("jobs taken and finished/s", tally));
    Ok(Measured {
        lines: lines.collect(),
        notes: vec![
            "huey deletes a job when it hands it out: at most once, with one commit for a job \
             where the others have two."
                .to_owned(),
        ],
    })
}
