//! The same work again and again, for looking at with a profiler. Prints commands a second.

use crate::Answer;
use crate::board::Client;
use crate::crowd::{self, Work};
use std::path::Path;

/// A task's claim and its completion.
const COMMANDS_PER_TASK: f64 = 2.0;

/// Claims and completes so many rounds of tasks on one board.
pub(crate) fn run(board: &Path, work: Work, rounds: usize) -> Answer {
    let client = Client::open_or_create(board)?;
    println!("process {}, {} threads", std::process::id(), work.threads);
    for round in 1..=rounds {
        let ready = crowd::create(&client, work);
        let (took, errors) = crowd::cycle(&client, &ready, work.threads);
        #[expect(clippy::cast_precision_loss, reason = "counts of tasks are far below 2^52")]
        let commands = COMMANDS_PER_TASK * (ready.len() - errors.count) as f64;
        let per_second = commands / took.as_secs_f64();
        println!("round {round}: {per_second:.0} commands/s, {} errors", errors.count);
    }
    Ok(None)
}
