//! Findings about the machine: the disk, a second SQLite, installations of the peer.

use super::{findings, finds, home, only};
use crate::disk::small::Disk;
use crate::env::TestEnv;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

#[test]
fn a_small_disk_is_a_problem_before_it_is_full() {
    let env = TestEnv::new().with("PATH", "/nowhere");
    let Some(disk) = Disk::mount(&env) else { return };
    env.create(&["First"]);
    finds(&env, "space", "problem", "0 MiB are free");
    finds(&env, "filesystem", "ok", "tmpfs: all of it is gone when the host stops");
    disk.remount("remount,size=128m");
    finds(&env, "space", "warning", " MiB are free");
    disk.remount("remount,size=512m");
    assert_eq!(only(&env, "space").0, "ok");
    disk.remount("remount,size=512m,nr_inodes=50");
    finds(&env, "space", "problem", " inodes are free");
}

#[test]
fn a_second_sqlite_in_the_process_is_found() {
    let env = home();
    // Any library will do: it is known by its name.
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let library = maps.lines().find(|line| line.contains("libgcc_s.so")).unwrap();
    let library = &library[library.find('/').unwrap()..];
    let copy = env.path().join("libsqlite3.so.0");
    fs::copy(library, &copy).unwrap();
    let sqlite = |env: &TestEnv| {
        let found = findings(env, &[]).into_iter().filter(|found| found["check"] == "sqlite");
        found.map(|found| found["severity"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(sqlite(&env), ["ok"]);
    assert_eq!(sqlite(&env.with("LD_PRELOAD", copy.display().to_string())), ["ok", "problem"]);
}

/// An installation of the peer as package managers make one: a script that names the interpreter
/// beside it, and the package's directory.
fn install(env: &TestEnv, version: &str) -> PathBuf {
    let venv = env.path().join("venv");
    let package = format!("venv/lib/python3.11/site-packages/hermes_agent-{version}.dist-info/x");
    env.write(&package, "");
    let script = format!("#!{}/bin/python\nraise SystemExit(1)\n", venv.display());
    let program = env.write("venv/bin/hermes", script);
    fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    venv.join("bin")
}

#[test]
fn a_release_of_the_peer_that_damages_boards_is_named_with_the_guard_as_remedy() {
    for (version, severity) in [("0.19.0", "warning"), ("0.9.2", "warning"), ("0.20.0", "note")] {
        let env = TestEnv::new();
        let path = install(&env, version);
        let env = env.with("PATH", path.display().to_string());
        env.create(&["First"]);
        finds(&env, "peer", severity, &format!("the peer {version} at "));
    }
    let env = TestEnv::new();
    let path = install(&env, "0.19.0");
    // A link on the path, as tools make them that keep each program in an environment of its own.
    let bin = env.path().join("bin");
    fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(path.join("hermes"), bin.join("hermes")).unwrap();
    let env = env.with("PATH", bin.display().to_string());
    env.create(&["First"]);
    let found = findings(&env, &[]);
    let found = found.iter().find(|found| found["check"] == "peer").unwrap();
    assert_eq!(found["severity"], "warning", "{found}");
    assert!(found["remedy"].as_str().unwrap().contains("andon guard"), "{found}");
}
