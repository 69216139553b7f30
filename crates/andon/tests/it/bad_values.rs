//! Bad values of arguments: each is refused with its reason, its exit code, and nothing written.

use crate::env::TestEnv;
use insta::assert_snapshot;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

#[test]
fn s31_spans_that_mean_nothing_are_wrong_calls() {
    let env = TestEnv::new();
    let task = env.create(&["A"]);
    for span in ["-5", "0", "999999d", "abc", "", "5 parsecs", "99999999999999999999"] {
        for arguments in [
            vec!["create", "A", "--max-runtime", span],
            vec!["claim", &task, "--ttl", span],
            vec!["edit", &task, "--max-runtime", if span.is_empty() { " " } else { span }],
        ] {
            let ran = env.run(&arguments);
            assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.stderr);
            assert!(ran.stderr.contains("is not a span of time"), "{}", ran.stderr);
        }
    }
    assert_snapshot!(env.run(&["create", "A", "--max-runtime", "-5"]), @r#"
    exit 2
    -- stderr
    andon: --max-runtime: "-5" is not a span of time: write a number with s, m, h or d, such as 90s or 1.5h, from <n>s to 365d
    "#);
    assert_snapshot!(env.run(&["schedule", &task, "--at", "tomorrow"]), @r#"
    exit 2
    -- stderr
    andon: --at: "tomorrow" is no time
      hint: write a time with its zone, 2026-01-31T18:00:00+01:00, or a wait, +2h
    "#);
    assert_snapshot!(env.run(&["schedule", &task, "--at", "2001-01-01T00:00:00Z"]), @"
    exit 1
    -- stderr
    andon: due time is not valid: it is in the past
    ");
    assert_eq!(env.status(&task), "ready");
}

#[test]
fn numbers_out_of_range_are_refused() {
    let env = TestEnv::new();
    assert_snapshot!(env.run(&["create", "A", "--max-retries", "0"]), @"
    exit 1
    -- stderr
    andon: max retries is not valid: 0 is outside 1 to 1000
    ");
    assert_snapshot!(env.run(&["create", "A", "--goal-max-turns", "-1"]), @"
    exit 1
    -- stderr
    andon: goal turns is not valid: -1 is outside 1 to 10000
    ");
    assert_snapshot!(env.run(&["create", "A", "--priority", "high"]), @"
    exit 2
    -- stderr
    error: invalid value 'high' for '--priority <N>': invalid digit found in string

    For more information, try '--help'.
    ");
}

#[test]
fn texts_out_of_bounds_are_refused() {
    let env = TestEnv::new();
    assert_snapshot!(env.run(&["create", "  "]), @"
    exit 1
    -- stderr
    andon: title is not valid: it is empty
    ");
    assert_snapshot!(env.run(&["create", "escape \u{1b}[31m"]), @"
    exit 1
    -- stderr
    andon: title is not valid: it has control characters or line breaks
    ");
    assert_snapshot!(env.run(&["create", "two\nlines"]), @"
    exit 1
    -- stderr
    andon: title is not valid: it has control characters or line breaks
    ");
    let long = "x".repeat(100_000);
    assert_snapshot!(env.run(&["create", &long]), @"
    exit 1
    -- stderr
    andon: title is too long: 100000 bytes, at most 1000
    ");
    env.write("large.md", vec![b'x'; 20 << 20]);
    assert_snapshot!(env.run(&["create", "A", "--body-file", "large.md"]), @"
    exit 1
    -- stderr
    andon: body is too long: 20971520 bytes, at most 1048576
    ");
    env.write("binary", [0xff, 0xfe]);
    assert_snapshot!(env.run(&["create", "A", "--body-file", "binary"]), @"
    exit 1
    -- stderr
    andon: --body-file: binary is not UTF-8 text
    ");
    assert_snapshot!(env.run(&["create", "A", "--body-file", "missing.md"]), @"
    exit 1
    -- stderr
    andon: --body-file: cannot read missing.md
      because No such file or directory (os error 2)
    ");
    let task = env.create(&["A"]);
    assert_snapshot!(env.run(&["comment", &task, " "]), @"
    exit 1
    -- stderr
    andon: comment is not valid: it is empty
    ");
}

#[test]
fn arguments_that_are_not_unicode_are_wrong_calls() {
    let env = TestEnv::new();
    let bad = OsStr::from_bytes(b"\xff\xfe");
    let run = |first: &[&str]| env.ran(env.command().args(first).arg(bad).output().unwrap());
    assert_snapshot!(run(&["create"]), @"
    exit 2
    -- stderr
    error: invalid UTF-8 was detected in one or more arguments

    Usage: andon create [OPTIONS] <TITLE>

    For more information, try '--help'.
    ");
    assert_snapshot!(run(&["--json", "show"]), @r#"
    exit 2
    -- stderr
    {
      "error": {
        "code": "usage",
        "message": "invalid UTF-8 was detected in one or more arguments",
        "hint": null
      }
    }
    "#);
}

#[test]
fn metadata_must_be_a_json_object() {
    let env = TestEnv::new();
    let task = env.create(&["A"]);
    assert_snapshot!(env.run(&["complete", &task, "--metadata", "[1]"]), @"
    exit 2
    -- stderr
    andon: --metadata is not a JSON object
    ");
    assert_snapshot!(env.run(&["complete", &task, "--metadata", "{"]), @"
    exit 2
    -- stderr
    andon: --metadata is not JSON: EOF while parsing an object at line 1 column 1
    ");
    assert_snapshot!(env.run(&["complete", &task, &task, "--summary", "s"]), @"
    exit 2
    -- stderr
    andon: --summary and --metadata belong to one task, not to several
    ");
    assert_eq!(env.status(&task), "ready");
}

#[test]
fn wrong_calls_are_told_as_json_where_json_is_wanted() {
    let env = TestEnv::new();
    assert_snapshot!(env.run(&["list", "--json", "--colour"]), @r#"
    exit 2
    -- stderr
    {
      "error": {
        "code": "usage",
        "message": "unexpected argument '--colour' found",
        "hint": null
      }
    }
    "#);
    assert_snapshot!(env.run(&["link", "--json"]), @r#"
    exit 2
    -- stderr
    {
      "error": {
        "code": "usage",
        "message": "the following required arguments were not provided: <PARENT> <CHILD>",
        "hint": null
      }
    }
    "#);
    assert_snapshot!(env.run(&["list", "--status", "ready,odd"]), @"
    exit 2
    -- stderr
    error: invalid value 'odd' for '--status <STATUS>': use one of triage, todo, scheduled, ready, running, blocked, review, done, archived

    For more information, try '--help'.
    ");
    assert_snapshot!(env.run(&["fly"]), @"
    exit 2
    -- stderr
    error: unrecognized subcommand 'fly'

    Usage: andon [OPTIONS] [COMMAND]

    For more information, try '--help'.
    ");
}
