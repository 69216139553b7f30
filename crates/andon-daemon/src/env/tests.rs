//! The environment snapshot: ranks of names, and silence about values.

use super::*;

const HOME: Variable = Variable { name: "ANDON_HOME", twins: &["HERMES_KANBAN_HOME"] };

#[test]
fn our_name_beats_its_twin_and_a_blank_one_counts_as_unset() {
    let mut env = Env::from_pairs([("HERMES_KANBAN_HOME", "/twin"), ("ANDON_HOME", " /ours ")]);
    assert_eq!(env.first(HOME), Ok(Some(("ANDON_HOME", "/ours"))));
    env.set("ANDON_HOME", "  ");
    assert_eq!(env.first(HOME), Ok(Some(("HERMES_KANBAN_HOME", "/twin"))));
    env.remove("HERMES_KANBAN_HOME");
    assert_eq!(env.first(HOME), Ok(None));
}

#[test]
fn debug_shows_names_and_never_values() {
    let env = Env::from_pairs([("API_KEY", "s3cret")]);
    let shown = format!("{env:?}");
    assert!(shown.contains("API_KEY") && !shown.contains("s3cret"), "{shown}");
}

#[cfg(unix)]
#[test]
fn a_value_that_is_not_unicode_is_an_error_that_names_the_variable() {
    use std::os::unix::ffi::OsStringExt;
    let env = Env::from_pairs([("ANDON_HOME", OsString::from_vec(vec![0xff]))]);
    assert_eq!(env.first(HOME), Err(NotUnicode { name: "ANDON_HOME".into() }));
    assert_eq!(env.into_text_pairs(), Err(NotUnicode { name: "ANDON_HOME".into() }));
}
