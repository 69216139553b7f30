//! Runs as lines for people.

use crate::output::Ui;
use crate::when;
use andon_core::run::Run;
use andon_core::time::Timestamp;

/// Characters of a summary or error among other things of a task.
const SHORT_CHARS: usize = 160;
/// The same in a list of runs.
const LISTED_CHARS: usize = 100;

/// A run among other things of its task.
pub(crate) fn write_short(ui: &mut Ui, run: &Run, now: Timestamp) {
    ui.out(format_args!(
        "  #{} {} @{} {} {}",
        run.id,
        outcome(run),
        run.profile.as_deref().unwrap_or("-"),
        when::elapsed(run.ended_at.unwrap_or(now) - run.started_at),
        when::local(run.started_at),
    ));
    write_handoff(ui, run, SHORT_CHARS);
}

/// The head of a list of runs.
pub(crate) fn write_head(ui: &mut Ui) {
    ui.out(format_args!(
        "{:>6}  {:12}  {:20}  {:>8}  STARTED",
        "#", "OUTCOME", "PROFILE", "ELAPSED"
    ));
}

/// A run in a list of runs, by its id.
pub(crate) fn write_row(ui: &mut Ui, run: &Run, now: Timestamp) {
    ui.out(format_args!(
        "{:>6}  {:12}  {:20}  {:>8}  {}",
        run.id,
        outcome(run),
        run.profile.as_deref().unwrap_or("-"),
        when::elapsed(run.ended_at.unwrap_or(now) - run.started_at),
        when::local(run.started_at),
    ));
    write_handoff(ui, run, LISTED_CHARS);
}

fn outcome(run: &Run) -> &str {
    run.outcome.as_deref().unwrap_or(&run.status)
}

fn write_handoff(ui: &mut Ui, run: &Run, chars: usize) {
    for (mark, text) in [('→', &run.summary), ('✖', &run.error)] {
        let line = text.as_deref().and_then(|text| text.trim().lines().next());
        if let Some(line) = line {
            let line: String = line.chars().take(chars).collect();
            ui.out(format_args!("        {mark} {line}"));
        }
    }
}
