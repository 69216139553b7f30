//! When to look again at a board that could not be opened or answered with corruption
//! (design §7): after 30 s, doubling to 30 min, with jitter.

use crate::time::Seconds;

/// First wait.
pub const FIRST: Seconds = Seconds(30);
/// Longest wait.
pub const LONGEST: Seconds = Seconds(1_800);
/// Spread, in per cent either way, so that many dispatchers do not look in step.
const JITTER_PERCENT: i64 = 10;

/// Wait before attempt number `nth` (from 1); `random` spreads it.
pub fn wait(nth: u32, random: u32) -> Seconds {
    let doublings = nth.saturating_sub(1).min(16);
    let base = FIRST.0.saturating_mul(1 << doublings).min(LONGEST.0);
    let spread = base * JITTER_PERCENT / 100;
    let offset = i64::from(random) % (2 * spread + 1) - spread;
    Seconds(base + offset)
}

#[cfg(test)]
mod tests;
