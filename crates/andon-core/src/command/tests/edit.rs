//! Editing: what really changes is written and named, and nothing else.

use super::{accepted, events, refused};
use crate::command::complete::Handoff;
use crate::command::edit::Edit;
use crate::command::edit_result::EditResult;
use crate::event::NewEvent;
use crate::id::RunId;
use crate::run::{JsonText, RunOutcome};
use crate::table::sample::{task_id, view, with};
use crate::task::{Status, Task, Workspace, WorkspaceKind};
use crate::time::Seconds;
use crate::transition::{Fields, Outcome, RunRef, Transition, Write};

fn edit(fields: Fields) -> Edit {
    Edit { task: task_id(), fields }
}

fn text(word: &str) -> Option<Option<String>> {
    Some(Some(word.to_owned()))
}

fn elsewhere() -> Workspace {
    Workspace { kind: WorkspaceKind::Dir, path: Some("/src".to_owned()), branch: None }
}

/// Changes a task as its edit would.
type Done = fn(&mut Task);

/// Each field alone: its name in the event, its edit, and the task once that was done.
fn single() -> Vec<(&'static str, Fields, Done)> {
    let none = Fields::default;
    vec![
        ("title", Fields { title: Some("b".into()), ..none() }, |task| task.title = "b".into()),
        ("body", Fields { body: text("b"), ..none() }, |task| task.body = Some("b".into())),
        ("tenant", Fields { tenant: text("b"), ..none() }, |task| task.tenant = Some("b".into())),
        ("max_runtime_seconds", Fields { max_runtime: Some(Some(Seconds(9))), ..none() }, |task| {
            task.max_runtime = Some(Seconds(9));
        }),
        ("max_retries", Fields { max_retries: Some(Some(9)), ..none() }, |task| {
            task.max_retries = Some(9);
        }),
        ("skills", Fields { skills: Some(Some(vec!["b".into()])), ..none() }, |task| {
            task.skills = Some(vec!["b".into()]);
        }),
        ("model_override", Fields { model_override: text("b"), ..none() }, |task| {
            task.model_override = Some("b".into());
        }),
        ("workspace", Fields { workspace: Some(elsewhere()), ..none() }, |task| {
            task.workspace = elsewhere();
        }),
    ]
}

fn edited(names: &[&'static str]) -> NewEvent {
    NewEvent::Edited { fields: names.to_vec(), result_len: None, summary: None }
}

fn written(transition: &Transition) -> Option<&Fields> {
    transition.writes.iter().find_map(|write| match write {
        Write::SetFields { fields, .. } => Some(&**fields),
        _other => None,
    })
}

#[test]
fn each_field_that_changes_is_written_and_named() {
    for (name, fields, _) in single() {
        let transition = accepted(&view(Status::Ready), edit(fields.clone()));
        assert_eq!(written(&transition), Some(&fields), "{name}");
        assert_eq!(events(&transition), [&edited(&[name])], "{name}");
    }
}

#[test]
fn b30_a_field_that_is_so_already_is_not_written_again() {
    for (name, fields, done) in single() {
        let again = accepted(&with(view(Status::Ready), done), edit(fields));
        assert_eq!((again.outcome, again.writes.len()), (Outcome::Unchanged, 0), "{name}");
    }
    let same =
        accepted(&view(Status::Ready), edit(Fields { priority: Some(0), ..Fields::default() }));
    assert_eq!((same.outcome, same.writes.len()), (Outcome::Unchanged, 0));
}

#[test]
fn a_priority_has_an_event_of_its_own() {
    let both = || Fields { title: Some("b".into()), priority: Some(5), ..Fields::default() };
    let alone = Fields { priority: Some(5), ..Fields::default() };
    let reprioritized = NewEvent::Reprioritized { priority: 5 };
    assert_eq!(events(&accepted(&view(Status::Ready), edit(alone))), [&reprioritized]);
    let transition = accepted(&view(Status::Ready), edit(both()));
    assert_eq!(events(&transition), [&reprioritized, &edited(&["title", "priority"])]);
    let kept = with(view(Status::Ready), |task| task.priority = 5);
    assert_eq!(events(&accepted(&kept, edit(both()))), [&edited(&["title"])]);
}

#[test]
fn what_is_edited_is_cleaned_as_at_the_making() {
    let untidy = Fields {
        title: Some("  a title ".into()),
        tenant: text("  "),
        model_override: text(" model "),
        skills: Some(Some(vec![" a ".into(), String::new(), "a".into()])),
        ..Fields::default()
    };
    let transition = accepted(&view(Status::Ready), edit(untidy));
    let clean = Fields {
        title: Some("a title".into()),
        tenant: Some(None),
        model_override: text("model"),
        skills: Some(Some(vec!["a".into()])),
        ..Fields::default()
    };
    assert_eq!(written(&transition), Some(&clean));
    let relative = Workspace { path: Some("src".to_owned()), ..elsewhere() };
    let relative = Fields { workspace: Some(relative), ..Fields::default() };
    assert_eq!(refused(&view(Status::Ready), edit(relative)), "invalid_field");
}

fn handoff(summary: Option<&str>, metadata: Option<&str>) -> Handoff {
    Handoff {
        result: Some("r\u{e4}sult".into()),
        summary: summary.map(str::to_owned),
        metadata: metadata.map(|json| JsonText(json.to_owned())),
        artifacts: Vec::new(),
    }
}

fn rewrite(handoff: Handoff) -> EditResult {
    EditResult { task: task_id(), handoff }
}

#[test]
fn a_new_result_is_written_to_the_task_and_to_its_newest_completed_run() {
    let mut view = view(Status::Done);
    view.last_completed = Some(RunId(3));
    let transition = accepted(&view, rewrite(handoff(Some("why\nso"), Some("{}"))));
    let result = Write::SetResult { task: task_id(), result: "r\u{e4}sult".into() };
    assert!(transition.writes.contains(&result));
    let run = Write::EditRun {
        run: RunId(3),
        summary: Some("why\nso".into()),
        metadata: Some(JsonText("{}".into())),
    };
    assert!(transition.writes.contains(&run));
    let event = NewEvent::Edited {
        fields: vec!["result", "summary", "metadata"],
        result_len: Some(6),
        summary: Some("why".into()),
    };
    let known = Some(RunRef::Known(RunId(3)));
    let event = Write::AddEvent { task: task_id(), run: known, event: Box::new(event) };
    assert_eq!(transition.writes.last(), Some(&event));
}

#[test]
fn a_new_result_of_a_task_without_a_completed_run_adds_one() {
    let transition = accepted(&view(Status::Done), rewrite(handoff(None, None)));
    let added = transition.writes.iter().find_map(|write| match write {
        Write::SynthesizeRun { end, .. } => Some((end.outcome, end.summary.as_deref())),
        _other => None,
    });
    assert_eq!(added, Some((RunOutcome::Completed, Some("r\u{e4}sult"))));
    assert!(matches!(
        events(&transition)[..],
        [NewEvent::Edited { fields, .. }] if *fields == ["result", "summary"]
    ));
}

#[test]
fn a_result_is_required_where_a_result_is_rewritten() {
    let nothing = Handoff { result: None, ..handoff(Some("why"), None) };
    assert_eq!(refused(&view(Status::Done), rewrite(nothing)), "invalid_field");
}
