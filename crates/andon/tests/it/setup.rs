//! `init`, `boards`, `profiles`, `config`, `completions`, `pause`: what is there to work with.

use crate::env::TestEnv;
use insta::assert_snapshot;

#[test]
fn init_makes_the_home_once_and_says_what_to_do_next() {
    let env = TestEnv::new().with("PATH", "/usr/bin:/bin");
    let first = env.ok(&["init"]);
    let path = format!("Kanban DB initialized at {}\n", env.database().display());
    assert!(first.starts_with(&path), "{first}");
    assert!(first.contains("✓ shell") && first.contains("andon up"), "{first}");
    assert_eq!(env.ok(&["init"]), first, "a second time changes nothing");
    assert_eq!(env.json(&["init"])["created"], false);
    assert_snapshot!(env.run(&["init", "--board", "infra"]), @"
    exit 2
    -- stderr
    andon: init makes the default board
      hint: make another one with `andon boards create infra`
    ");
}

#[test]
fn a_hermes_board_is_mentioned_and_left_alone() {
    let env = TestEnv::new();
    env.ok(&["--home", &env.path().join(".hermes").display().to_string(), "init"]);
    let ran = env.run(&["list"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("--home") && ran.stderr.contains("andon init"), "{}", ran.stderr);
    let made = env.json(&["init"]);
    assert_eq!(made["home"], env.home().display().to_string());
    assert!(made["hermes_home"].as_str().unwrap().ends_with(".hermes"));
    assert!(env.ok(&["init"]).contains(".hermes list"));
}

#[test]
fn without_a_home_a_verb_names_init_and_makes_nothing() {
    let env = TestEnv::new();
    for verb in [&["boards"][..], &["up"], &["guard"], &["why", "t_00000001"], &["pause"]] {
        let ran = env.run(verb);
        assert_eq!(ran.code, 1, "{verb:?}");
        assert!(ran.stderr.contains("andon init"), "{verb:?}: {}", ran.stderr);
        assert!(!env.home().exists(), "{verb:?}");
    }
}

#[test]
fn a_board_is_made_shown_renamed_and_used() {
    let env = TestEnv::new();
    env.ok(&["init"]);
    assert_snapshot!(env.run(&["boards", "create", "infra", "--name", "Infra structure"]), @"
    exit 0
    -- stdout
    Board 'infra' created.
      Display name: Infra structure
      DB path:      <home>/kanban/boards/infra/kanban.db
      Use `andon boards switch infra` to make it current.
    ");
    assert_eq!(env.json(&["boards", "create", "infra"])["created"], false);
    env.ok(&["create", "A task", "--board", "infra"]);
    assert_snapshot!(env.run(&["boards", "use", "infra"]), @"
    exit 0
    -- stdout
    Active board is now 'infra'.
    ");
    assert_snapshot!(env.run(&["boards"]), @"
    exit 0
    -- stdout
      default              Default                  no tasks
    ● infra                Infra structure          ready=1
    ");
    env.ok(&["boards", "rename", "infra", "Iron", "works"]);
    env.ok(&["boards", "set-default-workdir", "infra", "/srv"]);
    let shown = env.json(&["boards", "show"]);
    assert_eq!((&shown["name"], &shown["default_workdir"]), (&"Iron works".into(), &"/srv".into()));
    assert_eq!((&shown["counts"]["ready"], &shown["total"]), (&1.into(), &1.into()));
    env.ok(&["boards", "set-default-workdir", "infra"]);
    let cleared = env.json(&["boards", "current"]);
    assert!(cleared["default_workdir"].is_null(), "S23: without a path there is none");
}

#[test]
fn a_board_counts_its_archived_tasks_without_reading_them() {
    let env = TestEnv::new();
    env.create(&["A"]);
    let away: Vec<String> = (0..3).map(|_| env.create(&["Away"])).collect();
    away.iter().for_each(|task| drop(env.ok(&["archive", task])));
    // Whoever reads the tasks leaves out one that cannot be read.
    let other = rusqlite::Connection::open(env.database()).unwrap();
    let odd = "UPDATE tasks SET priority = 'high' WHERE id = ?1";
    assert_eq!(other.execute(odd, [&away[0]]).unwrap(), 1);
    for board in [&env.json(&["boards", "list"])[0], &env.json(&["boards", "show"])] {
        assert_eq!(board["counts"], serde_json::json!({"ready": 1, "archived": 3}));
        assert_eq!(board["total"], 4);
    }
}

#[test]
fn s23_switching_warns_where_a_variable_is_stronger() {
    let env = TestEnv::new().with("ANDON_BOARD", "default");
    env.ok(&["init"]);
    env.ok(&["boards", "create", "infra"]);
    let ran = env.run(&["boards", "switch", "infra"]);
    assert!(ran.stderr.contains("ANDON_BOARD"), "{}", ran.stderr);
}

#[test]
fn an_archived_board_comes_back_until_it_is_deleted() {
    let env = TestEnv::new();
    env.ok(&["init"]);
    env.ok(&["boards", "create", "infra"]);
    let task = env.create(&["A task", "--board", "infra"]);
    let archived = env.json(&["boards", "rm", "infra"]);
    assert_eq!(env.json(&["boards", "list"]).as_array().unwrap().len(), 1);
    let all = env.json(&["boards", "list", "--all"]);
    assert_eq!(all[1]["archive"], archived["archive"]);
    assert_eq!(all[1]["archived"], true);
    env.ok(&["boards", "restore", "infra"]);
    env.ok(&["show", &task, "--board", "infra"]);
    env.ok(&["boards", "archive", "infra"]);
    let unconfirmed = env.run(&["boards", "delete", "infra"]);
    assert!(unconfirmed.code == 1 && unconfirmed.stderr.contains("--yes"));
    env.ok(&["boards", "delete", "infra", "--yes"]);
    assert_eq!(env.run(&["boards", "restore", "infra"]).code, 1);
}

#[test]
fn a_board_in_use_by_people_is_not_deleted_by_a_slip() {
    let env = TestEnv::new();
    env.ok(&["init"]);
    env.ok(&["boards", "create", "infra"]);
    assert_snapshot!(env.run(&["boards", "delete", "infra", "--yes"]), @"
    exit 1
    -- stderr
    andon: board infra is not archived
      hint: put it away with `andon boards archive infra`
      hint: or delete it at once with --force --yes
    ");
    assert_eq!(env.run(&["boards", "delete", "infra", "--force"]).code, 1);
    assert_eq!(env.run(&["boards", "delete", "default", "--force", "--yes"]).code, 1);
    assert_eq!(env.run(&["boards", "archive", "default"]).code, 1);
    env.ok(&["boards", "delete", "infra", "--force", "--yes"]);
    assert_eq!(env.json(&["boards", "list", "--all"]).as_array().unwrap().len(), 1);
}

#[test]
fn bad_and_missing_boards_have_different_exit_codes() {
    let env = TestEnv::new();
    env.ok(&["init"]);
    assert_eq!(env.run(&["boards", "create", "no/such"]).code, 2);
    assert_eq!(env.run(&["boards", "switch", "ghost"]).code, 1);
    assert_eq!(env.run(&["boards", "show", "ghost"]).code, 1);
}

#[test]
fn a_board_in_quarantine_is_listed_with_the_reason_and_explains_its_tasks() {
    let env = TestEnv::new();
    env.ok(&["init"]);
    let task = env.create(&["A task"]);
    let file = std::fs::metadata(env.database()).unwrap();
    use std::os::unix::fs::MetadataExt;
    let modified = i128::from(file.mtime()) * 1_000_000_000 + i128::from(file.mtime_nsec());
    let record = serde_json::json!({
        "reason": "the file is not a database", "since": 1, "next": 99_999_999_999_i64,
        "attempts": 1, "fingerprint":
            {"size": file.size(), "inode": file.ino(), "modified_ns": modified as i64 },
    });
    env.write(".local/share/andon/kanban/.andon/quarantine/default.json", record.to_string());
    let boards = env.json(&["boards"]);
    assert_eq!(boards[0]["state"], "quarantined");
    assert_eq!(boards[0]["trouble"], "the file is not a database");
    let why = env.json(&["why", &task]);
    assert_eq!(why["code"], "quarantined");
    assert!(env.ok(&["boards"]).contains("in quarantine: the file is not a database"));
}

#[test]
fn a_profile_is_checked_before_a_task_needs_it() {
    let env = TestEnv::new().with("PATH", "/usr/bin:/bin");
    env.ok(&["init"]);
    env.ok(&["profiles", "check"]);
    env.write(
        ".local/share/andon/profiles.toml",
        "[profiles.broken]\ncommand = [\"no-such-program\"]\n[profiles.alice]\nmanual = true\n",
    );
    assert_snapshot!(env.run(&["profiles", "check", "broken", "alice", "shell"]), @"
    exit 1
    -- stdout
    alice: ok
    broken: cannot start
      program `no-such-program` is not on the PATH
      hint: install `no-such-program`, or write its full path as the first word of `command`
    shell: ok
    ");
    assert_eq!(env.run(&["profiles", "check"]).code, 1);
    assert_eq!(env.run(&["profiles", "check", "ghost"]).code, 1);
    let listed = env.json(&["profiles"]);
    let broken = listed.as_array().unwrap().iter().find(|it| it["name"] == "broken").unwrap();
    assert_eq!(broken["problems"].as_array().unwrap().len(), 1);
    assert_eq!(env.json(&["profiles", "show", "shell"])["on_exit_zero"], "completes");
    assert_eq!(env.json(&["profiles", "show", "alice"])["kind"], "manual");
}

#[test]
fn a_setting_says_where_it_comes_from() {
    let env = TestEnv::new().with("ANDON_FAILURE_LIMIT", "7");
    env.ok(&["init"]);
    env.write(".local/share/andon/config.toml", "[dispatch]\nmax_in_progress = 9\n");
    let shown = env.ok(&["config", "show", "--origin"]);
    let line = |name: &str| {
        let line = shown.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let file = format!("max_in_progress = 9 # {}/config.toml [dispatch]", env.home().display());
    assert_eq!(line("max_in_progress "), file);
    assert_eq!(
        line("failure_limit"),
        "failure_limit = 7 # environment variable ANDON_FAILURE_LIMIT"
    );
    assert_eq!(line("max_spawn"), "max_spawn = \"none\" # the built-in default");
    let settings = env.json(&["config", "show"]);
    let limit = settings.as_array().unwrap().iter().find(|it| it["name"] == "max_spawn").unwrap();
    assert!(limit["value"].is_null() && limit["origin"] == "built_in", "{limit}");
    // Without origins the text is a settings file.
    env.write(".local/share/andon/config.toml", env.ok(&["config", "show"]));
    assert_eq!(env.run(&["config", "show"]).code, 0);
}

#[test]
fn completions_know_the_verbs() {
    let env = TestEnv::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = env.ok(&["completions", shell]);
        assert!(script.contains("boards") && script.contains("unblock"), "{shell}");
    }
    assert_eq!(env.run(&["completions", "abacus"]).code, 2);
}

#[test]
fn a_pause_is_told_by_whom_and_why() {
    let env = TestEnv::new().with("PATH", "/usr/bin:/bin");
    env.ok(&["init"]);
    assert_snapshot!(env.run(&["pause", "too", "hot"]), @"
    exit 0
    -- stdout
    Paused board default (by tester, <time>): too hot
    Running tasks go on; `andon resume` lets new ones start.
    ");
    let again = env.json(&["pause"]);
    assert_eq!((&again["changed"], &again["reason"]), (&false.into(), &"too hot".into()));
    let task = env.create(&["A task", "--assignee", "shell"]);
    assert_eq!(env.json(&["why", &task])["code"], "paused");
    assert_eq!(env.run(&["claim", &task]).code, 1);
    assert_eq!(env.json(&["resume"])["changed"], true);
    assert_snapshot!(env.run(&["resume"]), @"
    exit 0
    -- stdout
    Board default was not paused
    ");
}
