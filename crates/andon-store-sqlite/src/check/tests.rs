//! Sound, damaged and slow boards.

use super::*;
use crate::open::tests::{Home, fill, options};

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn a_board_that_was_just_made_is_sound() {
    let home = Home::new();
    let mut opened = crate::open::create(&home.board(), &options()).unwrap();
    assert_eq!(check(&mut opened.reader, Depth::Quick, LIMIT).unwrap(), Verdict::Sound);
    assert_eq!(check(&mut opened.reader, Depth::Full, LIMIT).unwrap(), Verdict::Sound);
}

#[test]
fn a_page_of_noise_is_found() {
    let home = Home::new();
    drop(crate::open::create(&home.board(), &options()).unwrap());
    fill(&home.board(), 200);
    home.overwrite_last_page();
    let verdict = check_board(&home.board(), Depth::Full, LIMIT).unwrap();
    assert!(matches!(&verdict, Verdict::Damaged(lines) if !lines.is_empty()), "{verdict:?}");
}

#[test]
fn only_the_content_of_an_index_can_be_written_anew() {
    for line in [
        "row 4 missing from index idx_tasks_status",
        "wrong # of entries in index idx_tasks_status",
        "row 4 values differ from index idx_tasks_status",
        "non-unique entry in index sqlite_autoindex_tasks_1",
    ] {
        assert!(is_of_index(line), "{line}");
    }
    for line in [
        "Tree 12 page 5: btreeInitPage() returns error code 11",
        "database disk image is malformed (SQLite code 11)",
        "Tree 3 page 7 cell 2: Rowid 5 out of order",
    ] {
        assert!(!is_of_index(line), "{line}");
    }
}

#[test]
fn a_page_that_cannot_be_read_is_no_damage() {
    let line = |text: &str| [format!("*** in database main ***\nTree 5 page 5: {text}")];
    assert_eq!(unread(&line("unable to get the page. error code=266")), Some(266));
    assert_eq!(unread(&line("btreeInitPage() returns error code 3082")), Some(3082));
    assert_eq!(unread(&line("btreeInitPage() returns error code 11")), None);
    assert_eq!(unread(&line("Rowid 5 out of order")), None);
}

#[test]
fn a_check_ends_when_its_time_is_over_and_leaves_the_connection_usable() {
    let home = Home::new();
    let mut opened = crate::open::create(&home.board(), &options()).unwrap();
    fill(&home.board(), 2000);
    let verdict = check(&mut opened.reader, Depth::Full, Duration::ZERO).unwrap();
    assert_eq!(verdict, Verdict::OutOfTime);
    assert_eq!(check(&mut opened.reader, Depth::Full, LIMIT).unwrap(), Verdict::Sound);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "writes a file that is no board")]
fn a_file_that_is_no_database_is_damaged_and_a_missing_one_is_missing() {
    let home = Home::new();
    let missing = check_board(&home.board(), Depth::Quick, LIMIT).unwrap_err();
    assert_eq!(missing.code(), "no_board");
    std::fs::write(home.board(), b"no database at all".repeat(100)).unwrap();
    let verdict = check_board(&home.board(), Depth::Quick, LIMIT).unwrap();
    assert!(matches!(verdict, Verdict::Damaged(_)), "{verdict:?}");
}
