//! Boards that the peer wrote, today or long ago, opened in place.

use crate::home::{SharedHome, json, succeed, text};
use crate::work::{Program, Work};
use serde_json::Value;
use std::path::{Path, PathBuf};

#[test]
#[ignore = "needs the peer: cargo xtask interop"]
fn a_board_of_the_peer_is_taken_over_once_backed_up_and_stays_the_peers() {
    let home = SharedHome::new();
    Work::done_by(Program::Hermes, &home);
    let before = home.hermes_json(&["list", "--archived"]);
    assert_eq!(backups(&home), Vec::<PathBuf>::new());

    home.andon(&["list"]);
    home.andon(&["create", "the first of Andon"]);
    home.andon(&["list"]);

    let backups = backups(&home);
    assert_eq!(backups.len(), 1, "one opening migrates: {backups:?}");
    let copy = home.beside("copy.db");
    std::fs::copy(&backups[0], &copy).unwrap();
    assert_eq!(home.audit(&copy)["integrity"], "ok");
    assert_eq!(tasks(&home, &copy), as_listed(&before), "the backup holds the board as it was");

    let task = home.hermes_json(&["create", "the peer goes on"]);
    let task = text(&task["id"]);
    home.hermes(&["claim", task]);
    home.hermes(&["complete", task, "--summary", "as ever"]);
    assert_eq!(Program::Andon.status(&home, task), "done");
    assert_eq!(home.audit(&home.database())["integrity"], "ok");
}

#[test]
#[ignore = "needs the peer: cargo xtask interop"]
fn a_board_older_than_every_migration_comes_out_alike_whoever_opens_it_first() {
    let outcomes = Program::BOTH.map(|(first, second)| {
        let home = SharedHome::new();
        succeed(home.script("legacy.py").arg(home.database()));
        first.call(&home, &["list"]);
        second.call(&home, &["list"]);

        assert_eq!(home.audit(&home.database())["integrity"], "ok");
        let old: Vec<Value> = ["t_00000001", "t_00000002", "t_00000003", "t_00000004"]
            .map(|id| shown(&home, id))
            .into();
        let task = second.create(&home, &["new on the old board"]);
        first.call(&home, &["claim", &task]);
        second.call(&home, &["complete", &task]);
        assert_eq!(first.status(&home, &task), "done");
        old
    });
    let [andon_first, hermes_first] = outcomes;
    assert_eq!(andon_first, hermes_first);
    assert_eq!(andon_first[1]["runs"].as_array().unwrap().len(), 1, "a running task got its run");
    assert_eq!(andon_first[2]["events"][1]["kind"], "promoted", "an old kind got its new name");
    assert_eq!(andon_first[3]["task"]["consecutive_failures"], 2, "an old counter was taken over");
}

/// A task as Andon shows it, which has more fields, after a comparison with the peer.
fn shown(home: &SharedHome, task: &str) -> Value {
    let mut ours = home.andon_json(&["show", task]);
    let theirs = home.hermes_json(&["show", task]);
    for key in ["parents", "children"] {
        assert_eq!(ours[key], theirs[key], "{key} of {task}");
    }
    for (key, value) in theirs["task"].as_object().unwrap() {
        assert_eq!(&ours["task"][key], value, "{key} of {task}");
    }
    // Where a table's ids had become texts, the peer numbers all rows anew; Andon keeps those that
    // are numbers, since somebody may have written them down.
    for comment in ours["comments"].as_array_mut().unwrap() {
        comment.as_object_mut().unwrap().remove("id");
    }
    ours
}

fn backups(home: &SharedHome) -> Vec<PathBuf> {
    let names = std::fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().path());
    names.filter(|path| path.extension().is_some_and(|end| end == "bak")).collect()
}

/// Id and status of each task in a file, in the order of the ids.
fn tasks(home: &SharedHome, file: &Path) -> Vec<(String, String)> {
    as_listed(&json(&succeed(home.script("tasks.py").arg(file))))
}

fn as_listed(list: &Value) -> Vec<(String, String)> {
    let both = |task: &Value| (text(&task["id"]).to_owned(), text(&task["status"]).to_owned());
    let mut all: Vec<_> = list.as_array().unwrap().iter().map(both).collect();
    all.sort();
    all
}
