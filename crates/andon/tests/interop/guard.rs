//! The unmodified peer under load on its own board, alone and under `andon guard`.

use crate::home::{CALL_LIMIT, SharedHome, json, succeed};
use crate::process::Running;
use crate::turn;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// Processes that keep their connection, as the peer's dispatcher and dashboard do.
const LONG_LIVED: usize = 3;
/// Lines of processes that open, write once and close, as its command line and workers do.
const SHORT_LIVED: usize = 3;
/// How long they write, unless `ANDON_GUARD_SECONDS` says otherwise. The board of the peer alone
/// is usually damaged after a second or two.
const SECONDS: u64 = 15;
/// On top of the time in which they write: a last call that waits for the peer's busy time-out.
const END_LIMIT: Duration = Duration::from_secs(150);

/// The release is told by the files of its installation: nothing of the peer is started.
#[test]
#[ignore = "needs the peer: cargo xtask interop"]
fn doctor_knows_the_release_that_damages_boards() {
    let home = SharedHome::new();
    home.hermes(&["init"]);
    let python = PathBuf::from(std::env::var_os("ANDON_PEER_PYTHON").unwrap());
    let mut doctor = home.andon_command(&["doctor", "--json"]);
    let said = succeed(doctor.env("PATH", python.parent().unwrap()));
    let found = json(&said);
    let peer = found.as_array().unwrap().iter().find(|found| found["check"] == "peer").unwrap();
    assert_eq!(peer["severity"], "warning", "{peer}");
    assert!(peer["finding"].as_str().unwrap().contains("the peer 0.19.0 at "), "{peer}");
    // The board of the peer is looked at, and not adopted.
    let schema = found.as_array().unwrap().iter().find(|it| it["check"] == "schema").unwrap();
    assert!(schema["finding"].as_str().unwrap().contains("a board of the peer"), "{schema}");
}

#[test]
#[ignore = "needs the peer: cargo xtask interop"]
fn under_the_guard_the_peer_damages_nothing_and_loses_nothing() {
    let _turn = turn::wait();
    for round in 1..=turn::rounds() {
        // Alone, for the reader: whether it comes to damage is luck.
        let home = SharedHome::new();
        home.hermes(&["init"]);
        report(&format!("round {round}, alone"), &load(&home));

        let home = SharedHome::new();
        home.hermes(&["init"]);
        let mut guard = Running::start(&mut home.andon_command(&["guard", "--json"]));
        let said = json(&guard.line_with("{", CALL_LIMIT));
        assert_eq!(said["guarded"], true, "{said}");
        let found = load(&home);
        guard.kill();

        report(&format!("round {round}, guarded"), &found);
        assert_eq!(found["integrity"], "ok", "{found}");
        assert_eq!(found["lost"], 0, "{found}");
        assert!(found["acknowledged"].as_u64().unwrap() > 0, "{found}");
    }
}

/// Lets the peer write, then looks for everything that it took for written.
fn load(home: &SharedHome) -> Value {
    let seconds = turn::number("ANDON_GUARD_SECONDS", SECONDS);
    let roles = std::iter::repeat_n("long", LONG_LIVED);
    let roles = roles.chain(std::iter::repeat_n("short", SHORT_LIVED));
    let ledgers: Vec<PathBuf> =
        (0..LONG_LIVED + SHORT_LIVED).map(|n| home.beside(&format!("ledger-{n}"))).collect();
    let commands = roles.zip(&ledgers).map(|(role, ledger)| {
        let mut command: Command = home.script("load.py");
        command.arg(home.database()).arg(role).arg(seconds.to_string()).arg(ledger);
        command
    });
    let all: Vec<Running> = commands.map(|mut command| Running::start(&mut command)).collect();
    let limit = Duration::from_secs(seconds) + END_LIMIT;
    let mut refused = 0;
    let mut first_error = Value::Null;
    for process in all {
        let ended = process.end(limit);
        // A process that its own library ended by force says nothing more.
        let Ok(answer) = serde_json::from_str::<Value>(&ended.stdout) else { continue };
        refused += answer["errors"].as_u64().unwrap();
        if first_error.is_null() {
            first_error = answer["first_error"].clone();
        }
    }
    let mut audit = home.script("audit.py");
    let mut found = json(&succeed(audit.arg(home.database()).args(&ledgers)));
    found["refused"] = refused.into();
    found["first_error"] = first_error;
    found
}

fn report(name: &str, found: &Value) {
    println!("guard, {name}: {found}");
}
