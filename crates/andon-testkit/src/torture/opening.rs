//! `opening`: many processes open one fresh board at once, and one process stops inside its write.
//!
//! Everybody is the shipped binary. Odd rounds begin with nothing, even ones with a board of the
//! peer that has to be adopted: in the end there is one schema, what was acknowledged is there, and
//! nobody was told of an error. In the rounds of the second kind the others are refused in bounded
//! time, are told by whom, and go on when that process does, and when it dies.

mod crowd;
mod stopped;

use super::Failure;
use super::words::Words;
use std::path::{Path, PathBuf};

/// What to run.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The `andon` binary.
    pub program: PathBuf,
    /// Rounds in which a crowd opens a fresh board.
    pub rounds: u32,
    /// Processes of a crowd.
    pub processes: u32,
    /// Rounds in which a writer is stopped.
    pub stopped: u32,
}

/// What was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// Processes that opened a fresh board.
    pub openings: u64,
    /// Boards that were made from nothing.
    pub made: u64,
    /// Boards that were adopted from the peer.
    pub adopted: u64,
    /// Tasks that were acknowledged, and found afterwards.
    pub acknowledged: u64,
    /// Calls that were refused while a writer stood still.
    pub refused: u64,
    /// Longest of them, in milliseconds.
    pub refused_ms_max: u64,
    /// Writers that were caught while they made the log's index anew.
    pub indexing: u64,
    /// Writers that went on.
    pub continued: u64,
    /// Writers that were killed.
    pub killed: u64,
}

/// Options as the usage shows them.
pub(super) const OPTIONS: &str = "[--rounds N] [--processes N] [--stopped N]";

/// Rounds, processes and stopped writers where nothing is said.
const ROUNDS: u32 = 200;
const PROCESSES: u32 = 50;
const STOPPED: u32 = 40;

/// Runs the engine from its command line, with the binary beside this program.
pub(super) fn main(words: &[String]) -> Result<String, Failure> {
    let program = std::env::current_exe()?.with_file_name("andon");
    let mut options = Words::read(words)?;
    let mut number = |name: &str, usual: u32| -> Result<u32, Failure> {
        Ok(options.number(name)?.map_or(Ok(usual), u32::try_from)?)
    };
    let opening = Opening {
        program,
        rounds: number("rounds", ROUNDS)?,
        processes: number("processes", PROCESSES)?,
        stopped: number("stopped", STOPPED)?,
    };
    options.finish()?;
    let seen = opening.run()?;
    Ok(format!(
        "{} processes opened {} fresh boards, {} at once: {} made, {} adopted from the peer; one \
         schema each, no error, {} acknowledged tasks all there.\n{} writers were stopped inside \
         their write, {} of them while they made the log's index anew: {} calls of others refused by name, the slowest after {} ms; {} went on, {} \
         were killed, and the board with them.",
        seen.openings,
        seen.made + seen.adopted,
        opening.processes,
        seen.made,
        seen.adopted,
        seen.acknowledged,
        seen.continued + seen.killed,
        seen.indexing,
        seen.refused,
        seen.refused_ms_max,
        seen.continued,
        seen.killed,
    ))
}

impl Opening {
    /// Runs all rounds, or up to the first thing that is wrong.
    pub fn run(&self) -> Result<Seen, Failure> {
        let mut seen = Seen::default();
        for round in 0..self.rounds {
            crowd::round(self, round, &mut seen)
                .map_err(|failure| format!("round {round} of the crowd: {failure}"))?;
        }
        for round in 0..self.stopped {
            stopped::round(self, round, &mut seen)
                .map_err(|failure| format!("round {round} with a stopped writer: {failure}"))?;
        }
        Ok(seen)
    }

    /// A call of the binary that sees nothing of this machine but its home.
    fn command(&self, home: &Path) -> std::process::Command {
        let mut command = std::process::Command::new(&self.program);
        command.env_clear().current_dir(home);
        command.env("HOME", home).env("USER", "tester").env("ANDON_HOME", home);
        command
    }
}
