//! `tail`, `watch`, `log`: following what comes.

use crate::env::TestEnv;
use insta::assert_snapshot;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};

/// A call that goes on, with its lines.
struct Following {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Following {
    fn start(env: &TestEnv, arguments: &[&str]) -> Self {
        let mut command = env.command();
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    fn next(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }

    fn interrupt(mut self) -> i32 {
        let pid = rustix::process::Pid::from_child(&self.child);
        interrupt(pid);
        self.child.wait().unwrap().code().unwrap()
    }
}

#[expect(clippy::disallowed_methods, reason = "the test presses Ctrl-C on its own child")]
fn interrupt(pid: rustix::process::Pid) {
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
}

#[test]
fn tail_tells_the_history_and_ends_when_the_task_is_done() {
    let env = TestEnv::new();
    let task = env.create(&["A"]);
    let mut tail = Following::start(&env, &["tail", &task, "--until-done"]);
    assert!(tail.next().contains("] created {"));
    env.ok(&["complete", &task]);
    assert!(tail.next().contains("] completed {"));
    assert_eq!(tail.child.wait().unwrap().code(), Some(0));
    assert_snapshot!(env.run(&["tail", &task, "--until-done"]), @r#"
    exit 0
    -- stdout
    [<time>] created {"assignee": null, "status": "ready", "parents": [], "tenant": null, "branch_name": null, "skills": null, "goal_mode": null}
    [<time>] completed {"result_len": 0, "summary": null}
    "#);
    assert_snapshot!(env.run(&["tail", &task, "--since", "1", "--limit", "1", "--json"]), @r#"
    exit 0
    -- stdout
    {"id":2,"task_id":"<task-1>","run_id":null,"kind":"completed","payload":{"result_len":0,"summary":null},"created_at":<unix>}
    "#);
}

#[test]
fn tail_ends_on_ctrl_c_without_a_failure() {
    let env = TestEnv::new();
    let task = env.create(&["A"]);
    let mut tail = Following::start(&env, &["tail", &task]);
    tail.next();
    assert_eq!(tail.interrupt(), 0);
}

#[test]
fn watch_tells_what_comes_after_it_began_and_filters() {
    let env = TestEnv::new();
    let (a, b) = (env.create(&["A"]), env.create(&["B", "--tenant", "acme"]));
    assert_snapshot!(env.run(&["watch", "--since", "0", "--tenant", "acme", "--limit", "1"]), @r#"
    exit 0
    -- stdout
    [<time>] <task-1> created            (-) {"assignee": null, "status": "ready", "parents": [], "tenant": "acme", "branch_name": null, "skills": null, "goal_mode": null}
    -- stderr
    watching board default (Ctrl-C ends)
    "#);
    let mut watch =
        Following::start(&env, &["watch", "--since", "2", "--kinds", "commented,blocked"]);
    env.ok(&["complete", &a]);
    env.ok(&["comment", &b, "hi"]);
    let line = watch.next();
    assert!(line.contains(&format!("{b} commented          (-)")), "{line}");
    assert_eq!(watch.interrupt(), 0);
}

#[test]
fn s33_the_tail_of_a_log_is_never_empty() {
    let env = TestEnv::new();
    let task = env.create(&["A"]);
    assert_snapshot!(env.run(&["log", &task]), @"
    exit 1
    -- stderr
    andon: no log for <task-1>: nothing has been started for it yet
    ");
    env.write(&format!(".local/share/andon/kanban/logs/{task}.log"), "one\ntwo\nthree\n");
    assert_eq!(env.ok(&["log", &task]), "one\ntwo\nthree\n");
    assert_eq!(env.ok(&["log", &task, "--tail", "7"]), "three\n");
    assert_eq!(env.ok(&["log", &task, "--tail", "3"]), "ee\n");
    assert_snapshot!(env.run(&["log", &task, "--tail", "7", "--json"]), @r#"
    exit 0
    -- stdout
    {
      "task_id": "<task-1>",
      "path": "<home>/kanban/logs/<task-1>.log",
      "text": "three\n"
    }
    "#);
}

#[test]
fn a_line_without_an_end_comes_in_pieces() {
    const MIB: usize = 1 << 20;
    let env = TestEnv::new();
    let task = env.create(&["A"]);
    let text = [&"x".repeat(2 * MIB), "\n"].concat();
    env.write(&format!(".local/share/andon/kanban/logs/{task}.log"), &text);
    let mut log = Following::start(&env, &["log", &task, "-f", "--json"]);
    let mut pieces = String::new();
    while pieces.len() < text.len() - 1 {
        let piece: serde_json::Value = serde_json::from_str(&log.next()).unwrap();
        let piece = piece["line"].as_str().unwrap();
        assert!(piece.len() <= MIB + (64 << 10), "{} bytes", piece.len());
        pieces.push_str(piece);
    }
    assert_eq!(pieces, text.trim_end());
    assert_eq!(log.interrupt(), 0);
}

#[test]
fn a_log_is_followed_across_its_rotation() {
    let env = TestEnv::new();
    let task = env.create(&["A"]);
    let name = format!(".local/share/andon/kanban/logs/{task}.log");
    let path = env.write(&name, "one\n");
    let mut log = Following::start(&env, &["log", &task, "-f"]);
    assert_eq!(log.next(), "one");
    std::fs::rename(&path, path.with_extension("log.1")).unwrap();
    env.write(&name, "two\n");
    assert_eq!(log.next(), "two");
    assert_eq!(log.interrupt(), 0);
}

#[test]
fn s34_a_watch_that_nobody_reads_ends_by_itself() {
    let env = TestEnv::new();
    let task = env.create(&["A"]);
    env.write(&format!(".local/share/andon/kanban/logs/{task}.log"), "one\n");
    let verbs = [&["tail", &task][..], &["watch", "--since", "0"], &["log", &task, "--follow"]];
    for verb in verbs {
        let mut command = env.command();
        command.args(verb).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        reader.read_line(&mut String::new()).unwrap();
        drop(reader);
        let ran = env.ran(child.wait_with_output().unwrap());
        assert_eq!(ran.code, 0, "{verb:?}");
        assert!(!ran.stderr.contains("(stopped)"), "{verb:?}: nobody stopped it");
    }
}
