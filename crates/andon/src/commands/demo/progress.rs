//! What is seen while the demo runs: a table that is drawn anew on a terminal, a line for each
//! change elsewhere, nothing for programs.

use super::Picture;
use crate::output::{Format, Ui};
use andon_core::run::Run;
use andon_core::task::{Status, Task};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Instant;

/// Widest line drawn: it must not be broken, or the next picture would not cover it.
const WIDTH: usize = 78;

/// How it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Table,
    Lines,
    Silent,
}

/// What has been shown.
pub(super) struct Progress {
    style: Style,
    began: Instant,
    /// Lines of the last picture.
    drawn: usize,
    /// What was told of each task last, by its id.
    told: HashMap<String, String>,
    /// When each run was seen to begin.
    seen: HashMap<i64, Instant>,
}

impl Progress {
    pub(super) fn new(ui: &Ui, began: Instant) -> Self {
        let style = match (ui.format(), ui.is_terminal()) {
            (Format::Json, _) => Style::Silent,
            (Format::Human, true) => Style::Table,
            (Format::Human, false) => Style::Lines,
        };
        Self { style, began, drawn: 0, told: HashMap::new(), seen: HashMap::new() }
    }

    /// Shows how things stand.
    pub(super) fn draw(&mut self, ui: &mut Ui, picture: &Picture) {
        match self.style {
            Style::Table => self.table(ui, picture),
            Style::Lines => self.lines(ui, picture),
            Style::Silent => {}
        }
    }

    /// Shows how things stand at the end.
    pub(super) fn last(&mut self, ui: &mut Ui, picture: &Picture) {
        self.draw(ui, picture);
        if self.style != Style::Silent {
            ui.out("");
        }
    }

    fn table(&mut self, ui: &mut Ui, picture: &Picture) {
        let mut text = String::new();
        if self.drawn > 0 {
            write_into(&mut text, format_args!("\x1b[{}A", self.drawn));
        }
        for (task, runs) in picture {
            let elapsed = self.elapsed(runs).map(|span| format!("{span:5.1}s")).unwrap_or_default();
            let attempt =
                if runs.len() > 1 { format!("attempt {}", runs.len()) } else { String::new() };
            let line = format!(
                "{} {:8} {:10} {elapsed:7} {:28} {}",
                mark(task),
                shown_status(task, runs),
                attempt,
                task.title,
                note(task, runs)
            );
            let line: String = line.chars().take(WIDTH).collect();
            write_into(&mut text, format_args!("\x1b[2K{line}\n"));
        }
        self.drawn = picture.len();
        ui.out_bytes(text.as_bytes());
    }

    fn lines(&mut self, ui: &mut Ui, picture: &Picture) {
        for (task, runs) in picture {
            let note = note(task, runs);
            let attempt =
                if runs.len() > 1 { format!(" (attempt {})", runs.len()) } else { String::new() };
            let line = format!("{:8} {}{attempt} {note}", shown_status(task, runs), task.title);
            let line = line.trim_end();
            let id = task.id.to_string();
            if self.told.get(&id).map(String::as_str) != Some(line) {
                let at = self.began.elapsed().as_secs_f64();
                ui.out(format_args!("[{at:5.1}s] {line}"));
                self.told.insert(id, line.to_owned());
            }
        }
    }

    /// Seconds since the newest run began, as seen from here, while it runs.
    fn elapsed(&mut self, runs: &[Run]) -> Option<f64> {
        let run = runs.last()?;
        let since = *self.seen.entry(run.id.0).or_insert_with(Instant::now);
        run.is_open().then(|| since.elapsed().as_secs_f64())
    }
}

const fn mark(task: &Task) -> char {
    match task.status {
        Status::Done => '✓',
        Status::Running => '●',
        Status::Blocked => '⊘',
        Status::Triage
        | Status::Todo
        | Status::Scheduled
        | Status::Ready
        | Status::Review
        | Status::Archived => '◻',
    }
}

/// A ready task that has run before waits to be tried again.
fn shown_status(task: &Task, runs: &[Run]) -> &'static str {
    match task.status {
        Status::Ready if runs.last().is_some_and(|run| !run.is_open()) => "retrying",
        status => status.word(),
    }
}

/// What the newest ended run left: its summary, or why it failed.
fn note(task: &Task, runs: &[Run]) -> String {
    let Some(run) = runs.iter().rfind(|run| !run.is_open()) else { return String::new() };
    // Tasks and runs are read one after the other: a run may end in between.
    if task.status != Status::Done && run.error.is_none() {
        return String::new();
    }
    let text = run.error.as_ref().or(run.summary.as_ref());
    let first = text.and_then(|text| text.lines().next()).unwrap_or_default();
    if first.is_empty() { String::new() } else { format!("— {first}") }
}

fn write_into(text: &mut String, more: std::fmt::Arguments<'_>) {
    text.write_fmt(more).expect("writing to a string cannot fail");
}
