//! `claims`: tasks that are held by somebody who cannot go on, by the dispatcher's own rules.

use crate::commands::doctor::case::BoardCase;
use crate::commands::doctor::finding::{Finding, Fix};
use andon_core::time::Seconds;
use andon_daemon::dispatcher::{Stranded, Stranding, survey};
use andon_store::Read;

/// How long a claim may be without a runner, where the settings do not say.
const START_GRACE: Seconds = Seconds(30);

pub(super) fn look(case: &BoardCase<'_>) -> Vec<Finding> {
    let store = match case.store() {
        Ok(store) => store,
        Err(error) => return vec![Finding::not_made(error)],
    };
    let grace = case.config().map_or(START_GRACE, |config| config.crash_grace);
    let stranded = match survey(store, grace, case.now) {
        Ok(stranded) => stranded,
        Err(error) => return vec![Finding::not_made(error)],
    };
    let mut findings: Vec<Finding> = stranded.into_iter().map(told).collect();
    // Whoever dispatches the board settles all of this within moments.
    if case.holders().dispatcher.is_some() {
        findings.iter_mut().for_each(|finding| finding.fix = None);
    }
    if findings.is_empty() {
        findings.push(match store.run_open_list() {
            Ok(open) if open.is_empty() => Finding::ok("no task is running"),
            Ok(open) => Finding::ok(format!("{} tasks are running, all in good hands", open.len())),
            Err(error) => Finding::not_made(error),
        });
    }
    findings
}

fn told(stranded: Stranded) -> Finding {
    let task = &stranded.task;
    match stranded.how {
        Stranding::Lapsed(expire) => Finding::warning(
            format!("the claim of {task} ran out, and its holder is gone"),
            format!("take it back, as a dispatcher or `andon reclaim {task}` would"),
        )
        .fix(Fix::Claim(expire)),
        Stranding::Overdue => Finding::note(format!(
            "the claim of {task} ran out, but its holder lives; a dispatcher extends it"
        )),
        Stranding::Lost => Finding::warning(
            format!("the runner of {task} is gone"),
            "run `andon up` or `andon dispatch`: a dispatcher ends what is left of it",
        ),
    }
}
