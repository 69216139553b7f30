//! The report: one table, the machine above it, what must be known below it. Markdown.

use std::fmt::Write;

use crate::error::TaskError;

use super::answer::Disk;
use super::effort::Effort;
use super::figures::{Line, Section};
use super::machine::Machine;

/// Everything that was measured in one run.
pub(super) struct Report {
    pub(super) effort: Effort,
    pub(super) machine: Machine,
    pub(super) disk: Disk,
    /// Processors that others kept busy, before and after.
    pub(super) busy: [f64; 2],
    pub(super) sections: Vec<Section>,
}

/// How to read the figures.
const INTRODUCTION: &str = "\
Written by `cargo xtask bench`. Every figure is of one run on one machine, everybody in turn, so
ratios may be compared and figures of different machines may not. A figure is the median of its
rounds, with the lowest and the highest beside it. A sync mode is what the program's own connection
gives back when it is asked; Andon's store asks when it opens and refuses anything else.

";

impl Report {
    /// The whole text.
    pub(super) fn markdown(&self) -> String {
        let mut text = String::from("# Benchmarks\n\n");
        text.push_str(INTRODUCTION);
        if self.effort == Effort::Quick {
            text.push_str("**This was a quick run. It shows that the benches work, no more.**\n\n");
        }
        self.machine(&mut text);
        text.push_str(&table(&self.sections));
        notes(&mut text, &self.sections);
        text
    }

    /// Fails when a bench did.
    pub(super) fn verdict(&self) -> Result<(), TaskError> {
        let failed: Vec<&str> = self
            .sections
            .iter()
            .filter(|section| section.failure.is_some())
            .map(|section| section.name)
            .collect();
        if failed.is_empty() {
            return Ok(());
        }
        Err(TaskError::Malformed {
            what: format!("the benches {}", failed.join(", ")),
            why: "they have no figures; the report says why".to_owned(),
        })
    }

    fn machine(&self, text: &mut String) {
        let m = &self.machine;
        let mut rows = vec![
            ("date".to_owned(), format!("{}, {} run", m.date, self.effort.word())),
            ("processor".to_owned(), format!("{}, {} cores", m.processor, m.cores)),
            ("memory".to_owned(), format!("{} GiB", m.memory_gib)),
            ("kernel, filesystem".to_owned(), format!("{}, {}", m.kernel, m.filesystem)),
            (
                "busy with others".to_owned(),
                format!("{:.2} processors before, {:.2} after", self.busy[0], self.busy[1]),
            ),
        ];
        for (how, times) in
            [("overwriting", &self.disk.overwriting), ("appending", &self.disk.appending)]
        {
            let (p50, p99) = (number(times.p50_us / 1e3), number(times.p99_us / 1e3));
            rows.push((
                format!("4 KiB write and {}, {how}", times.sync),
                format!("p50 {p50} ms, p99 {p99} ms ({} samples)", times.samples),
            ));
        }
        let andon = format!("{}; {}; SQLite {}", m.commit, m.compiler, m.sqlite);
        rows.push(("Andon".to_owned(), andon));
        for (name, v) in &m.peers {
            let versions = format!("{}; {}; SQLite {}", v.peer, v.runtime, v.sqlite);
            rows.push(((*name).to_owned(), versions));
        }
        text.push_str("| machine | |\n|---|---|\n");
        for (name, value) in rows {
            row(text, &[&name, &value]);
        }
        text.push('\n');
    }
}

/// The one table.
pub(super) fn table(sections: &[Section]) -> String {
    let mut text = String::from(
        "| bench | figure | who | sync | median | lowest–highest | Andon is ahead | remark |\n\
         |---|---|---|---|---:|---:|---:|---|\n",
    );
    for section in sections {
        if let Some(failure) = &section.failure {
            row(&mut text, &[section.name, "none", "", "", "", "", "", failure]);
        }
        for line in &section.measured.lines {
            let Line { figure, who, sync, spread, remark, .. } = line;
            let between = format!("{}–{}", number(spread.min), number(spread.max));
            let ratio = line
                .ratio(&section.measured.lines)
                .map_or_else(String::new, |ratio| format!("{} ×", number(ratio)));
            let median = number(spread.median);
            row(&mut text, &[section.name, figure, who, sync, &median, &between, &ratio, remark]);
        }
    }
    text.push('\n');
    text
}

fn row(text: &mut String, cells: &[&str]) {
    for cell in cells {
        // A bar or a line's end would end the cell.
        let cell = cell.replace('|', "\\|").replace('\n', " ");
        write!(text, "| {cell} ").expect("writing to a string cannot fail");
    }
    text.push_str("|\n");
}

fn notes(text: &mut String, sections: &[Section]) {
    text.push_str(
        "\"Andon is ahead\" is Andon's rate divided by the other's, or the other's time ",
    );
    text.push_str("divided by Andon's.\n\n");
    for section in sections {
        let notes = section.measured.notes.join(" ");
        let line = format!("- `{}`: {}. {notes}", section.name, section.about);
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// A figure with as many digits as can mean something: three, and none behind the point from 100
/// on.
pub(super) fn number(value: f64) -> String {
    let size = value.abs();
    if size < 10.0 {
        return format!("{value:.2}");
    }
    if size < 100.0 {
        return format!("{value:.1}");
    }
    let digits = grouped(&format!("{size:.0}"));
    if value < 0.0 { format!("-{digits}") } else { digits }
}

/// A count.
pub(super) fn count(value: u32) -> String {
    grouped(&value.to_string())
}

/// Digits with a comma before every three.
fn grouped(digits: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
