//! Filters of lists.

use super::claims;
use crate::fixture::{Board, profile};
use andon_core::id::TaskId;
use andon_core::task::Status;
use andon_store::{Archived, AssigneeFilter, ListFilter};

claims![
    archived_tasks_are_hidden_unless_wanted,
    statuses_are_any_of_those_named,
    assignees_are_one_nobody_or_any,
    a_search_finds_part_of_title_or_body_in_any_case,
    a_search_ignores_the_case_of_every_letter,
    texts_are_compared_whole,
    filters_hold_together,
];

fn found(board: &Board, filter: ListFilter) -> Vec<TaskId> {
    let tasks = board.store.task_list(&filter).expect("tasks can be read");
    let mut ids: Vec<TaskId> = tasks.into_iter().map(|task| task.id).collect();
    ids.sort();
    ids
}

fn sorted<const N: usize>(ids: [&TaskId; N]) -> Vec<TaskId> {
    let mut ids: Vec<TaskId> = ids.into_iter().cloned().collect();
    ids.sort();
    ids
}

fn archived_tasks_are_hidden_unless_wanted(board: &Board) {
    let (kept, away) = (board.task("a").create(), board.task("b").create());
    board.archive(&away);
    assert_eq!(found(board, ListFilter::default()), sorted([&kept]));
    let shown = ListFilter { archived: Archived::Shown, ..ListFilter::default() };
    assert_eq!(found(board, shown), sorted([&kept, &away]));
    let named = ListFilter { statuses: vec![Status::Archived], ..ListFilter::default() };
    assert_eq!(found(board, named), sorted([&away]));
}

fn statuses_are_any_of_those_named(board: &Board) {
    let ready = board.task("a").create();
    let running = board.task("b").claimed();
    let done = board.task("c").create();
    board.complete(&done);
    let of = |statuses: &[Status]| {
        found(board, ListFilter { statuses: statuses.to_vec(), ..ListFilter::default() })
    };
    assert_eq!(of(&[Status::Ready, Status::Done]), sorted([&ready, &done]));
    assert_eq!(of(&[Status::Running]), sorted([&running]));
    assert_eq!(of(&[Status::Triage]), []);
}

fn assignees_are_one_nobody_or_any(board: &Board) {
    let x = board.task("a").assigned("x").create();
    let y = board.task("b").assigned("y").create();
    let nobody = board.task("c").create();
    let of = |assignee| found(board, ListFilter { assignee, ..ListFilter::default() });
    assert_eq!(of(AssigneeFilter::Is(profile("x"))), sorted([&x]));
    assert_eq!(of(AssigneeFilter::Nobody), sorted([&nobody]));
    assert_eq!(of(AssigneeFilter::Any), sorted([&x, &y, &nobody]));
}

fn a_search_finds_part_of_title_or_body_in_any_case(board: &Board) {
    let title = board.task("Fix the Parser").create();
    let body = board.task("b").with(|create| create.body = Some("a PARSER bug".into())).create();
    board.task("c").create();
    let of = |text: &str| {
        found(board, ListFilter { search: Some(text.to_owned()), ..ListFilter::default() })
    };
    assert_eq!(of("parser"), sorted([&title, &body]));
    assert_eq!(of("THE P"), sorted([&title]));
    assert_eq!(of("%"), [], "signs have no other meaning than themselves");
    assert_eq!(of("_"), []);
}

fn a_search_ignores_the_case_of_every_letter(board: &Board) {
    let german = board.task("Über die Straße").create();
    let body = |text: &str| board.task("b").with(|create| create.body = Some(text.into())).create();
    let (russian, greek) = (body("Прочитать ЖУРНАЛ"), body("η ΟΔΟΣ εκεί, η οδός εδώ"));
    let of = |text: &str| {
        found(board, ListFilter { search: Some(text.to_owned()), ..ListFilter::default() })
    };
    for text in ["Über", "über", "ÜBER", "STRASSE", "straße"] {
        assert_eq!(of(text), sorted([&german]), "{text}");
    }
    for text in ["журнал", "ЖУРНАЛ", "прочитать ж"] {
        assert_eq!(of(text), sorted([&russian]), "{text}");
    }
    for text in ["ΟΔΟΣ", "οδοσ", "ΟΔΌς", "Η ο"] {
        assert_eq!(of(text), sorted([&greek]), "{text}");
    }
    assert_eq!(of("uber"), [], "another letter is another letter");
}

fn texts_are_compared_whole(board: &Board) {
    let id = board
        .task("a")
        .with(|create| {
            create.tenant = Some("tenant".into());
            create.session_id = Some("session".into());
        })
        .create();
    board.task("b").create();
    let tenant = |text: &str| ListFilter { tenant: Some(text.to_owned()), ..ListFilter::default() };
    assert_eq!(found(board, tenant("tenant")), sorted([&id]));
    assert_eq!(found(board, tenant("Tenant")), []);
    assert_eq!(found(board, tenant("ten")), []);
    let session = ListFilter { session_id: Some("session".to_owned()), ..ListFilter::default() };
    assert_eq!(found(board, session), sorted([&id]));
    let step = ListFilter { current_step_key: Some("step".to_owned()), ..ListFilter::default() };
    assert_eq!(found(board, step), []);
}

fn filters_hold_together(board: &Board) {
    let wanted = board.task("needle").assigned("x").create();
    board.task("needle").assigned("y").create();
    board.task("straw").assigned("x").create();
    let filter = ListFilter {
        assignee: AssigneeFilter::Is(profile("x")),
        search: Some("needle".to_owned()),
        ..ListFilter::default()
    };
    assert_eq!(found(board, filter), sorted([&wanted]));
}
