//! `deleted_files` and `open_files`: which processes have the board's files open, by the kernel's
//! list. The files themselves are never opened for that.

use crate::commands::doctor::case::{BoardCase, database_files};
use crate::commands::doctor::finding::Finding;
use crate::commands::doctor::program::{Kind, Program};
use andon_proc::open_files::{Name, OpenFile};
use std::collections::BTreeMap;

/// Open files of this board by process, without our own.
fn by_process(
    case: &BoardCase<'_>,
    name: Name,
) -> Result<BTreeMap<i32, Vec<&'static str>>, String> {
    let own = rustix::process::getpid().as_raw_pid();
    let files = database_files(&case.database);
    let what = |open: &OpenFile| {
        let found = files.iter().find(|(path, _)| *path == open.path);
        found.map(|(_, what)| *what)
    };
    let mut processes: BTreeMap<i32, Vec<&'static str>> = BTreeMap::new();
    let open = case.home.open_files()?;
    for open in open.found.iter().filter(|open| open.name == name && open.pid != own) {
        if let Some(what) = what(open) {
            processes.entry(open.pid).or_default().push(what);
        }
    }
    Ok(processes)
}

pub(super) fn deleted_files(case: &BoardCase<'_>) -> Vec<Finding> {
    let processes = match by_process(case, Name::Deleted) {
        Ok(processes) => processes,
        Err(error) => return vec![Finding::not_made(error)],
    };
    if processes.is_empty() {
        return vec![Finding::ok(in_sight(
            case,
            "no process has a deleted file of the board open",
        ))];
    }
    let told = processes.into_iter().map(|(pid, files)| {
        let program = Program::of(pid);
        let remedy = match program.kind {
            Kind::Own => format!("end process {pid}: it has noticed, and writes nothing any more"),
            Kind::Peer | Kind::Other => format!(
                "end process {pid} now: what it writes is lost, and its checkpoints damage the \
                 board; then check again, and keep `andon guard` running beside such programs"
            ),
        };
        let files = files.join(" and ");
        let text = format!("{program} works on a {files} of this board that was deleted under it");
        Finding::problem(text, remedy)
    });
    told.collect()
}

pub(super) fn open_files(case: &BoardCase<'_>) -> Vec<Finding> {
    let processes = match by_process(case, Name::Kept) {
        Ok(processes) => processes,
        Err(error) => return vec![Finding::not_made(error)],
    };
    let (mut own, mut findings) = (0, Vec::new());
    for (pid, files) in processes {
        let program = Program::of(pid);
        let files = files.join(", ");
        match program.kind {
            Kind::Own => own += 1,
            Kind::Peer if !case.holders().is_guarded => findings.push(Finding::warning(
                format!("{program} of the peer has the {files} open, and nobody guards the board"),
                "run `andon guard` or `andon up`: while one of them runs, no process of the peer \
                 can take the log away",
            )),
            Kind::Peer => findings.push(Finding::note(format!(
                "{program} of the peer has the {files} open; the board is guarded"
            ))),
            Kind::Other => {
                findings.push(Finding::note(format!("{program} has the {files} open")));
            }
        }
    }
    if findings.is_empty() {
        let text = match own {
            0 => "no other process has the board open".to_owned(),
            1 => "one process of Andon has the board open, and no other".to_owned(),
            own => format!("{own} processes of Andon have the board open, and no others"),
        };
        findings.push(Finding::ok(in_sight(case, &text)));
    }
    findings
}

/// Says so where this user may not look into every process.
fn in_sight(case: &BoardCase<'_>, text: &str) -> String {
    match case.home.open_files().map(|open| open.out_of_sight) {
        Ok(0) | Err(_) => text.to_owned(),
        Ok(hidden) => format!("{text}, as far as can be seen: {hidden} processes of others hide"),
    }
}
