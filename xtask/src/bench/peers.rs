//! The peers: installed at fixed versions below the build directory, called through the scripts in
//! `bench/`. Versions stand in `bench/requirements.txt` and `bench/package.json` and nowhere else.

use std::cell::OnceCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::TaskError;
use crate::{process, tree};

use super::answer::{Done, Versions};
use super::client;

/// A package index has bad minutes, not bad hours: three tries tell them apart.
const INSTALL_ATTEMPTS_MAX: u32 = 3;

/// Where the peers are, once they are there.
pub(super) struct Peers {
    python: PathBuf,
    node: PathBuf,
    python_ready: OnceCell<()>,
    node_ready: OnceCell<()>,
}

/// The names by which the report calls them.
pub(super) const HERMES: &str = "hermes-agent";
pub(super) const HUEY: &str = "huey";
pub(super) const PLAINJOB: &str = "plainjob";

impl Peers {
    /// Names their places; nothing is installed yet.
    pub(super) fn below(target: &Path) -> Self {
        Self {
            python: target.join("peer-venv"),
            node: target.join("peer-node"),
            python_ready: OnceCell::new(),
            node_ready: OnceCell::new(),
        }
    }

    /// hermes-agent's board in a file, with a home of its own beside it.
    pub(super) fn hermes(&self, verb: &str, board: &Path) -> Result<Command, TaskError> {
        let mut command = self.script("hermes.py", verb)?;
        with_home(&mut command, board);
        command.arg(board);
        Ok(command)
    }

    /// Makes a board of hermes-agent's.
    pub(super) fn hermes_init(&self, board: &Path) -> Result<Done, TaskError> {
        client::ask(&mut self.hermes("init", board)?)
    }

    /// The peer's own command line, with the home that the board lies in.
    pub(super) fn hermes_program(&self, board: &Path) -> Result<Command, TaskError> {
        self.provide_python()?;
        let mut command = Command::new(self.python.join("bin/hermes"));
        with_home(&mut command, board);
        Ok(command)
    }

    pub(super) fn huey(&self, verb: &str) -> Result<Command, TaskError> {
        self.script("huey_queue.py", verb)
    }

    pub(super) fn plainjob(&self, verb: &str) -> Result<Command, TaskError> {
        self.provide_node()?;
        let mut command = Command::new("node");
        command.arg(scripts().join("plainjob.mjs")).arg(verb).arg(&self.node);
        Ok(command)
    }

    /// Every peer's versions, as the installed programs give them.
    pub(super) fn versions(&self) -> Result<Vec<(&'static str, Versions)>, TaskError> {
        Ok(vec![
            (HERMES, client::ask(&mut self.script("hermes.py", "versions")?)?),
            (HUEY, client::ask(&mut self.huey("versions")?)?),
            (PLAINJOB, client::ask(&mut self.plainjob("versions")?)?),
        ])
    }

    fn script(&self, name: &str, verb: &str) -> Result<Command, TaskError> {
        self.provide_python()?;
        let mut command = Command::new(self.python.join("bin/python"));
        // Byte code is kept out of the checkout.
        command.env("PYTHONDONTWRITEBYTECODE", "1").arg(scripts().join(name)).arg(verb);
        Ok(command)
    }

    fn provide_python(&self) -> Result<(), TaskError> {
        once(&self.python_ready, || {
            let python = self.python.join("bin/python");
            if !python.exists() {
                process::run(Command::new("python3").args(["-m", "venv"]).arg(&self.python))?;
            }
            install("bench/requirements.txt", &self.python, || {
                let mut command = Command::new(&python);
                command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
                command.arg("-r").arg(scripts().join("requirements.txt"));
                command
            })
        })
    }

    fn provide_node(&self) -> Result<(), TaskError> {
        once(&self.node_ready, || {
            fs::create_dir_all(&self.node).map_err(TaskError::file("create", &self.node))?;
            let wanted = tree::read("bench/package.json")?;
            let package = self.node.join("package.json");
            fs::write(&package, wanted).map_err(TaskError::file("write", &package))?;
            install("bench/package.json", &self.node, || {
                let mut command = Command::new("npm");
                command
                    .args(["install", "--no-audit", "--no-fund"])
                    .arg("--prefix")
                    .arg(&self.node);
                command.current_dir(&self.node);
                command
            })
        })
    }
}

/// The peer finds board and home by variables; whatever the caller has set is not for this board.
fn with_home(command: &mut Command, board: &Path) {
    let home = board.parent().expect("a board lies in a directory");
    command.env("HERMES_HOME", home).env("HERMES_KANBAN_HOME", home);
    command.env("HERMES_KANBAN_DB", board).env_remove("HERMES_KANBAN_BOARD");
}

fn scripts() -> PathBuf {
    tree::root().join("bench")
}

/// Does it unless it was done before.
fn once(
    done: &OnceCell<()>,
    work: impl FnOnce() -> Result<(), TaskError>,
) -> Result<(), TaskError> {
    if done.get().is_none() {
        work()?;
        done.get_or_init(|| ());
    }
    Ok(())
}

/// Installs what a file of the checkout names, unless that very text was installed before.
fn install(wanted: &str, place: &Path, command: impl Fn() -> Command) -> Result<(), TaskError> {
    let text = tree::read(wanted)?;
    let mark = place.join("installed-for-bench");
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == text) {
        return Ok(());
    }
    let mut attempt = 1;
    loop {
        eprintln!("installing {wanted}, attempt {attempt} of {INSTALL_ATTEMPTS_MAX}");
        match process::run(&mut command()) {
            Ok(()) => return fs::write(&mark, text).map_err(TaskError::file("write", &mark)),
            Err(error) if attempt == INSTALL_ATTEMPTS_MAX => return Err(error),
            Err(error) => eprintln!("{error}; trying again"),
        }
        attempt += 1;
    }
}
