//! Whether a profile that a task is given to exists (S31).

use crate::error::CliError;
use andon_core::id::Assignee;
use andon_daemon::home::Home;
use andon_daemon::profile::{ProfileError, Profiles};
use std::error::Error;

/// Names listed in a refusal; a person has a dozen profiles, and the rest is counted.
const NAMED_MAX: usize = 20;

/// Refuses a name that no profile of the home has: nothing would ever start the task.
pub(crate) fn require(home: &Home, name: &Assignee) -> Result<(), CliError> {
    let profiles = Profiles::load(home)?;
    if profiles.get(name).is_some() {
        return Ok(());
    }
    let names: Vec<&str> = profiles.iter().map(|profile| profile.name.as_str()).collect();
    let rest = names.len().saturating_sub(NAMED_MAX);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let listed = names[..names.len() - rest].join(", ");
    let file = home.profiles_file();
    let section = format!("[profiles.{name}] with `manual = true`");
    Err(CliError::user("unknown_profile", format!("no such profile: {name}"))
        .hint(format!("known profiles: {listed}{more}"))
        .hint(format!("for a person or an outside worker, add {section} to {}", file.display())))
}

impl From<ProfileError> for CliError {
    fn from(error: ProfileError) -> Self {
        Self::config(error.to_string(), error.source(), error.hint())
    }
}
