//! `filesystem` and `space`: what the board lies on.

use crate::commands::doctor::case::BoardCase;
use crate::commands::doctor::finding::Finding;
use crate::error::CliError;
use andon_store_sqlite::{filesystem_name, require_local};
use std::path::Path;

/// Less room than this holds neither a log of the usual length nor a copy of a small board.
const BYTES_NEEDED: u64 = 16 << 20;
/// Less room than this is soon used up by logs of workers.
const BYTES_WANTED: u64 = 256 << 20;
/// Fewer free inodes than this are soon used up by workspaces.
const INODES_NEEDED: u64 = 100;

pub(super) fn filesystem(case: &BoardCase<'_>) -> Vec<Finding> {
    let directory = directory(&case.database);
    if !directory.exists() {
        return vec![Finding::not_made("the board's directory does not exist")];
    }
    vec![match require_local(&case.database) {
        Ok(()) => match filesystem_name(directory) {
            Some(name) => Finding::ok(format!("it is on {name}")),
            None => Finding::ok("it is on a local file system"),
        },
        Err(error) => {
            let told = CliError::from(error).body();
            Finding::problem(told.message, told.hint.unwrap_or_default())
        }
    }]
}

pub(super) fn space(case: &BoardCase<'_>) -> Vec<Finding> {
    let directory = directory(&case.database);
    let found = match rustix::fs::statvfs(directory) {
        Ok(found) => found,
        Err(error) => return vec![Finding::not_made(error)],
    };
    let room = found.f_bavail.saturating_mul(found.f_frsize);
    let mib = room >> 20;
    let at = directory.display();
    let remedy = "make room; what workers wrote lies in `logs` and `workspaces`";
    let mut findings = Vec::new();
    if room < BYTES_NEEDED {
        findings.push(Finding::problem(format!("{mib} MiB are free at {at}"), remedy));
    } else if room < BYTES_WANTED {
        findings.push(Finding::warning(format!("{mib} MiB are free at {at}"), remedy));
    }
    // Some file systems have no fixed number of inodes, and say zero.
    if found.f_files > 0 && found.f_favail < INODES_NEEDED {
        let text = format!("{} inodes are free at {at}", found.f_favail);
        findings.push(Finding::problem(text, "remove files that are not needed"));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(format!("{mib} MiB are free")));
    }
    findings
}

fn directory(database: &Path) -> &Path {
    database.parent().unwrap_or(database)
}
