//! The processes of the harness that are not the shipped binary: programs that use the library, and
//! workers. The harness starts itself again and tells the role in the environment.

use super::{client, worker};
use crate::torture::Failure;
use std::path::PathBuf;

/// Names the role; its fields are separated by bars.
pub const ROLE_VARIABLE: &str = "ANDON_TORTURE_ROLE";

/// What a started process is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// A program with the board open, which asks for one thing after the other.
    Client {
        /// Board.
        board: PathBuf,
        /// Directory of the logs.
        logs: PathBuf,
        /// Seed of its choices.
        seed: u64,
        /// Operations in a second, about.
        rate: u64,
        /// Its clock.
        clock: Clock,
    },
    /// A worker of a dispatched task, which writes down its own life.
    Worker {
        /// Directory of the logs.
        logs: PathBuf,
        /// The program by which it reports.
        andon: PathBuf,
        /// How it ends.
        ending: String,
    },
}

/// What a client takes for the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The machine's.
    True,
    /// One that somebody sets forward and back.
    Stepping,
}

impl Role {
    /// The role as a text.
    pub fn text(&self) -> String {
        match self {
            Self::Client { board, logs, seed, rate, clock } => {
                let clock = if *clock == Clock::True { "true" } else { "stepping" };
                let (board, logs) = (board.display(), logs.display());
                format!("client|{board}|{logs}|{seed}|{rate}|{clock}")
            }
            Self::Worker { logs, andon, ending } => {
                format!("worker|{}|{}|{ending}", logs.display(), andon.display())
            }
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split('|').collect();
        match fields[..] {
            ["client", board, logs, seed, rate, clock] => {
                let clock = if clock == "true" { Clock::True } else { Clock::Stepping };
                let (seed, rate) = (seed.parse().ok()?, rate.parse().ok()?);
                Some(Self::Client { board: board.into(), logs: logs.into(), seed, rate, clock })
            }
            ["worker", logs, andon, ending] => {
                let ending = ending.to_owned();
                Some(Self::Worker { logs: logs.into(), andon: andon.into(), ending })
            }
            _ => None,
        }
    }

    /// The role that this process was started for.
    pub fn of_this_process() -> Option<Self> {
        Self::parse(&std::env::var(ROLE_VARIABLE).ok()?)
    }
}

/// Does what the role says, until its end or that of whoever started it.
pub fn run(role: &Role) -> Result<(), Failure> {
    match role {
        Role::Client { board, logs, seed, rate, clock } => {
            client::run(&client::Setting { board, logs, seed: *seed, rate: *rate, clock: *clock })
        }
        Role::Worker { logs, andon, ending } => worker::run(logs, andon, ending),
    }
}
