//! Starting other programs from the root of the checkout. Knows nothing of what they check.

use std::process::{Command, ExitStatus};

use crate::error::TaskError;
use crate::tree;

/// The cargo that started this task, so that a pinned toolchain stays pinned.
pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(tree::root());
    command
}

/// Runs a program on our own streams and fails when it fails.
pub(crate) fn run(command: &mut Command) -> Result<(), TaskError> {
    let status = status(command)?;
    judge(command, status)
}

/// Runs a program on our own streams, for those to whom its way of failing says something.
pub(crate) fn status(command: &mut Command) -> Result<ExitStatus, TaskError> {
    command.status().map_err(|source| TaskError::Start { command: describe(command), source })
}

/// Fails where a program failed.
pub(crate) fn judge(command: &Command, status: ExitStatus) -> Result<(), TaskError> {
    if status.success() {
        Ok(())
    } else {
        Err(TaskError::Failed { command: describe(command), status })
    }
}

/// Runs a program and returns what it wrote on standard output.
pub(crate) fn capture(command: &mut Command) -> Result<String, TaskError> {
    let output = command
        .output()
        .map_err(|source| TaskError::Start { command: describe(command), source })?;
    if !output.status.success() {
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        return Err(TaskError::Failed { command: describe(command), status: output.status });
    }
    String::from_utf8(output.stdout).map_err(|error| TaskError::Malformed {
        what: format!("the output of `{}`", describe(command)),
        why: error.to_string(),
    })
}

/// Whether a program starts and succeeds; its output is dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// The command as a person would type it: the program's name without its directory.
fn describe(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let mut words = vec![program.file_name().unwrap_or(program.as_os_str()).to_string_lossy()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy()));
    words.join(" ")
}
