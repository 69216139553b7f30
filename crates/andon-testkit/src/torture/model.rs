//! Models: small worlds with the rules of the product in them, and all states that they can come
//! to. In each state the rules are looked at, and from each everything must come to a good end by
//! what is sure to happen. Each model can make mistakes, which must show.
//!
//! What a model leaves out is not shown by it: the other engines run the product itself.

mod check;
mod files;
mod opening;
mod runs;

use super::Failure;
use check::{Broken, World};
use files::Files;
use opening::Opening;
use runs::Runs;
use std::time::Instant;

/// Its options.
pub const OPTIONS: &str = "[--nightly | --release | --mistakes]";

/// How much may go wrong in one life of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Little: for a build that is not optimised.
    Least,
    /// As much as shows every mistake.
    Usual,
    /// More. The states are ten times as many.
    Most,
}

/// The engine, as the command line calls it.
pub fn run(words: &[String]) -> Result<String, Failure> {
    match words {
        [] => look(Depth::Usual, THREADS),
        [word] if word == "--mistakes" => mistakes(),
        [word] if word == "--nightly" || word == "--release" => look(Depth::Most, THREADS),
        other => Err(format!("unknown options {other:?}").into()),
    }
}

/// Two processors are what there always is.
const THREADS: usize = 2;

/// Looks at every state of every model.
pub fn look(depth: Depth, threads: usize) -> Result<String, Failure> {
    let mut lines = look_at_all::<Runs>(depth, threads)?;
    lines.extend(look_at_all::<Files>(depth, threads)?);
    lines.extend(look_at_all::<Opening>(depth, threads)?);
    Ok(lines.join("\n"))
}

fn look_at_all<W: World>(depth: Depth, threads: usize) -> Result<Vec<String>, Failure> {
    W::sound(depth).iter().map(|world| look_at(world, threads)).collect()
}

fn look_at<W: World>(world: &W, threads: usize) -> Result<String, Failure> {
    let began = Instant::now();
    let found = check::everything(world, threads)
        .map_err(|broken| format!("{}: {broken}\n    {}", W::NAME, broken.end))?;
    let took = began.elapsed().as_secs_f64();
    let (rules, goals) = (world.properties().len(), world.goals().len());
    let check::Explored { states, steps, depth } = found;
    Ok(format!(
        "model {}: {states} states, {steps} steps between them, {depth} steps deep, {took:.1} s; \
         {rules} rules hold in all, {goals} goals are in reach from all",
        W::NAME
    ))
}

/// Makes each mistake; tells after how long it showed, and how, or which one did not.
pub fn mistakes() -> Result<String, Failure> {
    let mut report = String::from("mistakes that models bring to light, and after how long:");
    let ways = [mistakes_of::<Runs>()?, mistakes_of::<Files>()?, mistakes_of::<Opening>()?];
    report.extend(ways);
    Ok(report)
}

fn mistakes_of<W: World>() -> Result<String, Failure> {
    let mut report = String::new();
    for (what, rule, world) in W::mistaken() {
        let began = Instant::now();
        let is_goal = world.goals().iter().any(|goal| goal.name == rule);
        let caught =
            if is_goal { check::goal_lost(&world, rule) } else { check::rule_broken(&world, rule) };
        let Some(broken) = caught else {
            return Err(format!("{}: nobody noticed that {what}", W::NAME).into());
        };
        let took = began.elapsed().as_secs_f64();
        report.push_str(&format!("\n  {took:8.2} s  {what}: {}", shown(&broken)));
    }
    Ok(report)
}

fn shown(Broken { rule, way, .. }: &Broken) -> String {
    format!("no longer so: {rule}; {} steps:{}", way.len(), folded(way))
}

/// Room for steps on a line of a report.
const LINE_MAX: usize = 86;

/// The steps, a few on each line.
fn folded(way: &[String]) -> String {
    let (mut text, mut room) = (String::new(), 0);
    for step in way {
        if step.len() + 2 > room {
            text.truncate(text.trim_end().len());
            text.push_str("\n              ");
            room = LINE_MAX;
        }
        room -= (step.len() + 2).min(room);
        text.push_str(step);
        text.push_str(", ");
    }
    text.trim_end_matches(", ").to_owned()
}
