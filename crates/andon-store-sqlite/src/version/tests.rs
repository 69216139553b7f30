//! The floor under the SQLite version.

use super::*;

#[test]
fn the_compiled_in_sqlite_is_sound() {
    require_sound().unwrap();
}

#[test]
fn the_last_release_with_the_reset_fault_is_refused() {
    let error = require_at_least(3_051_002).unwrap_err();
    assert!(error.to_string().contains("3051002"), "{error}");
    require_at_least(3_051_003).unwrap();
}

#[test]
fn the_library_names_its_release_and_check_in() {
    let version = sqlite_version().unwrap();
    assert_eq!(version.release, rusqlite::version());
    assert!(version.source_id.len() > 40, "{}", version.source_id);
}
