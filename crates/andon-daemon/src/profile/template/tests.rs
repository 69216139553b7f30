//! Templates: places that are filled, and texts that are refused.

use super::*;

fn filled(text: &str) -> String {
    let value = |placeholder| Ok::<_, ()>(format!("<{placeholder:?}>"));
    Template::parse(text).unwrap().fill(value).unwrap()
}

#[test]
fn places_are_filled_and_doubled_braces_stay() {
    assert_eq!(filled("work {task} in {workspace}"), "work <Task> in <Workspace>");
    assert_eq!(filled("{{task}} {{{task}}}"), "{task} {<Task>}");
    assert_eq!(filled(""), "");
}

#[test]
fn a_value_is_never_read_as_a_template_again() {
    let evil = |_| Ok::<_, ()>(String::from("{home} $(rm -rf /) ; '"));
    let argument = Template::parse("{title}").unwrap().fill(evil).unwrap();
    assert_eq!(argument, "{home} $(rm -rf /) ; '");
}

#[test]
fn an_unknown_place_and_a_lone_brace_are_refused_with_a_way_out() {
    for (text, hint) in [
        ("{taks}", "{task}"),
        ("{}", "known are {task}"),
        ("{\"a\": 1}", "{{"),
        ("a } b", "}}"),
        ("{task", "{{"),
        ("x{model_args}", "argument of its own"),
    ] {
        let error = Template::parse(text).unwrap_err();
        assert!(error.hint.contains(hint), "{text}: {}", error.hint);
    }
}

#[test]
fn a_template_is_shown_as_it_was_written() {
    for text in ["", "{prompt}", "a {{b}} {home}/c"] {
        assert_eq!(Template::parse(text).unwrap().to_string(), text);
    }
}
