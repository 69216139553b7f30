//! Texts are cut where they are kept short, and nowhere else.

use super::*;

#[test]
fn a_note_is_bounded_at_a_quarter_of_a_mebibyte() {
    assert_eq!((BODY_BYTES_MAX, NOTE_BYTES_MAX), (1_048_576, 262_144));
    assert_eq!(METADATA_BYTES_MAX, 262_144);
}

#[test]
fn the_line_of_a_hand_off_is_the_first_one_of_the_first_text_cut_to_its_length() {
    assert_eq!(handoff_line(Some(" done \nand more"), Some("result")).as_deref(), Some("done"));
    assert_eq!(handoff_line(None, Some("result")).as_deref(), Some("result"));
    assert_eq!(handoff_line(None, None), None);
    // What is blank says nothing, and hides nothing (B24).
    assert_eq!(handoff_line(Some(" \n"), Some("result")).as_deref(), Some("result"));
    assert_eq!(handoff_line(Some(" \n"), Some("\t")), None);
    let long = handoff_line(Some(&"\u{e4}".repeat(500)), None);
    assert_eq!(long, Some("\u{e4}".repeat(HANDOFF_LINE_CHARS_MAX)));
}

#[test]
fn an_error_is_cut_by_characters() {
    assert_eq!(clip_error("short"), "short");
    assert_eq!(clip_error(&"\u{e4}".repeat(600)), "\u{e4}".repeat(ERROR_CHARS_MAX));
}

/// A failure that says this, and has this cause.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct Failure {
    text: &'static str,
    source: Option<Box<Self>>,
}

#[test]
fn an_error_is_told_with_its_causes_and_nothing_twice() {
    let cause = |text, source| Some(Box::new(Failure { text, source }));
    let told = |text, source| with_causes(&Failure { text, source });
    assert_eq!(told("cannot start", None), "cannot start");
    let no_room = || cause("cannot write", cause("no room", None));
    assert_eq!(told("cannot start", no_room()), "cannot start: cannot write: no room");
    assert_eq!(told("cannot start: no room", cause("no room", None)), "cannot start: no room");
}
