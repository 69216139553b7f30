//! Whether a profile can work here: looks at files and variables, starts nothing.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use super::{Action, Argument, Need, Preset, Profile, hermes};
use crate::env::Env;

/// Most directories of a search path that are looked into; longer ones are accidents.
const PATH_DIRS_MAX: usize = 1_000;

/// Where programs are looked for without a `PATH`, as by the C library (`execvp(3)`).
const PATH_DEFAULT: &str = "/bin:/usr/bin";

/// Something that keeps a profile from working.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The program is in none of the directories of `PATH`.
    #[error("program `{program}` is not on the PATH")]
    NotOnPath {
        /// The program.
        program: String,
    },
    /// The program's path leads nowhere.
    #[error("program {path} does not exist", path = path.display())]
    NoSuchProgram {
        /// The path.
        path: PathBuf,
    },
    /// There is something, and it cannot be run.
    #[error("{path} is not an executable file", path = path.display())]
    NotExecutable {
        /// The path.
        path: PathBuf,
    },
    /// `HERMES_BIN` and the path lead to no program.
    #[error("{0}")]
    NoHermes(String),
    /// A variable that the profile needs.
    #[error("environment variable {name} is not set")]
    MissingVariable {
        /// The variable.
        name: String,
    },
}

impl Problem {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::NotOnPath { program } => format!(
                "install `{program}`, or write its full path as the first word of `command`"
            ),
            Self::NoSuchProgram { .. } => "correct the first word of `command`".to_owned(),
            Self::NotExecutable { path } => {
                format!("make it executable with `chmod +x {}`", path.display())
            }
            Self::NoHermes(_) => {
                format!("install hermes, or set {} to its path", hermes::PROGRAM_VARIABLE)
            }
            Self::MissingVariable { name } => format!(
                "set {name} where the dispatcher runs, or write \"{name}?\" if it may be missing"
            ),
        }
    }
}

/// Finds everything that keeps `profile` from working; `env` is the dispatcher's.
pub fn check(profile: &Profile, env: &Env) -> Vec<Problem> {
    let missing = profile
        .env
        .iter()
        .filter(|wanted| wanted.need == Need::Required && env.raw(&wanted.name).is_none())
        .filter(|wanted| profile.set.iter().all(|(fixed, _)| fixed != wanted.name))
        .map(|wanted| Problem::MissingVariable { name: wanted.name.clone() });
    program_problem(profile, env).into_iter().chain(missing).collect()
}

fn program_problem(profile: &Profile, env: &Env) -> Option<Problem> {
    let Action::Start(command) = &profile.action else { return None };
    let Some(Argument::One(first)) = command.argv.first() else { return None };
    // A program that depends on the task cannot be judged without one.
    let program = first.literal()?;
    if profile.preset == Some(Preset::Hermes) && program == hermes::PROGRAM {
        return hermes::executable(env).err().map(|error| Problem::NoHermes(error.to_string()));
    }
    // The worker looks for its program by its own path, which the profile may set.
    let mut worker_env = env.clone();
    profile.set.iter().for_each(|(name, value)| worker_env.set(name, value));
    find_program(program, &worker_env).err()
}

/// Finds a program as `execvp` would, but never in an empty or relative directory of the path:
/// what is found must not depend on where one stands. A relative path with a slash is taken
/// from the workspace and cannot be checked.
pub(super) fn find_program(program: &str, env: &Env) -> Result<PathBuf, Problem> {
    let named = Path::new(program);
    if named.is_absolute() {
        return executable_file(named).map(|()| named.to_owned());
    }
    if program.contains('/') {
        return Ok(named.to_owned());
    }
    let mut refused = None;
    let path = env.raw("PATH").unwrap_or(OsStr::new(PATH_DEFAULT));
    for dir in std::env::split_paths(path).take(PATH_DIRS_MAX) {
        if !dir.is_absolute() {
            continue;
        }
        let candidate = dir.join(program);
        match executable_file(&candidate) {
            Ok(()) => return Ok(candidate),
            Err(problem @ Problem::NotExecutable { .. }) => refused = refused.or(Some(problem)),
            Err(_) => {}
        }
    }
    Err(refused.unwrap_or_else(|| Problem::NotOnPath { program: program.to_owned() }))
}

/// Checks that `path` is a file that may be run.
pub(super) fn executable_file(path: &Path) -> Result<(), Problem> {
    match path.metadata() {
        Err(_) => Err(Problem::NoSuchProgram { path: path.to_owned() }),
        Ok(metadata) if metadata.is_file() && access(path, Access::EXEC_OK).is_ok() => Ok(()),
        Ok(_) => Err(Problem::NotExecutable { path: path.to_owned() }),
    }
}
