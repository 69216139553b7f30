//! `dispatcher` and `locks`: who holds the lock files, and whether that process stands still. The
//! kernel frees a lock when its holder dies, so a lock file that nobody holds does no harm.

use crate::commands::doctor::case::BoardCase;
use crate::commands::doctor::finding::Finding;
use crate::commands::doctor::program::{Kind, Program};
use crate::last_pass::{LastPass, last_pass};
use crate::when;
use andon_core::time::Seconds;
use andon_store::{BusyHolder, Read};

/// Time between two passes where the settings do not say.
const INTERVAL: Seconds = Seconds(60);

pub(super) fn look(case: &BoardCase<'_>) -> Vec<Finding> {
    let Some(holder) = &case.holders().dispatcher else {
        return vec![without(case)];
    };
    let Some(program) = holder.pid.map(Program::of) else {
        return vec![Finding::note("the board is dispatched by a process out of sight")];
    };
    if program.is_stopped {
        return vec![stopped(&program, "dispatches the board, so nothing is started")];
    }
    vec![match program.kind {
        Kind::Own => own(case, &program),
        Kind::Peer | Kind::Other => Finding::note(format!(
            "{program} dispatches the board; `andon up` takes over when it ends"
        )),
    }]
}

/// A dispatcher of ours, which leaves the time of its last whole pass at its lock file.
fn own(case: &BoardCase<'_>, program: &Program) -> Finding {
    let interval = case.config().map_or(INTERVAL, |config| config.dispatch_interval);
    let Some(LastPass { age, is_late }) = last_pass(&case.layout, interval) else {
        return Finding::ok(format!("{program} dispatches the board"));
    };
    let ago = when::elapsed(age);
    if !is_late {
        return Finding::ok(format!("{program} dispatches the board, its last pass {ago} ago"));
    }
    Finding::warning(
        format!("{program} dispatches the board, but made no whole pass for {ago}"),
        "look what it says; if it is stuck, end it and start `andon up` again: workers go on",
    )
}

fn without(case: &BoardCase<'_>) -> Finding {
    let waiting = case.store().and_then(|store| {
        let stats = store.stats().map_err(|error| error.to_string())?;
        let of = |word| {
            let found = stats.by_status.iter().find(|(status, _)| status.word() == word);
            found.map_or(0, |(_, count)| *count)
        };
        Ok((of("ready"), of("running")))
    });
    match waiting {
        Ok((0, 0)) => Finding::ok("nobody dispatches the board, and nothing waits for it"),
        Ok((ready, running)) => Finding::note(format!(
            "nobody dispatches the board (tasks ready: {ready}, running: {running})"
        ))
        .remedy("run `andon up`, or `andon dispatch` from a timer"),
        Err(error) => Finding::not_made(error),
    }
}

pub(super) fn locks(case: &BoardCase<'_>) -> Vec<Finding> {
    let holders = case.holders();
    let mut findings = Vec::new();
    for (what, holder) in [
        ("holds the lock of first opens", &holders.init),
        ("holds the queue of writers", &holders.writer),
        ("is inside a write transaction", &holders.transaction),
    ] {
        let Some(holder) = holder else { continue };
        findings.push(held(what, holder));
    }
    // A writer that queues holds two of them.
    findings.dedup();
    if findings.is_empty() {
        findings.push(Finding::ok("nobody holds one; lock files of the dead do no harm"));
    }
    findings
}

fn held(what: &str, holder: &BusyHolder) -> Finding {
    match holder.pid.map(Program::of) {
        Some(program) if program.is_stopped => {
            stopped(&program, &format!("{what}, so nobody else can write"))
        }
        Some(program) => Finding::note(format!("{program} {what} at this moment")),
        None => Finding::note(format!("a process out of sight {what} at this moment")),
    }
}

fn stopped(program: &Program, what: &str) -> Finding {
    let pid = program.pid;
    let remedy = format!("let it go on with `kill -CONT {pid}`, or end it with `kill -KILL {pid}`");
    Finding::problem(format!("{program} stands still (stopped by a signal) and {what}"), remedy)
}
