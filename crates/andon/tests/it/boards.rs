//! `boards`: what each of its verbs says, and what is known of boards in the archive.

use crate::env::TestEnv;

#[test]
fn every_change_of_a_board_says_what_the_peer_says() {
    let env = TestEnv::new();
    env.ok(&["init"]);
    let first = |arguments: &[&str]| env.ok(arguments).lines().next().unwrap().to_owned();
    let archived = || env.json(&["boards", "list", "--all"])[1]["archive"].clone();
    assert_eq!(first(&["boards", "create", "infra"]), "Board 'infra' created.");
    assert_eq!(first(&["boards", "create", "infra"]), "Board 'infra' already exists.");
    assert_eq!(first(&["boards", "switch", "infra"]), "Active board is now 'infra'.");
    let renamed = first(&["boards", "rename", "infra", "Iron", "works"]);
    assert_eq!(renamed, "Board 'infra' renamed to 'Iron works'.");
    let set = first(&["boards", "set-default-workdir", "infra", "/srv"]);
    assert_eq!(set, "Board 'infra' default workdir set to '/srv'.");
    let cleared = first(&["boards", "set-default-workdir", "infra"]);
    assert_eq!(cleared, "Board 'infra' default workdir cleared.");
    let put_away = first(&["boards", "rm", "infra"]);
    let place = env.home().join("kanban/boards/_archived").join(archived().as_str().unwrap());
    assert_eq!(put_away, format!("Board 'infra' archived → {}", place.display()));
    let place = env.home().join("kanban/boards/infra");
    let back = first(&["boards", "restore", "infra"]);
    assert_eq!(back, format!("Board 'infra' restored → {}", place.display()));
    let deleted = first(&["boards", "delete", "infra", "--force", "--yes"]);
    assert_eq!(deleted, "Board 'infra' deleted.");
    env.ok(&["boards", "create", "infra"]);
    env.ok(&["boards", "archive", "infra"]);
    let name = archived();
    let deleted = first(&["boards", "delete", "infra", "--yes"]);
    assert_eq!(deleted, format!("Board '{}' deleted.", name.as_str().unwrap()));
}

#[test]
fn a_home_directory_written_as_a_tilde_is_one() {
    let env = TestEnv::new();
    env.ok(&["init"]);
    env.ok(&["boards", "create", "infra", "--default-workdir=~/work"]);
    let workdir = || env.json(&["boards", "show", "infra"])["default_workdir"].clone();
    assert_eq!(workdir(), env.path().join("work").display().to_string());
    env.ok(&["boards", "set-default-workdir", "infra", "~"]);
    assert_eq!(workdir(), env.path().display().to_string());
    assert_ne!(env.run(&["boards", "set-default-workdir", "infra", "~root"]).code, 0);
}

#[test]
fn an_archived_board_is_named_like_any_other() {
    let env = TestEnv::new();
    env.ok(&["init"]);
    env.ok(&["boards", "create", "infra"]);
    env.ok(&["boards", "archive", "Infra"]);
    env.ok(&["boards", "restore", " INFRA "]);
    let archived = env.json(&["boards", "archive", "infra"]);
    let name = archived["archive"].as_str().unwrap().to_ascii_uppercase();
    env.ok(&["boards", "delete", &name, "--yes"]);
}

#[test]
fn an_archived_board_is_listed_with_what_it_says_of_itself() {
    let env = TestEnv::new();
    env.ok(&["init"]);
    let said = ["--name", "Iron works", "--description", "Heavy", "--icon", "I", "--color", "red"];
    env.ok(&[&["boards", "create", "infra", "--default-workdir", "/srv"][..], &said].concat());
    let before = env.json(&["boards", "show", "infra"]);
    env.ok(&["boards", "archive", "infra"]);
    let listed = &env.json(&["boards", "list", "--all"])[1];
    for key in ["slug", "name", "description", "icon", "color", "default_workdir", "created_at"] {
        assert_eq!(listed[key], before[key], "{key}");
    }
    assert_eq!(listed["archived"], true);
    let shown = env.ok(&["boards", "list", "--all"]);
    assert!(shown.contains("Iron works"), "{shown}");

    let file =
        format!("kanban/boards/_archived/{}/board.json", listed["archive"].as_str().unwrap());
    env.write(&format!(".local/share/andon/{file}"), "{");
    let listed = &env.json(&["boards", "list", "--all"])[1];
    assert_eq!(listed["name"], "Infra", "a broken file hides no board");
    assert!(listed["trouble"].as_str().unwrap().contains("board.json"), "{listed}");
}

#[test]
fn an_archived_board_that_somebody_has_open_is_not_deleted() {
    let env = TestEnv::new();
    env.ok(&["init"]);
    env.ok(&["boards", "create", "infra"]);
    let archived = env.json(&["boards", "archive", "infra"]);
    let database = std::path::Path::new(archived["path"].as_str().unwrap()).join("kanban.db");
    let reader = rusqlite::Connection::open(&database).unwrap();
    let tasks: i64 = reader.query_row("SELECT count(*) FROM tasks", [], |row| row.get(0)).unwrap();
    assert_eq!(tasks, 0);
    let ran = env.run(&["boards", "delete", "infra", "--yes"]);
    assert_eq!(ran.code, 1);
    let who = format!("board infra is in use: process {}", std::process::id());
    assert!(ran.stderr.contains(&who), "{}", ran.stderr);
    assert!(database.exists());
    drop(reader);
    env.ok(&["boards", "delete", "infra", "--yes"]);
    assert!(!database.exists());
}

#[test]
fn what_scripts_for_the_peer_pass_is_taken_or_answered_with_the_way() {
    let env = TestEnv::new();
    env.ok(&["init"]);
    env.ok(&["boards", "create", "infra", "--default-workdir", ""]);
    env.ok(&["boards", "set-default-workdir", "infra", "/srv"]);
    assert!(env.ok(&["boards", "set-default-workdir", "infra", ""]).contains("cleared"));
    let refused = env.run(&["boards", "rm", "infra", "--delete"]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("andon boards delete infra --force --yes"));

    // The peer stores the path as it was written.
    let metadata = ".local/share/andon/kanban/boards/infra/board.json";
    env.write(metadata, r#"{"slug": "infra", "default_workdir": "~/repo"}"#);
    let made = env.json(&["create", "A", "--workspace", "worktree", "--board", "infra"]);
    let wanted = env.path().join("repo").display().to_string();
    assert_eq!(made["workspace_path"], wanted);

    let task = env.create(&["B", "--workspace", ""]);
    env.ok(&["complete", &task, "--summary", "", "--metadata", ""]);
    let long = env.json(&["create", "C", "--max-runtime", "1.5H"]);
    assert_eq!(long["max_runtime_seconds"], 5_400);
}
