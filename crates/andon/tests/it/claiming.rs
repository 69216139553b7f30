//! Claims by hand, and the directories that they are worked on in.

use crate::env::TestEnv;
use std::path::PathBuf;
use std::process::Command;

/// A checkout with one commit.
fn checkout(env: &TestEnv) -> PathBuf {
    let path = env.path().join("checkout");
    std::fs::create_dir(&path).unwrap();
    for args in [&["init", "-q"][..], &["commit", "-q", "--allow-empty", "-m", "first"]] {
        let mut git = Command::new("git");
        git.arg("-C").arg(&path).args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(args);
        assert!(git.env("GIT_CONFIG_GLOBAL", "/dev/null").status().unwrap().success());
    }
    path
}

#[test]
fn a_claim_by_hand_stores_the_worktree_that_it_made() {
    let env = TestEnv::with_alice().with("PATH", std::env::var("PATH").unwrap());
    let checkout = checkout(&env);
    let task = env.create(&["A", "--workspace", &format!("worktree:{}", checkout.display())]);
    let claim = env.json(&["claim", &task]);
    let made = claim["workspace"].as_str().unwrap();
    assert!(made.ends_with(&task) && PathBuf::from(made).is_dir(), "{made}");
    let shown = env.json(&["show", &task]);
    assert_eq!(shown["task"]["workspace_path"], made);
    assert!(shown["task"]["branch_name"].is_string(), "{shown}");
    let context = env.ok(&["context", &task]);
    assert!(context.contains(&format!("Workspace: worktree @ {made}\n")), "{context}");
}

#[test]
fn a_claim_without_a_workspace_writes_nothing() {
    let env = TestEnv::with_alice();
    let task = env.create(&["A", "--workspace", "worktree:/dev/null/x"]);
    let before = env.json(&["show", &task]);
    let ran = env.run(&["claim", &task]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.contains(": it has no workspace: "), "{}", ran.stderr);
    assert_eq!(env.json(&["show", &task]), before, "no run, no event");
}

#[test]
fn a_claim_that_is_refused_makes_no_directory() {
    let env = TestEnv::with_alice();
    let wanted = env.path().join("wanted");
    let task = env.create(&["A", "--workspace", &format!("dir:{}", wanted.display())]);
    env.ok(&["pause"]);
    assert_eq!(env.run(&["claim", &task]).code, 1);
    assert!(!wanted.exists());
    env.ok(&["resume"]);
    env.ok(&["claim", &task]);
    assert!(wanted.is_dir());
}
