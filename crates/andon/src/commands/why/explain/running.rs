//! Who works on a running task, and whether somebody still does.

use super::{Why, why, with_dispatcher};
use crate::commands::why::facts::{Facts, OpenRun};
use crate::when;
use andon_core::process::Process;
use andon_core::run::Keeper;
use andon_runner::identity::Liveness;

/// Explains a running task.
pub(super) fn running(facts: &Facts) -> Vec<Why> {
    let id = &facts.task.id;
    let Some(OpenRun { run, runner }) = &facts.run else {
        let text = format!(
            "{id} is marked as running but has no run; a dispatcher takes it back when its claim \
             lapses."
        );
        return with_dispatcher(facts, why("no_run", text));
    };
    let (since, n) = (when::local(run.started_at), run.id);
    let by = run.profile.as_deref().unwrap_or("nobody");
    let expires = run.claim.as_ref().and_then(|claim| claim.expires);
    let lease = expires.map_or_else(
        || "its claim does not lapse".to_owned(),
        |at| format!("its claim lasts until {} unless renewed", when::local(at)),
    );
    let Some(keeper) = &run.keeper else {
        let holder = run.claim.as_ref().map_or("an unknown holder", |claim| claim.lock.as_str());
        let text = format!("{id} is running since {since}: {holder} claimed it; {lease}.");
        return vec![why("claimed_outside", text)];
    };
    if let Some(stop) = &keeper.stop {
        let (to, who) = (stop.to, &stop.by);
        let text = format!(
            "{id} is being ended, as {who} wished: it becomes {to} when every process of run {n} \
             is gone."
        );
        if is_dead(*runner) {
            let text = format!(
                "{text} The runner of run {n} is dead; a dispatcher ends what is left and records \
                 it."
            );
            return with_dispatcher(facts, why("stopping", text));
        }
        return vec![why("stopping", text)];
    }
    match runner {
        None => {
            let text = format!("{id} is being started: run {n} of {by} was claimed at {since}.");
            with_dispatcher(facts, why("starting", text))
        }
        Some(Liveness::Gone | Liveness::OtherBoot) => {
            let text = format!(
                "{id} counts as running since {since}, but the runner of run {n} is dead; a \
                 dispatcher records that and tries again, and until then `andon reclaim {id}` or \
                 `andon cancel {id}` ends what is left."
            );
            with_dispatcher(facts, why("runner_lost", text))
        }
        Some(Liveness::Alive | Liveness::ForeignHost) => {
            let span = when::elapsed(facts.now - run.started_at);
            let processes = processes(keeper, *runner);
            let text = format!(
                "{id} is running since {since} ({span}): run {n} of {by}, {processes}; {lease}."
            );
            vec![why("running", text)]
        }
    }
}

fn is_dead(runner: Option<Liveness>) -> bool {
    match runner {
        Some(Liveness::Gone | Liveness::OtherBoot) => true,
        None | Some(Liveness::Alive | Liveness::ForeignHost) => false,
    }
}

fn processes(keeper: &Keeper, runner: Option<Liveness>) -> String {
    let pid = |process: &Option<Process>| {
        process.as_ref().map_or_else(|| "?".to_owned(), |process| process.pid.to_string())
    };
    let machine = keeper.runner.as_ref().map_or("?", |process| process.machine.as_str());
    let host = match runner {
        Some(Liveness::ForeignHost) => format!("host {machine}"),
        _ => "this host".to_owned(),
    };
    format!("worker {} kept by runner {} on {host}", pid(&keeper.worker), pid(&keeper.runner))
}
