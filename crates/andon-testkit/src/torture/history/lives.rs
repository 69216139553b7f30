//! Workers, by their own records: one at a time for each task, each for a run that there was.

use super::{Claim, History, Life, Remains, Verdict};
use std::collections::{HashMap, HashSet};

/// Compares each life with those of its task that began before.
pub(super) fn check(history: &History, remains: &Remains, verdict: &mut Verdict) {
    let runs: HashSet<(&str, i64)> =
        remains.board.runs.iter().map(|run| (run.task.as_str(), run.id.0)).collect();
    let mut by_task: HashMap<&str, Vec<&Life>> = HashMap::new();
    for life in &history.lives {
        by_task.entry(&life.task).or_default().push(life);
        let stray = !runs.contains(&(life.task.as_str(), life.run));
        verdict.judge(Claim::Kept, stray.then(|| format!("{life:?} has no run on the board")));
        let clash = life.clashed.then(|| format!("{life:?} met another worker of its task"));
        verdict.judge(Claim::OneWorker, clash);
    }
    for lives in by_task.values_mut() {
        lives.sort_by_key(|life| life.span);
        let mut longest: Option<&Life> = None;
        for life in lives.iter().filter(|life| !life.clashed) {
            let other = longest.filter(|other| other.span.1 >= life.span.0);
            let what = other.map(|other| format!("{other:?} and {life:?}"));
            verdict.judge(Claim::OneWorker, what);
            if longest.is_none_or(|other| life.span.1 > other.span.1) {
                longest = Some(life);
            }
        }
    }
}
