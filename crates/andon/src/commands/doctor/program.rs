//! Whose a process is: ours, the peer's, or another program's. Names are for people; nothing else
//! depends on them.

use andon_proc::process;
use std::path::{Path, PathBuf};

/// Name of the peer's program and package, as it stands in arguments.
const PEER: &str = "hermes";

/// A process, named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) struct Program {
    /// Its number.
    pub(super) pid: i32,
    /// Its program's name.
    pub(super) name: String,
    /// Whose it is.
    pub(in crate::commands) kind: Kind,
    /// The file that was started, as far as the arguments tell.
    pub(super) started: Option<PathBuf>,
    /// Whether it stands still, after a signal or under a debugger.
    pub(super) is_stopped: bool,
}

/// Whose a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Kind {
    /// Andon.
    Own,
    /// The peer.
    Peer,
    /// Any other program.
    Other,
}

impl Program {
    /// Looks at a process. One that has ended has no name.
    pub(in crate::commands) fn of(pid: i32) -> Self {
        let arguments: Vec<PathBuf> =
            process::arguments(pid).unwrap_or_default().into_iter().map(PathBuf::from).collect();
        let name = process::program(pid).unwrap_or_else(|| "ended".to_owned());
        let kind = kind(&name, process::executable(pid).as_deref(), &arguments);
        let is_stopped = process::read(pid).is_ok_and(|stat| stat.is_stopped());
        Self { pid, name, kind, started: started(&arguments), is_stopped }
    }
}

impl std::fmt::Display for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "process {} ({})", self.pid, self.name)
    }
}

/// The script that an interpreter was started with, or the program itself.
fn started(arguments: &[PathBuf]) -> Option<PathBuf> {
    let script = arguments.get(1).filter(|path| path.is_absolute());
    script.or(arguments.first()).cloned()
}

fn kind(name: &str, executable: Option<&Path>, arguments: &[PathBuf]) -> Kind {
    let own = std::env::current_exe().ok();
    let file_name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let is_own = own.is_some() && executable == own.as_deref()
        || executable.and_then(file_name).is_some_and(|name| name.starts_with("andon"));
    if is_own {
        return Kind::Own;
    }
    // An interpreter is known by what it runs: a script of that name, or `-m hermes_cli…`.
    let of_peer = |path: &PathBuf| {
        file_name(path).is_some_and(|name| name == PEER || name.starts_with("hermes-"))
    };
    let is_module = arguments
        .windows(2)
        .any(|pair| pair[0].as_os_str() == "-m" && pair[1].to_string_lossy().starts_with(PEER));
    if name == PEER || is_module || arguments.iter().take(2).any(of_peer) {
        return Kind::Peer;
    }
    Kind::Other
}
