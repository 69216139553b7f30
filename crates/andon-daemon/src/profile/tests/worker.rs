//! What a worker is started with, and what keeps it from starting.

use super::*;

#[test]
fn values_stay_inside_their_argument() {
    let stage = Stage::new();
    let facts = WorkerFacts { title: "a; rm -rf / {home}", ..stage.facts() };
    let profile = x(r#"command = ["tool", "{title}", "--in={workspace}", "{{title}}"]"#);
    let argv = argv(&profile, &facts, &Env::default()).unwrap();
    assert_eq!(argv, ["tool", "a; rm -rf / {home}", "--in=/no/such/workspace", "{title}"]);
}

#[test]
fn groups_stand_where_they_are_marked_and_else_come_last() {
    let stage = Stage::new();
    let skills = ["a b".to_owned(), String::new(), "c".to_owned()];
    let given = WorkerFacts { model: Some("m"), skills: &skills, ..stage.facts() };
    let groups = "model_args = [\"--model\", \"{model}\"]\nskill_args = [\"-s\", \"{skill}\"]\n";
    let last = x(&format!("command = [\"t\", \"{{task}}\"]\n{groups}"));
    let marked = x(&format!("command = [\"t\", \"{{model_args}}\", \"{{task}}\"]\n{groups}"));
    let env = Env::default();
    assert_eq!(
        argv(&last, &given, &env).unwrap(),
        ["t", "t_00c0ffee", "--model", "m", "-s", "a b", "-s", "c"]
    );
    assert_eq!(
        argv(&marked, &given, &env).unwrap(),
        ["t", "--model", "m", "t_00c0ffee", "-s", "a b", "-s", "c"]
    );
    assert_eq!(argv(&marked, &stage.facts(), &env).unwrap(), ["t", "t_00c0ffee"]);
}

#[test]
fn agents_are_told_the_task_and_the_two_ways_to_end() {
    let stage = Stage::new();
    for preset in [Preset::Claude, Preset::Codex, Preset::Gemini, Preset::Opencode] {
        let profile = named(&Profiles::built_in(), preset.name());
        let facts = WorkerFacts { model: Some("m1"), ..stage.facts() };
        let argv = argv(&profile, &facts, &Env::default()).unwrap();
        let prompt = argv.iter().find(|argument| argument.contains(' ')).unwrap();
        for told in [
            "/opt/andon context t_00c0ffee",
            "/opt/andon complete t_00c0ffee",
            "/opt/andon block t_00c0ffee",
            "/no/such/workspace",
        ] {
            assert!(prompt.contains(told), "{preset:?}: {prompt}");
        }
        let model = argv.iter().position(|argument| argument == "--model").unwrap();
        assert_eq!(argv[model + 1], "m1");
    }
}

#[test]
fn what_cannot_be_started_is_refused_with_its_reason() {
    let stage = Stage::new();
    let env = Env::default();
    let shell = named(&Profiles::built_in(), "shell");
    let argv_of = |profile: &Profile, facts| argv(profile, &facts, &env).unwrap_err();
    let none = WorkerFacts { body: Some(" \n"), ..stage.facts() };
    assert!(matches!(argv_of(&shell, none), StartError::EmptyBody { .. }));
    let nul = WorkerFacts { body: Some("a\0b"), ..stage.facts() };
    assert!(matches!(argv_of(&shell, nul), StartError::Nul { .. }));
    let most = "x".repeat(ARGUMENT_BYTES_MAX);
    let fits = WorkerFacts { body: Some(&most), ..stage.facts() };
    assert!(argv(&shell, &fits, &env).is_ok());
    let long = format!("{most}x");
    let long = WorkerFacts { body: Some(&long), ..stage.facts() };
    assert!(matches!(argv_of(&shell, long), StartError::TooLong { .. }));
    let manual = x("manual = true");
    assert!(matches!(argv_of(&manual, stage.facts()), StartError::Manual(_)));
    let model = x("command = [\"t\", \"{model}\"]");
    assert!(matches!(argv_of(&model, stage.facts()), StartError::NoModel { .. }));
}

#[test]
fn nothing_of_the_dispatchers_environment_leaks() {
    let stage = Stage::new();
    let env = Env::from_pairs([
        ("PATH", "/bin"),
        ("LC_ALL", "C"),
        ("XDG_RUNTIME_DIR", "/run/u"),
        ("API_KEY", "s3cret"),
        ("OTHER_SECRET", "s3cret"),
        ("ANDON_TENANT", "of the dispatcher"),
        ("ANDON_CLAIM_TTL_SECONDS", "5"),
        ("HERMES_KANBAN_TASK", "t_ffffffff"),
        ("COLOR", "always"),
    ]);
    let profile = x(
        "command = [\"t\"]\nenv = [\"API_KEY\", \"NONE?\", \"COLOR\"]\nset = { COLOR = \"never\" }",
    );
    let worker = environment(&profile, &stage.facts(), &env).unwrap();
    let expected = [
        "ANDON_BOARD",
        "ANDON_CLAIM_LOCK",
        "ANDON_DB",
        "ANDON_HOME",
        "ANDON_PROFILE",
        "ANDON_RUN_ID",
        "ANDON_TASK",
        "ANDON_WORKSPACE",
        "API_KEY",
        "COLOR",
        "LC_ALL",
        "PATH",
        "XDG_RUNTIME_DIR",
    ];
    assert_eq!(names(&worker), expected);
    let value = |name| worker.text(name).unwrap().unwrap();
    assert_eq!((value("COLOR"), value("ANDON_RUN_ID")), ("never", "7"));
    assert_eq!(value("ANDON_DB"), stage.layout.database().to_str().unwrap());
    let facts = WorkerFacts {
        branch: Some("b"),
        tenant: Some("acme"),
        run_mark: Some("mark"),
        ..stage.facts()
    };
    let worker = environment(&profile, &facts, &env).unwrap();
    let value = |name| worker.text(name).unwrap().unwrap();
    assert_eq!(
        (value("ANDON_BRANCH"), value("ANDON_TENANT"), value("ANDON_RUN_MARK")),
        ("b", "acme", "mark")
    );
}

#[test]
fn debug_of_a_profile_and_of_an_environment_shows_no_value() {
    let stage = Stage::new();
    let profile = x("command = [\"t\"]\nenv = [\"API_KEY\"]\nset = { TOKEN = \"s3cret\" }");
    let env = Env::from_pairs([("API_KEY", "s3cret")]);
    let worker = environment(&profile, &stage.facts(), &env).unwrap();
    let shown = format!("{profile:?} {worker:?}");
    assert!(shown.contains("TOKEN") && shown.contains("API_KEY"));
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[test]
fn a_missing_variable_keeps_the_worker_from_starting() {
    let stage = Stage::new();
    let profile = x("command = [\"sh\"]\nenv = [\"API_KEY\"]");
    let error = environment(&profile, &stage.facts(), &Env::default()).unwrap_err();
    assert_eq!(error.to_string(), "profile x needs environment variable API_KEY, which is not set");
    assert!(error.hint().contains("\"API_KEY?\""));
    let fixed = x("command = [\"sh\"]\nenv = [\"API_KEY\"]\nset = { API_KEY = \"k\" }");
    let worker = environment(&fixed, &stage.facts(), &Env::default()).unwrap();
    assert_eq!(worker.text("API_KEY").unwrap(), Some("k"));
}

#[test]
fn a_check_names_each_problem_with_what_to_do() {
    let stage = Stage::new();
    let env = stage.env_with_program("tool");
    assert_eq!(check(&x("command = [\"tool\"]"), &env), []);
    assert_eq!(check(&x("manual = true"), &env), []);
    let problems = check(&x("command = [\"tol\"]\nenv = [\"API_KEY\"]"), &env);
    let not_found = Problem::NotOnPath { program: "tol".into() };
    assert_eq!(problems, [not_found, Problem::MissingVariable { name: "API_KEY".into() }]);
    assert!(problems[0].hint().contains("install `tol`"));
    let tool = stage.dir.path().join("bin/tool");
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(check(&x("command = [\"tool\"]"), &env), [Problem::NotExecutable { path: tool }]);
    let gone = check(&x("command = [\"/no/such/program\"]"), &env);
    assert_eq!(gone, [Problem::NoSuchProgram { path: "/no/such/program".into() }]);
    assert!(matches!(
        check(&named(&Profiles::built_in(), "hermes"), &env)[..],
        [Problem::NoHermes(_)]
    ));
}

#[test]
fn relative_directories_of_the_path_are_not_searched() {
    let env = Env::from_pairs([("PATH", ":.:src")]);
    let problems = check(&x("command = [\"lib.rs\"]"), &env);
    assert_eq!(problems, [Problem::NotOnPath { program: "lib.rs".into() }]);
}

#[test]
fn a_program_is_looked_up_before_its_worker_stands_in_the_workspace() {
    let stage = Stage::new();
    let bin = stage.dir.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let program = bin.join("agent");
    std::fs::write(&program, "").unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let agent = x("command = [\"agent\", \"{task}\"]");
    let path = |text: String| Env::from_pairs([("PATH", text)]);

    let env = path(format!(".:{}", bin.display()));
    let line = command_line(&agent, &stage.facts(), &env).unwrap();
    assert_eq!(line.argv, [program.to_str().unwrap(), "t_00c0ffee"]);

    let refused = command_line(&agent, &stage.facts(), &path(".:bin".to_owned())).err().unwrap();
    assert_eq!(refused.to_string(), "profile x: program `agent` is not on the PATH");

    let own = x("command = [\"./run\"]");
    let line = command_line(&own, &stage.facts(), &env).unwrap();
    assert_eq!(line.argv, ["./run"], "the profile asks for what is in the workspace");
}
