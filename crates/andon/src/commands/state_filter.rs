//! Which runs to tell of: `--state-type` and `--state-name`.

use crate::error::CliError;
use andon_core::run::Run;

/// Flags of `show` and `runs`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct StateFilter {
    /// Only runs whose status, or whose outcome, is `--state-name`.
    #[arg(long, value_name = "TYPE", value_enum)]
    state_type: Option<StateType>,
    /// The status or outcome.
    #[arg(long, value_name = "NAME")]
    state_name: Option<String>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum StateType {
    Status,
    Outcome,
}

impl StateFilter {
    /// Refuses one flag without the other.
    pub(super) fn check(&self) -> Result<(), CliError> {
        if self.state_type.is_some() == self.state_name.is_some() {
            Ok(())
        } else {
            Err(CliError::usage("--state-type and --state-name need each other"))
        }
    }

    /// Whether the run is told of.
    pub(super) fn admits(&self, run: &Run) -> bool {
        let (Some(kind), Some(name)) = (self.state_type, &self.state_name) else { return true };
        match kind {
            StateType::Status => run.status == *name,
            StateType::Outcome => run.outcome.as_ref() == Some(name),
        }
    }
}
