//! One process of Andon's burst: this test binary, started again by `burst`.
//!
//! It is the library as any program uses it. `andon create` would be as good a writer, but most of
//! its time goes into the start of a process, and the board would hardly be pressed.

use andon_core::actor::Actor;
use andon_core::command::create::Create;
use andon_core::id::OpId;
use andon_core::policy::Policy;
use andon_store::{Clock, Environment, Request, Store, SystemClock};
use andon_store_sqlite::{Options, SqliteStore};
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

const BOARD: &str = "ANDON_INTEROP_WRITER_BOARD";
const TASKS: &str = "ANDON_INTEROP_WRITER_TASKS";

/// A process that creates so many tasks after the common start.
pub(crate) fn command(board: &Path, tasks: u64) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "writer::one_process_of_a_burst", "--include-ignored", "--nocapture"]);
    command.env(BOARD, board).env(TASKS, tasks.to_string());
    command
}

/// Nothing to do unless `burst` started it.
#[test]
#[ignore = "a process of the burst"]
fn one_process_of_a_burst() {
    let Some(board) = std::env::var_os(BOARD) else { return };
    let tasks: u64 = std::env::var(TASKS).unwrap().parse().unwrap();
    let store = SqliteStore::open(Path::new(&board), Options::default(), environment()).unwrap();
    // The harness has begun a line; ours begins with a new one.
    println!("\nready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let mut first_error = None;
    let mut created = 0;
    for number in 0..tasks {
        match store.apply(create(format!("task {number}"))) {
            Ok(_) => created += 1,
            Err(error) => drop(first_error.get_or_insert_with(|| error.to_string())),
        }
    }
    let errors = tasks - created;
    println!(
        "{}",
        serde_json::json!({
            "created": created, "errors": errors, "first_error": first_error,
        })
    );
}

fn create(title: String) -> Request {
    let millis = u64::try_from(SystemClock.now().0).unwrap().saturating_mul(1000);
    let mut bytes = [0; 10];
    bytes[..8].copy_from_slice(&random().to_le_bytes());
    Request {
        op: OpId::new(millis, bytes),
        actor: Actor::human("tester"),
        command: Create { title, ..Create::default() }.into(),
    }
}

fn environment() -> Environment {
    Environment {
        clock: Arc::new(SystemClock),
        random: Arc::new(|| (random() >> 32) as u32),
        policy: Arc::new(Policy::default()),
    }
}

/// Random bits from the seed that the standard library draws for its hash maps.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
