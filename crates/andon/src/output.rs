//! Output: data to stdout, all else to stderr, and a quiet end when nobody reads.
//!
//! A verb may have changed the board before it prints, so printing never cuts it short: the
//! first write that fails is remembered, later ones are skipped, and [`Ui::flush`] tells.

use crate::error::CliError;
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

/// For whom output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// People.
    Human,
    /// Programs.
    Json,
}

/// The two streams of a call.
#[derive(Debug)]
pub(crate) struct Ui {
    format: Format,
    stdout: BufWriter<Stdout>,
    failed: Option<io::Error>,
}

impl Ui {
    /// Takes over the process's streams.
    pub(crate) fn new(format: Format) -> Self {
        Self { format, stdout: BufWriter::new(io::stdout()), failed: None }
    }

    /// For whom output is.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Whether stdout is a terminal: escape codes may go there, and nowhere else.
    pub(crate) fn is_terminal(&self) -> bool {
        self.stdout.get_ref().is_terminal()
    }

    /// Writes a line of data, or several.
    pub(crate) fn out(&mut self, line: impl Display) {
        let line = harmless(&line.to_string());
        self.write(|stdout| writeln!(stdout, "{line}"));
    }

    /// Writes a text that brings its own ends of lines.
    pub(crate) fn out_text(&mut self, text: &str) {
        let text = harmless(text);
        self.write(|stdout| stdout.write_all(text.as_bytes()));
    }

    /// Writes data as it is.
    pub(crate) fn out_bytes(&mut self, bytes: &[u8]) {
        self.write(|stdout| stdout.write_all(bytes));
    }

    /// Writes one JSON document, indented by two spaces.
    pub(crate) fn json(&mut self, document: &impl Serialize) {
        self.write(|stdout| {
            serde_json::to_writer_pretty(&mut *stdout, document)?;
            stdout.write_all(b"\n")
        });
    }

    /// Writes one JSON document on one line, for streams of them.
    pub(crate) fn json_line(&mut self, document: &impl Serialize) {
        self.write(|stdout| {
            serde_json::to_writer(&mut *stdout, document)?;
            stdout.write_all(b"\n")
        });
    }

    /// Writes a line of anything else. What was written to stdout before comes before it, also
    /// where both lead to one place.
    pub(crate) fn err(&mut self, line: impl Display) {
        self.write(Write::flush);
        // When stderr is gone there is nobody left to tell.
        let _unwritten = writeln!(io::stderr().lock(), "{}", harmless(&line.to_string()));
    }

    /// Writes a JSON document to stderr.
    pub(crate) fn err_json(&mut self, document: &impl Serialize) {
        let text = serde_json::to_string_pretty(document).expect("our own shapes serialise");
        self.err(text);
    }

    /// Sends out what is buffered, and tells about the first write that failed since the start.
    pub(crate) fn flush(&mut self) -> Result<(), CliError> {
        self.write(Write::flush);
        match &self.failed {
            None => Ok(()),
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(CliError::no_reader()),
            Some(error) => Err(CliError::io("cannot write to stdout", error)),
        }
    }

    fn write(&mut self, write: impl FnOnce(&mut BufWriter<Stdout>) -> io::Result<()>) {
        if self.failed.is_none() {
            self.failed = write(&mut self.stdout).err();
        }
    }
}

/// So many of something, whose plural has an `s`.
pub(crate) fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Replaces control characters: what other programs and workers wrote into a board must not
/// drive the reader's terminal. The ends of lines of other systems are none.
fn harmless(text: &str) -> String {
    let drives = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    let lines = text.split("\r\n").map(|line| line.replace(drives, "\u{fffd}"));
    lines.collect::<Vec<_>>().join("\r\n")
}
