//! `schema`, `journal_mode` and `connection`: what SQLite itself says of the file and of us.

use crate::commands::doctor::case::BoardCase;
use crate::commands::doctor::finding::Finding;
use andon_store_sqlite::{ReadBack, Schema};

pub(super) fn schema(case: &BoardCase<'_>) -> Vec<Finding> {
    if case.inspection().is_err() {
        return vec![Finding::not_made("the file cannot be opened")];
    }
    let header = match case.header() {
        Ok(header) => header,
        Err(error) => {
            let remedy = "restore it with `andon restore latest`, or save what is readable into a \
                          new file with `andon repair`";
            return vec![Finding::problem(error, remedy)];
        }
    };
    let name = "name the board's file, usually kanban.db";
    vec![match header.schema {
        Schema::Current => Finding::ok(format!(
            "a board of this release, {} pages of {} bytes",
            header.pages, header.page_bytes
        )),
        Schema::Peer => Finding::note(
            "a board of the peer; the first use by Andon copies it and adds its tables",
        ),
        Schema::NoBoard => {
            Finding::problem("the file is a database without the tables of a board", name)
        }
        Schema::Newer { version } => Finding::problem(
            format!("its schema {version} is newer than this program"),
            "update andon",
        ),
        Schema::Foreign { application_id, version } => Finding::problem(
            format!(
                "it belongs to another program (application id {application_id:#010x}, version \
                 {version})"
            ),
            name,
        ),
    }]
}

pub(super) fn journal_mode(case: &BoardCase<'_>) -> Vec<Finding> {
    let header = match case.header() {
        Ok(header) => header,
        Err(error) => return vec![Finding::not_made(error)],
    };
    vec![match header.journal_mode.as_str() {
        "wal" => Finding::ok("WAL, as read back"),
        other => Finding::warning(
            format!("the journal mode is {other}, not WAL: another program changed it"),
            "end that program; the next ordinary open sets WAL again",
        ),
    }]
}

pub(super) fn connection(case: &BoardCase<'_>) -> Vec<Finding> {
    if let Err(error) = case.require_current() {
        return vec![Finding::not_made(error)];
    }
    match case.look(|inspection| inspection.settings()) {
        Ok(settings) => kept(&settings),
        Err(error) => vec![Finding::problem(error, "report it: SQLite did not obey")],
    }
}

/// What is said of settings that were read back.
pub(in crate::commands::doctor) fn kept(settings: &[ReadBack]) -> Vec<Finding> {
    let differ = settings.iter().filter(|read| read.found != read.wanted.to_string());
    let mut findings: Vec<Finding> = differ
        .map(|read| {
            let text = format!("{} is {}, not {}", read.name, read.found, read.wanted);
            Finding::problem(text, "report it: SQLite did not obey")
        })
        .collect();
    if findings.is_empty() {
        let listed = settings.iter().map(|read| format!("{}={}", read.name, read.found));
        findings.push(Finding::ok(listed.collect::<Vec<_>>().join(" ")));
    }
    findings
}
