//! What others wish of a dispatcher.

use super::*;

#[test]
fn the_same_wish_to_stop_asks_for_one_pass() {
    let control = Control::new().unwrap();
    for (stop, pass) in [
        (Stop::Drain, Some(WantedPass)),
        (Stop::Drain, None),
        (Stop::Leave, Some(WantedPass)),
        (Stop::Leave, None),
    ] {
        control.ask_to_stop(stop);
        assert_eq!((control.stop(), control.take_pass()), (Some(stop), pass));
    }
}
