//! What only workers of the peer need: where its program is, and the environment that its own
//! dispatcher gives them (dispatch reference §9.2, §9.4, §9.5).

use std::path::{Component, Path, PathBuf};

use andon_core::time::Seconds;

use super::check::find_program;
use super::start::text_of;
use super::{Profile, StartError, WorkerFacts};
use crate::env::Env;
use crate::home::{HomeKind, expand_tilde, hermes_root};

/// The program as the preset names it; any other name is taken as it is.
pub(super) const PROGRAM: &str = "hermes";

/// Names the program.
pub(super) const PROGRAM_VARIABLE: &str = "HERMES_BIN";

/// Time that the worker's terminal calls must end before the run does, so that the worker can
/// still say how it ended.
const TERMINAL_GRACE: Seconds = Seconds(30);

/// Terminal time limits that the peer knows.
const TERMINAL_TIMEOUTS: [&str; 2] = ["TERMINAL_TIMEOUT", "TERMINAL_MAX_FOREGROUND_TIMEOUT"];

/// Finds the program: `HERMES_BIN` as a path or a name, else `hermes` on the path. The peer
/// would go on to its own interpreter's module; there is no such interpreter here.
pub(super) fn executable(env: &Env) -> Result<PathBuf, StartError> {
    let Some(named) = env.text(PROGRAM_VARIABLE)? else {
        return find_program(PROGRAM, env).map_err(|error| StartError::NoHermes(error.to_string()));
    };
    let path = expand_tilde(Path::new(named), env)?;
    let is_name = matches!(path.components().collect::<Vec<_>>()[..], [Component::Normal(_)])
        && !named.contains('/');
    let found = if is_name {
        find_program(named, env)
    } else if path.is_absolute() {
        super::check::executable_file(&path).map(|()| path)
    } else {
        let problem = format!("{PROGRAM_VARIABLE} is the relative path {named}");
        return Err(StartError::NoHermes(problem));
    };
    found.map_err(|error| StartError::NoHermes(format!("{PROGRAM_VARIABLE}: {error}")))
}

/// Adds the peer's names for what the worker is told.
pub(super) fn add_environment(
    worker: &mut Env,
    profile: &Profile,
    facts: &WorkerFacts<'_>,
    env: &Env,
) -> Result<(), StartError> {
    let always = [
        ("HERMES_KANBAN_HOME", text_of(facts.home.path())?),
        ("HERMES_KANBAN_TASK", facts.task.to_string()),
        ("HERMES_KANBAN_WORKSPACE", text_of(facts.workspace)?),
        ("HERMES_KANBAN_RUN_ID", facts.run.to_string()),
        ("HERMES_KANBAN_CLAIM_LOCK", facts.claim_lock.to_string()),
        ("HERMES_KANBAN_DB", text_of(facts.layout.database())?),
        ("HERMES_KANBAN_WORKSPACES_ROOT", text_of(facts.layout.workspaces())?),
        ("HERMES_KANBAN_BOARD", facts.board().to_string()),
        ("HERMES_PROFILE", profile.name.to_string()),
    ];
    always.into_iter().for_each(|(name, value)| worker.set(name, value));
    let is_fixed = profile.set.iter().any(|(name, _)| name == "HERMES_HOME");
    if !is_fixed && let Some(dir) = profile_home(profile, facts, env)? {
        worker.set("HERMES_HOME", dir);
    }
    if facts.workspace.is_absolute() && facts.workspace.is_dir() {
        worker.set("TERMINAL_CWD", facts.workspace);
    }
    for (name, value) in [("HERMES_TENANT", facts.tenant), ("HERMES_KANBAN_BRANCH", facts.branch)] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            worker.set(name, value);
        }
    }
    if let Some(goal) = facts.goal {
        worker.set("HERMES_KANBAN_GOAL_MODE", "1");
        if let Some(turns) = goal.turns_max {
            worker.set("HERMES_KANBAN_GOAL_MAX_TURNS", turns.to_string());
        }
    }
    for name in TERMINAL_TIMEOUTS {
        if let Some(seconds) = terminal_timeout(facts.max_runtime, worker.text(name)?) {
            worker.set(name, seconds.0.to_string());
        }
    }
    worker.remove("HERMES_TUI");
    Ok(())
}

/// The directory of the worker's Hermes profile, if it exists; else the worker inherits what
/// the dispatcher has.
fn profile_home(
    profile: &Profile,
    facts: &WorkerFacts<'_>,
    env: &Env,
) -> Result<Option<PathBuf>, StartError> {
    let root = match facts.home.kind() {
        HomeKind::Hermes => Some(facts.home.path().to_owned()),
        HomeKind::Own => hermes_root(env)?,
    };
    let dir = root.map(|root| match profile.name.as_str() {
        "default" => root,
        name => root.join("profiles").join(name),
    });
    Ok(dir.filter(|dir| dir.is_dir()))
}

/// The limit to set for terminal calls of a run that may last `max_runtime`, given the one that
/// is set already; none if that one does.
pub fn terminal_timeout(max_runtime: Option<Seconds>, existing: Option<&str>) -> Option<Seconds> {
    let runtime = max_runtime.filter(|runtime| runtime.0 > 0)?;
    let wanted = runtime.0.saturating_sub(TERMINAL_GRACE.0).max(1);
    let existing = existing.and_then(|text| text.trim().parse::<i64>().ok()).unwrap_or(0);
    (existing < wanted).then_some(Seconds(wanted))
}
