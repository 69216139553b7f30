//! Times as people read and write them. Programs get seconds of Unix time.

use crate::arguments;
use crate::error::CliError;
use andon_core::time::{Seconds, Timestamp};
use jiff::tz::TimeZone;

/// Local time with seconds and the zone's offset (S29): `2026-01-31 18:05:09 +01:00`.
pub(crate) fn local(at: Timestamp) -> String {
    formatted(at, "%Y-%m-%d %H:%M:%S %:z")
}

/// Local time to the minute, for the worker's context, where ages say the rest.
pub(crate) fn local_minute(at: Timestamp) -> String {
    formatted(at, "%Y-%m-%d %H:%M")
}

fn formatted(at: Timestamp, format: &str) -> String {
    match jiff::Timestamp::from_second(at.0) {
        Ok(time) => time.to_zoned(TimeZone::system()).strftime(format).to_string(),
        // Beyond the calendar: a row of another program. Its number is all there is to say.
        Err(_) => format!("@{at}"),
    }
}

/// How long something takes: `45s`, `12m 30s`, `3h 05m`, `2d 04h`.
pub(crate) fn elapsed(span: Seconds) -> String {
    let seconds = span.0.max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{minutes}m {:02}s", seconds % 60),
        3_600..86_400 => format!("{hours}h {:02}m", minutes % 60),
        _ => format!("{days}d {:02}h", hours % 24),
    }
}

/// How long ago something was: `just now`, `5m ago`, `3h ago`, `2d ago`.
pub(crate) fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = (now - at).0;
    match seconds {
        ..60 => "just now".to_owned(),
        60..3_600 => format!("{}m ago", seconds / 60),
        3_600..86_400 => format!("{}h ago", seconds / 3_600),
        _ => format!("{}d ago", seconds / 86_400),
    }
}

/// Reads `--at`: a time with its zone (RFC 3339), or `+` and a span from `now` on.
pub(crate) fn at(text: &str, now: Timestamp) -> Result<Timestamp, CliError> {
    if let Some(span) = text.trim().strip_prefix('+') {
        return Ok(now + arguments::span("--at", span)?);
    }
    match text.trim().parse::<jiff::Timestamp>() {
        Ok(time) => Ok(Timestamp(time.as_second())),
        Err(_) => Err(CliError::usage(format!("--at: {text:?} is no time"))
            .hint("write a time with its zone, 2026-01-31T18:00:00+01:00, or a wait, +2h")),
    }
}

#[cfg(test)]
mod tests;
