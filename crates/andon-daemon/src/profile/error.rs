//! What can be wrong with profiles, and what can keep a profile from starting a worker.

use std::io;
use std::path::PathBuf;

use andon_core::id::{Assignee, TaskId};

use super::check::Problem;
use crate::env::NotUnicode;
use crate::home::HomeError;
use crate::toml_text::{FileError, ReadError};

/// Profiles that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Something in `profiles.toml`.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// The directory of a Hermes home's profiles cannot be listed.
    #[error("cannot list the profiles in {path}", path = path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ProfileError {
    /// What the person can do about it, where there is something.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::File(error) => error.hint.clone(),
            Self::Unreadable(_) | Self::Directory { .. } => None,
        }
    }
}

/// Why a worker's command or environment cannot be made for a task.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The profile is for people and outside workers.
    #[error("profile {0} is manual: nothing is started for it")]
    Manual(Assignee),
    /// The command has `{model}` and the task names none.
    #[error("profile {profile} puts a model into its command, but task {task} names none")]
    NoModel {
        /// The profile.
        profile: Assignee,
        /// The task.
        task: TaskId,
    },
    /// An argument that is the body, and no body.
    #[error("profile {profile} runs the body of task {task}, which is empty")]
    EmptyBody {
        /// The profile.
        profile: Assignee,
        /// The task.
        task: TaskId,
    },
    /// An argument that the system does not take.
    #[error(
        "argument {template} of profile {profile} is {bytes} bytes for task {task}; \
         the system takes {max}",
        max = super::start::ARGUMENT_BYTES_MAX
    )]
    TooLong {
        /// The profile.
        profile: Assignee,
        /// The task.
        task: TaskId,
        /// The argument as the profile has it.
        template: String,
        /// Its size when filled.
        bytes: usize,
    },
    /// An argument with a NUL character.
    #[error("argument {template} of profile {profile} has a NUL character for task {task}")]
    Nul {
        /// The profile.
        profile: Assignee,
        /// The task.
        task: TaskId,
        /// The argument as the profile has it.
        template: String,
    },
    /// A variable that the profile needs is not set.
    #[error("profile {profile} needs environment variable {name}, which is not set")]
    MissingVariable {
        /// The profile.
        profile: Assignee,
        /// The variable.
        name: String,
    },
    /// The program of the command cannot be found.
    #[error("profile {profile}: {problem}")]
    NoProgram {
        /// The profile.
        profile: Assignee,
        /// What is wrong with it.
        problem: Problem,
    },
    /// The Hermes program cannot be found.
    #[error("the hermes program cannot be found: {0}")]
    NoHermes(String),
    /// The Hermes root cannot be told.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A path that cannot be handed on as text.
    #[error("path {path:?} is not valid Unicode")]
    BadPath {
        /// The path.
        path: PathBuf,
    },
    /// A variable that is not text.
    #[error(transparent)]
    NotUnicode(#[from] NotUnicode),
}

impl StartError {
    /// What the person can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Manual(_) => "claim the task with `andon claim`".to_owned(),
            Self::NoModel { .. } => {
                "name a model on the task, or move the argument to `model_args`".to_owned()
            }
            Self::EmptyBody { .. } => "give the task a body".to_owned(),
            Self::TooLong { .. } => {
                "use {prompt}, and let the worker read the task itself".to_owned()
            }
            Self::Nul { .. } => "take the NUL character out of the task".to_owned(),
            Self::MissingVariable { name, .. } => format!(
                "set {name} where the dispatcher runs, or write \"{name}?\" if it may be missing"
            ),
            Self::NoProgram { problem, .. } => problem.hint(),
            Self::NoHermes(_) => "install hermes, or set HERMES_BIN to its path".to_owned(),
            Self::Home(error) => error.hint(),
            Self::BadPath { .. } => "use a path of plain text".to_owned(),
            Self::NotUnicode(error) => format!("correct or unset {}", error.name),
        }
    }
}
