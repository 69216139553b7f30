//! What is written stays in the home and stays private, whoever puts what in its way.

use super::*;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

/// Replacements during which somebody exchanges what is replaced. Each takes some microseconds,
/// so that the two meet many times.
const ROUNDS: usize = 500;

const OUTSIDE: &str = "not ours";

/// A directory, and a file that nobody may touch.
fn scene() -> (TempDir, PathBuf, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let (home, outside) = (dir.path().join("home"), dir.path().join("outside"));
    make_dirs(&home).unwrap();
    fs::write(&outside, OUTSIDE).unwrap();
    (dir, home, outside)
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_replaced_file_is_private_and_a_link_in_its_place_goes_without_its_target() {
    let (_dir, home, outside) = scene();
    let file = home.join("current");
    symlink(&outside, &file).unwrap();
    symlink(&outside, home.join("current.tmp")).unwrap();
    replace(&file, b"text", Durability::Synced).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "text");
    assert_eq!((mode(&file), mode(&home)), (0o600, 0o700));
    assert_eq!(fs::read_to_string(&outside).unwrap(), OUTSIDE);
    assert!(!home.join("current.tmp").is_symlink());
}

#[test]
fn a_lock_that_is_a_link_is_refused_and_makes_nothing_where_it_leads() {
    let (_dir, home, outside) = scene();
    let nowhere = home.join("nowhere");
    for target in [&outside, &nowhere] {
        let lock = home.join("lock");
        symlink(target, &lock).unwrap();
        assert_eq!(open_lock(&lock).unwrap_err().to_string(), "it is a symbolic link");
        fs::remove_file(&lock).unwrap();
    }
    assert!(!nowhere.exists());
    open_lock(&home.join("lock")).unwrap();
    assert_eq!(mode(&home.join("lock")), 0o600);
}

#[test]
fn a_pipe_is_waited_for_neither_to_lock_nor_to_read() {
    let (_dir, home, _) = scene();
    let pipe = home.join("pipe");
    let mode = Mode::RUSR | Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let refusal = "it is not a regular file";
    assert_eq!(open_lock(&pipe).unwrap_err().to_string(), refusal);
    assert_eq!(open_to_read(&pipe).unwrap_err().to_string(), refusal);
    assert_eq!(open_to_read(&home).unwrap_err().to_string(), refusal);
}

#[test]
fn settings_may_be_a_link_to_where_their_owner_keeps_them() {
    let (_dir, home, outside) = scene();
    symlink(&outside, home.join("config.toml")).unwrap();
    let text = io::read_to_string(open_to_read(&home.join("config.toml")).unwrap()).unwrap();
    assert_eq!(text, OUTSIDE);
}

/// Exchanges things again and again while `work` goes on.
fn meanwhile(exchange: impl Fn() + Sync, work: impl FnOnce()) {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                exchange();
            }
        });
        work();
        over.store(true, Ordering::Relaxed);
    });
}

#[test]
fn links_put_in_the_way_of_a_replacement_all_the_time_never_lead_it_astray() {
    let (_dir, home, outside) = scene();
    let (file, temporary) = (home.join("current"), home.join("current.tmp"));
    let mut replaced = 0;
    let plant = || {
        for place in [&temporary, &file] {
            // The other side removes and replaces it meanwhile.
            symlink(&outside, place).ok();
        }
    };
    meanwhile(plant, || {
        for round in 0..ROUNDS {
            // It may give up, for somebody is always faster; it must not write elsewhere.
            let done = replace(&file, round.to_string().as_bytes(), Durability::Unsynced);
            replaced += usize::from(done.is_ok());
        }
    });
    assert_eq!(fs::read_to_string(&outside).unwrap(), OUTSIDE);
    assert!(replaced > 0, "not one of {ROUNDS} came through");
}

#[test]
fn a_directory_exchanged_for_a_link_gets_a_whole_file_or_none() {
    let (dir, home, _) = scene();
    let (away, elsewhere) = (dir.path().join("away"), dir.path().join("elsewhere"));
    fs::create_dir(&elsewhere).unwrap();
    let file = home.join("board.json");
    let exchange = || {
        fs::rename(&home, &away).unwrap();
        symlink(&elsewhere, &home).unwrap();
        fs::remove_file(&home).unwrap();
        fs::rename(&away, &home).unwrap();
    };
    meanwhile(exchange, || {
        for _ in 0..ROUNDS {
            replace(&file, b"whole", Durability::Unsynced).ok();
        }
    });
    for place in [&home, &elsewhere] {
        assert!(!place.join("board.json.tmp").exists(), "half of one is in {}", place.display());
        if let Ok(text) = fs::read_to_string(place.join("board.json")) {
            assert_eq!(text, "whole");
        }
    }
}
