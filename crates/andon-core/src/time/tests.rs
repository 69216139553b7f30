//! Times are numbers to whoever reads them, spans have their unit, and neither runs over.

use super::*;

#[test]
fn a_time_is_shown_as_a_number_and_a_span_with_its_unit() {
    assert_eq!((Timestamp(7).to_string(), Seconds(7).to_string()), ("7".into(), "7s".into()));
}

#[test]
fn times_stop_at_the_ends_of_what_a_board_can_hold() {
    assert_eq!(Timestamp(i64::MAX) + Seconds(1), Timestamp(i64::MAX));
    assert_eq!(Timestamp(i64::MIN) - Timestamp(1), Seconds(i64::MIN));
    assert_eq!(
        (Timestamp(5) + Seconds(2), Timestamp(5) - Timestamp(2)),
        (Timestamp(7), Seconds(3))
    );
}
