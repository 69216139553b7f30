//! The watch finds what it looks for.

use super::Watch;
use std::fs::{self, File};
use std::io::Read;

#[test]
fn a_log_that_was_deleted_under_its_user_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let board = dir.path().join("kanban.db");
    let log = dir.path().join("kanban.db-wal");
    fs::write(&board, "").unwrap();
    fs::write(&log, "").unwrap();
    let mut file = File::open(&log).unwrap();
    let mut watch = Watch::new(vec![board]);
    watch.look();
    assert_eq!(watch.findings, Vec::<String>::new());
    assert!(watch.descriptors > 0);
    fs::remove_file(&log).unwrap();
    watch.look();
    assert!(watch.findings.iter().any(|found| found.ends_with("-wal (deleted)")), "{watch:?}");
    assert_eq!(file.read(&mut [0; 1]).unwrap(), 0);
}
