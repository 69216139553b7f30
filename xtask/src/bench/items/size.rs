//! `size`: that a step costs what it changes, not what the board holds. Boards are filled by bulk
//! statements, which are not timed; the tasks on them form a chain behind a blocked one.

use std::path::PathBuf;
use std::process::Command;

use crate::bench::answer::{Done, Times};
use crate::bench::figures::{ANDON, Better, Contestant, Line, Measured, Spread, in_turn};
use crate::bench::lab::Lab;
use crate::bench::report::{count, number};
use crate::bench::{client, peers};
use crate::error::TaskError;

/// What is timed on each board.
const FIGURES: [(&str, &str); 2] = [("one", "claim and complete one task"), ("tick", "idle tick")];

/// The boards of one size.
struct Boards {
    tasks: u32,
    andon: PathBuf,
    hermes: PathBuf,
}

pub(super) fn run(lab: &Lab) -> Result<Measured, TaskError> {
    let mut measured = Measured::default();
    for tasks in lab.counts.sizes {
        let boards = Boards::fill(lab, *tasks)?;
        for (verb, what) in FIGURES {
            measured.lines.extend(compare(lab, &boards, verb, what)?);
        }
    }
    for (_, what) in FIGURES {
        measured.notes.extend(growth(what, &measured.lines));
    }
    Ok(measured)
}

impl Boards {
    fn fill(lab: &Lab, tasks: u32) -> Result<Self, TaskError> {
        let andon = lab.fresh(&format!("size-andon-{tasks}"))?.join("kanban.db");
        lab.client.init(&andon)?;
        let hermes = lab.fresh(&format!("size-hermes-{tasks}"))?.join("kanban.db");
        lab.peers.hermes_init(&hermes)?;
        let _filled: [Done; 2] =
            [lab.client.fill(&andon, tasks)?, lab.client.fill(&hermes, tasks)?];
        Ok(Self { tasks, andon, hermes })
    }
}

fn compare(lab: &Lab, boards: &Boards, verb: &str, what: &str) -> Result<Vec<Line>, TaskError> {
    let limits = [lab.counts.samples.to_string(), lab.counts.sample_seconds.to_string()];
    let ask = |mut command: Command| client::ask::<Times>(command.args(&limits));
    let andon = Contestant::new(ANDON, |_| {
        let mut command = lab.client.command(verb);
        command.arg(&boards.andon);
        ask(command)
    });
    let hermes = Contestant::new(peers::HERMES, |_| ask(lab.peers.hermes(verb, &boards.hermes)?));
    let tallies = in_turn(lab.counts.rounds, &[andon, hermes])?;
    let line = |tally: &crate::bench::figures::Tally<Times>| Line {
        figure: figure(what, boards.tasks),
        better: Better::Lower,
        who: tally.who.clone(),
        sync: super::sync(tally, |times| &times.sync),
        spread: Spread::of(tally.turns.iter().map(|times| times.p50_us / 1e3)),
        remark: super::tail(&tally.turns),
    };
    Ok(tallies.iter().map(line).collect())
}

fn figure(what: &str, tasks: u32) -> String {
    format!("{what}, {} waiting, ms (p50)", count(tasks))
}

/// How much more the largest board costs than the smallest one, for each who.
fn growth(what: &str, lines: &[Line]) -> Vec<String> {
    let of = |who: &str| -> Vec<f64> {
        let mine = |line: &&Line| line.who == who && line.figure.starts_with(what);
        lines.iter().filter(mine).map(|line| line.spread.median).collect()
    };
    [ANDON, peers::HERMES]
        .into_iter()
        .filter_map(|who| {
            let medians = of(who);
            let (first, last) = (medians.first()?, medians.last()?);
            (*first > 0.0).then(|| {
                let times = number(last / first);
                format!("{who}, {what}: the largest board takes {times} times the smallest.")
            })
        })
        .collect()
}
