//! Many processes that create tasks on one board at the same moment.

use crate::home::{SharedHome, at_once};
use crate::{turn, writer};
use serde_json::Value;
use std::process::Command;
use std::time::{Duration, Instant};

const PROCESSES: u64 = 20;
const TASKS_EACH: u64 = 220;
/// Each write waits for the disk; a slow disk shared with others makes some forty of them a second.
const LIMIT: Duration = Duration::from_secs(120);
/// The peer waits for its locks by polling, so its last process can be late by far.
const PEER_LIMIT: Duration = Duration::from_secs(300);

#[test]
#[ignore = "needs the peer: cargo xtask interop"]
fn a_burst_of_twenty_processes_keeps_every_task() {
    let _turn = turn::wait();
    for round in 1..=turn::rounds() {
        let home = SharedHome::new();
        home.andon(&["init"]);
        let commands = repeat(|| writer::command(&home.database(), TASKS_EACH));
        let ours = burst(&format!("round {round}: andon"), &home, commands, LIMIT);

        assert_eq!(ours["errors"], 0, "{ours}");
        assert_eq!(ours["integrity"], "ok", "{ours}");
        assert_eq!(ours["tasks"], PROCESSES * TASKS_EACH, "{ours}");

        // The peer's figures are for the reader: they depend on its Python's SQLite and on luck.
        let home = SharedHome::new();
        home.hermes(&["init"]);
        let commands = repeat(|| {
            let mut command = home.script("burst.py");
            command.arg(home.database()).arg(TASKS_EACH.to_string());
            command
        });
        burst(&format!("round {round}: peer"), &home, commands, PEER_LIMIT);
    }
}

fn repeat(command: impl Fn() -> Command) -> Vec<Command> {
    (0..PROCESSES).map(|_| command()).collect()
}

/// Lets them write, and says what came of it.
fn burst(name: &str, home: &SharedHome, commands: Vec<Command>, limit: Duration) -> Value {
    let started = Instant::now();
    let answers = at_once(commands, limit);
    let seconds = started.elapsed().as_secs_f64();
    let sum = |key: &str| answers.iter().map(|answer| answer[key].as_u64().unwrap()).sum::<u64>();
    let mut found = home.audit(&home.database());
    found["created"] = sum("created").into();
    found["errors"] = sum("errors").into();
    let first = answers.iter().map(|answer| &answer["first_error"]).find(|error| !error.is_null());
    found["first_error"] = first.cloned().unwrap_or_default();
    println!("burst, {name}: {PROCESSES} x {TASKS_EACH} in {seconds:.1} s: {found}");
    found
}
