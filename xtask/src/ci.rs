//! `cargo xtask ci`: the one entrance to every check, the same at a desk and on a server.
//!
//! Each step prints a heading and its duration; the first failure ends the run. A step that
//! cannot run here says so: skipping is reported, never silent.

use std::time::Instant;

use crate::error::TaskError;
use crate::process;
use crate::{deny, r#gen, interop, tidy, torture};

/// How a step ended when it did not fail.
pub(crate) enum Verdict {
    Passed,
    /// The step could not run; the text says why and what would make it run.
    Skipped(String),
}

struct Step {
    name: &'static str,
    run: fn() -> Result<Verdict, TaskError>,
}

/// Cheap and telling first, so that a slip in formatting costs seconds and not minutes.
const STEPS: &[Step] = &[
    Step { name: "fmt", run: fmt },
    Step { name: "clippy", run: clippy },
    Step { name: "tidy", run: || tidy::run(&[]).map(passed) },
    Step { name: "deny", run: || deny::check().map(passed) },
    Step { name: "doc", run: doc },
    Step { name: "test", run: test },
    Step { name: "doctest", run: doctest },
    Step { name: "engines", run: || torture::build().map(passed) },
    Step { name: "torture", run: || torture::ci().map(passed) },
    Step { name: "gen", run: || r#gen::check().map(passed) },
    Step { name: "interop", run: interop::suite },
];

/// Runs the steps in order. `--skip STEP` leaves one out, loudly.
pub(crate) fn run(arguments: &[String]) -> Result<(), TaskError> {
    let unwanted = parse(arguments)?;
    let started = Instant::now();
    let mut skipped = Vec::new();
    for step in STEPS {
        println!("\n==> {}", step.name);
        let step_started = Instant::now();
        let verdict = if unwanted.contains(&step.name) {
            Verdict::Skipped("left out by --skip".to_owned())
        } else {
            (step.run)()
                .map_err(|source| TaskError::Step { step: step.name, source: Box::new(source) })?
        };
        let seconds = step_started.elapsed().as_secs_f64();
        match verdict {
            Verdict::Passed => println!("<== {} ok, {seconds:.1} s", step.name),
            Verdict::Skipped(why) => {
                println!("<== {} SKIPPED: {why}", step.name);
                skipped.push(step.name);
            }
        }
    }
    let ran = STEPS.len() - skipped.len();
    println!("\nci: {ran} steps ok in {:.1} s", started.elapsed().as_secs_f64());
    if !skipped.is_empty() {
        println!("ci: SKIPPED: {}", skipped.join(", "));
    }
    Ok(())
}

/// The names after `--skip`.
fn parse(arguments: &[String]) -> Result<Vec<&'static str>, TaskError> {
    let mut unwanted = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let name = match (word.as_str(), words.next()) {
            ("--skip", Some(name)) => name,
            _ => return Err(TaskError::Usage(format!("`ci` does not know `{word}`"))),
        };
        let step = STEPS.iter().find(|step| step.name == name).ok_or_else(|| {
            let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
            TaskError::Usage(format!("no step `{name}`; the steps are {}", known.join(", ")))
        })?;
        unwanted.push(step.name);
    }
    Ok(unwanted)
}

fn passed((): ()) -> Verdict {
    Verdict::Passed
}

fn fmt() -> Result<Verdict, TaskError> {
    process::run(&mut process::cargo(["fmt", "--all", "--check"])).map(passed)
}

fn clippy() -> Result<Verdict, TaskError> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
    process::run(&mut process::cargo(arguments)).map(passed)
}

fn doc() -> Result<Verdict, TaskError> {
    let mut command = process::cargo(["doc", "--no-deps", "--workspace", "--locked"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    process::run(&mut command).map(passed)
}

fn test() -> Result<Verdict, TaskError> {
    let arguments: &[&str] = if has_nextest() {
        &["nextest", "run", "--workspace", "--locked"]
    } else {
        &["test", "--workspace", "--all-targets", "--locked"]
    };
    process::run(&mut process::cargo(arguments.iter().copied())).map(passed)
}

/// nextest does not run documentation tests, so they are always a step of their own.
fn doctest() -> Result<Verdict, TaskError> {
    process::run(&mut process::cargo(["test", "--doc", "--workspace", "--locked"])).map(passed)
}

/// Whether the preferred test runner is installed.
pub(crate) fn has_nextest() -> bool {
    process::succeeds(&mut process::cargo(["nextest", "--version"]))
}
