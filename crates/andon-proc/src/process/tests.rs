//! The kernel's lines are read as it writes them.

use super::*;

#[test]
fn a_name_with_blanks_and_brackets_does_not_shift_the_fields() {
    let text = "42 (a) b (c)) S 7 42 40 0 -1 4194560 0 0 0 0 1 2 3 4 20 0 1 0 9000 1024 55 0 0";
    let stat = parse(text).unwrap();
    assert_eq!((stat.pid, stat.state, stat.parent, stat.session), (42, 'S', 7, 40));
    assert_eq!((stat.cpu_ticks, stat.started, stat.resident_pages), (10, 9000, 55));
}

#[test]
fn a_cut_line_is_refused() {
    assert_eq!(parse("42 (sh) S 7 42"), None);
    assert_eq!(parse(""), None);
}

#[test]
fn this_process_is_among_all() {
    let own = std::process::id().cast_signed();
    let stat = read(own).unwrap();
    assert!(!stat.is_dead());
    assert!(all().unwrap().iter().any(|other| other.pid == own && other.started == stat.started));
}

#[test]
fn this_process_has_its_arguments_and_its_program() {
    let own = std::process::id().cast_signed();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    assert_eq!(super::arguments(own).unwrap(), arguments);
    assert_eq!(executable(own).unwrap(), std::env::current_exe().unwrap());
    assert!(!read(own).unwrap().is_stopped());
}
