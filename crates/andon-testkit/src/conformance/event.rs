//! Events: a history that only grows.

use super::claims;
use crate::fixture::{Board, verbs};
use andon_core::event::Event;
use andon_core::id::EventId;
use andon_store::EventFilter;

claims![
    ids_grow_and_the_last_one_is_told,
    a_reader_goes_on_where_it_stopped,
    kinds_and_tasks_are_filtered,
    payloads_are_those_of_the_board_file,
    an_event_names_the_run_that_it_belongs_to,
];

fn read(board: &Board, filter: &EventFilter) -> Vec<Event> {
    board.store.event_list(filter).expect("events can be read")
}

fn all() -> EventFilter {
    EventFilter { limit: 100, ..EventFilter::default() }
}

fn ids_grow_and_the_last_one_is_told(board: &Board) {
    assert_eq!(board.store.event_last(), Ok(None));
    let id = board.task("a").create();
    let applied = board.done(verbs::claim(&id));
    assert_eq!(board.store.event_last(), Ok(applied.event));
    let events = read(board, &all());
    assert!(events.windows(2).all(|pair| pair[0].id < pair[1].id));
    assert_eq!(events.last().map(|event| event.id), applied.event);
}

fn a_reader_goes_on_where_it_stopped(board: &Board) {
    for _ in 0..5 {
        board.task("a").create();
    }
    let whole = read(board, &all());
    let (mut read_so_far, mut after): (Vec<Event>, Option<EventId>) = (Vec::new(), None);
    for _ in 0..whole.len() {
        let page = read(board, &EventFilter { after, limit: 2, ..EventFilter::default() });
        assert!(page.len() <= 2);
        after = page.last().map(|event| event.id).or(after);
        read_so_far.extend(page);
    }
    assert_eq!(read_so_far, whole);
}

fn kinds_and_tasks_are_filtered(board: &Board) {
    let (a, b) = (board.task("a").claimed(), board.task("b").claimed());
    board.complete(&b);
    let filter = EventFilter {
        task: Some(b.clone()),
        kinds: vec!["claimed".into(), "completed".into()],
        ..all()
    };
    let events = read(board, &filter);
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["claimed", "completed"]);
    assert!(events.iter().all(|event| event.task == b));
    let first = events.first().map(|event| event.id);
    let later = read(board, &EventFilter { after: first, ..filter });
    assert_eq!(later.len(), 1);
    assert_eq!(board.kinds(&a), ["created", "claimed"]);
}

fn payloads_are_those_of_the_board_file(board: &Board) {
    let parent = board.task("a").create();
    let id = board.task("ä").after(&parent).create();
    board.complete(&parent);
    let filter = EventFilter { task: Some(id.clone()), ..all() };
    let payloads: Vec<Option<String>> =
        read(board, &filter).into_iter().map(|event| event.payload.map(|text| text.0)).collect();
    let created = format!(
        "{{\"assignee\": null, \"status\": \"todo\", \"parents\": [\"{parent}\"], \
         \"tenant\": null, \"branch_name\": null, \"skills\": null, \"goal_mode\": null}}"
    );
    assert_eq!(payloads, [Some(created), None], "a promotion has nothing to add");
}

fn an_event_names_the_run_that_it_belongs_to(board: &Board) {
    let id = board.task("a").create();
    let run = board.claim(&id);
    let claimed = read(board, &EventFilter { kinds: vec!["claimed".into()], ..all() });
    assert_eq!(claimed.len(), 1);
    assert_eq!((claimed[0].run, claimed[0].at), (Some(run), board.now()));
    let payload = claimed[0].payload.as_ref().map(|text| text.0.as_str()).unwrap_or_default();
    assert!(payload.contains(&format!("\"run_id\": {run}")), "{payload}");
    let created = read(board, &EventFilter { kinds: vec!["created".into()], ..all() });
    assert_eq!(created[0].run, None);
}
