//! The answer for people: a part for the home and one for each board, what is wrong first.

use super::Found;
use super::case::HomeCase;
use super::finding::Made;
use crate::output::Ui;
use andon_wire::Severity;

/// Width of the checks' names.
const NAME_CHARS: usize = 16;

/// Writes it.
pub(super) fn write(ui: &mut Ui, case: &HomeCase, found: &[Found], all: bool) {
    ui.out(format_args!("Home {}", case.home.path().display()));
    part(ui, found.iter().filter(|found| found.board.is_none()).collect(), all);
    for layout in &case.layouts {
        let slug = layout.slug().as_str();
        ui.out(format_args!("\nBoard {slug}: {}", layout.database().display()));
        part(ui, found.iter().filter(|found| found.board.as_deref() == Some(slug)).collect(), all);
    }
    ui.out(format_args!("\n{}", sum(found)));
}

fn part(ui: &mut Ui, mut found: Vec<&Found>, all: bool) {
    found.sort_by_key(|found| std::cmp::Reverse(rank(found)));
    let is_shown = |found: &&&Found| {
        all || found.finding.severity > Severity::Ok && found.finding.was_made == Made::Yes
    };
    for one in found.iter().filter(is_shown) {
        let (mark, name) = (mark(one), one.check);
        let text = one.finding.text.replace('\n', " ");
        ui.out(format_args!("  {mark} {name:NAME_CHARS$} {text}"));
        if let Some(remedy) = one.finding.remedy.as_ref().filter(|_| !one.finding.is_fixed) {
            let by_itself = if one.finding.fix.is_some() { "; --fix does it" } else { "" };
            ui.out(format_args!("    {:NAME_CHARS$} → {remedy}{by_itself}", ""));
        }
    }
    if all {
        return;
    }
    let count = |wanted: &dyn Fn(&Found) -> bool| found.iter().filter(|one| wanted(one)).count();
    let ok = count(&|one| one.finding.severity == Severity::Ok);
    let skipped = count(&|one| one.finding.was_made == Made::No);
    let ok = if ok == 1 { "1 check".to_owned() } else { format!("{ok} checks") };
    match skipped {
        0 => ui.out(format_args!("  ✓ {ok} in order")),
        skipped => ui.out(format_args!("  ✓ {ok} in order, {skipped} could not be made")),
    }
}

/// What was mended is told after what is still wrong.
fn rank(found: &Found) -> (bool, Severity) {
    (found.finding.severity > Severity::Note && !found.finding.is_fixed, found.finding.severity)
}

fn mark(found: &Found) -> char {
    match (found.finding.is_fixed, found.finding.severity) {
        (true, _) | (false, Severity::Ok) => '✓',
        (false, Severity::Note) => '·',
        (false, Severity::Warning) => '!',
        (false, Severity::Problem) => '✗',
    }
}

fn sum(found: &[Found]) -> String {
    let of = |severity| {
        let open = |one: &&Found| one.finding.severity == severity && !one.finding.is_fixed;
        found.iter().filter(open).count()
    };
    let fixed = found.iter().filter(|one| one.finding.is_fixed).count();
    let counts = [
        (of(Severity::Problem), "problem"),
        (of(Severity::Warning), "warning"),
        (fixed, "mended finding"),
    ];
    let told: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}{}", if count == 1 { "" } else { "s" }))
        .collect();
    if told.is_empty() { "Nothing is wrong.".to_owned() } else { told.join(", ") }
}
