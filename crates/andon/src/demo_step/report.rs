//! The last step: the report, made of nothing but what the parents handed over.

use super::artifact;
use super::calls::{Calls, Shown};
use super::survey::{OPEN_ENDS, Survey};
use andon_daemon::private::{self, Durability};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Name of the report in the task's workspace.
pub(crate) const REPORT_FILE: &str = "report.md";

/// Longest files named in the report.
const LONGEST_MAX: usize = 10;

/// A part and what was found in it.
struct Part {
    title: String,
    summary: String,
    survey: Survey,
}

/// Reads the parents' handoffs, writes the report, and names it as the task's artifact.
pub(super) fn write(
    calls: &Calls,
    (task, shown): (&str, &Shown),
    dir: &Path,
) -> Result<(), String> {
    let mut parts = Vec::with_capacity(shown.parents.len());
    for parent in &shown.parents {
        parts.push(part(calls, parent)?);
    }
    parts.sort_by(|a, b| (b.survey.lines, &a.title).cmp(&(a.survey.lines, &b.title)));
    let workspace = std::env::var_os("ANDON_WORKSPACE").ok_or("ANDON_WORKSPACE is not set")?;
    let path = PathBuf::from(workspace).join(REPORT_FILE);
    let failed = |error| format!("cannot write {}: {error}", path.display());
    private::replace(&path, text(dir, &parts).as_bytes(), Durability::Unsynced).map_err(failed)?;
    calls.complete(task, &headline(&parts), &artifact(&path))
}

fn part(calls: &Calls, id: &str) -> Result<Part, String> {
    let parent = calls.show(id)?;
    let handoff = parent.handoff().ok_or_else(|| format!("{id} handed nothing over"))?;
    let survey = serde_json::from_value(handoff.clone());
    let survey = survey.map_err(|error| format!("what {id} handed over: {error}"))?;
    let summary = parent.latest_summary.unwrap_or_default();
    Ok(Part { title: parent.task.title, summary, survey })
}

fn headline(parts: &[Part]) -> String {
    let sum = |of: fn(&Survey) -> u64| parts.iter().map(|part| of(&part.survey)).sum::<u64>();
    format!(
        "{} files, {} lines, {} {} in {} parts",
        sum(|it| it.files),
        sum(|it| it.lines),
        sum(|it| it.open_ends),
        OPEN_ENDS.join("/"),
        parts.len()
    )
}

fn text(dir: &Path, parts: &[Part]) -> String {
    let mut page = format!("# Survey of {}\n\n{}\n\n## Parts\n\n", dir.display(), headline(parts));
    let mut line = |text: std::fmt::Arguments<'_>| {
        page.write_fmt(text).expect("writing to a string cannot fail");
        page.push('\n');
    };
    for part in parts {
        line(format_args!("- {}: {}, {} bytes", part.title, part.summary, part.survey.bytes));
    }
    let mut languages: BTreeMap<&str, u64> = BTreeMap::new();
    for (language, lines) in parts.iter().flat_map(|part| &part.survey.languages) {
        *languages.entry(language).or_insert(0) += lines;
    }
    let mut languages: Vec<_> = languages.into_iter().collect();
    languages.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    line(format_args!("\n## Lines by language\n"));
    for (language, lines) in languages {
        line(format_args!("- {language}: {lines}"));
    }
    let mut longest: Vec<&(String, u64)> =
        parts.iter().flat_map(|part| &part.survey.longest).collect();
    longest.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    line(format_args!("\n## Longest files\n"));
    for (path, lines) in longest.into_iter().take(LONGEST_MAX) {
        let path = Path::new(path);
        let shown = path.strip_prefix(dir).unwrap_or(path).display();
        line(format_args!("- {shown}: {lines} lines"));
    }
    page
}
