//! `doctor`: each bad situation is made for real and seen, and a board in order shows none.

mod board;
mod files;
mod machine;
mod mending;
mod processes;

use crate::env::TestEnv;
use insta::assert_snapshot;
use rusqlite::Connection;
use serde_json::Value;

/// A home with a board and two tasks, seen from a machine without any agent.
fn home() -> TestEnv {
    let env = TestEnv::new().with("PATH", "/nowhere");
    env.create(&["First"]);
    env.create(&["Second"]);
    env
}

/// Everything that is found.
fn findings(env: &TestEnv, arguments: &[&str]) -> Vec<Value> {
    let arguments: Vec<&str> = ["doctor", "--json"].iter().chain(arguments).copied().collect();
    let ran = env.run(&arguments);
    let findings: Vec<Value> = serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
    let is_open = |found: &Value| found["severity"] == "problem" && found["fixed"] == false;
    assert_eq!(ran.code, i32::from(findings.iter().any(is_open)), "{findings:?}");
    assert_eq!(ran.stderr, "");
    findings
}

/// Severity and text of what one check finds.
fn of(env: &TestEnv, check: &str) -> Vec<(String, String)> {
    let found = findings(env, &[]).into_iter().filter(|found| found["check"] == check);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    found.map(|found| (text(&found["severity"]), text(&found["finding"]))).collect()
}

/// The one thing that a check finds.
#[track_caller]
fn only(env: &TestEnv, check: &str) -> (String, String) {
    let mut found = of(env, check);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// Requires that a check finds one thing, of this severity and with this text in it.
#[track_caller]
fn finds(env: &TestEnv, check: &str, severity: &str, text: &str) {
    let found = only(env, check);
    assert!(found.0 == severity && found.1.contains(text), "{found:?}");
}

/// Changes the board behind the back of Andon.
fn change(env: &TestEnv, sql: &str) {
    let connection = Connection::open(env.database()).unwrap();
    connection
        .set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .unwrap();
    connection.execute_batch(sql).unwrap();
}

/// A row that is written while the schema does not name an index is not put into that index.
fn lose_an_index_row(env: &TestEnv) {
    let row = "'t_0000000a', 'Third', 'ready', 9";
    change(
        env,
        "PRAGMA writable_schema = ON;
         CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name = 'idx_tasks_status';
         DELETE FROM sqlite_schema WHERE name = 'idx_tasks_status';",
    );
    change(env, &format!("INSERT INTO tasks (id, title, status, created_at) VALUES ({row})"));
    change(
        env,
        "PRAGMA writable_schema = ON;
         INSERT INTO sqlite_schema SELECT * FROM kept;
         DROP TABLE kept;",
    );
}

#[test]
fn a_home_in_order_shows_no_finding() {
    let env = home();
    let found = findings(&env, &[]);
    let odd: Vec<&Value> = found.iter().filter(|found| found["severity"] != "ok").collect();
    // Two tasks are ready, and nobody dispatches them.
    assert_eq!(odd.len(), 1, "{odd:?}");
    assert_eq!((&odd[0]["check"], &odd[0]["severity"]), (&"dispatcher".into(), &"note".into()));
    assert_snapshot!(env.run(&["doctor"]), @"
    exit 0
    -- stdout
    Home <home>
      ✓ 5 checks in order

    Board default: <home>/kanban.db
      · dispatcher       nobody dispatches the board (tasks ready: 2, running: 0)
                         → run `andon up`, or `andon dispatch` from a timer
      ✓ 20 checks in order

    Nothing is wrong.
    ");
}

#[test]
fn fields_have_a_fixed_order_and_boards_are_told_apart() {
    let env = home();
    env.ok(&["boards", "create", "side"]);
    let all = findings(&env, &[]);
    let keys: Vec<&str> = all[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["board", "check", "severity", "finding", "remedy", "fixable", "fixed"]);
    let of_board = |found: &[Value], board: Value| {
        found.iter().filter(|found| found["board"] == board).count()
    };
    let count = of_board(&all, "default".into());
    assert_eq!(of_board(&all, "side".into()), count);
    assert!(of_board(&all, Value::Null) > 0);
    let one = findings(&env, &["--board", "side"]);
    assert_eq!((of_board(&one, "default".into()), of_board(&one, "side".into())), (0, count));
    assert_eq!(env.run(&["doctor", "--board", "nowhere"]).code, 1);
    assert_eq!(env.run(&["doctor", "--everything"]).code, 2);
}

#[test]
fn what_is_wrong_comes_first_with_its_remedy() {
    let env = home();
    change(&env, "UPDATE tasks SET status = 'running' WHERE title = 'First'");
    assert_snapshot!(env.run(&["doctor"]), @"
    exit 1
    -- stdout
    Home <home>
      ✓ 5 checks in order

    Board default: <home>/kanban.db
      ✗ invariants       running_has_its_run (A running task names an open run of its own, held by the same lock.): task <task-1> is running without a run
                         → no release of Andon leaves a board so: look what else writes to it, and report it
      ✗ invariants       running_has_started (A running task says when it was first claimed.): task <task-1> is running and was never started
                         → no release of Andon leaves a board so: look what else writes to it, and report it
      ! claims           the claim of <task-1> ran out, and its holder is gone
                         → take it back, as a dispatcher or `andon reclaim <task-1>` would; --fix does it
      · dispatcher       nobody dispatches the board (tasks ready: 1, running: 1)
                         → run `andon up`, or `andon dispatch` from a timer
      ✓ 18 checks in order

    2 problems, 1 warning
    ");
}
