//! What a stub takes as its orders.

use super::*;

#[test]
fn orders_without_an_end_are_refused_by_their_size() {
    let error = read_orders(&mut BufReader::new(io::repeat(b' '))).unwrap_err();
    assert_eq!(error.to_string(), "the orders are larger than 41943040 bytes");
}

#[test]
fn what_comes_behind_the_orders_is_left_in_the_stream() {
    let orders = br#"{"argv": ["true"], "env": [["A", "b"]], "cwd": "/", "runner": 1}"#;
    let mut input = BufReader::new(io::Cursor::new([&orders[..], b"\ng"].concat()));
    assert_eq!(read_orders(&mut input).unwrap().argv, ["true"]);
    let mut leave = [0];
    assert_eq!((input.read(&mut leave).unwrap(), leave[0]), (1, LEAVE));
}

#[test]
fn orders_that_are_printed_show_names_of_the_environment_and_no_value() {
    let orders = br#"{"argv": ["true"], "env": [["TOKEN", "c4n4ry"]], "cwd": "/", "runner": 1}"#;
    let shown = format!("{:?}", read_orders(&mut &orders[..]).unwrap());
    assert!(shown.contains("TOKEN") && !shown.contains("c4n4ry"), "{shown}");
}
