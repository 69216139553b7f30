//! `peer`: copies of the peer that are known to damage boards, told by the files of their
//! installation. Nothing of the peer is started.

use crate::commands::doctor::case::{HomeCase, resolved};
use crate::commands::doctor::finding::Finding;
use crate::commands::doctor::program::{Kind, Program};
use andon_daemon::env::Env;
use andon_daemon::home::hermes_root;
use andon_proc::process;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The newest release of which it is known that it damages boards: after every commit it opens and
/// closes the database beside SQLite, which gives up the locks that keep the log in its place.
const DAMAGING_MAX: Version = Version(0, 19, 0);

/// Names under which the peer is started.
const PROGRAMS: [&str; 2] = ["hermes", "hermes-agent"];

/// Its package, as it stands among the installed ones.
const PACKAGE: &str = "hermes_agent-";

/// Longest first line of a script that is read.
const FIRST_LINE_BYTES_MAX: u64 = 4 << 10;

/// Most directories of the search path that are looked into.
const PATH_DIRS_MAX: usize = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Version(u64, u64, u64);

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

pub(super) fn look(case: &HomeCase) -> Vec<Finding> {
    let mut copies: BTreeMap<PathBuf, Vec<i32>> =
        on_path(&case.env).into_iter().map(|program| (program, Vec::new())).collect();
    for (program, started) in running(case) {
        copies.entry(started).or_default().push(program);
    }
    if copies.is_empty() {
        return vec![Finding::ok("no copy of the peer is on the PATH, and none runs on this home")];
    }
    copies.iter().map(|(program, pids)| told(program, pids)).collect()
}

fn told(program: &Path, pids: &[i32]) -> Finding {
    let shown = program.display();
    let runs = match pids {
        [] => "is installed".to_owned(),
        pids => {
            let pids: Vec<String> = pids.iter().map(ToString::to_string).collect();
            format!("runs as process {}", pids.join(", "))
        }
    };
    match version(program) {
        Some(version) if version <= DAMAGING_MAX => Finding::warning(
            format!(
                "the peer {version} at {shown} {runs}; up to {DAMAGING_MAX} it loses commits and \
                 damages boards"
            ),
            "keep `andon guard` or `andon up` running beside it: while one of them runs, it cannot",
        ),
        Some(version) => Finding::note(format!("the peer {version} at {shown} {runs}")),
        None => Finding::note(format!("the peer at {shown} {runs}, of an unknown release"))
            .remedy("keep `andon guard` running beside it if it may be old"),
    }
}

fn on_path(env: &Env) -> Vec<PathBuf> {
    let dirs = std::env::split_paths(env.raw("PATH").unwrap_or_default()).take(PATH_DIRS_MAX);
    // Several names in one directory are one installation.
    let program = |dir: PathBuf| {
        let mut candidates = PROGRAMS.iter().map(|name| dir.join(name));
        candidates.find(|path| path.is_absolute() && path.is_file())
    };
    dirs.filter_map(program).collect()
}

/// Running copies that have to do with this home, each with what was started.
fn running(case: &HomeCase) -> Vec<(i32, PathBuf)> {
    let mut found = Vec::new();
    for stat in process::all().unwrap_or_default() {
        let program = Program::of(stat.pid);
        if program.kind == Kind::Peer && is_about(case, stat.pid) {
            found.extend(program.started.map(|started| (stat.pid, started)));
        }
    }
    found
}

/// Whether a copy has a board of this home open, or would look for its boards here.
fn is_about(case: &HomeCase, pid: i32) -> bool {
    let open = case.open_files().map_or(&[][..], |open| open.found.as_slice());
    if open.iter().any(|open| open.pid == pid) {
        return true;
    }
    let Ok(environ) = std::fs::read(format!("/proc/{pid}/environ")) else { return false };
    let pairs = environ.split(|byte| *byte == 0).filter_map(|pair| {
        let (name, value) = std::str::from_utf8(pair).ok()?.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    });
    let env = Env::from_pairs(pairs);
    let named = env.raw("HERMES_KANBAN_HOME").map(PathBuf::from);
    let root = named.or_else(|| hermes_root(&env).ok().flatten());
    root.is_some_and(|root| resolved(&root) == resolved(case.home.path()))
}

/// The release of a copy: its script names an interpreter, and beside that lie the packages.
fn version(program: &Path) -> Option<Version> {
    let script = program.canonicalize().ok()?;
    let interpreter = interpreter(&script);
    let places = [Some(script), interpreter, Some(program.to_owned())];
    places.into_iter().flatten().find_map(|file| {
        let root = file.parent()?.parent()?;
        let libraries = std::fs::read_dir(root.join("lib")).ok()?.filter_map(Result::ok);
        libraries.map(|library| library.path().join("site-packages")).find_map(|dir| package(&dir))
    })
}

/// The program in the first line of a script. The file is no board, so that it may be opened.
fn interpreter(script: &Path) -> Option<PathBuf> {
    let mut line = String::new();
    let file = std::fs::File::open(script).ok()?.take(FIRST_LINE_BYTES_MAX);
    BufReader::new(file).read_line(&mut line).ok()?;
    let path = Path::new(line.strip_prefix("#!")?.split_whitespace().next()?).to_owned();
    path.is_absolute().then_some(path)
}

fn package(dir: &Path) -> Option<Version> {
    let names = std::fs::read_dir(dir).ok()?.filter_map(Result::ok);
    let names = names.filter_map(|entry| entry.file_name().into_string().ok());
    names.into_iter().find_map(|name| {
        let version = name.strip_prefix(PACKAGE)?.strip_suffix(".dist-info")?;
        let mut numbers = version.split('.').map(|part| {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            digits.parse::<u64>().unwrap_or(0)
        });
        let mut next = || numbers.next().unwrap_or(0);
        Some(Version(next(), next(), next()))
    })
}
