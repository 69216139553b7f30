//! What is said of copies that a cut left: all of one, half of one, one too few.

use super::super::teller::Seen;
use super::*;
use crate::disk::Content;

fn image(files: &[(&str, &[u8])]) -> Image {
    let file = |(name, bytes): &(&str, &[u8])| {
        let mut content = Content::default();
        content.write(bytes, 0);
        (OsString::from(name), content)
    };
    files.iter().map(file).collect()
}

const FIRST: (&str, &[u8]) = ("backups/kanban.db.andon-1.bak", b"first");
const SECOND: (&str, &[u8]) = ("backups/kanban.db.andon-2.bak", b"second");
const THIRD: (&str, &[u8]) = ("backups/kanban.db.andon-3.bak", b"third");

/// What is said of an image between two states: two backups, and the next one with the older gone.
fn judge(files: &[(&str, &[u8])]) -> Result<(), String> {
    let shelves = [[FIRST, SECOND], [SECOND, THIRD]].map(|files| Shelf::of(&image(&files)));
    let state = |shelf: &Shelf| State { seen: Seen::Nothing, shelf: shelf.clone(), back: None };
    let states: Vec<State> = shelves.iter().map(state).collect();
    let found = Shelf::of(&image(files));
    found.require(&states, &shelves[0], &shelves[1]).map_err(|failure| failure.to_string())
}

#[test]
fn while_a_backup_is_made_no_older_one_goes_before_it_is_there() {
    let unfinished: (&str, &[u8]) = ("backups/kanban.db.andon.new", b"thi");
    assert_eq!(judge(&[FIRST, SECOND, unfinished]), Ok(()));
    assert_eq!(judge(&[FIRST, SECOND, THIRD]), Ok(()));
    assert_eq!(judge(&[SECOND, THIRD]), Ok(()));
    assert!(judge(&[SECOND, unfinished]).unwrap_err().contains("1 copies are left"));
    assert!(judge(&[FIRST, THIRD]).unwrap_err().contains("andon-2.bak is gone"));
}

#[test]
fn what_has_a_backups_name_is_all_of_it() {
    let half: (&str, &[u8]) = (THIRD.0, b"thi");
    assert!(judge(&[FIRST, SECOND, half]).unwrap_err().contains("is not what has that name"));
}

#[test]
fn a_board_that_was_moved_aside_is_known_by_its_content_and_its_log() {
    let moved = |at: &str, log: &'static [u8]| {
        let database = format!("kanban.db.replaced-andon-{at}.bak");
        let log_name = format!("{database}-wal");
        Shelf::of(&image(&[(&database, b"pages"), (&log_name, log)]))
    };
    assert!(moved("7", b"log").holds_equals_of(&moved("5", b"log")));
    assert!(!moved("7", b"log").holds_equals_of(&moved("5", b"another log")));
    assert!(!Shelf::default().holds_equals_of(&moved("5", b"log")));
}

#[test]
fn the_log_of_a_broken_boards_copy_counts_only_with_its_database() {
    let (database, log) = ("kanban.db.broken-andon-1.bak", "kanban.db.broken-andon-1.bak-wal");
    let begun = Shelf::of(&image(&[(log, b"log")]));
    assert_eq!(begun, Shelf::default());
    let whole = Shelf::of(&image(&[(database, b"pages"), (log, b"log")]));
    let cut = Shelf::of(&image(&[(database, b"pages")]));
    let states = [State { seen: Seen::Nothing, shelf: whole.clone(), back: None }];
    let lost = cut.require(&states, &whole, &whole).unwrap_err().to_string();
    assert!(lost.contains("bak-wal is gone"), "a finished one keeps its log: {lost}");
    // A board's log goes aside before the board has its name there.
    let moved = Shelf::of(&image(&[("kanban.db.replaced-andon-1.bak-wal", b"log")]));
    assert_ne!(moved, Shelf::default());
}
