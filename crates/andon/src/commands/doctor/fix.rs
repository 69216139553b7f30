//! `--fix`: mends what can be mended without loss, one finding at a time, and looks again whether
//! it helped.

use super::case::BoardCase;
use super::finding::{Finding, Fix};
use crate::actor::Caller;
use crate::target;
use andon_core::command::Command;
use andon_daemon::quarantine;
use andon_store::{Request, Store};
use andon_store_sqlite::{Mended, Mending, mend as mend_board};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

/// Mends what a check found. What was done stands behind each finding; a finding that is still
/// there afterwards does not count as mended.
pub(super) fn mend(
    mut findings: Vec<Finding>,
    carry_out: impl Fn(&Fix) -> Result<String, String>,
    look_again: impl FnOnce() -> Vec<Finding>,
) -> Vec<Finding> {
    let mut done: Vec<(Fix, Result<String, String>)> = Vec::new();
    for fix in findings.iter().filter_map(|finding| finding.fix.clone()) {
        // One act may mend several findings.
        if done.iter().all(|(earlier, _)| *earlier != fix) {
            let result = carry_out(&fix);
            done.push((fix, result));
        }
    }
    if done.is_empty() {
        return findings;
    }
    let still_there: Vec<Fix> =
        look_again().into_iter().filter_map(|finding| finding.fix).collect();
    for finding in &mut findings {
        let Some(fix) = &finding.fix else { continue };
        let Some((_, result)) = done.iter().find(|(other, _)| other == fix) else { continue };
        match result {
            Ok(what) if !still_there.contains(fix) => {
                finding.text = format!("{}; mended: {what}", finding.text);
                finding.is_fixed = true;
            }
            Ok(what) => {
                finding.text = format!("{}; not mended, though {what}", finding.text);
            }
            Err(why) => finding.text = format!("{}; not mended: {why}", finding.text),
        }
    }
    findings
}

/// What can be mended without a board.
pub(super) fn mode_only(fix: &Fix) -> Result<String, String> {
    match fix {
        Fix::Mode { path, mode } => {
            std::fs::set_permissions(path, Permissions::from_mode(*mode))
                .map_err(|error| error.to_string())?;
            Ok(format!("{} has mode {mode:04o} now", path.display()))
        }
        Fix::Orphans | Fix::Claim(_) | Fix::Indexes => Err("it is about a board".to_owned()),
    }
}

/// Mends one thing on a board. A board in quarantine is left as it is.
pub(super) fn carry_out(case: &BoardCase<'_>, fix: &Fix) -> Result<String, String> {
    let is_mode = matches!(fix, Fix::Mode { .. });
    let record = quarantine::in_force(&case.home.home, &case.layout, case.now);
    if record.is_some() && !is_mode {
        return Err("the board is in quarantine, and left as it is".to_owned());
    }
    let mending = |what| {
        mend_board(case.layout.database(), what, case.now).map_err(|error| error.to_string())
    };
    let copied = |mended: &Mended| format!("a copy of the board: {}", mended.copy.display());
    match fix {
        Fix::Mode { .. } => mode_only(fix),
        Fix::Orphans => {
            let mended = mending(Mending::Orphans)?;
            Ok(format!("{} rows were removed ({})", mended.rows_removed, copied(&mended)))
        }
        Fix::Indexes => {
            let mended = mending(Mending::Indexes)?;
            Ok(format!("the indexes were written anew ({})", copied(&mended)))
        }
        Fix::Claim(expire) => {
            let caller = Caller::from_env(&case.home.env).map_err(|error| error.message)?;
            let command = Command::from(expire.clone());
            let request = Request { op: target::new_op(), actor: caller.actor(), command };
            case.store()?.apply(request).map_err(|error| error.to_string())?;
            Ok(format!("the claim of {} was taken back", expire.task))
        }
    }
}
