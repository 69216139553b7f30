//! Claims about what events ask for.

use super::*;
use andon_core::run::JsonText;
use andon_core::time::Timestamp;

fn event(id: i64, task: u32, kind: &str) -> Event {
    Event {
        id: EventId(id),
        task: TaskId::from_random(task),
        run: None,
        kind: kind.to_owned(),
        payload: None,
        at: Timestamp(0),
    }
}

fn ids(set: &BTreeSet<TaskId>) -> Vec<TaskId> {
    set.iter().cloned().collect()
}

#[test]
fn a_finished_parent_asks_for_its_children_and_a_lost_link_for_the_task_itself() {
    let events = [
        event(1, 1, "completed"),
        event(2, 2, "archived"),
        event(3, 3, "unlinked"),
        event(4, 4, "heartbeat"),
    ];
    let plan = plan(&events, &mut TickReport::default());
    assert_eq!(ids(&plan.parents), [TaskId::from_random(1), TaskId::from_random(2)]);
    assert_eq!(ids(&plan.tasks), [TaskId::from_random(3)]);
    assert_eq!(plan.cursor, Some(EventId(4)));
}

#[test]
fn a_move_by_hand_may_set_free_the_task_and_its_children() {
    let plan = plan(&[event(1, 1, "status")], &mut TickReport::default());
    assert_eq!(ids(&plan.parents), ids(&plan.tasks));
    assert_eq!(plan.tasks.len(), 1);
}

#[test]
fn what_runners_recorded_is_in_the_report() {
    let kinds = ["crashed", "protocol_violation", "timed_out", "stale", "rate_limited", "gave_up"];
    let events: Vec<Event> = kinds.iter().zip(1..).map(|(kind, n)| event(n, 1, kind)).collect();
    let mut report = TickReport::default();
    plan(&events, &mut report);
    let counts = [&report.crashed, &report.timed_out, &report.stale, &report.rate_limited]
        .map(|tasks| tasks.len());
    assert_eq!((counts, report.auto_blocked.len()), ([2, 1, 1, 1], 1));
}

#[test]
fn a_start_that_failed_is_in_the_report_with_its_reason_where_there_is_one() {
    let payload = |text: &str| Some(JsonText(text.to_owned()));
    let failed = |id, payload| Event { payload, ..event(id, 1, "spawn_failed") };
    let events = [
        failed(1, payload(r#"{"error": "no such directory", "failures": 1}"#)),
        failed(2, payload("[")),
        failed(3, None),
    ];
    let mut report = TickReport::default();
    plan(&events, &mut report);
    let errors: Vec<&str> = report.failed_starts.iter().map(|it| it.error.as_str()).collect();
    let silent = "the board does not say why";
    assert_eq!(errors, ["no such directory", silent, silent]);
    assert!(!report.is_quiet());
}

#[test]
fn a_full_answer_says_that_there_may_be_more() {
    let events: Vec<Event> = (1..=1_000).map(|id| event(id, 1, "heartbeat")).collect();
    assert_eq!(events.len(), EVENTS_MAX);
    assert_eq!(plan(&events, &mut TickReport::default()).rest, Rest::Maybe);
    assert_eq!(plan(&events[1..], &mut TickReport::default()).rest, Rest::Nothing);
}
