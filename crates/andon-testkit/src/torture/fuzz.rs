//! Bytes of any kind for everything that reads: no panic, no answer outside its promise.
//!
//! An input is made from the target's examples and words, changed here and there. One that gets an
//! answer never seen before joins the examples, so that the search goes on from there. The same
//! seed makes the same inputs as long as nothing else changes.

mod board;
mod mutate;
mod rows;
mod targets;

use super::Failure;
use mutate::{Draw, Mutator};
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Something that reads bytes from outside.
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// Inputs that it takes.
    examples: &'static [&'static [u8]],
    /// Words that mean something to it.
    words: &'static [&'static str],
    /// Executions in a test: as many as a slow machine does in a second or so.
    in_a_test: u32,
    /// Makes what is fed. It panics where a promise is broken.
    make: fn() -> Result<Probe, Failure>,
}

/// Feeds one input and tells the answer in words.
type Probe = Box<dyn FnMut(&[u8]) -> String>;

/// Every target.
pub fn targets() -> impl Iterator<Item = &'static Target> {
    targets::ALL.iter().chain(board::ALL)
}

/// How long a target is fed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// So long.
    For(Duration),
    /// So many times.
    Times(u32),
    /// As many times as the target has for a test.
    Test,
}

/// Inputs that gave new answers and are kept. More would only make each be chosen less often.
const POOL_MAX: usize = 2_000;

/// Executions between two looks at the clock, for targets that take a microsecond.
const LOOK_EVERY: u32 = 64;

/// Time that `torture fuzz` takes unless told otherwise.
const SECONDS: u64 = 20;

/// Where inputs that once failed are kept; each is tried first, in every run.
fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

/// What feeding a target came to.
#[derive(Debug)]
pub struct Fed {
    /// Inputs, kept ones and examples included.
    pub executions: u64,
    /// Different answers.
    pub answers: usize,
    /// Time it took.
    pub took: Duration,
}

/// Feeds one target; the first broken promise ends it, with the input that shows it.
pub fn feed(target: &Target, seed: u64, until: Until) -> Result<Fed, Failure> {
    feed_from(target, seed, until, &corpus())
}

fn feed_from(target: &Target, seed: u64, until: Until, corpus: &Path) -> Result<Fed, Failure> {
    let began = Instant::now();
    let kept = corpus.join(target.name);
    let (probe, seen) = ((target.make)()?, HashSet::new());
    let mut feeder = Feeder { target, kept: kept.clone(), probe, seen, fed: 0 };
    let mut pool: Vec<Vec<u8>> = target.examples.iter().map(|text| text.to_vec()).collect();
    pool.push(Vec::new());
    for input in past_failures(&kept)?.iter().chain(&pool.clone()) {
        feeder.feed(input)?;
    }
    let mut mutator = Mutator { draw: Draw::new(seed, target.name), words: target.words };
    let is_over = |fed: u32| match until {
        Until::For(span) => fed.is_multiple_of(target.look_every()) && began.elapsed() >= span,
        Until::Times(times) => fed >= times,
        Until::Test => fed >= target.in_a_test,
    };
    for fed in 0_u32.. {
        if is_over(fed) {
            break;
        }
        let input = mutator.input(&pool);
        if feeder.feed(&input)? && pool.len() < POOL_MAX {
            pool.push(input);
        }
    }
    Ok(Fed { executions: feeder.fed, answers: feeder.seen.len(), took: began.elapsed() })
}

impl Target {
    fn look_every(&self) -> u32 {
        LOOK_EVERY.min(self.in_a_test / LOOK_EVERY + 1)
    }
}

fn past_failures(kept: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let Ok(entries) = std::fs::read_dir(kept) else { return Ok(Vec::new()) };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths.into_iter().map(std::fs::read).collect::<std::io::Result<_>>()?)
}

/// A target at work.
struct Feeder<'a> {
    target: &'a Target,
    kept: PathBuf,
    probe: Probe,
    seen: HashSet<u64>,
    fed: u64,
}

impl Feeder<'_> {
    /// Feeds one input; tells whether the answer is new.
    fn feed(&mut self, input: &[u8]) -> Result<bool, Failure> {
        self.fed += 1;
        let answer = catch_unwind(AssertUnwindSafe(|| (self.probe)(input)));
        match answer {
            Ok(answer) => Ok(self.seen.insert(shape(&answer))),
            Err(panic) => Err(self.keep(input, &said(panic.as_ref()))),
        }
    }

    fn keep(&self, input: &[u8], said: &str) -> Failure {
        let name = self.target.name;
        let mut hasher = DefaultHasher::new();
        input.hash(&mut hasher);
        let path = self.kept.join(format!("{:016x}", hasher.finish()));
        let stored = std::fs::create_dir_all(&self.kept);
        let stored = stored.and_then(|()| std::fs::write(&path, input));
        let stored = match stored {
            Ok(()) => "it is kept in the corpus".to_owned(),
            Err(error) => format!("it could not be kept: {error}"),
        };
        let shown = input.escape_ascii();
        format!("{name}: {said}\ninput after {} others, {stored}: b\"{shown}\"", self.fed).into()
    }
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// An answer without what differs from input to input: numbers and quotations.
fn shape(answer: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut is_quoted = false;
    for c in answer.chars() {
        if matches!(c, '"' | '`') {
            is_quoted = !is_quoted;
        } else if !is_quoted && !c.is_ascii_digit() {
            c.hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// `torture fuzz`.
pub(super) fn run(arguments: &[String]) -> Result<String, Failure> {
    let (mut seconds, mut seed, mut only) = (SECONDS, 1, None);
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
        match word.as_str() {
            "--seconds" => seconds = value.parse()?,
            "--seed" => seed = value.parse()?,
            "--target" => only = Some(value.as_str()),
            other => return Err(format!("unknown option {other}").into()),
        }
    }
    let chosen: Vec<&Target> =
        targets().filter(|target| only.is_none_or(|name| target.name == name)).collect();
    let count = u32::try_from(chosen.len()).unwrap_or(u32::MAX);
    if count == 0 {
        let names: Vec<&str> = targets().map(|target| target.name).collect();
        return Err(format!("no such target; there are {}", names.join(", ")).into());
    }
    let each = Duration::from_secs(seconds) / count;
    let mut report = format!("seed {seed}, {:.1} s each\n", each.as_secs_f64());
    report.push_str(&format!(
        "{:<16}{:>12}{:>12}{:>9}",
        "target", "executions", "a second", "answers"
    ));
    for target in chosen {
        let Fed { executions, answers, took } = feed(target, seed, Until::For(each))?;
        let rate = executions as f64 / took.as_secs_f64();
        report.push_str(&format!("\n{:<16}{executions:>12}{rate:>12.0}{answers:>9}", target.name));
    }
    Ok(report)
}

#[cfg(test)]
mod tests;
