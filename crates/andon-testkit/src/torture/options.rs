//! The options that engines share: how much, how long, from which seed, on how many threads.

use super::Failure;
use super::crew::Job;
use std::time::Duration;

/// How much of something is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Amount {
    Usual,
    Exactly(u64),
    Nightly,
    Release,
}

/// The options.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    amount: Amount,
    limit: Duration,
    /// The first seed.
    pub seed: u64,
    threads: usize,
}

/// Two processors are what there always is.
const THREADS: usize = 2;
/// Longer than any run: a month.
const LIMIT: Duration = Duration::from_secs(30 * 86_400);

impl Options {
    /// Reads the words after the engine's name; `amount` is its word for how much.
    pub fn parse(words: &[String], amount: &str) -> Result<Self, Failure> {
        let mut options = Self { amount: Amount::Usual, limit: LIMIT, seed: 1, threads: THREADS };
        let mut words = words.iter().map(String::as_str);
        while let Some(word) = words.next() {
            let mut number = || -> Result<u64, Failure> {
                let text = words.next().ok_or_else(|| format!("{word} needs a number"))?;
                Ok(text.replace([',', '_'], "").parse()?)
            };
            match word {
                "--nightly" => options.amount = Amount::Nightly,
                "--release" => options.amount = Amount::Release,
                "--seconds" => {
                    options.limit = Duration::from_secs(number()?);
                    if options.amount == Amount::Usual {
                        options.amount = Amount::Release;
                    }
                }
                "--seed" => options.seed = number()?,
                "--threads" => options.threads = usize::try_from(number()?.max(1))?,
                word if word == amount => options.amount = Amount::Exactly(number()?),
                other => return Err(format!("unknown option {other}").into()),
            }
        }
        Ok(options)
    }

    /// What a crew is to do by them.
    pub fn job(&self, usual: u64, nightly: u64, release: u64) -> Job {
        let amount = match self.amount {
            Amount::Usual => usual,
            Amount::Exactly(amount) => amount,
            Amount::Nightly => nightly,
            Amount::Release => release,
        };
        Job { amount, limit: self.limit, seed: self.seed, threads: self.threads }
    }
}
