//! Workers of the peer: its arguments, its variables.

use super::*;

#[test]
fn a_hermes_worker_gets_the_peers_arguments() {
    let stage = Stage::new();
    let env = stage.env_with_program("hermes");
    let hermes = stage.dir.path().join("bin/hermes").to_str().unwrap().to_owned();
    let profile = named(&parsed("[profiles.coder]\npreset = \"hermes\"").unwrap(), "coder");
    let head = [&hermes, "-p", "coder", "--cli", "--accept-hooks"];
    let tail = ["chat", "-q", "work kanban task t_00c0ffee"];
    let plain = argv(&profile, &stage.facts(), &env).unwrap();
    assert_eq!(plain, [&head[..], &tail[..]].concat());
    let skills = ["x".to_owned(), "y".to_owned()];
    let goal = Some(Goal { turns_max: None });
    let facts = WorkerFacts { model: Some("m"), skills: &skills, goal, ..stage.facts() };
    let full = argv(&profile, &facts, &env).unwrap();
    let middle = ["--skills", "x", "--skills", "y", "-m", "m"];
    assert_eq!(full, [&head[..], &middle[..], &tail[..], &["-Q"]].concat());
}

#[test]
fn the_hermes_program_is_the_named_one_or_the_one_on_the_path() {
    let stage = Stage::new();
    let profile = named(&Profiles::built_in(), "hermes");
    let program = |env: &Env| argv(&profile, &stage.facts(), env).map(|argv| argv[0].clone());
    let mut env = stage.env_with_program("other");
    assert!(matches!(program(&env), Err(StartError::NoHermes(_))));
    let other = stage.dir.path().join("bin/other").to_str().unwrap().to_owned();
    env.set("HERMES_BIN", "other");
    assert_eq!(program(&env).unwrap(), other);
    env.set("HERMES_BIN", "~/bin/other");
    assert_eq!(program(&env).unwrap(), other);
    for wrong in ["./other", "/no/such/program", "nothing"] {
        env.set("HERMES_BIN", wrong);
        assert!(program(&env).unwrap_err().to_string().contains("HERMES_BIN"), "{wrong}");
    }
}

#[test]
fn a_hermes_worker_gets_the_peers_names_beside_ours() {
    let stage = Stage::with_home(".hermes");
    let coder = stage.home.path().join("profiles/coder");
    fs::create_dir_all(&coder).unwrap();
    let mut env = stage.env_with_program("hermes");
    env.set("TERMINAL_TIMEOUT", "180");
    env.set("HERMES_TUI", "1");
    let profiles = Profiles::load(&stage.home).unwrap();
    let workspace = stage.dir.path();
    let goal = Some(Goal { turns_max: Some(9) });
    let facts = WorkerFacts {
        workspace,
        branch: Some("b"),
        tenant: Some("acme"),
        goal,
        max_runtime: Some(Seconds(600)),
        ..stage.facts()
    };
    let worker = environment(&named(&profiles, "coder"), &facts, &env).unwrap();
    let expected = [
        ("HERMES_HOME", coder.to_str().unwrap()),
        ("HERMES_PROFILE", "coder"),
        ("HERMES_TENANT", "acme"),
        ("HERMES_KANBAN_BOARD", "infra"),
        ("HERMES_KANBAN_BRANCH", "b"),
        ("HERMES_KANBAN_CLAIM_LOCK", stage.lock.as_str()),
        ("HERMES_KANBAN_DB", stage.layout.database().to_str().unwrap()),
        ("HERMES_KANBAN_GOAL_MAX_TURNS", "9"),
        ("HERMES_KANBAN_GOAL_MODE", "1"),
        ("HERMES_KANBAN_HOME", stage.home.path().to_str().unwrap()),
        ("HERMES_KANBAN_RUN_ID", "7"),
        ("HERMES_KANBAN_TASK", "t_00c0ffee"),
        ("HERMES_KANBAN_WORKSPACE", workspace.to_str().unwrap()),
        ("HERMES_KANBAN_WORKSPACES_ROOT", stage.layout.workspaces().to_str().unwrap()),
        ("TERMINAL_CWD", workspace.to_str().unwrap()),
        ("TERMINAL_MAX_FOREGROUND_TIMEOUT", "570"),
        ("TERMINAL_TIMEOUT", "570"),
    ];
    for (name, value) in expected {
        assert_eq!(worker.text(name).unwrap(), Some(value), "{name}");
    }
    assert_eq!(worker.raw("HERMES_TUI"), None);
    let shell = environment(&named(&profiles, "shell"), &facts, &env).unwrap();
    let peers = |name: &&str| name.starts_with("HERMES") || name.starts_with("TERMINAL");
    assert_eq!(names(&shell).into_iter().find(peers), None, "no other profile gets them");
}

#[test]
fn a_home_that_the_profile_fixes_is_kept() {
    let stage = Stage::with_home(".hermes");
    fs::create_dir_all(stage.home.path().join("profiles/x")).unwrap();
    let env = stage.env_with_program("hermes");
    let profile = x("preset = \"hermes\"\nset = { HERMES_HOME = \"/srv/h\" }");
    let worker = environment(&profile, &stage.facts(), &env).unwrap();
    assert_eq!(worker.text("HERMES_HOME").unwrap(), Some("/srv/h"));
}

#[test]
fn a_terminal_call_ends_before_its_run() {
    let cases = [
        (Some(600), Some("180"), Some(570)),
        (Some(600), Some("570"), None),
        (Some(600), Some("soon"), Some(570)),
        (Some(10), None, Some(1)),
        (Some(0), None, None),
        (None, Some("180"), None),
    ];
    for (runtime, existing, expected) in cases {
        assert_eq!(terminal_timeout(runtime.map(Seconds), existing), expected.map(Seconds));
    }
}
