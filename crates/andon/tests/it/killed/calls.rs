//! Short calls that die at named points: between commit and answer, before a checkpoint, while a
//! board is made.

use crate::env::TestEnv;
use crate::library;
use andon_store::{ListFilter, Read};
use andon_store_sqlite::{Depth, Verdict, check_board};
use std::time::Duration;

/// Longest check of a board with a handful of tasks.
const CHECK_LIMIT: Duration = Duration::from_secs(60);

/// A board whose log is moved into the database after every commit.
fn env() -> TestEnv {
    let env = TestEnv::new();
    env.write(".local/share/andon/config.toml", "[store]\ncheckpoint_pages = 1\n");
    env
}

/// A call that must die at this point.
fn dies(env: &TestEnv, point: &str, arguments: &[&str]) {
    env.killed(&format!("{point}=kill"), arguments);
}

fn titles(env: &TestEnv) -> Vec<String> {
    let mut titles: Vec<String> = library::open(env)
        .task_list(&ListFilter::default())
        .unwrap()
        .into_iter()
        .map(|task| task.title)
        .collect();
    titles.sort();
    titles
}

fn is_sound(env: &TestEnv) {
    let found = check_board(&env.database(), Depth::Full, CHECK_LIMIT).unwrap();
    assert!(matches!(found, Verdict::Sound), "{found:?}");
}

#[test]
fn a_call_that_dies_between_commit_and_answer_was_done_and_is_not_done_again() {
    for point in ["writer.committed", "writer.checkpoint"] {
        let env = env();
        env.ok(&["init"]);
        let create = ["create", "A", "--idempotency-key", "once", "--json"];
        dies(&env, point, &create);
        assert_eq!(titles(&env), ["A"], "{point}");
        env.ok(&create);
        env.create(&["B"]);
        assert_eq!(titles(&env), ["A", "B"], "{point}");
        is_sound(&env);
    }
}

#[test]
fn a_call_that_dies_before_its_commit_was_not_done() {
    for point in ["writer.turn", "writer.written"] {
        let env = env();
        env.ok(&["init"]);
        dies(&env, point, &["create", "A"]);
        assert_eq!(titles(&env), [""; 0], "{point}");
        env.create(&["A"]);
        assert_eq!(titles(&env), ["A"], "{point}");
        is_sound(&env);
    }
}

#[test]
fn whoever_dies_while_a_board_is_made_leaves_none_or_a_whole_one() {
    for point in [
        "disk.make-directory",
        "open.init-locked",
        "disk.create",
        "disk.sync",
        "disk.rename",
        "disk.renamed",
        "disk.sync-directory",
    ] {
        let env = TestEnv::new();
        dies(&env, point, &["init"]);
        env.create(&["A"]);
        assert_eq!(titles(&env), ["A"], "{point}");
        is_sound(&env);
        let left = env.home().join("kanban.db.new");
        assert!(!left.exists(), "{point}: {left:?} stays");
    }
}
