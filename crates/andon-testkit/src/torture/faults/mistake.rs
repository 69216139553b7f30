//! Mistakes that faults must bring to light, each made on purpose.

use super::inject;
use crate::torture::Failure;
use crate::torture::crew::Job;
use std::time::{Duration, Instant};

/// Names, and what is wrong.
const MISTAKES: &[(&str, &str)] = &[
    ("an error at the commit is answered with success", "writer.commit-ignored"),
    ("a commit of unknown outcome is answered with failure", "writer.unknown-as-failed"),
    ("a transaction that could not be ended stays open", "writer.stuck"),
    ("the cause of an error is not passed on", "fault.masked"),
];

/// Points until a mistake must have shown itself.
const POINTS_MAX: u64 = 100_000;
/// Of what was found, in a report.
const SHOWN_MAX: usize = 160;

/// Makes each mistake until it is caught; tells how long that took, or which one was not.
pub fn all(seed: u64) -> Result<String, Failure> {
    let mut report = String::from("mistakes that faults bring to light, and after how long:");
    for (name, mistake) in MISTAKES {
        let job = Job { amount: POINTS_MAX, limit: Duration::from_secs(600), seed, threads: 1 };
        let began = Instant::now();
        match inject(job, Some(mistake)) {
            Ok(_) => return Err(format!("nobody noticed that {name}").into()),
            Err(failure) => {
                let took = began.elapsed().as_secs_f64();
                let shown: String = failure.to_string().chars().take(SHOWN_MAX).collect();
                report.push_str(&format!("\n  {took:8.2} s  {name}: {shown}"));
            }
        }
    }
    Ok(report)
}
