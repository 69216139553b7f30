//! Many processes with a common start: all are up and have the board open before one begins.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::error::TaskError;

use super::answer::Rate;
use super::client;

/// A process that waits for the start.
struct Runner {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// Starts all of them, gives the word, and takes the time until the last one has answered.
pub(super) fn together(commands: Vec<Command>) -> Result<(Duration, Vec<Rate>), TaskError> {
    let mut runners = commands.into_iter().map(Runner::start).collect::<Result<Vec<_>, _>>()?;
    for runner in &mut runners {
        let word = runner.line()?;
        if word != "ready" {
            return Err(wrong(format!("`{word}` instead of `ready`")));
        }
    }
    let started = Instant::now();
    for runner in &mut runners {
        runner.input.write_all(b"go\n").map_err(|error| wrong(error.to_string()))?;
    }
    let mut rates = Vec::with_capacity(runners.len());
    for runner in &mut runners {
        rates.push(client::read(&runner.line()?)?);
    }
    let took = started.elapsed();
    for mut runner in runners {
        runner.child.wait().map_err(|error| wrong(error.to_string()))?;
    }
    Ok((took, rates))
}

impl Runner {
    fn start(mut command: Command) -> Result<Self, TaskError> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|source| TaskError::Start { command: name, source })?;
        let input = child.stdin.take().expect("the input was asked for as a pipe");
        let output = child.stdout.take().expect("the output was asked for as a pipe");
        Ok(Self { child, input, output: BufReader::new(output) })
    }

    /// The next line, without its end.
    fn line(&mut self) -> Result<String, TaskError> {
        let mut line = String::new();
        match self.output.read_line(&mut line) {
            Ok(0) => Err(wrong("it ended without an answer".to_owned())),
            Ok(_) => Ok(line.trim_end().to_owned()),
            Err(error) => Err(wrong(error.to_string())),
        }
    }
}

fn wrong(why: String) -> TaskError {
    TaskError::Malformed { what: "a process of a common start".to_owned(), why }
}
