//! What is written of a process is read back, and nothing else is.

use super::*;

#[test]
fn a_process_is_read_back_as_it_was_written() {
    let written = Process { machine: "m".into(), boot: "b".into(), pid: -7, started: u64::MAX };
    assert_eq!(Process::parse(&written.to_string()), Some(written));
}

#[test]
fn a_text_with_a_part_too_few_or_too_many_is_no_process() {
    for odd in ["", "m/b/7", "m/b/7/9/", "m/b/7/9/x", "m/b/x/9", "m/b/7/-9"] {
        assert_eq!(Process::parse(odd), None, "{odd}");
    }
}
