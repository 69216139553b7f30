//! A hunt: many random sequences, the same in every run, in blocks that several threads share.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Steps towards the shortest failing sequence.
const SHRINKS_MAX: u32 = 4_096;

/// Sequences that share a seed: few enough that a block is played again in seconds.
pub const BLOCK: u32 = 100;

/// What a hunt met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Met {
    /// Sequences played to their end.
    pub sequences: u64,
    /// Steps of theirs.
    pub steps: u64,
    /// Answers, by word, and how often each was given.
    pub answers: BTreeMap<String, u64>,
}

impl Met {
    /// Adds what another hunt met.
    pub fn add(&mut self, other: Met) {
        self.sequences += other.sequences;
        self.steps += other.steps;
        for (answer, times) in other.answers {
            *self.answers.entry(answer).or_default() += times;
        }
    }

    fn note(&mut self, answers: Vec<String>) {
        self.sequences += 1;
        for answer in answers {
            self.steps += 1;
            *self.answers.entry(answer).or_default() += 1;
        }
    }
}

/// Where random choices begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed {
    /// Of the whole hunt.
    pub hunt: u64,
    /// Which block of it.
    pub block: u64,
}

impl Seed {
    fn rng(self) -> TestRng {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&self.hunt.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.block.to_le_bytes());
        TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
    }
}

/// Plays so many sequences. A failure is shrunk to the shortest one that shows it.
pub fn hunt<S: Strategy>(
    sequences: &S,
    count: u32,
    seed: Seed,
    play: impl Fn(S::Value) -> Result<Vec<String>, TestCaseError>,
) -> Result<Met, String> {
    let config = Config {
        cases: count,
        max_shrink_iters: SHRINKS_MAX,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, seed.rng());
    let met = RefCell::new(Met::default());
    let outcome = runner.run(sequences, |sequence| {
        let answers = play(sequence)?;
        met.borrow_mut().note(answers);
        Ok(())
    });
    let Seed { hunt, block } = seed;
    outcome.map_err(|failure| format!("seed {hunt}, block {block}: {failure}"))?;
    Ok(met.into_inner())
}
