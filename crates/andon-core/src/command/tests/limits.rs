//! The bound of every text, list and number of a command: the greatest is taken, one more is
//! refused, whatever door it came through.

use super::{accepted, decide, refused};
use crate::actor::Actor;
use crate::command::assign::{Assign, Occasion};
use crate::command::block::Block;
use crate::command::cancel::Cancel;
use crate::command::comment::Comment;
use crate::command::complete::{CARDS_MAX, Complete, Handoff, MENTIONS_MAX};
use crate::command::create::{Create, PATH_BYTES_MAX, RETRIES_MAX, TURNS_MAX};
use crate::command::edit::Edit;
use crate::command::edit_result::EditResult;
use crate::command::heartbeat::{Heartbeat, Sign};
use crate::command::pause::{SetPause, Turn};
use crate::command::promote::Promote;
use crate::command::reclaim::Reclaim;
use crate::command::schedule::Schedule;
use crate::command::unblock::Unblock;
use crate::command::{Command, Context};
use crate::id::TaskId;
use crate::policy::{CLAIM_TTL_MAX, Policy, SPAN_MAX};
use crate::run::JsonText;
use crate::table::sample::{self, NOW, task_id, view, waiting};
use crate::task::{PastParents, Status, Workspace, WorkspaceKind};
use crate::text::{
    BODY_BYTES_MAX, METADATA_BYTES_MAX, NAME_BYTES_MAX, NOTE_BYTES_MAX, PARENTS_MAX, SKILLS_MAX,
    TITLE_BYTES_MAX,
};
use crate::time::Seconds;
use crate::transition::Fields;
use crate::view::View;

/// A text that a command takes.
struct Text {
    name: &'static str,
    max: usize,
    on: fn() -> View,
    command: fn(String) -> Command,
}

fn fresh() -> View {
    View { fresh_id: Some(sample::fresh_id()), ..View::default() }
}

fn ready() -> View {
    view(Status::Ready)
}

fn running() -> View {
    view(Status::Running)
}

fn create(fields: Create) -> Command {
    Create { title: "a".to_owned(), ..fields }.into()
}

fn edit(fields: Fields) -> Command {
    Edit { task: task_id(), fields }.into()
}

fn complete(handoff: Handoff) -> Command {
    Complete { task: task_id(), handoff, created_cards: Vec::new(), expected_run: None }.into()
}

fn edit_result(mut handoff: Handoff) -> Command {
    handoff.result.get_or_insert_with(|| "a".to_owned());
    EditResult { task: task_id(), handoff }.into()
}

fn on_branch(branch: String) -> Workspace {
    Workspace { kind: WorkspaceKind::Worktree, path: None, branch: Some(branch) }
}

fn at_path(text: String) -> Workspace {
    // The text stands for a path of its length.
    let path = Some(text.replacen('x', "/", 1));
    Workspace { kind: WorkspaceKind::Dir, path, branch: None }
}

fn metadata(text: String) -> Handoff {
    Handoff { metadata: Some(JsonText(text)), ..Handoff::default() }
}

#[rustfmt::skip] // One text, one line.
const TEXTS: &[Text] = &[
    Text { name: "title", max: TITLE_BYTES_MAX, on: fresh, command: |title| Create { title, ..Create::default() }.into() },
    Text { name: "body", max: BODY_BYTES_MAX, on: fresh, command: |text| create(Create { body: Some(text), ..Create::default() }) },
    Text { name: "created by", max: NAME_BYTES_MAX, on: fresh, command: |text| create(Create { created_by: Some(text), ..Create::default() }) },
    Text { name: "project", max: NAME_BYTES_MAX, on: fresh, command: |text| create(Create { project_id: Some(text), ..Create::default() }) },
    Text { name: "tenant", max: NAME_BYTES_MAX, on: fresh, command: |text| create(Create { tenant: Some(text), ..Create::default() }) },
    Text { name: "key", max: NAME_BYTES_MAX, on: fresh, command: |text| create(Create { idempotency_key: Some(text), ..Create::default() }) },
    Text { name: "model", max: NAME_BYTES_MAX, on: fresh, command: |text| create(Create { model_override: Some(text), ..Create::default() }) },
    Text { name: "session", max: NAME_BYTES_MAX, on: fresh, command: |text| create(Create { session_id: Some(text), ..Create::default() }) },
    Text { name: "skill", max: NAME_BYTES_MAX, on: fresh, command: |text| create(Create { skills: Some(vec![text]), ..Create::default() }) },
    Text { name: "branch", max: NAME_BYTES_MAX, on: fresh, command: |text| create(Create { workspace: Some(on_branch(text)), ..Create::default() }) },
    Text { name: "workspace", max: PATH_BYTES_MAX, on: fresh, command: |text| create(Create { workspace: Some(at_path(text)), ..Create::default() }) },
    Text { name: "title", max: TITLE_BYTES_MAX, on: ready, command: |text| edit(Fields { title: Some(text), ..Fields::default() }) },
    Text { name: "body", max: BODY_BYTES_MAX, on: ready, command: |text| edit(Fields { body: Some(Some(text)), ..Fields::default() }) },
    Text { name: "tenant", max: NAME_BYTES_MAX, on: ready, command: |text| edit(Fields { tenant: Some(Some(text)), ..Fields::default() }) },
    Text { name: "model", max: NAME_BYTES_MAX, on: ready, command: |text| edit(Fields { model_override: Some(Some(text)), ..Fields::default() }) },
    Text { name: "skill", max: NAME_BYTES_MAX, on: ready, command: |text| edit(Fields { skills: Some(Some(vec![text])), ..Fields::default() }) },
    Text { name: "branch", max: NAME_BYTES_MAX, on: ready, command: |text| edit(Fields { workspace: Some(on_branch(text)), ..Fields::default() }) },
    Text { name: "workspace", max: PATH_BYTES_MAX, on: ready, command: |text| edit(Fields { workspace: Some(at_path(text)), ..Fields::default() }) },
    Text { name: "comment", max: NOTE_BYTES_MAX, on: ready, command: |body| Comment { task: task_id(), author: "me".to_owned(), body }.into() },
    Text { name: "author", max: NAME_BYTES_MAX, on: ready, command: |author| Comment { task: task_id(), author, body: "a".to_owned() }.into() },
    Text { name: "result", max: NOTE_BYTES_MAX, on: ready, command: |text| complete(Handoff { result: Some(text), ..Handoff::default() }) },
    Text { name: "summary", max: NOTE_BYTES_MAX, on: ready, command: |text| complete(Handoff { summary: Some(text), ..Handoff::default() }) },
    Text { name: "metadata", max: METADATA_BYTES_MAX, on: ready, command: |text| complete(metadata(text)) },
    Text { name: "result", max: NOTE_BYTES_MAX, on: || view(Status::Done), command: |text| edit_result(Handoff { result: Some(text), ..Handoff::default() }) },
    Text { name: "summary", max: NOTE_BYTES_MAX, on: || view(Status::Done), command: |text| edit_result(Handoff { summary: Some(text), ..Handoff::default() }) },
    Text { name: "metadata", max: METADATA_BYTES_MAX, on: || view(Status::Done), command: |text| edit_result(metadata(text)) },
    Text { name: "reason", max: NOTE_BYTES_MAX, on: ready, command: |text| Block { task: task_id(), reason: Some(text), kind: None, expected_run: None }.into() },
    Text { name: "reason", max: NOTE_BYTES_MAX, on: || view(Status::Blocked), command: |text| Unblock { task: task_id(), reason: Some(text) }.into() },
    Text { name: "reason", max: NOTE_BYTES_MAX, on: running, command: |text| Cancel { task: task_id(), reason: Some(text) }.into() },
    Text { name: "reason", max: NOTE_BYTES_MAX, on: running, command: |text| Reclaim { task: task_id(), reason: Some(text) }.into() },
    Text { name: "reason", max: NOTE_BYTES_MAX, on: || waiting(view(Status::Todo)), command: |text| {
        Promote { task: task_id(), reason: Some(text), parents: PastParents::Overruled }.into()
    } },
    Text { name: "reason", max: NOTE_BYTES_MAX, on: ready, command: |text| Schedule { task: task_id(), reason: Some(text), due_at: None, expected_run: None }.into() },
    Text { name: "reason", max: NOTE_BYTES_MAX, on: View::default, command: |text| SetPause { turn: Turn::Pause { reason: Some(text) } }.into() },
    Text { name: "note", max: NOTE_BYTES_MAX, on: running, command: |text| {
        Heartbeat { task: task_id(), expected_run: None, lock: None, sign: Sign::Worker { note: Some(text) } }.into()
    } },
];

#[test]
fn every_text_has_a_bound_that_is_taken_and_one_byte_more_is_not() {
    for Text { name, max, on, command } in TEXTS {
        accepted(&on(), command("x".repeat(*max)));
        let long = command("x".repeat(max + 1));
        let refusal = decide(&on(), long.clone()).expect_err(long.verb()).to_string();
        let expected = format!("{name} is too long: {} bytes, at most {max}", max + 1);
        assert_eq!(refusal, expected, "{}", long.verb());
    }
}

#[test]
fn no_text_but_metadata_takes_what_drives_a_terminal() {
    for Text { name, on, command, .. } in TEXTS.iter().filter(|text| text.name != "metadata") {
        let driving = command("x\u{1b}[2Jx".to_owned());
        assert_eq!(
            refused(&on(), driving.clone()),
            "invalid_field",
            "{name} of {}",
            driving.verb()
        );
    }
}

#[test]
fn a_caller_has_a_name_of_one_line_whatever_it_asks_for() {
    let ask = |name: &str| {
        let actor = Actor::human(name);
        let policy = Policy::default();
        let command: Command =
            Assign { task: task_id(), assignee: None, occasion: Occasion::Asked }.into();
        let context = Context { actor: &actor, at: NOW, policy: &policy };
        command.decide(&ready(), context).map_err(|refusal| refusal.to_string())
    };
    assert!(ask(&"x".repeat(NAME_BYTES_MAX)).is_ok());
    let long = ask(&"x".repeat(NAME_BYTES_MAX + 1)).expect_err("too long a name");
    assert_eq!(long, "name of the caller is too long: 201 bytes, at most 200");
    for name in ["a\nb", "\u{1b}[2J"] {
        ask(name).expect_err("a name that drives a terminal");
    }
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("skill-{number}")).collect()
}

#[test]
fn lists_are_bounded() {
    let skills = |count| create(Create { skills: Some(names(count)), ..Create::default() });
    accepted(&fresh(), skills(SKILLS_MAX));
    assert_eq!(refused(&fresh(), skills(SKILLS_MAX + 1)), "invalid_field");
    let skills = |count| edit(Fields { skills: Some(Some(names(count))), ..Fields::default() });
    accepted(&ready(), skills(SKILLS_MAX));
    assert_eq!(refused(&ready(), skills(SKILLS_MAX + 1)), "invalid_field");
    let parents = |count| create(Create { parents: vec![task_id(); count], ..Create::default() });
    let known = sample::beside(fresh(), task_id(), Status::Done);
    accepted(&known, parents(PARENTS_MAX));
    assert_eq!(refused(&known, parents(PARENTS_MAX + 1)), "invalid_field");
    let cards = |count| Complete {
        task: task_id(),
        handoff: Handoff::default(),
        created_cards: vec![sample::child_id(); count],
        expected_run: None,
    };
    accepted(&ready(), cards(CARDS_MAX));
    assert_eq!(refused(&ready(), cards(CARDS_MAX + 1)), "invalid_field");
}

#[test]
fn of_the_tasks_that_a_text_names_so_many_are_looked_up_and_no_more() {
    let all: Vec<String> = (0..=MENTIONS_MAX as u32 + 5)
        .map(|number| TaskId::from_random(number).to_string())
        .collect();
    let command = complete(Handoff { summary: Some(all.join(" ")), ..Handoff::default() });
    assert_eq!(command.needs().known.len(), MENTIONS_MAX);
}

#[test]
fn the_longest_spans_are_a_week_and_a_leap_year() {
    assert_eq!((CLAIM_TTL_MAX, SPAN_MAX), (Seconds(604_800), Seconds(31_622_400)));
}

/// Puts a number into a field.
type Numbered<T> = fn(i64) -> T;

#[test]
fn numbers_are_bounded_on_both_sides() {
    let runtime = |seconds| Create { max_runtime: Some(Seconds(seconds)), ..Create::default() };
    let retries = |count| Create { max_retries: Some(count), ..Create::default() };
    let turns = |count| Create { goal_max_turns: Some(count), ..Create::default() };
    let fields: [(Numbered<Create>, i64); 3] =
        [(runtime, SPAN_MAX.0), (retries, RETRIES_MAX), (turns, TURNS_MAX)];
    for (fields, max) in fields {
        for taken in [1, max] {
            accepted(&fresh(), create(fields(taken)));
        }
        for number in [i64::MIN, -1, 0, max + 1, i64::MAX] {
            assert_eq!(refused(&fresh(), create(fields(number))), "invalid_field", "{number}");
        }
    }
    let runtime =
        |seconds| edit(Fields { max_runtime: Some(Some(Seconds(seconds))), ..Fields::default() });
    let retries = |count| edit(Fields { max_retries: Some(Some(count)), ..Fields::default() });
    let fields: [(Numbered<Command>, i64); 2] = [(runtime, SPAN_MAX.0), (retries, RETRIES_MAX)];
    for (command, max) in fields {
        for taken in [1, max] {
            accepted(&ready(), command(taken));
        }
        for number in [0, max + 1] {
            assert_eq!(refused(&ready(), command(number)), "invalid_field", "{number}");
        }
    }
    for priority in [i64::MIN, i64::MAX] {
        accepted(&fresh(), create(Create { priority, ..Create::default() }));
    }
}
