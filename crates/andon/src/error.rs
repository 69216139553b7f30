//! Failures of the command line: what went wrong, through whose fault, and what to do.

use crate::output::{Format, Ui};
use andon_core::id::TaskId;
use andon_core::rejected::Rejected;
use andon_daemon::boards::BoardError;
use andon_daemon::config::ConfigError;
use andon_daemon::home::HomeError;
use andon_store::StoreError;
use andon_wire::{ErrorBody, ErrorObject, ExitStatus};
use std::error::Error;

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What was asked for cannot be done as the board stands.
    User,
    /// The call itself is wrong.
    Usage,
    /// A settings file, a profile or a variable is wrong.
    Config,
    /// The board is busy, damaged or missing.
    Board,
    /// A fault of this program.
    Internal,
    /// Nobody reads our output any more. That is not a failure, and hides none: nothing is said
    /// about it.
    NoReader,
    /// Everything that failed has been told already; only the exit code is left.
    Told,
}

/// A failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CliError {
    /// Whose fault it is; decides the exit code.
    pub(crate) kind: Kind,
    /// Stable name, for programs.
    pub(crate) code: String,
    /// A lower-case fragment, for people.
    pub(crate) message: String,
    /// What led to it, nearest first.
    pub(crate) causes: Vec<String>,
    /// What the person may do.
    pub(crate) hints: Vec<String>,
}

impl CliError {
    fn new(kind: Kind, code: &str, message: impl Into<String>) -> Self {
        let (code, message) = (code.to_owned(), message.into());
        Self { kind, code, message, causes: Vec::new(), hints: Vec::new() }
    }

    /// Something that cannot be done as things stand; `code` is its stable name.
    pub(crate) fn user(code: &str, message: impl Into<String>) -> Self {
        Self::new(Kind::User, code, message)
    }

    /// A call that is wrong in itself.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, "usage", message)
    }

    /// A file of settings or profiles that cannot be used.
    pub(crate) fn config(
        message: impl Into<String>,
        source: Option<&(dyn Error + 'static)>,
        hint: Option<String>,
    ) -> Self {
        Self::new(Kind::Config, "config", message).with_causes(source).with_hint(hint)
    }

    /// A board that cannot be used now.
    pub(crate) fn board(code: &str, message: impl Into<String>) -> Self {
        Self::new(Kind::Board, code, message)
    }

    /// A system call that failed; `doing` is what was attempted, on which object.
    pub(crate) fn io(doing: impl Into<String>, source: &std::io::Error) -> Self {
        Self::new(Kind::User, "io", doing).with_causes(Some(source))
    }

    /// A task that the board does not have.
    pub(crate) fn unknown_task(id: &TaskId) -> Self {
        StoreError::from(Rejected::UnknownTask(id.clone())).into()
    }

    /// A fault of this program.
    pub(crate) fn internal(message: &str) -> Self {
        StoreError::Internal(message.to_owned()).into()
    }

    /// The end of a call whose output nobody reads.
    pub(crate) fn no_reader() -> Self {
        Self::new(Kind::NoReader, "no_reader", "nobody reads the output")
    }

    /// The end of a call of which something failed, and has been told.
    pub(crate) fn told() -> Self {
        Self::new(Kind::Told, "failed", "something failed")
    }

    /// Adds what the person may do.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    fn with_hint(mut self, hint: Option<String>) -> Self {
        self.hints.extend(hint);
        self
    }

    /// Adds the texts of an error's causes.
    pub(crate) fn with_causes(mut self, first: Option<&(dyn Error + 'static)>) -> Self {
        let mut next = first;
        while let Some(error) = next {
            self.causes.push(error.to_string());
            next = error.source();
        }
        self
    }

    /// The exit code that it means.
    pub(crate) fn exit_status(&self) -> ExitStatus {
        match self.kind {
            Kind::User | Kind::Config | Kind::Board | Kind::Internal | Kind::Told => {
                ExitStatus::Failed
            }
            Kind::Usage => ExitStatus::Usage,
            Kind::NoReader => ExitStatus::Done,
        }
    }

    /// The failure as programs read it.
    pub(crate) fn body(&self) -> ErrorBody {
        let causes = self.causes.iter().map(String::as_str);
        let message: Vec<&str> = std::iter::once(self.message.as_str()).chain(causes).collect();
        ErrorBody {
            code: self.code.clone(),
            message: message.join(": "),
            hint: (!self.hints.is_empty()).then(|| self.hints.join("; ")),
        }
    }

    /// Tells it on stderr.
    pub(crate) fn report(&self, ui: &mut Ui) {
        match (self.kind, ui.format()) {
            (Kind::NoReader | Kind::Told, _) => {}
            (_, Format::Json) => ui.err_json(&ErrorObject { error: self.body() }),
            (_, Format::Human) => {
                ui.err(format_args!("andon: {}", self.message));
                self.causes.iter().for_each(|cause| ui.err(format_args!("  because {cause}")));
                self.hints.iter().for_each(|hint| ui.err(format_args!("  hint: {hint}")));
            }
        }
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        let kind = match &error {
            StoreError::Rejected(_) => Kind::User,
            StoreError::Internal(_) => Kind::Internal,
            StoreError::Missing { .. }
            | StoreError::Refused { .. }
            | StoreError::Busy { .. }
            | StoreError::Corrupt(_)
            | StoreError::Replaced { .. }
            | StoreError::Unavailable { .. }
            | StoreError::Unknown { .. } => Kind::Board,
        };
        let mut told = Self::new(kind, error.code(), error.to_string());
        told.hints.extend(hint_of(&error));
        told
    }
}

fn hint_of(error: &StoreError) -> Option<String> {
    match error {
        StoreError::Missing { .. } => Some("make a board with `andon init`".to_owned()),
        StoreError::Refused { hint, .. } | StoreError::Unavailable { hint, .. } => {
            hint.as_ref().map(|hint| hint.0.clone())
        }
        StoreError::Busy { .. } => Some("try again in a moment".to_owned()),
        StoreError::Corrupt(_) => Some("see `andon doctor`".to_owned()),
        StoreError::Unknown { .. } => Some("look at the task before repeating".to_owned()),
        StoreError::Rejected(Rejected::OpenParents { .. }) => {
            Some("use --force to override".to_owned())
        }
        StoreError::Rejected(_) | StoreError::Replaced { .. } | StoreError::Internal(_) => None,
    }
}

impl From<HomeError> for CliError {
    fn from(error: HomeError) -> Self {
        let kind = match &error {
            HomeError::BadBoard { .. } => Kind::Usage,
            HomeError::NoSuchBoard { .. } => Kind::User,
            HomeError::HermesHomeFound { .. }
            | HomeError::NoUserHome
            | HomeError::OtherUsersHome { .. }
            | HomeError::Relative { .. }
            | HomeError::Unusable { .. }
            | HomeError::Unspeakable { .. }
            | HomeError::NotUnicode(_)
            | HomeError::CurrentUnreadable { .. } => Kind::Config,
        };
        let code = match &error {
            HomeError::BadBoard { .. } => "bad_board",
            HomeError::NoSuchBoard { .. } => "no_board",
            _ => "home",
        };
        Self::new(kind, code, error.to_string()).with_causes(error.source()).hint(error.hint())
    }
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        Self::config(error.to_string(), error.source(), error.hint())
    }
}

impl From<BoardError> for CliError {
    fn from(error: BoardError) -> Self {
        Self::new(Kind::User, "board", error.to_string())
            .with_causes(error.source())
            .with_hint(error.hint())
    }
}
