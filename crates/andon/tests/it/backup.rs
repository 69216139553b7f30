//! Backups with the real binary: by hand, by the dispatcher, killed in the middle, and on a disk
//! without room.

use crate::disk::small::Disk;
use crate::env::TestEnv;
use crate::processes::{self, Up, eventually};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest wait for a dispatcher.
const LIMIT: Duration = Duration::from_secs(60);

fn board(tasks: usize) -> TestEnv {
    let env = TestEnv::new();
    env.ok(&["init"]);
    for _ in 0..tasks {
        env.create(&["A"]);
    }
    env
}

fn listed(env: &TestEnv) -> Vec<PathBuf> {
    let found = env.json(&["backup", "list"]);
    let path = |one: &Value| PathBuf::from(one["path"].as_str().unwrap());
    found.as_array().unwrap().iter().map(path).collect()
}

/// Files in the directory of backups, without the lock.
fn files(directory: &Path) -> Vec<String> {
    let names = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.retain(|name| !name.ends_with(".lock"));
    names.sort();
    names
}

fn tasks(path: &Path) -> i64 {
    let db = rusqlite::Connection::open(path).unwrap();
    db.query_row("SELECT count(*) FROM tasks", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_backup_is_made_listed_and_holds_the_board() {
    let env = board(3);
    let made = env.json(&["backup"]);
    let path = PathBuf::from(made["path"].as_str().unwrap());
    assert_eq!(made["tasks"], 3, "{made}");
    assert_eq!(made["bytes"], path.metadata().unwrap().len());
    assert_eq!(path.parent().unwrap(), env.home().join("kanban/backups"));
    assert_eq!(listed(&env), std::slice::from_ref(&path));
    assert_eq!(tasks(&path), 3);
    assert!(env.ok(&["backup", "list"]).contains(path.to_str().unwrap()));
}

#[test]
fn only_as_many_stay_as_the_settings_say() {
    let env = board(1);
    env.write(".local/share/andon/config.toml", "[backup]\nbackup_count = 2\n");
    for _ in 0..4 {
        env.ok(&["backup"]);
    }
    assert_eq!(listed(&env).len(), 2);
}

#[test]
fn another_directory_can_be_named_and_nothing_is_removed_there() {
    let env = board(1);
    env.write(".local/share/andon/config.toml", "[backup]\nbackup_count = 1\n");
    let elsewhere = env.path().join("deep/elsewhere");
    for _ in 0..3 {
        env.ok(&["backup", "--to", elsewhere.to_str().unwrap()]);
    }
    assert_eq!(files(&elsewhere).len(), 3);
    assert!(listed(&env).is_empty());
    let found = env.json(&["backup", "list", "--to", elsewhere.to_str().unwrap()]);
    assert_eq!(found.as_array().unwrap().len(), 3);
}

#[test]
fn each_board_has_backups_of_its_own() {
    let env = board(2);
    env.ok(&["boards", "create", "infra"]);
    env.ok(&["--board", "infra", "create", "B"]);
    let made = env.json(&["--board", "infra", "backup"]);
    let path = PathBuf::from(made["path"].as_str().unwrap());
    assert_eq!(path.parent().unwrap(), env.home().join("kanban/boards/infra/backups"));
    assert_eq!((tasks(&path), listed(&env).len()), (1, 0));
}

#[test]
fn the_dispatcher_makes_one_without_being_asked_and_not_again_at_once() {
    let env = board(1);
    for _ in 0..2 {
        let _up = Up::start(&env, &[]);
        let made = eventually(LIMIT, || (listed(&env).len() == 1).then_some(()));
        assert!(made.is_some(), "{}", processes::log(&env));
        let dispatched = env.create(&["B", "--assignee", "shell", "--body", "true"]);
        let done = eventually(LIMIT, || (env.status(&dispatched) == "done").then_some(()));
        assert!(done.is_some(), "{}", processes::log(&env));
    }
    assert_eq!(listed(&env).len(), 1);
}

#[test]
fn a_dispatcher_that_cannot_back_up_says_so_and_serves_the_board() {
    let env = processes::env();
    env.ok(&["init"]);
    // A file in the place of the directory.
    env.write(".local/share/andon/kanban/backups", "in the way");
    let task = env.create(&["B", "--assignee", "shell", "--body", "true"]);
    let mut up = Up::start(&env, &[]);
    processes::await_word(&env, LIMIT, "not backed up, served as before");
    let done = eventually(LIMIT, || (env.status(&task) == "done").then_some(()));
    assert!(done.is_some(), "{}", processes::log(&env));
    assert!(!up.has_ended());
}

#[test]
fn a_backup_killed_at_any_step_leaves_board_and_older_backups_as_they_were() {
    for point in ["disk.create", "backup.copied", "disk.sync", "disk.rename", "disk.renamed"] {
        let env = board(2);
        env.write(".local/share/andon/config.toml", "[backup]\nbackup_count = 1\n");
        env.ok(&["backup"]);
        let first = listed(&env);
        env.killed(&format!("{point}=kill"), &["backup"]);
        assert!(listed(&env).ends_with(&first), "{point}: the older backup is there");
        assert_eq!(env.json(&["list"]).as_array().unwrap().len(), 2, "{point}");
        env.ok(&["backup"]);
        let left = files(&env.home().join("kanban/backups"));
        assert_eq!(left.len(), 1, "{point}: {left:?}");
        assert_eq!(tasks(&listed(&env)[0]), 2, "{point}");
    }
}

#[test]
fn a_disk_without_room_for_a_backup_keeps_the_older_one_and_the_board() {
    let env = TestEnv::new();
    let Some(disk) = Disk::mount(&env) else { return };
    disk.remount("remount,size=6m");
    env.ok(&["init"]);
    env.ok(&["backup"]);
    let before = listed(&env);
    let body = "x".repeat(6_000);
    for _ in 0..40 {
        env.create(&["A", "--body", &body]);
    }
    disk.fill();
    let refused = env.run(&["backup"]);
    assert_eq!(refused.code, 1, "{refused}");
    assert!(refused.stderr.contains("make room on the disk"), "{refused}");
    assert_eq!(listed(&env), before);
    assert_eq!(files(&env.home().join("kanban/backups")).len(), 1);
    assert_eq!(env.json(&["list"]).as_array().unwrap().len(), 40);
    disk.remount("remount,size=12m");
    assert_eq!(env.json(&["backup"])["tasks"], 40);
}

#[test]
fn a_board_in_quarantine_is_not_backed_up_over_the_good_backups() {
    let env = board(1);
    env.ok(&["backup"]);
    let database = fs::metadata(env.database()).unwrap();
    let modified = i128::from(database.mtime()) * 1_000_000_000 + i128::from(database.mtime_nsec());
    let record = format!(
        "{{\"reason\":\"said so\",\"since\":1,\"next\":9999999999,\"attempts\":1,\"fingerprint\":\
         {{\"size\":{},\"inode\":{},\"modified_ns\":{modified}}}}}",
        database.len(),
        database.ino()
    );
    env.write(".local/share/andon/kanban/.andon/quarantine/default.json", record);
    let refused = env.run(&["backup"]);
    assert!(refused.stderr.contains("in quarantine: said so"), "{refused}");
    assert_eq!(listed(&env).len(), 1);
}
