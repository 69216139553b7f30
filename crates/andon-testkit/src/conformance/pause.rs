//! Pause: nothing is claimed, everything else goes on.

use super::claims;
use crate::fixture::{Board, verbs};
use andon_core::command::pause::{SetPause, Turn};
use andon_core::task::Status;
use andon_core::transition::Outcome;
use andon_core::view::Pause;

claims![
    a_paused_board_starts_nothing_and_finishes_what_runs,
    a_pause_says_who_why_and_since_when,
    pausing_twice_keeps_the_first_pause,
];

fn pause(reason: Option<&str>) -> SetPause {
    SetPause { turn: Turn::Pause { reason: reason.map(str::to_owned) } }
}

fn resume() -> SetPause {
    SetPause { turn: Turn::Resume }
}

fn a_paused_board_starts_nothing_and_finishes_what_runs(board: &Board) {
    let running = board.task("a").claimed();
    let ready = board.task("b").create();
    assert_eq!(board.done(pause(None)).outcome, Outcome::PauseSet);
    assert_eq!(board.refused(verbs::claim(&ready)).code(), "paused");
    board.complete(&running);
    assert_eq!(board.status(&running), Status::Done);
    board.done(resume());
    board.claim(&ready);
}

fn a_pause_says_who_why_and_since_when(board: &Board) {
    assert_eq!(board.store.pause_get(), Ok(None));
    board.done(pause(Some("maintenance")));
    let expected =
        Pause { by: "tester".into(), reason: Some("maintenance".into()), at: board.now() };
    assert_eq!(board.store.pause_get(), Ok(Some(expected)));
    board.done(resume());
    assert_eq!(board.store.pause_get(), Ok(None));
}

fn pausing_twice_keeps_the_first_pause(board: &Board) {
    board.done(pause(Some("first")));
    board.pass(10);
    assert_eq!(board.done(pause(Some("second"))).outcome, Outcome::Unchanged);
    let reason = board.store.pause_get().expect("a pause can be read").and_then(|p| p.reason);
    assert_eq!(reason.as_deref(), Some("first"));
    board.done(resume());
    assert_eq!(board.done(resume()).outcome, Outcome::Unchanged);
}
