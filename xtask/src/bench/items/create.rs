//! `create`: what a single task costs to put on the board, durably.

use crate::bench::answer::Rate;
use crate::bench::figures::{ANDON, Contestant, Measured, in_turn};
use crate::bench::lab::Lab;
use crate::bench::{client, peers};
use crate::error::TaskError;

pub(super) fn run(lab: &Lab) -> Result<Measured, TaskError> {
    let tasks = lab.counts.creates.to_string();
    let andon = Contestant::new(ANDON, |round| {
        let board = lab.turn("create", "andon", round)?.join("board.db");
        client::ask::<Rate>(lab.client.command("create").arg(board).arg(&tasks))
    });
    let hermes = Contestant::new(peers::HERMES, |round| {
        let board = lab.turn("create", "hermes", round)?.join("board.db");
        client::ask::<Rate>(lab.peers.hermes("create", &board)?.arg(&tasks))
    });
    let tallies = in_turn(lab.counts.rounds, &[andon, hermes])?;
    let lines = tallies.iter().map(|tally| super::rate_line("tasks created/s", tally)).collect();
    Ok(Measured { lines, notes: Vec::new() })
}
