//! Each claim is broken by hand once: a checker that finds nothing proves nothing.

mod broken;

use super::record::Phase;
use super::{Claim, History, Remains, Verdict, answer, check, check_events};
use crate::fixture::{Board, verbs};
use crate::snapshot;
use andon_core::command::Command;
use andon_core::command::comment::Comment;
use andon_core::command::heartbeat::{Heartbeat, Sign};
use andon_core::id::{RunId, TaskId};
use andon_core::task::BlockKind;
use andon_store::mem::MemStore;
use andon_store::{Applied, Store};

/// A board on which some things happened, and what its users say of them.
struct Scene {
    history: History,
    remains: Remains,
    parent: TaskId,
    child: TaskId,
    /// The two runs of the parent, and the one of its child.
    runs: [RunId; 3],
}

/// Somebody who writes down what he does.
struct Teller<'b> {
    board: &'b Board,
    log: String,
    at: u64,
    remains: Remains,
}

impl Teller<'_> {
    fn say(&mut self, record: &super::Record) {
        self.log.push_str(&serde_json::to_string(record).unwrap());
        self.log.push('\n');
    }

    /// Asks for something and writes down the answer, on a clock that ticks with each line.
    fn ask(&mut self, command: impl Into<Command>) -> Applied {
        let request = self.board.request(command);
        self.at += 10;
        self.say(&answer::start(&request, self.at));
        let answer = self.board.store.apply(request.clone());
        self.at += 10;
        let mut line = answer::end(&request, &answer);
        if let super::Record::Done { at, .. } | super::Record::Failed { at, .. } = &mut line {
            *at = self.at;
        }
        if let super::Record::Done { trace: super::Trace::Row, .. } = line {
            self.remains.recorded.insert(request.op.to_string());
        }
        self.say(&line);
        answer.unwrap()
    }
}

fn beat(task: &TaskId, run: RunId) -> Heartbeat {
    let sign = Sign::Worker { note: Some("at work".to_owned()) };
    Heartbeat { task: task.clone(), expected_run: Some(run), lock: None, sign }
}

fn scene() -> Scene {
    let board = Board::new(&|env| Box::new(MemStore::new(env)) as Box<dyn Store>);
    let (log, remains) = (String::new(), Remains::default());
    let mut teller = Teller { board: &board, log, at: 0, remains };
    let parent = created(teller.ask(board.task("parent").command()));
    let child = created(teller.ask(board.task("child").after(&parent).command()));
    let first = teller.ask(verbs::claim(&parent)).run.unwrap();
    teller.ask(beat(&parent, first));
    let body = "a remark".to_owned();
    teller.ask(Comment { task: parent.clone(), author: "x".into(), body });
    let mut block = verbs::block(&parent, BlockKind::NeedsInput);
    block.expected_run = Some(first);
    teller.ask(block);
    let unblock = andon_core::command::unblock::Unblock { task: parent.clone(), reason: None };
    teller.ask(unblock);
    let second = teller.ask(verbs::claim(&parent)).run.unwrap();
    let mut complete = verbs::complete(&parent);
    complete.expected_run = Some(second);
    teller.ask(complete);
    let third = teller.ask(verbs::claim(&child)).run.unwrap();
    let mut history = History::default();
    history.add("teller", &teller.log).unwrap();
    for (task, run, from) in [(&parent, first, 60), (&parent, second, 170), (&child, third, 230)] {
        let life = |at, phase| super::Record::Life {
            at,
            task: task.to_string(),
            run: run.0,
            pid: 7,
            phase,
        };
        let lines = [life(from, Phase::Begin), life(from + 5, Phase::End)];
        let lines: Vec<String> =
            lines.iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect();
        history.add("worker", &lines.concat()).unwrap();
    }
    let mut remains = teller.remains;
    remains.board = snapshot::board(&*board.store).unwrap();
    for task in [&parent, &child] {
        let comments = board.store.comment_list(task).unwrap().len();
        remains.comments.insert(task.to_string(), comments);
    }
    Scene { history, remains, parent, child, runs: [first, second, third] }
}

fn created(applied: Applied) -> TaskId {
    match applied.outcome {
        andon_core::transition::Outcome::Created { task, .. } => task,
        other => panic!("{other:?}"),
    }
}

fn verdict(scene: &Scene) -> Verdict {
    let mut verdict = check(&scene.history, &scene.remains);
    check_events(&scene.history, &scene.remains, &mut verdict);
    verdict
}

#[test]
fn a_sound_history_has_no_findings_and_puts_every_claim_to_the_test() {
    let verdict = verdict(&scene());
    assert_eq!(verdict.findings, [], "{:#?}", verdict.findings);
    for claim in [
        Claim::Kept,
        Claim::Unique,
        Claim::Ordered,
        Claim::Exclusive,
        Claim::Fenced,
        Claim::OneWorker,
        Claim::Released,
        Claim::Replayed,
        Claim::Invariant,
    ] {
        assert!(verdict.checked.get(&claim).is_some_and(|count| *count > 0), "{claim:?}");
    }
}
