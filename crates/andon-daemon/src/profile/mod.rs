//! Profiles: which command works on a task, with what environment and within what limits.
//!
//! A profile comes from `profiles.toml`, from the built-in presets, or is a profile of a Hermes
//! home. This module reads them and makes argument lists and environments out of them; it
//! starts nothing. What a worker must do is written in `docs/profiles.md`.

mod check;
mod environment;
mod error;
mod field;
mod hermes;
mod parse;
mod quantity;
mod set;
mod start;
mod template;

pub use crate::toml_text::{FileError, Place, ReadError};
pub use check::{Problem, check};
use environment::environment;
pub use error::{ProfileError, StartError};
pub use hermes::terminal_timeout;
pub use quantity::{BadQuantity, Bytes, SIZE_MAX, SPAN_MAX, parse_size, parse_span};
pub use set::Profiles;
pub use start::{ARGUMENT_BYTES_MAX, CommandLine, Goal, WorkerFacts, command_line};
pub use template::{Group, Placeholder, Template, TemplateError};

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;

use andon_core::id::Assignee;
use andon_core::time::Seconds;

use crate::origin::Origin;

/// Time between the polite and the hard signal, unless a profile says (dispatch reference §0.6).
pub const GRACE: Seconds = Seconds(5);

/// Who works: a command, or a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name; tasks name it as their assignee.
    pub name: Assignee,
    /// The preset that it began with.
    pub preset: Option<Preset>,
    /// What it is for.
    pub description: String,
    /// What is started.
    pub action: Action,
    /// Variables passed on from the dispatcher's environment.
    pub env: Vec<EnvName>,
    /// Variables set to fixed values.
    pub set: FixedVariables,
    /// What an exit with 0 and without a closing call means.
    pub on_exit_zero: OnExitZero,
    /// What a run may use.
    pub limits: Limits,
    /// Where the profile was found.
    pub origin: Origin,
}

/// A built-in profile, as a beginning for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named like the program it starts")]
pub enum Preset {
    Shell,
    Claude,
    Codex,
    Gemini,
    Opencode,
    Hermes,
}

/// What is started for a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// This command.
    Start(Command),
    /// Nothing: a person or an outside worker claims the task.
    Manual,
}

/// An argument list with places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The program and its arguments; never empty.
    pub argv: Vec<Argument>,
    /// Arguments that name the task's model.
    pub model_args: Vec<Template>,
    /// Arguments that name one skill.
    pub skill_args: Vec<Template>,
    /// Arguments that ask for goal mode.
    pub goal_args: Vec<Template>,
}

/// One element of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// One argument.
    One(Template),
    /// The place of a group; a group without a place comes last.
    Group(Group),
}

/// A variable that a worker inherits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvName {
    /// Its name.
    pub name: String,
    /// Whether the worker can do without.
    pub need: Need,
}

/// Whether something must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It must.
    Required,
    /// It may be missing.
    Optional,
}

/// Variables with fixed values. The values may be secrets: they are not shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct FixedVariables(BTreeMap<String, String>);

impl FixedVariables {
    /// Names and values, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Shows the names only.
impl fmt::Debug for FixedVariables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What an exit with 0 means when the worker has neither completed nor blocked its task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnExitZero {
    /// The task is done: for scripts.
    Completes,
    /// The worker forgot to say how it ended: for agents.
    Violates,
}

/// What a run may use; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Time from start to end, unless the task says.
    pub time: Option<Seconds>,
    /// Memory of the whole process tree.
    pub memory: Option<Bytes>,
    /// Processor time of the whole process tree.
    pub cpu: Option<Seconds>,
    /// Time without output.
    pub idle: Option<Seconds>,
    /// Time between the polite and the hard signal.
    pub grace: Seconds,
    /// Runs of the profile at once.
    pub concurrency: Option<NonZeroU32>,
}

impl Preset {
    /// All presets.
    pub const ALL: [Self; 6] =
        [Self::Shell, Self::Claude, Self::Codex, Self::Gemini, Self::Opencode, Self::Hermes];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Claude => "claude",
            Self::Codex => "codex",
            Self::Gemini => "gemini",
            Self::Opencode => "opencode",
            Self::Hermes => "hermes",
        }
    }

    /// Finds a preset by its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.name() == name)
    }
}

#[cfg(test)]
mod tests;
