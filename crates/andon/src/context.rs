//! The text that a worker reads about its task (dispatch reference §11): a pure function of what
//! was loaded, with one clock reading for all ages.
//!
//! Whatever people and workers wrote is quoted with a limit, and named as theirs.

use crate::when;
use andon_core::run::{JsonText, Run};
use andon_core::task::Task;
use andon_core::time::Timestamp;
use andon_daemon::profile::terminal_timeout;
use andon_store::{AttachmentRow, Comment, Newest};
use serde_json::Value;
use std::fmt::Write as _;

/// Characters of the body: two pages of briefing.
const BODY_CHARS: usize = 8_192;
/// Characters of one field of an earlier run.
const FIELD_CHARS: usize = 4_096;
/// Characters of a comment.
const COMMENT_CHARS: usize = 2_048;
/// Characters of a line about other work.
const LINE_CHARS: usize = 200;
/// Earlier attempts told of; the newest matter.
pub(crate) const ATTEMPTS_MAX: usize = 10;
/// Comments told of; the newest matter.
pub(crate) const COMMENTS_MAX: usize = 30;
/// Finished parents told of. A text that holds more than these is no briefing any more.
pub(crate) const PARENTS_MAX: usize = 100;
/// Runs of the profile on other tasks told of.
pub(crate) const RECENT_MAX: usize = 5;

/// Everything that the text is made of.
#[derive(Debug)]
pub(crate) struct Facts {
    /// The task.
    pub(crate) task: Task,
    /// The time to which ages refer.
    pub(crate) now: Timestamp,
    /// Limit of terminal calls that is set already.
    pub(crate) terminal_timeout: Option<String>,
    /// By time.
    pub(crate) attachments: Vec<AttachmentRow>,
    /// The task's last runs that have ended.
    pub(crate) runs: Newest<Run>,
    /// Finished parents, by id.
    pub(crate) parents: Vec<Parent>,
    /// How many parents there are, finished or not.
    pub(crate) parents_all: usize,
    /// What the profile finished elsewhere, newest first.
    pub(crate) recent: Vec<Recent>,
    /// The last comments.
    pub(crate) comments: Newest<Comment>,
}

/// A finished parent.
#[derive(Debug)]
pub(crate) struct Parent {
    /// The parent.
    pub(crate) task: Task,
    /// Its newest completed run.
    pub(crate) run: Option<Run>,
}

/// A run of the profile on another task.
#[derive(Debug)]
pub(crate) struct Recent {
    /// That task's title.
    pub(crate) title: String,
    /// The run.
    pub(crate) run: Run,
}

/// Writes the text.
pub(crate) fn text(facts: &Facts) -> String {
    let mut page = Page::default();
    header(&mut page, facts);
    if let Some(body) = filled(facts.task.body.as_deref()) {
        page.section("Body");
        page.line(capped(body, BODY_CHARS));
        page.line("");
    }
    attachments(&mut page, facts);
    attempts(&mut page, facts);
    parents(&mut page, facts);
    recent(&mut page, facts);
    comments(&mut page, facts);
    page.0.trim_end().to_owned() + "\n"
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, line: impl AsRef<str>) {
        self.0.push_str(line.as_ref());
        self.0.push('\n');
    }

    fn section(&mut self, title: &str) {
        self.line(format!("## {title}"));
    }

    fn metadata(&mut self, metadata: Option<&JsonText>) {
        if let Some(json) = metadata.and_then(sorted_json) {
            self.line(format!("_metadata_: `{}`", capped(&json, FIELD_CHARS)));
        }
    }
}

fn header(page: &mut Page, facts: &Facts) {
    let task = &facts.task;
    page.line(format!("# Kanban task {}: {}", task.id, task.title));
    page.line("");
    let assignee = task.assignee.as_ref().map_or("(unassigned)", |name| name.as_str());
    page.line(format!("Assignee: {assignee}"));
    page.line(format!("Status:   {}", task.status));
    if let Some(tenant) = &task.tenant {
        page.line(format!("Tenant:   {tenant}"));
    }
    let path = task.workspace.path.as_deref().unwrap_or("(unresolved)");
    page.line(format!("Workspace: {} @ {path}", task.workspace.kind));
    if let Some(bound) = task.max_runtime {
        page.line(format!("Max runtime: {bound}"));
        let existing = facts.terminal_timeout.as_deref();
        let wanted = terminal_timeout(Some(bound), existing).map(|span| span.0.to_string());
        if let Some(limit) = wanted.as_deref().or(existing) {
            page.line(format!("Terminal timeout: {limit}s"));
        }
    }
    if let Some(branch) = &task.workspace.branch {
        page.line(format!("Branch:   {branch}"));
    }
    page.line("");
}

fn attachments(page: &mut Page, facts: &Facts) {
    if facts.attachments.is_empty() {
        return;
    }
    page.section("Attachments");
    page.line("These files belong to the task; read them at the absolute paths given.");
    for row in &facts.attachments {
        let mut line = format!("- `{}`", row.filename);
        if let Some(kind) = row.content_type.as_deref().filter(|kind| !kind.is_empty()) {
            write_into(&mut line, format_args!(", {kind}"));
        }
        if row.size > 0 {
            write_into(&mut line, format_args!(", {} KB", row.size.unsigned_abs().div_ceil(1_024)));
        }
        write_into(&mut line, format_args!(" → `{}`", row.stored_path));
        page.line(line);
    }
    page.line("");
}

fn attempts(page: &mut Page, facts: &Facts) {
    let Newest { rows, earlier: omitted } = &facts.runs;
    if rows.is_empty() {
        return;
    }
    page.section("Prior attempts on this task");
    if *omitted > 0 {
        let attempts = if *omitted == 1 { "attempt" } else { "attempts" };
        page.line(format!(
            "_({omitted} earlier {attempts} omitted; the last {ATTEMPTS_MAX} are shown)_"
        ));
    }
    for (run, number) in rows.iter().zip(omitted + 1..) {
        let outcome = run.outcome.as_deref().unwrap_or(&run.status);
        let profile = run.profile.as_deref().unwrap_or("(unknown)");
        let at = run.ended_at.unwrap_or(run.started_at);
        let (time, age) = (when::local_minute(at), when::ago(at, facts.now));
        page.line(format!("### Attempt {number} — {outcome} ({profile}, {time}, {age})"));
        if let Some(summary) = filled(run.summary.as_deref()) {
            page.line(capped(summary, FIELD_CHARS));
        }
        if let Some(error) = filled(run.error.as_deref()) {
            page.line(format!("_error_: {}", capped(error, FIELD_CHARS)));
        }
        page.metadata(run.metadata.as_ref());
        page.line("");
    }
}

fn parents(page: &mut Page, facts: &Facts) {
    if facts.parents.is_empty() {
        return;
    }
    page.section("Parent task results");
    page.line(
        "_Each is a snapshot of the time of its completion. Where it is old, check it against \
         the present state before you rely on it._",
    );
    page.line("");
    if facts.parents.len() >= PARENTS_MAX && facts.parents_all > PARENTS_MAX {
        let (id, all) = (&facts.task.id, facts.parents_all);
        page.line(format!(
            "_(the first {PARENTS_MAX} that are done, of {all} parents; `andon show {id}` names \
             all)_"
        ));
        page.line("");
    }
    for Parent { task, run } in &facts.parents {
        let ended = run.as_ref().and_then(|run| run.ended_at).or(task.completed_at);
        let age = ended.map(|at| format!(" (completed {})", when::ago(at, facts.now)));
        page.line(format!("### {}{}", task.id, age.unwrap_or_default()));
        let summary = run.as_ref().and_then(|run| filled(run.summary.as_deref()));
        match summary.or_else(|| filled(task.result.as_deref())) {
            Some(text) => page.line(capped(text, FIELD_CHARS)),
            None => page.line("(no result recorded)"),
        }
        page.metadata(run.as_ref().and_then(|run| run.metadata.as_ref()));
        page.line("");
    }
}

fn recent(page: &mut Page, facts: &Facts) {
    let Some(assignee) = &facts.task.assignee else { return };
    if facts.recent.is_empty() {
        return;
    }
    page.section(&format!("Recent work by @{assignee}"));
    for Recent { title, run } in &facts.recent {
        let at = run.ended_at.unwrap_or(run.started_at);
        let (time, age) = (when::local_minute(at), when::ago(at, facts.now));
        let line = filled(run.summary.as_deref()).and_then(|text| text.lines().next());
        let line: String = line.unwrap_or("(no summary)").chars().take(LINE_CHARS).collect();
        page.line(format!("- {} — {title} ({time}, {age}): {line}", run.task));
    }
    page.line("");
}

/// Every author is called a worker, so that a made-up name cannot pass for an instruction of
/// somebody with more say.
fn comments(page: &mut Page, facts: &Facts) {
    let Newest { rows, earlier: omitted } = &facts.comments;
    if rows.is_empty() {
        return;
    }
    page.section("Comment thread");
    if *omitted > 0 {
        let comments = if *omitted == 1 { "comment" } else { "comments" };
        page.line(format!(
            "_({omitted} earlier {comments} omitted; the last {COMMENTS_MAX} are shown)_"
        ));
    }
    for comment in rows {
        let author = comment.author.replace('`', "");
        let (time, age) = (when::local_minute(comment.at), when::ago(comment.at, facts.now));
        page.line(format!("comment from worker `{author}` at {time}, {age}:"));
        page.line(capped(&comment.body, COMMENT_CHARS));
        page.line("");
    }
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// Trims, and cuts to `max` characters; the text says how many are missing.
fn capped(text: &str, max: usize) -> String {
    let text = text.trim();
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((end, _)) => {
            let omitted = text[end..].chars().count();
            format!("{}… [truncated, {omitted} chars omitted]", &text[..end])
        }
    }
}

/// The metadata with its keys in order; none where there is nothing in it.
fn sorted_json(metadata: &JsonText) -> Option<String> {
    let mut value = andon_wire::stored::value(metadata);
    value.sort_all_objects();
    let empty = match &value {
        Value::Null => true,
        Value::Object(object) => object.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
    };
    (!empty).then(|| andon_store::codec::spaced(&value))
}

fn write_into(line: &mut String, text: std::fmt::Arguments<'_>) {
    line.write_fmt(text).expect("writing to a string cannot fail");
}

#[cfg(test)]
mod tests;
