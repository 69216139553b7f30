//! Tests that load the machine take turns, so that none is slow because of another.

use std::fs::File;
use std::path::Path;

/// Held by one test at a time, whether tests are threads or processes.
pub(crate) struct Turn(#[expect(dead_code, reason = "closing the file ends the turn")] File);

/// Waits for the others; each of them ends, because all that it waits for has a limit.
pub(crate) fn wait() -> Turn {
    let file = File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop.turn")).unwrap();
    file.lock().unwrap();
    Turn(file)
}

/// How often a test with load is repeated, by `ANDON_ROUNDS`. Once is enough for every change.
pub(crate) fn rounds() -> u64 {
    number("ANDON_ROUNDS", 1)
}

/// A number that the caller may name in the environment.
pub(crate) fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| {
        text.parse().unwrap_or_else(|_| panic!("{variable}={text} is no number"))
    })
}
