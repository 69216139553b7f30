//! Lets the shipped binary at a broken board, and judges what it does.

mod answer;
mod same;

use super::damage::Victim;
use super::files::Files;
use super::kinds::{Fate, Kind};
use super::report::Line;
use super::scene::{PLACE, Scene};
use crate::rows::{self, Key, Rows};
use crate::torture::Failure;
use answer::{Answer, call};
use rusqlite::Connection;
use same::{UNKNOWN, is_aside, is_same};
use serde_json::Value;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// One kind of damage on a board of its own.
pub(super) struct Judge<'s> {
    program: &'s Path,
    kind: &'static Kind,
    victim: Victim<'s>,
    fate: Fate,
    directory: TempDir,
}

/// What was seen before the repair.
struct Before {
    noticed: Option<String>,
    /// A task that was made on the broken board, and acknowledged.
    made: Option<String>,
    files: Files,
}

/// Codes of errors that say that the board itself is at fault.
const AT_FAULT: [&str; 4] = ["board_refused", "corrupt", "internal", "replaced"];

impl<'s> Judge<'s> {
    /// Breaks the board.
    pub(super) fn new(
        program: &'s Path,
        scene: &'s Scene,
        kind: &'static Kind,
        seed: u64,
    ) -> Result<Self, Failure> {
        let mut victim = Victim::new(kind.base.of(scene), scene, seed);
        let fate = (kind.damage)(&mut victim)?;
        let directory = tempfile::Builder::new().prefix("andon-broken").tempdir_in(PLACE)?;
        for lock in ["kanban.db.init.lock", "kanban.db.writer.lock"] {
            std::fs::write(directory.path().join(lock), "")?;
        }
        Ok(Self { program, kind, victim, fate, directory })
    }

    fn board(&self) -> PathBuf {
        self.directory.path().join("kanban.db")
    }

    /// Every row that was acknowledged.
    fn truth(&self) -> &Rows {
        self.victim.now.as_ref().unwrap_or(&self.victim.whole.rows)
    }

    /// Judges all of it.
    pub(super) fn judge(self) -> Result<Line, Failure> {
        self.victim.files.write(&self.board())?;
        let before = self.use_it()?;
        let answer = call(self.program, self.directory.path(), &["repair"])?;
        self.after(before, &answer).map_err(|failure| format!("{failure}; {}", answer.json).into())
    }

    /// Judges what the repair left.
    fn after(&self, before: Before, answer: &Answer) -> Result<Line, Failure> {
        let (readable, recovered) = match &self.fate {
            Fate::Refused => {
                if answer.is_done {
                    return Err("it was repaired, though there is nothing to be read".into());
                }
                self.require_same(&before.files, "a repair that was refused")?;
                (0, 0)
            }
            Fate::Harmless | Fate::Left | Fate::Unseen(_) => {
                if answer.is_done || !answer.message().contains("nothing to repair") {
                    return Err(format!("a board in order was not left: {}", answer.json).into());
                }
                self.compare(&self.readable(), &before)?
            }
            Fate::Repaired | Fate::State(_) => {
                if !answer.is_done {
                    return Err(format!("it was not repaired: {}", answer.json).into());
                }
                self.require_aside(&answer.json, &before.files)?;
                self.compare(&self.readable(), &before)?
            }
        };
        if !matches!(self.fate, Fate::Refused) {
            self.work()?;
        }
        let repair = answer.told();
        let noticed = match before.noticed {
            Some(noticed) => noticed,
            None if matches!(self.fate, Fate::Harmless) => "no harm".to_owned(),
            None if matches!(self.fate, Fate::Unseen(_)) => "by nobody".to_owned(),
            None => return Err("nobody noticed it".into()),
        };
        let before = self.truth().len();
        Ok(Line { kind: self.kind.name, noticed, before, readable, recovered, repair })
    }

    /// Lets verbs at the board. What is refused must stay as it is.
    fn use_it(&self) -> Result<Before, Failure> {
        let whole = Files::read(&self.board());
        let task = self.truth().iter().find(|((table, _), _)| table == "tasks");
        let id = task.and_then(|(_, row)| row.split('\u{1f}').next());
        let id = id.unwrap_or_default().trim_matches('\'').to_owned();
        let mut noticed = None;
        let mut note = |verb: &str, answer: &Answer| {
            if !answer.is_done && AT_FAULT.contains(&answer.code()) && noticed.is_none() {
                noticed = Some(format!("{verb}: {}", answer.code()));
            }
        };
        for verb in [
            &["list"][..],
            &["show", &id],
            &["init"],
            &["stats"],
            &["watch", "--limit", "5", "--since", "0"],
        ] {
            let answer = call(self.program, self.directory.path(), verb)?;
            let is_empty = answer.json.as_array().is_some_and(Vec::is_empty);
            if verb[0] == "list" && answer.is_done && is_empty {
                return Err("the board looks empty".into());
            }
            note(verb[0], &answer);
        }
        let backup = call(self.program, self.directory.path(), &["backup"])?;
        note("backup", &backup);
        if noticed.is_none() || !matches!(self.fate, Fate::Harmless) {
            let problems = self.problems()?;
            noticed = noticed.or_else(|| problems.map(|checks| format!("doctor: {checks}")));
        }
        // What was noticed before anything was written was not written to.
        if !matches!(self.fate, Fate::Harmless) {
            self.require_same(&whole, "verbs that read")?;
        }
        let created =
            call(self.program, self.directory.path(), &["create", "made on the broken board"])?;
        let made = created.is_done.then(|| created.json["id"].as_str().unwrap_or("?").to_owned());
        if made.is_none() && !matches!(self.fate, Fate::Harmless) {
            self.require_same(&whole, "a write that was refused")?;
        }
        if noticed.is_none() && !created.is_done {
            noticed = Some(format!("create: {}", created.code()));
        }
        let files = Files::read(&self.board());
        if files.database != whole.database && !matches!(self.fate, Fate::Harmless) {
            return Err("the database was overwritten".into());
        }
        Ok(Before { noticed, made, files })
    }

    /// The checks in which `doctor` finds a problem of the board.
    fn problems(&self) -> Result<Option<String>, Failure> {
        let answer = call(self.program, self.directory.path(), &["doctor"])?;
        let findings = answer.json.as_array().cloned().unwrap_or_default();
        let is_problem = |it: &&Value| {
            let is_of_rows = it["check"] == "orphans" && it["severity"] == "warning";
            it["board"] == "default" && (it["severity"] == "problem" || is_of_rows)
        };
        let checks = findings.iter().filter(is_problem).filter_map(|it| it["check"].as_str());
        let mut checks: Vec<&str> = checks.collect();
        checks.dedup();
        Ok((!checks.is_empty()).then(|| checks.join(", ")))
    }

    /// The rows that must be there afterwards.
    fn readable(&self) -> Rows {
        if let Fate::State(rows) | Fate::Unseen(Some(rows)) = &self.fate {
            return rows.clone();
        }
        let (rows, pages) = (self.truth(), &self.victim.whole.pages);
        let is_hit = |key: &Key| {
            let mut hit = self.victim.hit.iter().filter_map(|page| pages.get(page));
            hit.any(|on| on.rows.contains(key))
        };
        rows.iter()
            .filter(|(key, _)| !is_hit(key))
            .map(|(k, row)| (k.clone(), row.clone()))
            .collect()
    }

    /// Compares what is there with what must be: tells how many rows that are, and how many of all
    /// came back.
    fn compare(&self, readable: &Rows, before: &Before) -> Result<(usize, usize), Failure> {
        let db = Connection::open(self.board())?;
        let check: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        if check != "ok" {
            return Err(format!("the board is not in order: {check}").into());
        }
        let found = rows::rows(&db)?;
        for (key, row) in readable {
            match found.get(key) {
                Some(other) if is_same(key, row, other) => {}
                Some(other) => {
                    return Err(format!("{key:?} is {other:.300?} and was {row:.300?}").into());
                }
                None if key.0 == UNKNOWN && is_aside(row, &found) => {}
                None => return Err(format!("{key:?} is gone: {row:.300?}").into()),
            }
        }
        if let Some(made) = &before.made {
            let is_made = |row: &String| row.starts_with(&format!("'{made}'"));
            if !found.iter().any(|((table, _), row)| table == "tasks" && is_made(row)) {
                return Err(format!("{made}, made and acknowledged, is gone").into());
            }
        }
        let all = self.truth();
        let strange = found.iter().find(|(key, row)| {
            let is_it = |was: &String| is_same(key, was, row);
            let is_ours = all.get(*key).is_some_and(is_it) || readable.get(*key).is_some_and(is_it);
            !is_ours && !self.may_be_new(key, readable, before)
        });
        if let Some((key, row)) = strange {
            return Err(format!("{key:?} was never there: {row:.300?}").into());
        }
        let is_back =
            |(key, row): &(&Key, &String)| found.get(*key).is_some_and(|it| is_same(key, row, it));
        Ok((readable.len(), all.iter().filter(is_back).count()))
    }

    /// Whether a row may be there that was not, or was another: what is set aside, what was made
    /// meanwhile, and rows where the damage is.
    fn may_be_new(&self, key: &Key, readable: &Rows, before: &Before) -> bool {
        let is_damaged = self.truth().contains_key(key) && !readable.contains_key(key);
        let is_later = before.made.is_some() && !self.truth().contains_key(key);
        let is_new_run = key.0 == "task_runs" && readable.len() < self.truth().len();
        key.0 == "andon_salvage"
            || is_damaged
            || is_later
            || is_new_run
            || matches!(self.fate, Fate::Unseen(_))
    }

    /// The broken files must lie aside as they were.
    fn require_aside(&self, answer: &Value, before: &Files) -> Result<(), Failure> {
        let Some(aside) = answer["aside"].as_str() else { return Ok(()) };
        if before.database.is_some() && !Files::read(Path::new(aside)).holds_the_same(before) {
            return Err("what lies aside is not what was there".into());
        }
        Ok(())
    }

    fn require_same(&self, before: &Files, after: &str) -> Result<(), Failure> {
        if Files::read(&self.board()).holds_the_same(before) {
            return Ok(());
        }
        Err(format!("the files changed by {after}").into())
    }

    /// The board must work: a task is made, claimed and completed.
    fn work(&self) -> Result<(), Failure> {
        let done = |words: &[&str]| -> Result<Value, Failure> {
            let answer = call(self.program, self.directory.path(), words)?;
            if answer.is_done {
                return Ok(answer.json);
            }
            Err(format!("afterwards, {words:?}: {}", answer.json).into())
        };
        let task = done(&["create", "made afterwards"])?;
        let id = task["id"].as_str().unwrap_or("?").to_owned();
        done(&["claim", &id])?;
        done(&["complete", &id, "--summary", "it is done"])?;
        let shown = done(&["show", &id])?;
        if shown["task"]["status"] != "done" {
            return Err(format!("a completed task is {}", shown["task"]["status"]).into());
        }
        done(&["list"]).map(drop)
    }
}
