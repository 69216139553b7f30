//! Spans and sizes as people write them: `90`, `30s`, `2h`; `512MiB`, `4GiB`.

use std::fmt;

use andon_core::time::Seconds;

/// Longest span taken. More than a year is a slip of a unit, not a limit.
pub const SPAN_MAX: Seconds = Seconds(365 * 86_400);

/// Largest size taken, in bytes: a pebibyte, beyond any machine's memory.
pub const SIZE_MAX: u64 = 1 << 50;

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

/// A text that is no span or size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not a {what}: {rule}")]
pub struct BadQuantity {
    what: &'static str,
    given: String,
    rule: String,
}

const SPAN_UNITS: [(&str, u64); 5] = [("", 1), ("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];

/// Digits behind the point that are read: a billionth of a year is less than a second.
const FRACTION_DIGITS_MAX: usize = 9;

const SIZE_UNITS: [(&str, u64); 10] = [
    ("", 1),
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
];

/// Reads a span: a number and `s`, `m`, `h` or `d` in either case; without a unit, whole seconds.
/// Parts of a second are left out (surfaces reference §3.2).
pub fn parse_span(text: &str) -> Result<Seconds, BadQuantity> {
    let max = SPAN_MAX.0.unsigned_abs();
    let seconds = seconds(text).filter(|seconds| (1..=max).contains(seconds));
    match seconds.map(i64::try_from) {
        Some(Ok(seconds)) => Ok(Seconds(seconds)),
        Some(Err(_)) | None => Err(BadQuantity {
            what: "span of time",
            given: text.to_owned(),
            rule: "write a number with s, m, h or d, such as 90s or 1.5h, from 1s to 365d"
                .to_owned(),
        }),
    }
}

/// Reads a size: a whole number and a unit such as `MiB` (1024²) or `MB` (1000²); without a
/// unit, bytes.
pub fn parse_size(text: &str) -> Result<Bytes, BadQuantity> {
    scaled(text, &SIZE_UNITS).filter(|bytes| (1..=SIZE_MAX).contains(bytes)).map(Bytes).ok_or_else(
        || BadQuantity {
            what: "size",
            given: text.to_owned(),
            rule: "write a whole number with KiB, MiB, GiB, TiB, KB, MB, GB or TB".to_owned(),
        },
    )
}

fn seconds(text: &str) -> Option<u64> {
    let lower = text.trim().to_ascii_lowercase();
    let Some((whole, rest)) = lower.split_once('.') else { return scaled(&lower, &SPAN_UNITS) };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (fraction, unit) = rest.split_at(digits);
    let (_, scale) = SPAN_UNITS.iter().find(|(name, _)| *name == unit.trim_start())?;
    if unit.is_empty() || !(1..=FRACTION_DIGITS_MAX).contains(&digits) {
        return None;
    }
    let parts = fraction.parse::<u64>().ok()?.checked_mul(*scale)?;
    let rest = parts / 10_u64.pow(u32::try_from(digits).ok()?);
    scaled(&format!("{whole}{unit}"), &SPAN_UNITS)?.checked_add(rest)
}

fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let (_, scale) = units.iter().find(|(name, _)| *name == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(*scale)
}

/// The largest unit that divides the size.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1_u64 << 10)];
        match units.iter().find(|(_, scale)| self.0 >= *scale && self.0.is_multiple_of(*scale)) {
            Some((unit, scale)) => write!(f, "{}{unit}", self.0 / scale),
            None => write!(f, "{}B", self.0),
        }
    }
}

#[cfg(test)]
mod tests;
