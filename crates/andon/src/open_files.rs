//! How many files this process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Room for five thousand boards: each one that is served takes about eleven descriptors. Not more,
/// because libraries exist that walk through every number that could be a descriptor.
const OPEN_FILES_MAX: u64 = 65_536;

/// Raises the limit as far as the system lets this process, for the usual 1,024 are used up by
/// ninety boards. Returns what it was, if it was lower: programs that use `select` rely on a low
/// one, so that is what workers get.
pub(crate) fn raise() -> Option<u64> {
    let found = getrlimit(Resource::Nofile);
    let before = found.current?;
    let wanted = found.maximum.unwrap_or(OPEN_FILES_MAX).min(OPEN_FILES_MAX);
    if before >= wanted {
        return None;
    }
    let raised = Rlimit { current: Some(wanted), maximum: found.maximum };
    // Where it is refused, the limit is as it was, and whatever then cannot be opened says so.
    setrlimit(Resource::Nofile, raised).ok().map(|()| before)
}
