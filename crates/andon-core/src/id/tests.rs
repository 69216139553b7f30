//! Ids accept what the board may hold and nothing that could leave a directory.

use super::*;

#[test]
fn a_task_id_with_path_characters_is_refused() {
    for bad in ["../../x", "t_", "t_1234567", "t_ABCDEF12", "t_12345678/..", "", "x_12345678"] {
        assert!(TaskId::parse(bad).is_err(), "{bad}");
    }
    assert!(TaskId::parse("t_12345678").is_ok());
    assert!(TaskId::parse("t_0123456789abcdef").is_ok());
}

#[test]
fn ids_and_names_have_a_least_and_a_greatest_length() {
    let id = |digits| TaskId::parse(&format!("t_{}", "a".repeat(digits))).is_ok();
    assert_eq!([7, 8, 64, 65].map(id), [false, true, true, false]);
    let slug = |letters| BoardSlug::parse(&"a".repeat(letters)).is_ok();
    assert_eq!([0, 1, 64, 65].map(slug), [false, true, true, false]);
    let profile = |letters| Assignee::parse(&"a".repeat(letters)).is_ok();
    assert_eq!([0, 1, 64, 65].map(profile), [false, true, true, false]);
}

#[test]
fn a_refused_name_is_quoted_in_part() {
    let refused = TaskId::parse(&"x".repeat(1 << 20)).unwrap_err();
    assert_eq!(refused.given, "x".repeat(80));
}

#[test]
fn mentions_are_found_once_and_in_order() {
    let ids = mentions("see t_aaaaaaaa, (t_bbbbbbbb) and t_aaaaaaaa; not t_xyz or at_cccccccc", 9);
    let texts: Vec<_> = ids.iter().map(TaskId::as_str).collect();
    assert_eq!(texts, ["t_aaaaaaaa", "t_bbbbbbbb"]);
    assert_eq!(mentions("t_aaaaaaaa t_bbbbbbbb", 1), ids[..1]);
}

#[test]
fn a_slug_is_normalised_then_checked() {
    assert_eq!(
        BoardSlug::parse(" ATM10-Server ").map(|s| s.to_string()),
        Ok("atm10-server".into())
    );
    for bad in ["", "-x", "_archived", "a/b", "a b", &"x".repeat(65)] {
        assert!(BoardSlug::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn operation_ids_sort_by_time() {
    assert!(OpId::new(1, [255; 10]) < OpId::new(2, [0; 10]));
    assert_eq!(OpId::new(0x0102, [0x0a; 10]).to_string(), "0000000001020a0a0a0a0a0a0a0a0a0a");
}

#[test]
fn two_locks_of_one_process_differ() {
    assert_ne!(ClaimLock::new("h", 1, 1), ClaimLock::new("h", 1, 2));
}

#[test]
fn ids_of_tasks_made_one_after_the_other_grow_by_small_steps() {
    let first = TaskId::after(None, 0x0000_1000);
    assert_eq!(first.as_str(), "t_00001000");
    let second = TaskId::after(Some(&first), 0xffff_ffff);
    assert_eq!(second.as_str(), "t_00001200");
    assert_ne!(TaskId::after(Some(&first), 0), first);
    let last = TaskId::from_random(u32::MAX);
    assert_eq!(TaskId::after(Some(&last), 0).as_str(), "t_00000000");
    let long = TaskId::parse("t_0123456789abcdef").unwrap();
    assert_eq!(TaskId::after(Some(&long), 7).as_str(), "t_00000007");
}

#[test]
fn one_board_is_the_default_one() {
    let slug = BoardSlug::default_board();
    assert!(slug.is_default());
    assert_eq!(slug.as_str(), "default");
    assert!(!BoardSlug::parse("defaults").unwrap().is_default());
}

#[test]
fn a_profile_name_is_normalised_then_checked() {
    for good in ["claude-3.5_x", "9lives", " Worker "] {
        let name = Assignee::parse(good).map(|name| name.to_string());
        assert_eq!(name, Ok(good.trim().to_ascii_lowercase()));
    }
    for bad in ["", ".hidden", "-x", "_x", "a/b", "a b", "a:b", "\u{e4}"] {
        assert!(Assignee::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_lock_names_host_and_process() {
    assert_eq!(ClaimLock::new("host", 7, 0xff).as_str(), "host:7:00000000000000ff");
}
