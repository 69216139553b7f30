//! The end of a run: everybody comes to rest, and what is left is judged.

use super::crew::Post;
use super::home::{Home, SmallDisk};
use super::versus::Side;
use super::{Report, remains};
use crate::torture::Failure;
use crate::torture::history::{self, History, Outcome};
use andon_store::Read;
use andon_store_sqlite::{Depth, Verdict, check_board};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Until all runs have ended that were at work: each takes a second at most, but their leases may
/// have to run out first, and the machine is loaded.
const REST_LIMIT: Duration = Duration::from_secs(60);
/// Until a process ends that was told to.
const LEAVE_LIMIT: Duration = Duration::from_secs(30);
/// Between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// Longest check of the board that is left.
const CHECK_LIMIT: Duration = Duration::from_secs(600);
/// Lines that say what an operation may never answer, whatever was struck: the board is whole.
const ALARMS: &[&str] = &["corrupt", "replaced", "internal", "board_refused", "no_board"];

/// Lets everybody come to rest.
pub(super) fn rest(
    home: &Home,
    (clients, dispatchers): (Vec<Post<'_>>, Vec<Post<'_>>),
    findings: &mut Vec<String>,
) -> Result<(), Failure> {
    let mut leave = |posts: Vec<Post<'_>>, who: &str| -> Result<(), Failure> {
        for mut post in posts {
            if post.leave(LEAVE_LIMIT)? {
                findings.push(format!("a {who} did not end within {LEAVE_LIMIT:?} when told to"));
            }
        }
        Ok(())
    };
    leave(clients, "client")?;
    if home.side == Side::Peer {
        return leave(dispatchers, "dispatcher");
    }
    let output = home.andon().arg("pause").stdin(Stdio::null()).output()?;
    if !output.status.success() {
        return Err(format!("pause: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let store = remains::open(&home.board())?;
    let deadline = Instant::now() + REST_LIMIT;
    let still = loop {
        let running = store.run_open_list()?;
        let kept = running.into_iter().filter_map(|row| row.run).filter(|run| run.keeper.is_some());
        let still: Vec<String> = kept.map(|run| format!("{run:?}")).collect();
        let lingering = store.run_lingering_list(1)?;
        if (still.is_empty() && lingering.is_empty()) || Instant::now() >= deadline {
            break still.into_iter().chain(lingering.into_iter().map(|run| format!("{run:?}")));
        }
        super::pace::rest(LOOK_AGAIN);
    };
    let still: Vec<String> = still.collect();
    leave(dispatchers, "dispatcher")?;
    findings.extend(still.iter().map(|run| format!("a run did not come to its end: {run}")));
    let deadline = Instant::now() + LEAVE_LIMIT;
    while !orphans(&home.board()).is_empty() && Instant::now() < deadline {
        super::pace::rest(LOOK_AGAIN);
    }
    for pid in orphans(&home.board()) {
        findings.push(format!("process {pid} outlived its run"));
    }
    Ok(())
}

/// Living processes of any run of the board, by the mark in their environment.
fn orphans(board: &Path) -> Vec<i32> {
    let (name, place) = (andon_runner::tree::MARK_VARIABLE, format!("@{}", board.display()));
    let of_board = |stat: &andon_proc::process::Stat| {
        let environ = fs::read(format!("/proc/{}/environ", stat.pid)).unwrap_or_default();
        environ.split(|byte| *byte == 0).any(|variable| {
            variable.starts_with(name.as_bytes()) && variable.ends_with(place.as_bytes())
        })
    };
    let all = andon_proc::process::all().unwrap_or_default();
    all.iter().filter(|stat| !stat.is_dead() && of_board(stat)).map(|stat| stat.pid).collect()
}

/// Judges both boards by what their users wrote down.
pub(super) fn judge(home: &Home, report: &mut Report) -> Result<(), Failure> {
    let history = History::read(&home.logs())?;
    count(&history, report);
    for (board, history) in
        [(home.board(), history), (home.small_board(), History::read(&home.small_logs())?)]
    {
        match check_board(&board, Depth::Full, CHECK_LIMIT)? {
            Verdict::Sound => report.integrity += 1,
            other => report.findings.push(format!("{}: {other:?}", board.display())),
        }
        let remains = remains::read(&board)?;
        report.tasks += remains.board.tasks.len();
        report.events += remains.board.events.len();
        report.lives += history.lives.len();
        let mut verdict = history::check(&history, &remains);
        history::check_events(&history, &remains, &mut verdict);
        for (claim, count) in &verdict.checked {
            *report.checked.entry(*claim).or_default() += count;
        }
        report.findings.extend(verdict.findings.iter().map(ToString::to_string));
    }
    report.points = home.seen_points();
    report.check_strikes();
    if home.small == SmallDisk::None {
        report.skipped.push("the small board had no disk of its own".to_owned());
    }
    let seen = &report.seen;
    report.findings.extend(seen.findings.iter().chain(&report.watch.findings).cloned());
    report.findings.extend(report.ends.by_themselves.iter().cloned());
    report.skipped.extend(seen.skipped.iter().map(|what| (*what).to_owned()));
    Ok(())
}

/// Counts outcomes; an answer that a whole board never gives becomes a finding.
fn count(history: &History, report: &mut Report) {
    let mut failed: BTreeMap<String, u64> = BTreeMap::new();
    for operation in &history.operations {
        match &operation.outcome {
            Outcome::Done(_) => report.acknowledged += 1,
            Outcome::Unknown(_) => report.unknown += 1,
            Outcome::Failed(why) => {
                *failed.entry(why.clone()).or_default() += 1;
                if ALARMS.contains(&why.as_str()) {
                    let who = &operation.who;
                    report.findings.push(format!("{} by {who} answered {why}", operation.verb));
                }
            }
        }
    }
    report.failed = failed;
}
