//! The home of a demo: temporary, with settings that make a retry come soon, one profile, a board
//! and its first task.

use crate::demo_step::{DEMO_STEP_VERB, PROFILE, Step};
use crate::equipment::{self, Equipment};
use crate::error::CliError;
use crate::random;
use crate::target::new_op;
use andon_core::actor::{Actor, ActorKind, Surface};
use andon_core::command::Command as BoardCommand;
use andon_core::command::cancel::Cancel;
use andon_core::command::pause::{SetPause, Turn};
use andon_core::id::BoardSlug;
use andon_core::policy::Policy;
use andon_daemon::dispatcher::{StartMode, Unobserved};
use andon_daemon::env::Env;
use andon_daemon::home::{Home, Layout};
use andon_daemon::private::{self, Durability};
use andon_store::{Read, Request, Store};
use andon_store_sqlite::{Options, SqliteStore};
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

/// Short waits, so that a retry can be watched; the defaults are for work that takes minutes.
const CONFIG: &str = "[dispatch]\nmax_in_progress = 4\n\n\
    [retry]\nfailure_limit = 3\nretry_wait_seconds = 2\nspawn_wait_seconds = 1\n";

/// Prefixes of variables that could change the demo: those of the caller's own board.
const OURS: [&str; 2] = ["ANDON_", "HERMES_KANBAN_"];

/// A demo that can begin.
pub(super) struct Scene {
    /// The directory to survey.
    pub(super) dir: PathBuf,
    /// The temporary home.
    pub(super) home: Home,
    /// The board's paths.
    pub(super) layout: Layout,
    /// Where the report goes.
    pub(super) out: PathBuf,
    /// What the dispatcher works with.
    pub(super) equipment: Equipment,
}

impl Scene {
    /// Makes the home, the board and the first task.
    pub(super) fn set(dir: &Path, env: &Env) -> Result<Self, CliError> {
        let failed = |error| CliError::io(format!("cannot survey {}", dir.display()), &error);
        let dir = dir.canonicalize().map_err(failed)?;
        if !dir.is_dir() {
            let message = format!("{} is not a directory", dir.display());
            return Err(CliError::user("not_a_directory", message));
        }
        let env = without_ours(env);
        let path = make_home()?;
        let out = path.join("report");
        make_dir(&out)?;
        write(&path.join("config.toml"), CONFIG)?;
        write(&path.join("profiles.toml"), &profiles())?;
        let home = Home::resolve(Some(&path), &env)?;
        let layout = Layout::new(&home, &BoardSlug::default_board());
        let environment = equipment::environment(Policy::default());
        drop(SqliteStore::create(layout.database(), Options::default(), environment)?);
        let equipment = Equipment {
            home: home.clone(),
            program: equipment::this_program()?,
            env: Arc::new(env),
            open_files: None,
            arguments: Vec::new(),
            mode: StartMode::Alone,
            observer: Arc::new(Unobserved),
        };
        first_task(&equipment, &Step::List { dir: dir.clone(), out: out.clone() })?;
        Ok(Self { dir, home, layout, out, equipment })
    }

    /// Opens the board.
    pub(super) fn open(&self) -> Result<SqliteStore, CliError> {
        let config = self.equipment.config(&self.layout)?;
        let environment = equipment::environment(config.policy);
        Ok(SqliteStore::open(self.layout.database(), Options::default(), environment)?)
    }

    /// Breaks off: nothing more starts, and what runs is ended by its runners.
    pub(super) fn cancel_all(&self, store: &SqliteStore) {
        let reason = Some("the demo was broken off".to_owned());
        let apply = |command: BoardCommand| {
            let actor =
                Actor { kind: ActorKind::Human, name: "demo".to_owned(), surface: Surface::Cli };
            // A task that has just ended cannot be cancelled, and a board in trouble is reported
            // by the demo's end, which finds what is left.
            drop(store.apply(Request { op: new_op(), actor, command }));
        };
        apply(SetPause { turn: Turn::Pause { reason: reason.clone() } }.into());
        for row in store.run_open_list().unwrap_or_default() {
            apply(Cancel { task: row.task, reason: reason.clone() }.into());
        }
    }
}

fn without_ours(env: &Env) -> Env {
    let is_ours = |name: &str| OURS.iter().any(|prefix| name.starts_with(prefix));
    Env::from_pairs(env.iter().filter(|(name, _)| !is_ours(name)))
}

fn profiles() -> String {
    format!(
        "[profiles.{PROFILE}]\ndescription = \"counts what is in a directory\"\n\
         command = [\"{{andon}}\", \"{DEMO_STEP_VERB}\"]\non_exit_zero = \"violates\"\n"
    )
}

fn make_home() -> Result<PathBuf, CliError> {
    let name = format!("andon-demo-{:08x}", random::bits());
    let path = std::env::temp_dir().join(name);
    make_dir(&path)?;
    path.canonicalize().map_err(|error| CliError::io("cannot find the demo's home", &error))
}

fn make_dir(path: &Path) -> Result<(), CliError> {
    let failed = |error| CliError::io(format!("cannot make {}", path.display()), &error);
    DirBuilder::new().mode(0o700).create(path).map_err(failed)
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
    let failed = |error| CliError::io(format!("cannot write {}", path.display()), &error);
    private::replace(path, text.as_bytes(), Durability::Unsynced).map_err(failed)
}

/// Makes the first task as anybody would: by the public verb.
fn first_task(equipment: &Equipment, step: &Step) -> Result<(), CliError> {
    let body = serde_json::to_string(step).map_err(|error| {
        CliError::user("bad_path", format!("cannot name the directory: {error}"))
    })?;
    let output = Command::new(&equipment.program)
        .args(["create", "List the parts", "--assignee", PROFILE, "--body", &body, "--home"])
        .arg(equipment.home.path())
        .env_clear()
        .envs(equipment.env.iter())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| CliError::io("cannot make the demo's first task", &error))?;
    if output.status.success() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&output.stderr);
    Err(CliError::internal(&format!("the demo's first task was refused: {}", why.trim())))
}
