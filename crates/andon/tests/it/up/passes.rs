//! Single passes with limits of their own.

use super::{board, nothing_is_left, shell, wait_for};

#[test]
fn a_pass_may_have_a_failure_limit_of_its_own() {
    let env = board();
    assert_eq!(env.run(&["dispatch", "--failure-limit", "0"]).code, 2);
    let unstartable = shell(&env, "A", "true", &["--workspace", "worktree:/nonexistent"]);
    let failing = shell(&env, "B", "exit 1", &[]);
    assert_eq!(env.run(&["dispatch", "--failure-limit", "1"]).code, 1);
    assert_eq!(env.status(&unstartable), "blocked", "the setting is 2");
    wait_for(&env, &failing, "blocked");
    nothing_is_left(&env);
}
