//! The smallest worker: it records when its first instruction ran, and where it ran.

use crate::Failure;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How often a sleeping worker looks whether it may end; nothing is timed by it.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Longest sleep: a worker whose bench died must not stay.
const SLEEP_MAX: Duration = Duration::from_secs(600);

/// Writes the instant, in nanoseconds since the Unix epoch. The file appears complete or not at
/// all.
pub(crate) fn write(file: &Path, instant: SystemTime) -> Result<(), Failure> {
    put(file, &instant.duration_since(UNIX_EPOCH)?.as_nanos().to_string())
}

/// Writes this process's id and waits until the other file appears.
pub(crate) fn sleep(file: &Path, stop: &Path) -> Result<(), Failure> {
    put(file, &std::process::id().to_string())?;
    let deadline = Instant::now() + SLEEP_MAX;
    while !stop.exists() && Instant::now() < deadline {
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(())
}

/// Reads an instant that [`write()`] has written; nothing if it is not there yet.
pub(crate) fn read(file: &Path) -> Result<Option<SystemTime>, Failure> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(UNIX_EPOCH + Duration::from_nanos(text.parse()?))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn put(file: &Path, text: &str) -> Result<(), Failure> {
    let draft = file.with_extension("draft");
    std::fs::write(&draft, text)?;
    Ok(std::fs::rename(&draft, file)?)
}
