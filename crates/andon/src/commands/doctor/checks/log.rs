//! `log`: how long it is, and who keeps it from beginning anew.

use crate::commands::doctor::case::BoardCase;
use crate::commands::doctor::finding::Finding;
use crate::commands::doctor::program::Program;
use andon_daemon::config::Config;
use andon_store_sqlite::{Inspection, beside};

/// How many times the length at which a writer checkpoints the log may reach. It begins anew when
/// nobody reads it, so a log beyond this is held by a reader that does not end.
const LENGTHS_MAX: u32 = 4;

/// That length where the settings do not say.
const CHECKPOINT_PAGES: u32 = 1_000;

pub(super) fn look(case: &BoardCase<'_>) -> Vec<Finding> {
    if let Err(error) = case.require_current() {
        return vec![Finding::not_made(error)];
    }
    let log = match case.look(Inspection::log) {
        Ok(log) => log,
        Err(error) => return vec![Finding::not_made(error)],
    };
    let usual = case.config().map_or(CHECKPOINT_PAGES, |config: &Config| config.checkpoint_pages);
    let kib = beside(&case.database, "-wal").metadata().map_or(0, |found| found.len() >> 10);
    let behind = log.pages.saturating_sub(log.moved);
    let told =
        format!("{} pages in the log ({kib} KiB), {behind} of them not moved yet", log.pages);
    if log.pages <= usual.saturating_mul(LENGTHS_MAX) {
        return vec![Finding::ok(told)];
    }
    let own = rustix::process::getpid().as_raw_pid();
    let readers = case.holders().readers.iter().filter(|pid| **pid != own);
    let readers: Vec<String> = readers.map(|pid| Program::of(*pid).to_string()).collect();
    if readers.is_empty() {
        let remedy = "any write of Andon moves it; look again after one";
        return vec![Finding::note(told).remedy(remedy)];
    }
    vec![Finding::warning(
        format!("{told}: {} has been reading for long", readers.join(" and ")),
        "end that reader, or let it end its transaction; the log then begins anew",
    )]
}
