//! `cargo xtask mutants`: breaks the rules and the write path on purpose, one place at a time, and
//! asks the tests whether they notice.
//!
//! Which code is broken, and which survivors have a reason, is in `.cargo/mutants.toml`. A mutant
//! meets the quick tests of its own crate first; what survives them meets all of them, the suite of
//! every store, the random sequences and the disks that fail.

use std::process::Command;

use crate::error::TaskError;
use crate::tool::Tool;
use crate::{process, tree};

const TOOL: Tool =
    Tool { program: "cargo-mutants", version: "27.1.0", ask_version: &["mutants", "--version"] };

/// Tests of the first pass: not those that copy, restore, migrate or look through whole boards,
/// which take most of the time and hardly write.
const FIRST_PASS: [&str; 4] = [
    "--cargo-test-arg",
    "-E",
    "--cargo-test-arg",
    "not test(/^(backup|check|inspect|mend|migrate|open|restore)::/)",
];
/// Whose tests the survivors of the first pass meet.
const SECOND_PASS: [&str; 4] = [
    "--iterate",
    "--test-package=andon-core",
    "--test-package=andon-store-sqlite",
    "--test-package=andon-testkit",
];
/// What the tool answers when all is well but for mutants that were missed, or took too long.
const SURVIVORS: [i32; 2] = [2, 3];
/// Random sequences in each comparison of model and store: those that a mutant does not survive end
/// within the first few.
const SEQUENCES: &str = "16";

/// Runs both passes and fails when a mutant survives them. Arguments go to cargo-mutants, such as
/// `--re PATTERN`, which narrows; `--file` adds to the files of the configuration.
pub(crate) fn run(arguments: &[String]) -> Result<(), TaskError> {
    let program = TOOL.provide()?;
    let call = |pass: &[&str]| {
        let mut command = Command::new(&program);
        command.args(["mutants", "--workspace", "--colors", "never"]).args(pass).args(arguments);
        command.current_dir(tree::root()).env("ANDON_SEQUENCES", SEQUENCES);
        command
    };
    let mut first = call(&FIRST_PASS);
    let status = process::status(&mut first)?;
    if !status.code().is_some_and(|code| SURVIVORS.contains(&code)) {
        return process::judge(&first, status);
    }
    println!("what survived meets the tests of every store");
    process::run(&mut call(&SECOND_PASS))
}
