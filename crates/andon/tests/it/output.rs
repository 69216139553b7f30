//! Streams: data to stdout, all else to stderr, a quiet end when nobody reads.

use crate::env::TestEnv;
use std::io::Read;
use std::process::Stdio;

#[test]
fn s34_a_reader_that_goes_away_ends_the_call_quietly() {
    let env = TestEnv::new();
    let body = "x".repeat(60_000);
    for _ in 0..8 {
        env.create(&["A", "--body", &body]);
    }
    let mut command = env.command();
    command.args(["list", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut first = [0; 1];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let ran = env.ran(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

#[test]
fn a_failure_that_nobody_reads_about_keeps_its_exit_code() {
    let env = TestEnv::new();
    let profile = "[profiles.broken]\ncommand = [\"no-such-program\"]\n";
    env.write(".local/share/andon/profiles.toml", profile);
    let task = env.create(&["A"]);
    let unread = |arguments: &[&str]| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = env.command();
        env.ran(command.args(arguments).stdout(writer).output().unwrap())
    };
    assert_eq!(unread(&["profiles", "check", "broken"]).code, 1);
    for format in [&["--json"][..], &[]] {
        let ran = unread(&[&["complete", &task, "t_ffffffff"], format].concat());
        assert_eq!(ran.code, 1, "{}", ran.stderr);
    }
    assert_eq!(env.status(&task), "done");
    let ran = unread(&["show", &task]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "a success ends quietly");
}

#[test]
fn a_full_disk_behind_stdout_is_told() {
    let env = TestEnv::new();
    env.create(&["A"]);
    for call in [&["list"][..], &["--help"], &["list", "--help"], &["--version"], &[]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let ran = env.ran(env.command().args(call).stdout(full).output().unwrap());
        assert_eq!(ran.code, 1, "{call:?}");
        let told = ran.stderr.starts_with("andon: cannot write to stdout\n");
        assert!(told, "{call:?}: {}", ran.stderr);
    }
}

#[test]
fn what_was_done_before_a_refusal_is_told_before_it() {
    let env = TestEnv::new();
    let (a, b) = (env.create(&["A"]), env.create(&["B"]));
    let both = env.path().join("both");
    let out = std::fs::File::create(&both).unwrap();
    let mut command = env.command();
    command.args(["complete", &a, "t_ffffffff", &b]);
    command.stdout(out.try_clone().unwrap()).stderr(out).status().unwrap();
    let told = std::fs::read_to_string(both).unwrap();
    let refused = "andon: no such task: t_ffffffff";
    assert_eq!(told, format!("Completed {a}\n{refused}\nCompleted {b}\n"));
}

#[test]
fn control_characters_of_a_board_do_not_reach_the_terminal() {
    let env = TestEnv::new();
    let task = env.create(&["A", "--tenant", "acme"]);
    // What no verb of ours accepts, another program may have stored; a log holds anything.
    env.write(&format!(".local/share/andon/kanban/logs/{task}.log"), "\u{1b}[31mred\n");
    assert_eq!(env.ok(&["log", &task]), "\u{1b}[31mred\n", "a log is told as it is");
    let ran = env.run(&["show", "t_\u{1b}[31m"]);
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
}

#[test]
fn s24_a_failure_with_json_leaves_stdout_empty() {
    let env = TestEnv::new();
    env.create(&["A"]);
    let ran = env.run(&["show", "t_00000000", "--json"]);
    assert_eq!(ran.stdout, "");
    let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(error["error"]["code"], "unknown_task");
}
