//! Boards that get no dispatcher: nobody waits for them, and none is left out without a word.

use super::{LIMIT, board, nothing_is_left, shell};
use crate::env::TestEnv;
use crate::processes::{Up, log};

/// A board `side` with a task that could start, and the default one with another; both their ids.
fn two_boards() -> (TestEnv, String, String) {
    let env = board();
    env.ok(&["boards", "create", "side"]);
    let waiting = shell(&env, "Waiting", "echo two", &["--board", "side"]);
    let task = shell(&env, "A task", "echo one", &[]);
    (env, task, waiting)
}

const SIDE: &str = ".local/share/andon/kanban/boards/side/board.json";

/// What the first line of `up --json` says of boards.
fn boards(env: &TestEnv) -> serde_json::Value {
    let said = log(env);
    let first: serde_json::Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    first["boards"].clone()
}

#[test]
fn a_board_that_is_marked_as_archived_is_neither_listed_nor_waited_for() {
    let (env, task, waiting) = two_boards();
    env.write(SIDE, r#"{"archived": true}"#);
    let mut up = Up::start(&env, &["--once-empty", "--json"]);
    assert!(up.wait(LIMIT).success(), "{}", log(&env));
    assert_eq!(boards(&env), serde_json::json!(["default"]));
    assert_eq!(env.status(&task), "done");
    let left = env.json(&["show", &waiting, "--board", "side"]);
    assert_eq!(left["task"]["status"], "ready");
    nothing_is_left(&env);
}

#[test]
fn a_board_whose_metadata_are_broken_is_told_and_not_waited_for() {
    let (env, task, _) = two_boards();
    env.write(SIDE, "{");
    let mut up = Up::start(&env, &["--once-empty", "--json"]);
    let code = up.wait(LIMIT).code();
    assert_eq!((code, env.status(&task).as_str()), (Some(1), "done"), "{}", log(&env));
    assert_eq!(boards(&env), serde_json::json!(["default"]));
    let told = r#""board":"side","kind":"failed""#;
    assert!(log(&env).contains(told), "{}", log(&env));
    nothing_is_left(&env);
}

#[test]
fn without_readable_settings_no_board_is_served_or_waited_for() {
    let (env, task, _) = two_boards();
    env.write(".local/share/andon/config.toml", "[dispatch]\nno_such_key = 1\n");
    let mut up = Up::start(&env, &["--once-empty"]);
    assert_eq!(up.wait(LIMIT).code(), Some(1), "{}", log(&env));
    for board in ["default", "side"] {
        assert!(log(&env).contains(&format!("board {board}: cannot be served: ")), "{}", log(&env));
        assert!(log(&env).contains(&format!("] {board}: cannot be served: ")), "{}", log(&env));
    }
    env.write(".local/share/andon/config.toml", "");
    assert_eq!(env.status(&task), "ready");
}
