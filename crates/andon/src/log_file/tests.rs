//! Tails and rotations.

use super::{Follower, copy, open};
use crate::error::CliError;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

fn log(text: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t_0000000a.log");
    fs::write(&path, text).unwrap();
    (dir, path)
}

fn told(path: &Path, tail: Option<u64>) -> String {
    let mut bytes = Vec::new();
    copy(open(path, tail).unwrap().unwrap(), |chunk| bytes.extend_from_slice(chunk)).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_tail_begins_with_a_whole_line_and_never_drops_everything() {
    let (_dir, path) = log("one..\ntwo..\nthree\n");
    assert_eq!(told(&path, None), "one..\ntwo..\nthree\n");
    assert_eq!(told(&path, Some(12)), "two..\nthree\n", "a line that begins at the window stays");
    assert_eq!(told(&path, Some(11)), "three\n");
    assert_eq!(told(&path, Some(4)), "ree\n", "no line begins in the window");
    assert_eq!(told(&path, Some(1_000)), "one..\ntwo..\nthree\n");
}

#[test]
fn a_missing_log_is_none_and_a_link_is_refused() {
    let (dir, path) = log("secret\n");
    assert!(open(&dir.path().join("other.log"), None).unwrap().is_none());
    let link = dir.path().join("link.log");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(open(&link, None).is_err());
}

#[test]
fn following_tells_each_line_once_across_two_rotations() {
    let (dir, path) = log("1\n");
    let rotated = |number: u32| dir.path().join(format!("t_0000000a.log.{number}"));
    let mut follower = Follower::start(&path).unwrap();
    let mut told = String::new();
    let mut step = 0;
    let ended = follower.follow(open(&path, None).unwrap(), |bytes| {
        told.push_str(std::str::from_utf8(bytes).unwrap());
        step += 1;
        if step == 1 {
            fs::File::options().append(true).open(&path).unwrap().write_all(b"2\n").unwrap();
            fs::rename(&path, rotated(1)).unwrap();
            fs::write(&path, "3\n").unwrap();
            fs::rename(rotated(1), rotated(2)).unwrap();
            fs::rename(&path, rotated(1)).unwrap();
            fs::write(&path, "4\n").unwrap();
        }
        if told.contains('4') { Err(CliError::no_reader()) } else { Ok(()) }
    });
    assert_eq!(ended, Err(CliError::no_reader()));
    assert_eq!(told, "1\n2\n3\n4\n");
}
