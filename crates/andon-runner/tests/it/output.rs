//! The log: private, bounded, and never in the way of the worker.

use crate::roles::{LIMIT, alone, eventually};
use andon_runner::output::{Log, Pump, Rotation, TAIL_BYTES};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs;
use std::io::{PipeReader, PipeWriter, Write, pipe};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

const SMALL: Rotation = Rotation { rotate_bytes: 1000, backups: 2 };

fn pump(path: &Path, rotation: Rotation) -> (Pump, PipeWriter) {
    let (reader, writer): (PipeReader, PipeWriter) = pipe().unwrap();
    let log = Log::open(path, rotation).unwrap();
    (Pump::start(OwnedFd::from(reader), log).unwrap(), writer)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn output_is_appended_to_a_private_log() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("logs/t_1.log");
    for words in ["first\n", "second\n"] {
        let (pump, mut writer) = pump(&path, Rotation::default());
        writer.write_all(words.as_bytes()).unwrap();
        drop(writer);
        let pumped = pump.finish();
        assert_eq!((pumped.read, pumped.dropped), (words.len() as u64, 0));
        assert_eq!(pumped.tail, words);
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "first\nsecond\n");
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
}

#[test]
fn a_log_is_rotated_while_its_worker_runs() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t_1.log");
    let (pump, mut writer) = pump(&path, SMALL);
    writer.write_all(&[b'a'; 900]).unwrap();
    eventually("the first part is written", || fs::metadata(&path).unwrap().len() == 900);
    writer.write_all(&[b'b'; 900]).unwrap();
    let first = dir.path().join("t_1.log.1");
    eventually("the log is rotated", || first.exists() && path.exists());
    drop(writer);
    let _pumped = pump.finish();
    assert_eq!(fs::read(&first).unwrap(), [b'a'; 900]);
    assert_eq!(fs::read(&path).unwrap(), [b'b'; 900]);
}

#[test]
fn g10_characters_survive_however_they_are_split() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t_1.log");
    let (pump, mut writer) = pump(&path, Rotation::default());
    // Three bytes each: no chunk and no tail ends between two characters for certain.
    let text = "\u{6f22}".repeat(20_000) + "\n";
    let (first, second) = text.as_bytes().split_at(4);
    writer.write_all(first).unwrap();
    eventually("the first part is written", || fs::metadata(&path).unwrap().len() == 4);
    writer.write_all(second).unwrap();
    drop(writer);
    let tail = pump.finish().tail;
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    assert!(text.ends_with(&tail) && tail.len() > TAIL_BYTES - 3, "{} bytes", tail.len());
}

#[test]
fn a_flood_is_bounded_on_disk_and_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t_1.log");
    let rotation = Rotation { rotate_bytes: 100_000, backups: 2 };
    let (pump, mut writer) = pump(&path, rotation);
    for _ in 0..500 {
        writer.write_all(&[b'x'; 10_000]).unwrap();
    }
    drop(writer);
    let pumped = pump.finish();
    assert_eq!((pumped.read, pumped.dropped, pumped.tail.len()), (5_000_000, 0, TAIL_BYTES));
    let sizes: Vec<u64> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .collect();
    assert_eq!(sizes.len(), 3);
    assert!(sizes.iter().all(|size| *size <= rotation.rotate_bytes), "{sizes:?}");
}

#[test]
fn without_backups_the_old_content_is_discarded() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t_1.log");
    fs::write(&path, [b'o'; 2000]).unwrap();
    let (pump, mut writer) = pump(&path, Rotation { rotate_bytes: 1000, backups: 0 });
    writer.write_all(b"new").unwrap();
    drop(writer);
    let _pumped = pump.finish();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_symbolic_link_in_the_logs_place_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("precious");
    fs::write(&target, "kept").unwrap();
    let path = dir.path().join("t_1.log");
    symlink(&target, &path).unwrap();
    let refusal = Log::open(&path, SMALL).unwrap_err().to_string();
    assert!(refusal.ends_with("t_1.log: is a symbolic link"), "{refusal}");
    assert_eq!(fs::read_to_string(&target).unwrap(), "kept");
}

#[test]
fn a_pipe_in_the_logs_place_is_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t_1.log");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    assert!(Log::open(&path, SMALL).is_err());
}

#[test]
fn a_log_that_cannot_be_written_does_not_stop_the_worker() {
    let dir = tempfile::tempdir().unwrap();
    let logs = dir.path().join("logs");
    let (pump, mut writer) = pump(&logs.join("t_1.log"), SMALL);
    writer.write_all(&[b'a'; 900]).unwrap();
    let log = logs.join("t_1.log");
    eventually("the first part is written", || fs::metadata(&log).unwrap().len() == 900);
    fs::remove_dir_all(&logs).unwrap();
    // More than a pipe holds: this would block for ever if nobody read.
    writer.write_all(&[b'b'; 300_000]).unwrap();
    drop(writer);
    let pumped = pump.finish();
    assert_eq!((pumped.read, pumped.dropped), (300_900, 300_000));
    assert!(pumped.first_error.is_some());
}

#[test]
fn finishing_waits_for_nobody_who_still_holds_the_output() {
    let dir = tempfile::tempdir().unwrap();
    let (pump, mut writer) = pump(&dir.path().join("t_1.log"), SMALL);
    writer.write_all(b"last words").unwrap();
    let before = Instant::now();
    let pumped = pump.finish();
    assert!(before.elapsed() < LIMIT);
    assert_eq!(pumped.tail, "last words");
    drop(writer);
}

alone! {
    fn output_that_was_lost_to_a_full_disk_is_told_in_the_log() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t_1.log");
        let (pump, mut writer) = pump(&path, Rotation::default());
        // A limit on the size of files stands for the disk; the kernel says when it was met.
        let is_full = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::clone(&is_full)).unwrap();
        let before = getrlimit(Resource::Fsize);
        setrlimit(Resource::Fsize, Rlimit { current: Some(900), ..before }).unwrap();
        writer.write_all(&[b'a'; 900]).unwrap();
        eventually("the first part is written", || fs::metadata(&path).unwrap().len() == 900);
        writer.write_all(&[b'b'; 300]).unwrap();
        eventually("the disk is full", || is_full.load(Ordering::Relaxed));
        setrlimit(Resource::Fsize, before).unwrap();
        writer.write_all(b"after").unwrap();
        drop(writer);
        let _pumped = pump.finish();
        let log = fs::read_to_string(&path).unwrap();
        let told = "\n[300 bytes of output are missing here: File too large (os error 27)]\nafter";
        assert_eq!(log.trim_start_matches('a'), told);
    }
}
