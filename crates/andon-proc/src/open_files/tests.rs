//! Files that this process has open, with and without a name.

use super::*;
use std::fs::File;

fn of_this_process(dir: &Path) -> Vec<OpenFile> {
    let me = rustix::process::getpid().as_raw_pid();
    let found = find(|path| path.starts_with(dir)).unwrap().found;
    found.into_iter().filter(|open| open.pid == me).collect()
}

#[test]
fn an_open_file_is_found_once_by_its_path_and_not_after_it_was_closed() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().canonicalize().unwrap();
    let path = dir.join("with (brackets)");
    let held = (File::create(&path).unwrap(), File::open(&path).unwrap());
    let pid = rustix::process::getpid().as_raw_pid();
    assert_eq!(of_this_process(&dir), [OpenFile { pid, path, name: Name::Kept }]);
    drop(held);
    assert_eq!(of_this_process(&dir), []);
}

#[test]
fn a_deleted_file_is_told_from_the_one_that_took_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().canonicalize().unwrap();
    let path = dir.join("log");
    let _deleted = File::create(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let _new = File::create(&path).unwrap();
    let mut names: Vec<Name> = of_this_process(&dir).iter().map(|open| open.name).collect();
    names.sort_by_key(|name| *name == Name::Deleted);
    assert_eq!(names, [Name::Kept, Name::Deleted]);
}
