//! Profiles: what the file says, what a worker is started with, and what keeps it from starting.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use andon_core::id::{BoardSlug, ClaimLock, RunId, TaskId};
use tempfile::TempDir;

use super::*;
use crate::env::Env;
use crate::home::Layout;

const FILE: &str = "/home/u/profiles.toml";

fn parsed(text: &str) -> Result<Profiles, FileError> {
    let mut profiles = Profiles::built_in();
    profiles.add_file(Path::new(FILE), text)?;
    Ok(profiles)
}

fn named(profiles: &Profiles, name: &str) -> Profile {
    profiles.get(&Assignee::parse(name).unwrap()).unwrap().clone()
}

/// The profile `x` of a file with only that.
fn x(text: &str) -> Profile {
    named(&parsed(&format!("[profiles.x]\n{text}")).unwrap(), "x")
}

/// A home, a task and a run to start workers for.
struct Stage {
    dir: TempDir,
    home: Home,
    layout: Layout,
    task: TaskId,
    lock: ClaimLock,
}

impl Stage {
    fn new() -> Self {
        Self::with_home("home")
    }

    /// A home in a directory of the user; `.hermes` is the one of Hermes.
    fn with_home(name: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let env = Env::from_pairs([("HOME", dir.path().as_os_str())]);
        let home = Home::resolve(Some(&dir.path().join(name)), &env).unwrap();
        let layout = Layout::new(&home, &BoardSlug::parse("infra").unwrap());
        let task = TaskId::parse("t_00c0ffee").unwrap();
        Self { dir, home, layout, task, lock: ClaimLock::new("host", 1, 2) }
    }

    fn facts(&self) -> WorkerFacts<'_> {
        WorkerFacts {
            home: &self.home,
            layout: &self.layout,
            task: &self.task,
            title: "a title",
            body: Some("echo one; echo \"$HOME\""),
            run: RunId(7),
            claim_lock: &self.lock,
            run_mark: None,
            workspace: Path::new("/no/such/workspace"),
            branch: None,
            tenant: None,
            model: None,
            skills: &[],
            goal: None,
            max_runtime: None,
            andon: Path::new("/opt/andon"),
        }
    }

    /// The user's environment with a program `name` on its path.
    fn env_with_program(&self, name: &str) -> Env {
        let bin = self.dir.path().join("bin");
        fs::create_dir_all(&bin).unwrap();
        fs::write(bin.join(name), "#!/bin/sh\n").unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        Env::from_pairs([("HOME", self.dir.path()), ("PATH", bin.as_path())])
    }
}

fn names(env: &Env) -> Vec<&str> {
    env.iter().map(|(name, _)| name).collect()
}

#[test]
fn every_preset_is_a_profile_of_its_name_and_agents_must_say_how_they_ended() {
    let profiles = Profiles::built_in();
    assert_eq!(profiles.iter().count(), Preset::ALL.len());
    for preset in Preset::ALL {
        let profile = named(&profiles, preset.name());
        assert_eq!((profile.preset, profile.origin), (Some(preset), Origin::BuiltIn));
        let expected =
            if preset == Preset::Shell { OnExitZero::Completes } else { OnExitZero::Violates };
        assert_eq!(profile.on_exit_zero, expected, "{preset:?}");
    }
    for word in ["dangerously", "bypass", "yolo", "full-access", "full-auto"] {
        assert!(!PRESETS.contains(word), "presets switch off a check: {word}");
    }
}

#[test]
fn a_profile_is_read_whole() {
    let profile = x(r#"
        description = "writes code"
        command = ["tool", "{task}", "--in={workspace}"]
        env = ["API_KEY", "EXTRA?"]
        set = { CARGO_TERM_COLOR = "never" }
        on_exit_zero = "completes"
        [profiles.x.limits]
        time = "2h"
        memory = "4GiB"
        cpu = 90
        idle = "30m"
        grace = "7s"
        concurrency = 3
    "#);
    assert_eq!((profile.preset, profile.description.as_str()), (None, "writes code"));
    let expected = Limits {
        time: Some(Seconds(7_200)),
        memory: Some(Bytes(4 << 30)),
        cpu: Some(Seconds(90)),
        idle: Some(Seconds(1_800)),
        grace: Seconds(7),
        concurrency: NonZeroU32::new(3),
    };
    assert_eq!(profile.limits, expected);
    assert_eq!(profile.on_exit_zero, OnExitZero::Completes);
    assert_eq!(profile.origin.to_string(), "/home/u/profiles.toml [profiles.x]");
}

#[test]
fn a_profile_keeps_what_it_does_not_say_anew_of_its_preset() {
    let profile = x("preset = \"claude\"\nenv = [\"ANTHROPIC_API_KEY\"]\n");
    let claude = named(&Profiles::built_in(), "claude");
    assert_eq!((profile.action, profile.preset), (claude.action, Some(Preset::Claude)));
    assert_eq!(profile.env.len(), claude.env.len());
    let key = profile.env.iter().find(|wanted| wanted.name == "ANTHROPIC_API_KEY").unwrap();
    assert_eq!(key.need, Need::Required, "said anew");
    let profiles = parsed("[profiles.claude.limits]\ntime = \"1h\"\n").unwrap();
    let claude = named(&profiles, "claude");
    assert_eq!((claude.preset, claude.limits.time), (Some(Preset::Claude), Some(Seconds(3_600))));
    assert_eq!(profiles.iter().count(), Preset::ALL.len());
}

#[test]
fn mistakes_in_the_file_are_shown_with_their_place_and_a_way_out() {
    let cases = [
        ("[profile.x]", "1:2: unknown section `profile`", "`profiles`"),
        ("[profiles.x]\ncomand = []", "2:1: unknown key `comand`", "`command`"),
        ("[profiles.x]\npreset = \"cluade\"", "2:10: unknown preset", "\"claude\""),
        ("[profiles.x]\npreset = \"zzz\"", "2:10: unknown preset", "shell, claude"),
        ("[profiles.x]\ncommand = [\"a\", \"{taks}\"]", "2:17: unknown placeholder", "{task}"),
        ("[profiles.x]\ncommand = [\"a\", \"{skill}\"]", "2:17: {skill}", "skill_args"),
        ("[profiles.x]\ncommand = []", "2:11: `command` does not begin", "program"),
        ("[profiles.x]\nmodel_args = []", "1:11: profile `x` has nothing", "preset"),
        ("[profiles.x]", "1:11: profile `x` has nothing to start", "manual"),
        ("[profiles.x]\ncommand = [\"a\"]\nmanual = true", "2:1: a manual profile", "drop"),
        ("[profiles.X]", "1:11: profile name `X` is not in lower case", "`x`"),
        ("[profiles.x]\nenv = [\"ANDON_TASK\"]", "2:8: variable ANDON_TASK", "leave it out"),
        ("[profiles.x]\nenv = [\"A-B\"]", "2:8: \"A-B\" is not", "letters"),
        ("[profiles.x]\nset = { HERMES_KANBAN_DB = \"a\" }", "2:9: variable", "leave it out"),
        ("[profiles.x]\non_exit_zero = \"ok\"", "2:16: `on_exit_zero`", "completes"),
        ("[profiles.x.limits]\ntimes = \"2h\"", "2:1: unknown limit `times`", "`time`"),
    ];
    for (text, message, hint) in cases {
        let error = parsed(text).unwrap_err();
        assert!(error.to_string().starts_with(&format!("{FILE}:{message}")), "{error}");
        assert!(error.hint.clone().unwrap_or_default().contains(hint), "{text}: {:?}", error.hint);
    }
    let cases = [
        ("[profiles.x.limits]\ntime = \"-2h\"", "2:8", "span of time"),
        ("[profiles.x.limits]\nmemory = \"4G\"", "2:10", "KiB"),
        ("[profiles.x.limits]\nconcurrency = 0", "2:15", "1 or more"),
        ("[profiles.x]\ncommand = \"a b\"", "2:11", "a list, not string"),
        ("[profiles.x]\ncommand = [1]", "2:12", "a list of texts"),
        ("[profiles.x]\nset = { A = 1 }", "2:13", "a text"),
    ];
    for (text, place, message) in cases {
        let error = parsed(text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{FILE}:{place}: ")), "{error}");
        assert!(error.contains(message), "{error}");
    }
}

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

#[test]
fn directories_of_a_hermes_home_are_profiles_and_the_file_has_the_last_word() {
    let stage = Stage::with_home(".hermes");
    for name in ["coder", "writer", "claude", "Not A Profile"] {
        fs::create_dir_all(stage.home.path().join("profiles").join(name)).unwrap();
    }
    fs::write(stage.home.path().join("profiles/file"), "").unwrap();
    let text = "[profiles.writer]\nmanual = true\n[profiles.coder.limits]\ntime = \"1h\"\n\
                [profiles.agent]\npreset = \"claude\"\n";
    fs::write(stage.home.profiles_file(), text).unwrap();
    let profiles = Profiles::load(&stage.home).unwrap();
    assert_eq!(named(&profiles, "default").preset, Some(Preset::Hermes));
    let coder = named(&profiles, "coder");
    assert_eq!((coder.preset, coder.limits.time), (Some(Preset::Hermes), Some(Seconds(3_600))));
    assert_eq!(named(&profiles, "writer").action, Action::Manual);
    assert_eq!(named(&profiles, "claude").preset, Some(Preset::Hermes));
    assert_eq!(named(&profiles, "agent").preset, Some(Preset::Claude), "presets are never hidden");
    assert!(profiles.get(&Assignee::from_row("file".into())).is_none());
    assert_eq!(profiles.iter().count(), Preset::ALL.len() + 4);
}

#[test]
fn own_limits_of_profiles_are_handed_to_admission() {
    let profiles = parsed("[profiles.claude.limits]\nconcurrency = 2\n").unwrap();
    let expected = HashMap::from([(Assignee::parse("claude").unwrap(), 2)]);
    assert_eq!(profiles.concurrency(), expected);
}

#[test]
fn the_document_names_every_key_placeholder_and_preset() {
    let document = include_str!("../../../../docs/profiles.md");
    let keys = parse::KEYS.into_iter().chain(parse::LIMIT_KEYS).map(|key| format!("`{key}`"));
    let places = Placeholder::NAMES.into_iter().map(|(name, _)| format!("`{{{name}}}`"));
    let groups = Group::NAMES.into_iter().map(|(name, _)| format!("`{{{name}}}`"));
    let presets = Preset::ALL.into_iter().map(|preset| format!("| `{}` |", preset.name()));
    for word in keys.chain(places).chain(groups).chain(presets) {
        assert!(document.contains(&word), "docs/profiles.md lacks {word}");
    }
}
