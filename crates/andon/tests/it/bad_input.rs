//! Bad input: each is refused with its reason, its exit code, and nothing written.

use crate::env::TestEnv;
use andon_core::id::BoardSlug;
use andon_daemon::env::Env;
use andon_daemon::home::Home;
use andon_daemon::quarantine::{self, Circumstances, Finding, Fingerprint, State, follow};
use andon_store::{Clock, SystemClock};
use insta::assert_snapshot;

#[test]
fn unknown_ids_are_refused_by_every_verb() {
    let env = TestEnv::new();
    env.create(&["A"]);
    let verbs: [&[&str]; 19] = [
        &["show"],
        &["runs"],
        &["log"],
        &["tail"],
        &["context"],
        &["complete"],
        &["unblock"],
        &["archive"],
        &["cancel"],
        &["reclaim"],
        &["promote"],
        &["claim"],
        &["heartbeat"],
        &["block"],
        &["schedule"],
        &["edit", "--title", "x"],
        &["assign", "--"],
        &["comment", "--"],
        &["archive", "--no-wait"],
    ];
    for verb in verbs {
        let mut arguments = verb.to_vec();
        arguments.push("t_00000000");
        if matches!(verb[0], "assign" | "comment") {
            arguments.push("none");
        }
        let ran = env.run(&arguments);
        assert_eq!(ran.code, 1, "{arguments:?}");
        assert_eq!(ran.stdout, "", "{arguments:?}");
        assert_eq!(ran.stderr, "andon: no such task: t_00000000\n", "{arguments:?}");
    }
}

#[test]
fn s12_an_id_that_looks_like_a_path_reaches_no_file() {
    let env = TestEnv::new();
    env.write(".local/share/andon/kanban/secret.log", "secret");
    assert_snapshot!(env.run(&["log", "../secret"]), @r#"
    exit 1
    -- stderr
    andon: task id "../secret" is not valid: an id is `t_` and 8 or more of 0-9 a-f
    "#);
    assert_snapshot!(env.run(&["show", "t_../../x", "--json"]), @r#"
    exit 1
    -- stderr
    {
      "error": {
        "code": "bad_name",
        "message": "task id \"t_../../x\" is not valid: an id is `t_` and 8 or more of 0-9 a-f",
        "hint": null
      }
    }
    "#);
    assert!(!env.database().exists(), "a wrong id opens no board");
}

#[test]
fn links_that_cannot_be_are_refused() {
    let env = TestEnv::new();
    let (a, b) = (env.create(&["A"]), env.create(&["B"]));
    env.ok(&["link", &a, &b]);
    assert_snapshot!(env.run(&["link", &a, &a]), @"
    exit 1
    -- stderr
    andon: a task cannot depend on itself: <task-1>
    ");
    assert_snapshot!(env.run(&["link", &b, &a]), @"
    exit 1
    -- stderr
    andon: linking <task-1> -> <task-2> would create a cycle
    ");
    assert_snapshot!(env.run(&["unlink", &b, &a]), @"
    exit 1
    -- stderr
    andon: no link <task-1> -> <task-2>
    ");
    assert_snapshot!(env.run(&["link", "t_00000001", &a]), @"
    exit 1
    -- stderr
    andon: unknown task(s): t_00000001
    ");
    assert_snapshot!(env.run(&["create", "C", "--parent", "t_00000001"]), @"
    exit 1
    -- stderr
    andon: unknown parent task(s): t_00000001
    ");
}

#[test]
fn a_board_that_cannot_be_is_told_apart_from_one_that_is_not_there() {
    let env = TestEnv::new();
    assert_snapshot!(env.run(&["--board", "../x", "list"]), @r#"
    exit 2
    -- stderr
    andon: --board does not name a board
      because board name "../x" is not valid: use 1 to 64 of a-z 0-9 - _, beginning with a letter or digit
      hint: see `andon boards list`
    "#);
    assert_snapshot!(env.run(&["list", "--board", "nope"]), @"
    exit 1
    -- stderr
    andon: --board names board nope, which does not exist
      hint: make it with `andon boards create nope`, or see `andon boards list`
    ");
    assert_snapshot!(env.run(&["list"]), @"
    exit 1
    -- stderr
    andon: no board at <home>/kanban.db: its directory does not exist
      hint: make a board with `andon init`
    ");
    let env = env.with("ANDON_BOARD", "ghost");
    assert_snapshot!(env.run(&["create", "A"]), @"
    exit 1
    -- stderr
    andon: environment variable ANDON_BOARD names board ghost, which does not exist
      hint: correct or unset ANDON_BOARD
    ");
}

#[test]
fn g22_no_verb_opens_a_board_that_is_in_quarantine() {
    let env = TestEnv::new();
    let task = env.create(&["A"]);
    let home = Home::resolve(Some(&env.home()), &Env::default()).unwrap();
    let fingerprint = Fingerprint::of(&env.database());
    let at = Circumstances { now: SystemClock.now(), random: 0, fingerprint };
    let state = follow(&State::Clear, &Finding::Bad("it is damaged".to_owned()), at);
    quarantine::store(&home, &BoardSlug::default_board(), &state).unwrap();
    for arguments in [&["list"][..], &["show", &task], &["create", "B"], &["complete", &task]] {
        let ran = env.run(arguments);
        assert_eq!(ran.stdout, "", "{arguments:?}");
        assert!(ran.code != 0 && ran.stderr.contains("quarantine"), "{arguments:?}: {ran}");
    }
    quarantine::store(&home, &BoardSlug::default_board(), &State::Clear).unwrap();
    assert_eq!(env.status(&task), "ready");
}

#[test]
fn s31_an_unknown_profile_is_refused_with_the_known_ones() {
    let env = TestEnv::new();
    let task = env.create(&["A"]);
    assert_snapshot!(env.run(&["create", "B", "--assignee", "alcie"]), @"
    exit 1
    -- stderr
    andon: no such profile: alcie
      hint: known profiles: claude, codex, gemini, hermes, opencode, shell
      hint: for a person or an outside worker, add [profiles.alcie] with `manual = true` to <home>/profiles.toml
    ");
    assert_snapshot!(env.run(&["assign", &task, "alcie", "--json"]), @r#"
    exit 1
    -- stderr
    {
      "error": {
        "code": "unknown_profile",
        "message": "no such profile: alcie",
        "hint": "known profiles: claude, codex, gemini, hermes, opencode, shell; for a person or an outside worker, add [profiles.alcie] with `manual = true` to <home>/profiles.toml"
      }
    }
    "#);
    assert_snapshot!(env.run(&["assign", &task, "bad name!"]), @r#"
    exit 1
    -- stderr
    andon: profile name "bad name!" is not valid: use 1 to 64 of a-z 0-9 - _ ., beginning with a letter or digit
    "#);
}

#[test]
fn s31_workspaces_that_mean_nothing_are_refused() {
    let env = TestEnv::new();
    assert_snapshot!(env.run(&["create", "A", "--workspace", "dir:work/here"]), @r#"
    exit 1
    -- stderr
    andon: workspace is not valid: "work/here" is relative; give an absolute path
    "#);
    assert_snapshot!(env.run(&["create", "A", "--workspace", "dir"]), @"
    exit 1
    -- stderr
    andon: workspace is not valid: `dir` needs a path: `dir:/path`
    ");
    assert_snapshot!(env.run(&["create", "A", "--workspace", "folder:/x"]), @r#"
    exit 2
    -- stderr
    andon: --workspace: "folder:/x" is no workspace
      hint: write scratch, worktree, worktree:/path or dir:/path
    "#);
    assert_snapshot!(env.run(&["create", "A", "--branch", "x"]), @"
    exit 1
    -- stderr
    andon: branch is not valid: only a worktree workspace has a branch
    ");
}
