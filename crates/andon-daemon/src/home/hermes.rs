//! Where the peer keeps its boards, by its own rule (board reference §3.1).

use std::path::{Path, PathBuf};

use super::{HomeError, expand_tilde};
use crate::env::Env;

/// The root of the user's Hermes installation, whether or not it exists; none when the
/// environment gives no way to say.
pub fn hermes_root(env: &Env) -> Result<Option<PathBuf>, HomeError> {
    let native = env
        .text("HOME")?
        .map(Path::new)
        .filter(|home| home.is_absolute())
        .map(|home| home.join(".hermes"));
    let Some(named) = env.text("HERMES_HOME")? else { return Ok(native) };
    let named = expand_tilde(Path::new(named), env)?;
    if !named.is_absolute() {
        // The peer would take it from its own working directory, which is not ours to know.
        return Ok(native);
    }
    if let Some(native) = native
        && resolved(&named).starts_with(resolved(&native))
    {
        return Ok(Some(native));
    }
    // All profiles of one root share its boards: `<root>/profiles/<name>` leads to `<root>`.
    let above = named.parent().filter(|parent| parent.ends_with("profiles"));
    let root = above.and_then(Path::parent).map(Path::to_owned);
    Ok(Some(root.unwrap_or(named)))
}

/// The path with its links followed where it exists, and as it stands where it does not.
fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
