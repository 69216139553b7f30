//! Both programs do the same work on one board, and show it alike.

use crate::home::{SharedHome, json, succeed, text};
use crate::work::{Program, Work};
use serde_json::{Map, Value};

/// What Andon's objects have beyond the peer's, each with its reason. Everything else that is not
/// equal is a fault.
const ANDON_ONLY: &[(&str, &[&str])] = &[
    // A reader of the peer's output finds its keys first and in order; these follow.
    ("show", &["attachments"]),
    // Who follows a board needs to say where he was.
    ("show.comments", &["id"]),
    ("show.events", &["id"]),
    // The lease belongs to the run, and a run that is being ended says so.
    ("show.runs", &["claim_expires", "last_heartbeat_at", "max_runtime_seconds", "stopping_to"]),
    ("show.runs", &["processes_gone_at"]),
];

/// Fields of a task that the peer's board has no column for: when a parked task wakes, and when a
/// failed one may be tried again.
const ANDON_TASK_FIELDS: &[&str] = &["due_at", "not_before"];

/// What the peer stores and Andon leaves empty, with the reason. Everything else that the same call
/// leaves behind is equal.
const PEER_WRITES_MORE: &[(&str, &str, &str)] =
    &[("reclaimed", "/runs/0/metadata", "the same facts stand in the event beside it")];

/// Tasks that were claimed. Both programs store where they are worked on, and Andon says so by an
/// event.
const CLAIMED: &[&str] = &["depends", "parent", "reclaimed", "running"];

/// Keys of a task in the peer's output.
const PEER_TASK_KEYS: usize = 21;

#[test]
#[ignore = "needs the peer: cargo xtask interop"]
fn each_lists_and_shows_what_the_other_wrote() {
    let home = SharedHome::new();
    Work::done_by(Program::Andon, &home);
    Work::done_by(Program::Hermes, &home);

    // First the peer: its list is a write, too, as it makes waiting tasks ready.
    let theirs = by_id(&home.hermes_json(&["list", "--archived"]));
    let every_field = by_id(&json(&succeed(home.script("tasks.py").arg(home.database()))));
    let ours = by_id(&home.andon_json(&["list", "--archived"]));

    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    for (id, task) in &ours {
        same_task(task, &theirs[id], &every_field[id]);
        let shown = home.andon_json(&["show", id]);
        let mut same = shown.clone();
        same["task"] = first_keys(&shown["task"]);
        same_object("show", &same, &home.hermes_json(&["show", id]));
        assert_eq!(&shown["task"], task, "Andon's two views of {id}");
    }
}

#[test]
#[ignore = "needs the peer: cargo xtask interop"]
fn the_same_calls_leave_the_same_history_whoever_makes_them() {
    let home = SharedHome::new();
    let ours = Work::done_by(Program::Andon, &home);
    let theirs = Work::done_by(Program::Hermes, &home);

    let mut differences = Vec::new();
    for (name, id) in &ours.tasks {
        let mut left = ours.without_accidents(&home.hermes_json(&["show", id]));
        if *name == "born blocked" {
            // Andon says that it is blocked: without this event the peer's dispatcher would make
            // it ready in its next pass.
            let events = left["events"].as_array_mut().unwrap();
            assert_eq!(events.pop().unwrap()["kind"], "blocked");
        }
        if CLAIMED.contains(name) {
            let events = left["events"].as_array_mut().unwrap();
            let before = events.len();
            let stored = serde_json::json!({ "fields": ["workspace"] });
            events.retain(|event| event["kind"] != "edited" || event["payload"] != stored);
            assert_eq!(events.len() + 1, before, "{name}");
        }
        let mut right = theirs.without_accidents(&home.hermes_json(&["show", &theirs.tasks[name]]));
        for (task, place, _) in PEER_WRITES_MORE.iter().filter(|(task, ..)| task == name) {
            assert_eq!(left.pointer(place), Some(&Value::Null), "{task}{place} of Andon");
            let more = right.pointer_mut(place).unwrap().take();
            assert_ne!(more, Value::Null, "{task}{place} of the peer");
        }
        if left != right {
            differences.push(format!("{name}\n-- by Andon: {left:#}\n-- by the peer: {right:#}"));
        }
    }
    assert_eq!(differences, Vec::<String>::new(), "{}", differences.join("\n"));
}

/// Tasks in the order of their ids. The lists themselves differ in one thing: tasks of the same
/// priority and second stand in no defined order with the peer, and in that of their ids with us.
fn by_id(list: &Value) -> std::collections::BTreeMap<String, Value> {
    list.as_array().unwrap().iter().map(|t| (text(&t["id"]).to_owned(), t.clone())).collect()
}

/// The peer's keys, in its order, with its values; then more fields of the same row.
fn same_task(ours: &Value, theirs: &Value, every_field: &Value) {
    let (front, theirs) = (first_keys(ours), theirs.as_object().unwrap());
    let keys = |object: &Map<String, Value>| object.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(front.as_object().unwrap()), keys(theirs));
    assert_eq!(front.as_object().unwrap(), theirs);
    for (key, value) in ours.as_object().unwrap().iter().skip(PEER_TASK_KEYS) {
        if !ANDON_TASK_FIELDS.contains(&key.as_str()) {
            assert_eq!(Some(value), every_field.get(key), "{key} of {}", ours["id"]);
        }
    }
}

fn first_keys(task: &Value) -> Value {
    let front = task.as_object().unwrap().iter().take(PEER_TASK_KEYS);
    Value::Object(front.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// Everything of theirs is in ours, and more only where [`ANDON_ONLY`] says so.
fn same_object(place: &str, ours: &Value, theirs: &Value) {
    match (ours, theirs) {
        (Value::Array(ours_all), Value::Array(theirs_all)) => {
            assert_eq!(ours_all.len(), theirs_all.len(), "{place}: {ours} is not {theirs}");
            for (ours, theirs) in ours_all.iter().zip(theirs_all) {
                same_object(place, ours, theirs);
            }
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            for (key, value) in theirs {
                let mine = ours.get(key).unwrap_or_else(|| panic!("{place} lacks {key}"));
                same_object(&format!("{place}.{key}"), mine, value);
            }
            for key in ours.keys().filter(|key| !theirs.contains_key(*key)) {
                let mut listed = ANDON_ONLY.iter().filter(|(where_, _)| *where_ == place);
                assert!(listed.any(|(_, keys)| keys.contains(&key.as_str())), "{place}.{key}");
            }
        }
        _ => assert_eq!(ours, theirs, "{place}"),
    }
}
