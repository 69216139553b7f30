//! `home` and `permissions`: who may read and write what. A board holds prompts and results, so
//! whatever Andon makes is private to its user.

use crate::commands::doctor::case::{BoardCase, HomeCase, database_files};
use crate::commands::doctor::finding::{Finding, Fix};
use andon_daemon::home::{HomeKind, Layout};
use andon_store_sqlite::{backups, beside};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Rights of the group and of others.
const OTHERS: u32 = 0o077;
/// Those of them by which something can be changed.
const OTHERS_WRITE: u32 = 0o022;
/// By which everybody may add a name to a directory, but only remove his own.
const STICKY: u32 = 0o1000;
/// All rights that a mode has.
const RIGHTS: u32 = 0o7777;

/// Who made something, and so who says what its rights are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Maker {
    Andon,
    Peer,
}

pub(super) fn of_home(case: &HomeCase) -> Vec<Finding> {
    let home = &case.home;
    let shared = match home.kind() {
        HomeKind::Own => Maker::Andon,
        HomeKind::Hermes => Maker::Peer,
    };
    let kanban = home.path().join("kanban");
    let objects = [
        (home.path().to_owned(), shared),
        (kanban.clone(), shared),
        (home.boards_dir(), shared),
        (home.current_file(), shared),
        (home.archive_dir(), shared),
        (kanban.join(".andon"), Maker::Andon),
        (home.boards_lock_file(), Maker::Andon),
    ];
    let mut findings = judge(home.path(), &objects);
    findings.extend(written_by_hand(&[home.config_file(), home.profiles_file()]));
    findings.extend(way(home.path()));
    or_ok(findings, "private to its user")
}

pub(super) fn of_board(case: &BoardCase<'_>) -> Vec<Finding> {
    let shared = match case.home.home.kind() {
        HomeKind::Own => Maker::Andon,
        HomeKind::Hermes => Maker::Peer,
    };
    let layout = &case.layout;
    let mut objects: Vec<(PathBuf, Maker)> =
        database_files(&case.database).into_iter().map(|(path, _)| (path, shared)).collect();
    for path in [layout.board_dir(), layout.workspaces(), layout.attachments(), layout.logs()] {
        objects.push((path.to_owned(), shared));
    }
    objects.push((layout.metadata_file(), shared));
    objects.push((beside(&case.database, ".init.lock"), shared));
    objects.push((layout.dispatch_lock_file(), shared));
    objects.push((layout.writer_lock_file(), Maker::Andon));
    let copies = copies(&case.database).into_iter().chain(kept(layout, &case.database));
    objects.extend(copies.map(|path| (path, Maker::Andon)));
    let mut findings = judge(case.home.home.path(), &objects);
    if layout.database().is_symlink() {
        let (from, to) = (layout.database().display(), case.database.display());
        findings.push(Finding::note(format!("{from} is a link to {to}")));
    }
    or_ok(findings, "private to its user")
}

fn or_ok(mut findings: Vec<Finding>, text: &str) -> Vec<Finding> {
    if findings.is_empty() {
        findings.push(Finding::ok(text));
    }
    findings
}

/// Copies of the board that Andon put beside it.
fn copies(database: &Path) -> Vec<PathBuf> {
    let (Some(directory), Some(name)) = (database.parent(), database.file_name()) else {
        return Vec::new();
    };
    let entries = std::fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok);
    let is_copy = |path: &PathBuf| {
        let own = path.file_name().unwrap_or_default().to_string_lossy();
        own.strip_prefix(&*name.to_string_lossy())
            .is_some_and(|rest| rest.contains("-andon-") && rest.ends_with(".bak"))
    };
    entries.map(|entry| entry.path()).filter(is_copy).collect()
}

/// The directory of backups, which the peer does not know, and what Andon put into it.
fn kept(layout: &Layout, database: &Path) -> Vec<PathBuf> {
    let directory = layout.backups();
    let base = directory.join(database.file_name().unwrap_or_default());
    // Where there is no such directory, or it cannot be read, no copies are known.
    let copies = backups(database, directory).unwrap_or_default().into_iter().map(|copy| copy.path);
    let others = [beside(&base, ".andon.new"), beside(&base, ".lock")];
    // Who may write there can make a link of such a name; what it leads to is not Andon's.
    let made = copies.chain(others).filter(|path| !path.is_symlink());
    std::iter::once(directory.to_owned()).chain(made).collect()
}

fn judge(home: &Path, objects: &[(PathBuf, Maker)]) -> Vec<Finding> {
    let me = rustix::process::geteuid().as_raw();
    // What is not there cannot be read by anybody.
    let owner = home.metadata().map_or(me, |found| found.uid());
    let found = objects.iter().filter_map(|(path, maker)| {
        let found = path.metadata().ok()?;
        foreign(path, &found, owner).or_else(|| open(path, &found, *maker, me))
    });
    found.collect()
}

fn foreign(path: &Path, found: &Metadata, owner: u32) -> Option<Finding> {
    if found.uid() == owner {
        return None;
    }
    let (path, uid) = (path.display(), found.uid());
    Some(Finding::warning(
        format!("{path} belongs to user {uid}, the home to user {owner}"),
        format!("give it to the home's user: `chown {owner} {path}`"),
    ))
}

fn open(path: &Path, found: &Metadata, maker: Maker, me: u32) -> Option<Finding> {
    let mode = found.mode() & RIGHTS;
    if mode & OTHERS == 0 {
        return None;
    }
    let shown = path.display();
    let remedy = format!("take their rights away: `chmod go= {shown}`");
    let may_mend = maker == Maker::Andon && (me == 0 || found.uid() == me);
    let finding = if mode & OTHERS_WRITE != 0 {
        Finding::problem(format!("other users may change {shown} (mode {mode:04o})"), remedy)
    } else {
        Finding::warning(format!("other users may read {shown} (mode {mode:04o})"), remedy)
    };
    let fix = Fix::Mode { path: path.to_owned(), mode: mode & !OTHERS };
    Some(if may_mend { finding.fix(fix) } else { finding })
}

/// What a person wrote may be read by all, unless it says otherwise itself; but who may change it
/// decides what is started.
fn written_by_hand(files: &[PathBuf]) -> Vec<Finding> {
    let found = files.iter().filter_map(|path| {
        let mode = path.metadata().ok()?.mode() & RIGHTS;
        (mode & OTHERS_WRITE != 0).then(|| {
            let shown = path.display();
            Finding::problem(
                format!("other users may change {shown} (mode {mode:04o}), and so what is started"),
                format!("take that right away: `chmod go-w {shown}`"),
            )
        })
    });
    found.collect()
}

/// The directories and links on the way to the home: who may replace one of them owns the boards.
fn way(home: &Path) -> Vec<Finding> {
    let me = rustix::process::geteuid().as_raw();
    let mut findings = Vec::new();
    for step in home.ancestors() {
        let Ok(found) = step.symlink_metadata() else { continue };
        let shown = step.display();
        let is_trusted = [0, me].contains(&found.uid());
        if found.is_symlink() && !is_trusted {
            findings.push(Finding::problem(
                format!("the way to the home leads over {shown}, a link of user {}", found.uid()),
                "name the home by a path without that link",
            ));
        } else if found.is_symlink() {
            findings
                .push(Finding::note(format!("the way to the home leads over the link {shown}")));
        }
    }
    let above = home.canonicalize().unwrap_or_else(|_| home.to_owned());
    for step in above.ancestors().skip(1) {
        let Ok(found) = step.metadata() else { continue };
        let mode = found.mode() & RIGHTS;
        if mode & OTHERS_WRITE != 0 && mode & STICKY == 0 {
            let shown = step.display();
            findings.push(Finding::warning(
                format!("other users may replace what lies in {shown} (mode {mode:04o})"),
                format!("take that right away: `chmod go-w {shown}`, or move the home"),
            ));
        }
    }
    findings
}
