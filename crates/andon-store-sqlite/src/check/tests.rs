//! Sound, damaged and slow boards.

use super::*;
use crate::connect::{Role, connect};
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
    let mut reader = connect(&home.board(), Role::Reader, &options().connect).unwrap();
    let verdict = check(&mut reader, Depth::Full, LIMIT).unwrap();
    assert!(matches!(&verdict, Verdict::Damaged(lines) if !lines.is_empty()), "{verdict:?}");
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
