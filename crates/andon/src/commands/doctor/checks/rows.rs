//! `rows`, `orphans` and `invariants`: what the rows say, beside SQLite's own rules.

use crate::commands::doctor::case::BoardCase;
use crate::commands::doctor::finding::{Finding, Fix};
use andon_core::invariant::{self, Broken, Grade};
use andon_store_sqlite::{Inspection, Owner};
use std::collections::BTreeMap;

/// Places that are named for each invariant; the others are counted.
const PLACES_MAX: usize = 3;

/// Rules about rows that belong to nothing, which `orphans` tells with their tables.
const TOLD_AS_ORPHANS: [&str; 3] = ["links_end_at_tasks", "run_has_its_task", "event_has_its_task"];

const TOO_LARGE: &str = "the board has more rows than are read at once";

pub(super) fn rows(case: &BoardCase<'_>) -> Vec<Finding> {
    let contents = match case.contents() {
        Ok(Some(contents)) => contents,
        Ok(None) => return vec![Finding::not_made(TOO_LARGE)],
        Err(error) => return vec![Finding::not_made(error)],
    };
    if contents.unreadable.is_empty() {
        let count = contents.snapshot.tasks.len();
        return vec![Finding::ok(format!("every row can be read, of {count} tasks"))];
    }
    let told = contents.unreadable.iter().map(|found| {
        let named = found.named.join("; ");
        let text = format!("{} rows of {} cannot be read: {named}", found.rows, found.table);
        let remedy = "correct the column with the program that wrote it; lists leave the row out";
        Finding::problem(text, remedy)
    });
    told.collect()
}

pub(super) fn orphans(case: &BoardCase<'_>) -> Vec<Finding> {
    if let Err(error) = case.require_current() {
        return vec![Finding::not_made(error)];
    }
    let orphans = match case.look(Inspection::orphans) {
        Ok(orphans) => orphans,
        Err(error) => return vec![Finding::not_made(error)],
    };
    let mut findings = Vec::new();
    for found in orphans {
        let (table, rows) = (found.table, found.rows - found.kept);
        let text = format!("{rows} rows of {table} belong to no task or run");
        match found.owner {
            Owner::Peer => findings.push(Finding::warning(
                text,
                "they hold what users wrote, so they stay; no verb shows them",
            )),
            Owner::Andon if rows > 0 => findings
                .push(Finding::warning(text, "remove them: they are of no use").fix(Fix::Orphans)),
            Owner::Andon => {}
        }
        if found.kept > 0 {
            findings.push(Finding::note(format!(
                "{} rows of {table} belong to no run, and their processes are not confirmed gone",
                found.kept
            )));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::ok("every row belongs to a task"));
    }
    findings
}

pub(super) fn invariants(case: &BoardCase<'_>) -> Vec<Finding> {
    let contents = match case.contents() {
        Ok(Some(contents)) => contents,
        Ok(None) => return vec![Finding::not_made(TOO_LARGE)],
        Err(error) => return vec![Finding::not_made(error)],
    };
    let mut by_name: BTreeMap<&str, Vec<Broken>> = BTreeMap::new();
    for broken in invariant::check(&contents.snapshot) {
        if !TOLD_AS_ORPHANS.contains(&broken.name) {
            by_name.entry(broken.name).or_default().push(broken);
        }
    }
    if by_name.is_empty() {
        return vec![Finding::ok(format!("{} rules hold", invariant::all().count()))];
    }
    by_name.into_values().map(|places| told(&places)).collect()
}

fn told(places: &[Broken]) -> Finding {
    let first = &places[0];
    let named: Vec<&str> =
        places.iter().take(PLACES_MAX).map(|broken| broken.what.as_str()).collect();
    let rest = places.len().saturating_sub(PLACES_MAX);
    let more = if rest > 0 { format!("; and {rest} more") } else { String::new() };
    let text = format!("{} ({}): {}{more}", first.name, first.sentence, named.join("; "));
    match first.grade {
        Grade::Broken => Finding::problem(
            text,
            "no release of Andon leaves a board so: look what else writes to it, and report it",
        ),
        Grade::Pending => Finding::note(text),
    }
}
