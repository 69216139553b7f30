//! Findings about files: missing ones, open ones, and who may read and write them.

use super::{change, findings, finds, home, of, only};
use crate::env::TestEnv;
use andon_core::id::BoardSlug;
use andon_daemon::env::Env;
use andon_daemon::home::Home;
use andon_daemon::quarantine::{self, Fingerprint, Record, State};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_database_that_is_gone_is_missed_and_no_new_one_is_made() {
    let env = home();
    fs::remove_file(env.database()).unwrap();
    finds(&env, "file", "problem", "the file is missing, but there was a board");
    assert!(!env.database().exists());
}

#[test]
fn a_file_that_is_no_database_is_a_problem() {
    let env = home();
    for end in ["-wal", "-shm"] {
        fs::remove_file(format!("{}{end}", env.database().display())).unwrap();
    }
    fs::write(env.database(), b"no database at all".repeat(300)).unwrap();
    assert_eq!(only(&env, "schema").0, "problem");
    fs::write(env.database(), b"").unwrap();
    finds(&env, "file", "problem", "the file is empty");
}

#[test]
fn a_log_that_is_gone_or_damaged_is_a_problem_and_stays_one() {
    let env = home();
    let log = env.home().join("kanban.db-wal");
    let whole = fs::read(&log).unwrap();
    fs::remove_file(&log).unwrap();
    for _ in 0..2 {
        finds(&env, "file", "problem", "its log is missing");
        assert!(env.run(&["list"]).stderr.contains("its log is missing"));
    }
    assert!(!log.exists());
    fs::write(&log, &whole[..whole.len() - 1]).unwrap();
    finds(&env, "file", "problem", "its log is cut");
    fs::write(&log, &whole).unwrap();
    finds(&env, "file", "ok", "bytes");
}

#[test]
fn a_change_that_was_not_finished_is_told_and_not_taken_back() {
    let env = home();
    let journal = env.home().join("kanban.db-journal");
    fs::write(&journal, "left by a program in another mode").unwrap();
    finds(&env, "file", "warning", "a change that was not finished");
    assert!(journal.exists());
}

#[test]
fn a_home_without_a_board_is_in_order() {
    let env = TestEnv::new().with("PATH", "/nowhere");
    env.write(".local/share/andon/config.toml", "");
    chmod(&env.home(), 0o700);
    finds(&env, "file", "note", "there is no database yet");
    assert_eq!(env.run(&["doctor"]).code, 0);
}

#[test]
fn a_board_in_quarantine_is_told_with_its_reason_and_looked_at_nevertheless() {
    let env = home();
    let reason = "Tree 3 page 7: out of order";
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let since = i64::try_from(now.as_secs()).unwrap();
    let record = Record {
        reason: reason.to_owned(),
        since,
        next: since + 600,
        attempts: 3,
        fingerprint: Fingerprint::of(&env.database()),
    };
    let home = Home::resolve(Some(&env.home()), &Env::default()).unwrap();
    let board = BoardSlug::default_board();
    quarantine::store(&home, &board, &State::Confirmed(record.clone())).unwrap();
    finds(&env, "quarantine", "problem", reason);
    finds(&env, "quarantine", "problem", "3 looks failed");
    assert_eq!(only(&env, "schema").0, "ok");
    let listed = env.json(&["boards", "list"]);
    assert_eq!(listed[0]["state"], "quarantined");
    assert!(env.ok(&["boards", "list"]).contains(reason));
    assert!(env.run(&["list"]).stderr.contains("andon doctor"));
    // Nothing is mended on it.
    change(&env, "INSERT INTO andon_tasks (task_id) VALUES ('t_ffffffff')");
    quarantine::store(
        &home,
        &board,
        &State::Confirmed(Record {
            fingerprint: Fingerprint::of(&env.database()),
            ..record.clone()
        }),
    )
    .unwrap();
    let found = findings(&env, &["--fix"]);
    let orphans = found.iter().find(|found| found["check"] == "orphans").unwrap();
    assert_eq!((&orphans["fixable"], &orphans["fixed"]), (&true.into(), &false.into()));
    // A file that changed ends it.
    let other = Fingerprint { inode: 1, ..Fingerprint::of(&env.database()).unwrap() };
    let record = Record { fingerprint: Some(other), ..record };
    quarantine::store(&home, &board, &State::Confirmed(record)).unwrap();
    finds(&env, "quarantine", "note", "looked at again at the next dispatch");
}

#[test]
fn rights_of_others_on_the_board_are_told_and_taken_away() {
    let env = home();
    chmod(&env.database(), 0o644);
    finds(&env, "permissions", "warning", "other users may read");
    chmod(&env.database(), 0o666);
    finds(&env, "permissions", "problem", "other users may change");
    let found = findings(&env, &["--fix"]);
    let fixed = found.iter().find(|found| found["check"] == "permissions").unwrap();
    assert_eq!(fixed["fixed"], true, "{fixed}");
    assert_eq!(mode(&env.database()), 0o600);
    assert_eq!(only(&env, "permissions").0, "ok");
}

#[test]
fn rights_of_others_on_backups_are_told_and_taken_away() {
    let env = home();
    let copy = env.json(&["backup"])["path"].as_str().unwrap().to_owned();
    let (directory, copy) = (env.home().join("kanban/backups"), Path::new(&copy));
    assert_eq!(only(&env, "permissions").0, "ok");
    let strange = env.write("strange", "");
    let link = directory.join("kanban.db.andon-5.bak");
    std::os::unix::fs::symlink(&strange, link).unwrap();
    for (path, mode) in [(&*directory, 0o777), (copy, 0o666), (&strange, 0o666)] {
        chmod(path, mode);
    }
    let found = of(&env, "permissions");
    for path in [&*directory, copy] {
        let text = format!("other users may change {} ", path.display());
        let is_told = found.iter().any(|found| found.0 == "problem" && found.1.starts_with(&text));
        assert!(is_told, "{found:?}");
    }
    findings(&env, &["--fix"]);
    assert_eq!((mode(&directory), mode(copy)), (0o700, 0o600));
    assert_eq!(mode(&strange), 0o666, "what a link leads to is not Andon's");
    assert_eq!(only(&env, "permissions").0, "ok");
}

#[test]
fn rights_of_others_on_the_home_are_told_and_taken_away() {
    let env = home();
    chmod(&env.home(), 0o755);
    finds(&env, "home", "warning", "other users may read");
    findings(&env, &["--fix"]);
    assert_eq!((mode(&env.home()), only(&env, "home").0.as_str()), (0o700, "ok"));
}

#[test]
fn what_a_person_wrote_may_be_read_but_not_changed_by_all() {
    let env = home();
    let file = env.write(".local/share/andon/profiles.toml", "");
    chmod(&file, 0o644);
    assert_eq!(only(&env, "home").0, "ok");
    chmod(&file, 0o666);
    finds(&env, "home", "problem", "and so what is started");
    findings(&env, &["--fix"]);
    assert_eq!(mode(&file), 0o666, "it is not Andon's");
}

#[test]
fn a_directory_above_that_anybody_may_change_is_named() {
    let env = home();
    let above = env.path().join(".local");
    chmod(&above, 0o777);
    finds(&env, "home", "warning", "other users may replace what lies in");
    chmod(&above, 0o1777);
    assert_eq!(only(&env, "home").0, "ok");
}

#[test]
fn links_on_the_way_are_named() {
    let env = home();
    let real = env.path().join("elsewhere");
    fs::rename(env.home(), &real).unwrap();
    std::os::unix::fs::symlink(&real, env.home()).unwrap();
    finds(&env, "home", "note", "leads over the link");
    let database = real.join("real.db");
    for suffix in ["", "-wal", "-shm"] {
        let from = format!("{}{suffix}", real.join("kanban.db").display());
        fs::rename(from, format!("{}{suffix}", database.display())).unwrap();
    }
    std::os::unix::fs::symlink(&database, real.join("kanban.db")).unwrap();
    finds(&env, "permissions", "note", "is a link to");
}

#[test]
fn settings_without_effect_are_named_and_wrong_ones_are_problems() {
    let env = home().with("ANDON_FAILURE_LIMITS", "3");
    finds(&env, "settings", "warning", "variable ANDON_FAILURE_LIMITS has no effect");
    let env = home();
    env.write(".local/share/andon/config.toml", "[board.gone]\nmax_spawn = 1\n");
    finds(&env, "settings", "warning", "section [board.gone] has no effect");
    env.write(".local/share/andon/config.toml", "[store]\nchekpoint_pages = 1\n");
    finds(&env, "settings", "problem", "chekpoint_pages");
    finds(&env, "board_settings", "problem", "chekpoint_pages");
    let env = home().with("ANDON_WRITER_LOCK", "off");
    finds(&env, "board_settings", "warning", "writers do not queue");
}

#[test]
fn keys_that_only_the_peer_reads_are_noted() {
    let env = home();
    env.write(".local/share/andon/config.yaml", "kanban:\n  auto_decompose: true\n");
    finds(&env, "settings", "note", "kanban.auto_decompose");
}

#[test]
fn a_profile_that_cannot_start_is_told_with_what_to_do() {
    let env = home();
    let file = ".local/share/andon/profiles.toml";
    env.write(file, "[profiles.coder]\ncommand = [\"no-such-program\"]\n");
    finds(&env, "profiles", "warning", "profile coder cannot start: program `no-such-program`");
    env.write(file, "[profiles.coder\n");
    assert_eq!(only(&env, "profiles").0, "problem");
    env.write(file, "[profiles.coder]\nmanual = true\n");
    assert_eq!(of(&env, "profiles")[0].0, "ok");
}
