//! `cargo xtask mutants`: breaks the rules and the write path on purpose, one place at a time, and
//! asks the tests whether they notice.
//!
//! Which code is broken, and which survivors have a reason, is in `.cargo/mutants.toml`. A mutant
//! meets the quick tests of its own crate first; what survives them meets all of them, the suite of
//! every store, the random sequences and the disks that fail. Answers are kept below the target
//! directory for as long as the code stays the same, so that a run that was ended goes on.

mod record;
mod wanted;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::TaskError;
use crate::tool::Tool;
use crate::{ci, process, tree};
use record::{PASSES, Pass, Record};
use wanted::Wanted;

const TOOL: Tool =
    Tool { program: "cargo-mutants", version: "27.1.0", ask_version: &["mutants", "--version"] };

/// Tests of the first pass: not those that copy, restore, migrate or look through whole boards,
/// which take most of the time and hardly write.
const QUICK_TESTS: [&str; 4] = [
    "--cargo-test-arg",
    "-E",
    "--cargo-test-arg",
    "not test(/^(backup|check|inspect|mend|migrate|open|repair|restore|salvage)::/)",
];
/// Whose tests the survivors of the first pass meet.
const ALL_TESTS: [&str; 3] = [
    "--test-package=andon-core",
    "--test-package=andon-store-sqlite",
    "--test-package=andon-testkit",
];
/// What the tool answers when mutants were missed, or ran out of time, and nothing else is wrong.
const SURVIVORS: [i32; 2] = [2, 3];
/// Random sequences in each comparison of model and store: those that a mutant does not survive end
/// within the first few.
const SEQUENCES: &str = "16";
/// The quick tests take seconds. A machine that does other work beside them must not make a mutant
/// look as if it never ended.
const TIMEOUT_MIN: &str = "--minimum-test-timeout=60";
/// Where directories are memory, on systems that have it: each test makes boards, and syncs them.
const MEMORY: &str = "/dev/shm";

/// Runs both passes and fails when a mutant survives them. Arguments narrow: `writer/batch.rs`
/// takes the files that have this in their path.
pub(crate) fn run(arguments: &[String]) -> Result<(), TaskError> {
    let wanted = Wanted::of(arguments)?;
    if !ci::has_nextest() {
        let advice = "`mutants` needs cargo-nextest: `cargo install cargo-nextest --locked`";
        return Err(TaskError::Usage(advice.to_owned()));
    }
    let breaker = Breaker::new(&wanted)?;
    if wanted.only_lists {
        return process::run(breaker.call().arg("--list"));
    }
    let mut record = Record::read(&breaker.place)?;
    for pass in PASSES {
        breaker.absorb(&mut record, pass)?;
    }
    breaker.pass(&mut record, Pass::Quick)?;
    if record.is_any_missed_by_quick_tests() {
        println!("what survived meets the tests of every store");
        breaker.pass(&mut record, Pass::All)?;
    }
    record.judge(&breaker.files)
}

/// How the tool is called.
struct Breaker {
    program: PathBuf,
    /// Where the answers for this very code are kept.
    place: PathBuf,
    /// What is broken.
    files: Vec<String>,
}

impl Breaker {
    fn new(wanted: &Wanted) -> Result<Self, TaskError> {
        let place = tree::target_directory().join("mutants").join(wanted::fingerprint()?);
        if wanted.forgets && place.exists() {
            fs::remove_dir_all(&place).map_err(TaskError::file("remove", &place))?;
        }
        fs::create_dir_all(&place).map_err(TaskError::file("create", &place))?;
        let mut breaker = Self { program: TOOL.provide()?, place, files: Vec::new() };
        wanted::write_all(&breaker.config())?;
        let listed = process::capture(breaker.call().arg("--list-files"))?;
        breaker.files = wanted.files(&listed)?;
        wanted::write_narrowed(&breaker.config(), &breaker.files)?;
        Ok(breaker)
    }

    /// The tool's own options narrow by name or add files: neither takes one file and no other.
    fn config(&self) -> PathBuf {
        self.place.join("mutants.toml")
    }

    fn call(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["mutants", "--workspace", "--colors", "never", "--config"]);
        command.arg(self.config()).current_dir(tree::root()).env("ANDON_SEQUENCES", SEQUENCES);
        // What the copies of the tree are built from stays built from one pass to the next.
        command.env("CARGO_TARGET_DIR", tree::target_directory().join("mutants").join("build"));
        if std::env::var_os("TMPDIR").is_none() && Path::new(MEMORY).is_dir() {
            command.env("TMPDIR", MEMORY);
        }
        command
    }

    fn output(&self, pass: Pass) -> PathBuf {
        self.place.join(pass.word())
    }

    /// Asks about every mutant without an answer. The tool works on a copy of the tree as it is
    /// now: its answers must not be taken for those of the code that was there at the start.
    fn pass(&self, record: &mut Record, pass: Pass) -> Result<(), TaskError> {
        if !self.place.ends_with(wanted::fingerprint()?) {
            let advice = "the code changed since the first pass: start again";
            return Err(TaskError::Usage(advice.to_owned()));
        }
        let output = self.output(pass);
        // The tool passes over what is listed here.
        let answered = output.join("mutants.out").join("previously_caught.txt");
        wanted::write(&answered, &record.answered(pass))?;
        let mut command = self.call();
        command.args([TIMEOUT_MIN, "--iterate", "--caught", "--unviable", "--output"]).arg(&output);
        match pass {
            Pass::Quick => command.args(QUICK_TESTS),
            Pass::All => command.args(ALL_TESTS),
        };
        let status = process::status(&mut command)?;
        self.absorb(record, pass)?;
        match status.code() {
            Some(code) if SURVIVORS.contains(&code) => Ok(()),
            Some(_) | None => process::judge(&command, status),
        }
    }

    /// Keeps what the tool last found, also where it was ended in the middle.
    fn absorb(&self, record: &mut Record, pass: Pass) -> Result<(), TaskError> {
        let outcomes = self.output(pass).join("mutants.out").join("outcomes.json");
        if !outcomes.exists() {
            return Ok(());
        }
        let text = fs::read_to_string(&outcomes).map_err(TaskError::file("read", &outcomes))?;
        record.absorb(&text, pass)?;
        record.write(&self.place)
    }
}

#[cfg(test)]
mod tests;
