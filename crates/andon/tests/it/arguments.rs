//! Where flags may stand, and what help says.

use crate::env::TestEnv;
use insta::assert_snapshot;

#[test]
fn s22_global_flags_may_stand_before_and_after_the_verb() {
    let env = TestEnv::new();
    let home = env.path().join("other");
    let home = home.to_str().unwrap();
    env.ok(&["create", "A", "--home", home]);
    let before = env.ok(&["--home", home, "--board", "default", "--json", "list"]);
    let after = env.ok(&["list", "--json", "--board", "default", "--home", home]);
    assert_eq!(before, after);
    assert!(!env.home().exists(), "the standard home is not touched");
}

#[test]
fn s22_flags_may_stand_between_words() {
    let env = TestEnv::new();
    let task = env.create(&["A"]);
    env.ok(&["block", &task, "no", "--kind", "capability", "tools", "--json", "here"]);
    assert_eq!(env.json(&["show", &task])["comments"][0]["body"], "BLOCKED: no tools here");
    env.ok(&["promote", &task, "in", "--force", "a", "hurry"]);
}

#[test]
fn flags_may_be_shortened_to_what_is_clear() {
    let env = TestEnv::new();
    env.ok(&["create", "A", "--assig", "shell"]);
    assert_eq!(env.json(&["list", "--assig", "shell"]).as_array().unwrap().len(), 1);
}

#[test]
fn without_a_verb_there_is_help_and_no_failure() {
    let env = TestEnv::new();
    let ran = env.run(&[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("Commands:"));
}

#[test]
fn every_verb_explains_its_flags() {
    let env = TestEnv::new();
    assert_snapshot!(env.run(&["complete", "--help"]), @"
    exit 0
    -- stdout
    Finish tasks

    Usage: andon complete [OPTIONS] <TASK>...

    Arguments:
      <TASK>...  The tasks

    Options:
          --result <RESULT>    What came out
          --summary <SUMMARY>  What was done, for whoever comes next
          --metadata <JSON>    Data for programs: a JSON object; files in its list `artifacts` are named
                               in the event
          --run <RUN>          Refuse unless this run is still the task's current one; a worker's own
                               run is known
      -h, --help               Print help

    Global options:
          --board <BOARD>  Board to use, instead of the current one
          --home <DIR>     Directory that holds boards, settings and profiles
          --json           Write one JSON document to stdout, and failures as JSON to stderr
          --no-color       No colours, even on a terminal
    ");
}
