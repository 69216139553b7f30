//! The limit of every text and number that a person or a program may give: the longest is taken,
//! one more is refused by name, and nothing is written.

use crate::env::{Ran, TestEnv};
use andon_core::text;
use std::fs;
use std::io::Write;

/// A field with its limit. A text may stand in a file, where an argument would be too long.
struct Field {
    /// How the refusal calls it.
    name: &'static str,
    /// Bytes.
    max: usize,
    /// Makes the call. The task is there to be used, and is new each time.
    call: fn(&TestEnv, task: &str, text: &str) -> Ran,
}

/// Longest argument that the kernel passes on, less its end.
const ARGUMENT_MAX: usize = (128 << 10) - 1;

fn option(env: &TestEnv, option: &str, text: &str) -> Ran {
    env.run(&["create", "A", option, text])
}

#[rustfmt::skip] // One field, one line.
const FIELDS: &[Field] = &[
    Field { name: "title", max: text::TITLE_BYTES_MAX, call: |env, _, text| env.run(&["create", text]) },
    Field { name: "title", max: text::TITLE_BYTES_MAX, call: |env, task, text| env.run(&["edit", task, "--title", text]) },
    Field { name: "body", max: text::BODY_BYTES_MAX, call: |env, _, text| {
        env.write("body.md", text);
        env.run(&["create", "A", "--body-file", "body.md"])
    } },
    Field { name: "key", max: text::NAME_BYTES_MAX, call: |env, _, text| option(env, "--idempotency-key", text) },
    Field { name: "tenant", max: text::NAME_BYTES_MAX, call: |env, _, text| option(env, "--tenant", text) },
    Field { name: "skill", max: text::NAME_BYTES_MAX, call: |env, _, text| option(env, "--skill", text) },
    Field { name: "model", max: text::NAME_BYTES_MAX, call: |env, _, text| option(env, "--model", text) },
    Field { name: "branch", max: text::NAME_BYTES_MAX, call: |env, _, text| {
        env.run(&["create", "A", "--workspace", "worktree", "--branch", text])
    } },
    Field { name: "author", max: text::NAME_BYTES_MAX, call: |env, task, text| env.run(&["comment", task, "x", "--author", text]) },
];

/// Texts of the hand-off and its like, which are longer than one argument may be: what the kernel
/// passes on is taken, and what it does not pass on never arrives.
#[rustfmt::skip] // One field, one line.
const NOTES: &[fn(&TestEnv, &str, &str) -> Ran] = &[
    |env, task, text| env.run(&["comment", task, text]),
    |env, task, text| env.run(&["complete", task, "--result", text]),
    |env, task, text| env.run(&["complete", task, "--summary", text]),
    |env, task, text| env.run(&["block", task, text]),
];

#[test]
fn the_longest_text_is_taken_and_one_byte_more_is_refused_by_name() {
    let env = TestEnv::new();
    for Field { name, max, call } in FIELDS {
        let task = env.create(&["A"]);
        let taken = call(&env, &task, &"x".repeat(*max));
        assert_eq!(taken.code, 0, "{name}: {}", taken.stderr);
        let before = env.ok(&["list", "--json"]);
        let refused = call(&env, &task, &"x".repeat(max + 1));
        let bytes = max + 1;
        let expected = format!("andon: {name} is too long: {bytes} bytes, at most {max}\n");
        assert_eq!((refused.code, &refused.stderr), (1, &expected), "{name}");
        assert_eq!(env.ok(&["list", "--json"]), before, "{name}: nothing is written");
    }
}

#[test]
fn a_note_as_long_as_an_argument_can_be_is_taken() {
    const { assert!(ARGUMENT_MAX < text::NOTE_BYTES_MAX) };
    let env = TestEnv::new();
    for call in NOTES {
        let task = env.create(&["A"]);
        let taken = call(&env, &task, &"x".repeat(ARGUMENT_MAX));
        assert_eq!(taken.code, 0, "{}", taken.stderr);
    }
}

#[test]
fn metadata_is_bounded_in_depth_and_survives_its_longest() {
    let env = TestEnv::new();
    let nested = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    let task = env.create(&["A"]);
    for (depth, refusal) in [(65, "deeper than 64 levels"), (15_000, "recursion limit exceeded")] {
        let ran = env.run(&["complete", &task, "--metadata", &nested(depth)]);
        assert_eq!(ran.code, 2, "{depth}");
        assert!(ran.stderr.contains(refusal), "{depth}: {ran}");
    }
    assert_eq!(env.status(&task), "ready");
    env.ok(&["complete", &task, "--metadata", &nested(64)]);
    let shown = env.json(&["show", &task]);
    assert!(shown["runs"][0]["metadata"]["a"]["a"].is_object(), "{shown}");
}

#[test]
fn lists_of_one_call_are_bounded() {
    let env = TestEnv::new();
    let skills: Vec<String> = (0..=text::SKILLS_MAX).map(|nth| format!("skill-{nth}")).collect();
    let call = |skills: &[String]| {
        let flags = skills.iter().flat_map(|skill| ["--skill", skill.as_str()]);
        env.run(&["create", "A"].into_iter().chain(flags).collect::<Vec<_>>())
    };
    assert_eq!(call(&skills[1..]).code, 0);
    let refused = call(&skills);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("skills is not valid: 65 named, at most 64"), "{refused}");
    let parent = env.create(&["A"]);
    let flags = ["--parent", parent.as_str()].repeat(text::PARENTS_MAX + 1);
    let refused = env.run(&[&["create", "A"], flags.as_slice()].concat());
    assert!(refused.stderr.contains("parents is not valid: 1001 named, at most 1000"), "{refused}");
}

#[test]
fn a_text_from_a_file_or_from_stdin_is_read_up_to_a_limit() {
    const READ_MAX: usize = 64 << 20;
    let env = TestEnv::new();
    env.ok(&["init"]);
    let ran = env.run(&["create", "A", "--body-file", "/dev/zero"]);
    let refusal = format!("--body-file: /dev/zero is larger than {READ_MAX} bytes");
    assert!(ran.code == 1 && ran.stderr.contains(&refusal), "{ran}");
    let from_stdin = ["create", "A", "--body-file", "-"];
    let ran = env.run_with_input(&from_stdin, &vec![b'x'; READ_MAX + 1]);
    assert!(ran.stderr.contains(&format!("- is larger than {READ_MAX} bytes")), "{ran}");
    let ran = env.run_with_input(&from_stdin, &vec![b'x'; READ_MAX]);
    assert!(ran.stderr.contains("body is too long: 67108864 bytes, at most 1048576"), "{ran}");
    assert_eq!(env.ok(&["list"]), "(no matching tasks)\n");
}

#[test]
fn a_caller_whose_name_is_too_long_or_drives_a_terminal_writes_nothing() {
    let env = TestEnv::new();
    let task = env.create(&["A"]);
    let long = "x".repeat(text::NAME_BYTES_MAX + 1);
    for (name, why) in [
        (long.as_str(), "name of the caller is too long: 201 bytes, at most 200"),
        ("\u{1b}[2J", "name of the caller is not valid: it has control characters"),
    ] {
        for variable in ["USER", "ANDON_PROFILE"] {
            let mut command = env.command();
            command.env(variable, name).args(["block", &task, "x"]);
            let ran = env.ran(command.output().unwrap());
            assert!(ran.code == 1 && ran.stderr.contains(why), "{variable}: {ran}");
        }
    }
    assert_eq!(env.status(&task), "ready");
}

#[test]
fn a_log_is_one_document_up_to_a_limit_and_its_end_beyond_it() {
    const DOCUMENT_MAX: u64 = 64 << 20;
    let env = TestEnv::new();
    let task = env.create(&["A"]);
    let log = env.write(&format!(".local/share/andon/kanban/logs/{task}.log"), "begin\n");
    let file = fs::File::options().append(true).open(log).unwrap();
    file.set_len(DOCUMENT_MAX + 1).unwrap();
    let ran = env.run(&["log", &task, "--json"]);
    let why = format!("the log of {task} is larger than {DOCUMENT_MAX} bytes");
    assert!(ran.code == 1 && ran.stderr.contains(&why), "{ran}");
    (&file).write_all(b"\nthe end\n").unwrap();
    assert_eq!(env.json(&["log", &task, "--tail", "9"])["text"], "the end\n");
}

#[test]
fn a_value_that_a_message_quotes_is_cut() {
    let env = TestEnv::new();
    let task = env.create(&["A"]);
    let other = rusqlite::Connection::open(env.database()).unwrap();
    other.execute("UPDATE tasks SET status = printf('%.*c', 1 << 20, 'x')", []).unwrap();
    for verb in [&["show", &task][..], &["complete", &task], &["why", &task], &["doctor"]] {
        for more in [&[][..], &["--json"]] {
            let ran = env.run(&[verb, more].concat());
            let said = format!("{}{}", ran.stdout, ran.stderr);
            assert!(said.contains('…') && said.len() < 64 << 10, "{verb:?}: {} bytes", said.len());
        }
    }
}

#[test]
fn nesting_in_files_of_the_home_is_bounded_and_the_peers_file_in_size() {
    let env = TestEnv::new();
    env.ok(&["init"]);
    let home = env.home().display().to_string();
    let deep = 200_000;
    let files = [
        ("config.toml", format!("a{} = 1", ".a".repeat(deep)), vec!["config", "show"]),
        ("config.toml", format!("a = {}", "[".repeat(deep)), vec!["config", "show"]),
        ("profiles.toml", format!("[a{}]", ".a".repeat(deep)), vec!["profiles"]),
        ("profiles.toml", format!("a = {}", "{a=".repeat(deep)), vec!["profiles"]),
        (
            "kanban/boards/default/board.json",
            "[".repeat(deep),
            vec!["boards", "rename", "default", "X"],
        ),
    ];
    for (name, text, verb) in files {
        let path = env.write(&format!("{home}/{name}"), text);
        let ran = env.run(&verb);
        assert!(matches!(ran.code, 1 | 2) && ran.stderr.contains("recurs"), "{name}: {ran}");
        fs::remove_file(path).unwrap();
    }
    let hermes = env.path().join(".hermes").display().to_string();
    env.ok(&["--home", &hermes, "init"]);
    env.write(".hermes/config.yaml", vec![b' '; (1 << 20) + 1]);
    let ran = env.run(&["--home", &hermes, "config", "show"]);
    assert!(ran.code != 0 && ran.stderr.contains("is larger than 1048576 bytes"), "{ran}");
    for deep in ["[", "{a: "] {
        env.write(".hermes/config.yaml", format!("kanban:\n  a: {}", deep.repeat(200_000)));
        let ran = env.run(&["--home", &hermes, "config", "show"]);
        assert!(ran.code != 0 && ran.stderr.contains("recursion limit"), "{ran}");
    }
}

#[test]
fn files_of_the_home_are_read_up_to_a_limit() {
    const MIB: usize = 1 << 20;
    let env = TestEnv::new();
    env.ok(&["init"]);
    env.ok(&["boards", "create", "infra"]);
    let home = ".local/share/andon";
    #[rustfmt::skip] // One file, one line.
    let files: &[(&str, usize, &[&str], &str)] = &[
        ("config.toml", MIB, &["create", "A"], "is larger than 1048576 bytes"),
        ("profiles.toml", MIB, &["profiles"], "is larger than 1048576 bytes"),
        ("kanban/boards/infra/board.json", MIB, &["boards", "rename", "infra", "X"], "is larger than 1048576 bytes"),
        ("kanban/current", 4 << 10, &["create", "A"], "is larger than 4096 bytes"),
    ];
    for (name, max, verb, refusal) in files {
        let path = env.home().join(name);
        let before = fs::read(&path).ok();
        env.write(&format!("{home}/{name}"), vec![b' '; max + 1]);
        let ran = env.run(verb);
        assert!(ran.code != 0 && ran.stderr.contains(refusal), "{name}: {ran}");
        match before {
            Some(bytes) => fs::write(&path, bytes).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        assert_eq!(env.run(verb).code, 0, "{name}");
    }
}

#[test]
fn what_a_board_says_of_itself_is_bounded_and_drives_no_terminal() {
    let env = TestEnv::new();
    env.ok(&["init"]);
    for (option, max) in
        [("--name", 200), ("--icon", 200), ("--color", 200), ("--description", 16 << 10)]
    {
        let call = |text: &str| env.run(&["boards", "create", "infra", option, text]);
        assert_eq!(call(&"x".repeat(max)).code, 0, "{option}");
        let refused = call(&"x".repeat(max + 1));
        assert!(
            refused.code == 1 && refused.stderr.contains("bytes, at most"),
            "{option}: {refused}"
        );
        let refused = call("\u{1b}[2J");
        assert!(refused.stderr.contains("control characters"), "{option}: {refused}");
    }
    env.ok(&["boards", "show", "infra"]);
}

#[test]
fn nothing_that_stands_on_a_board_drives_the_terminal_of_a_reader() {
    let env = TestEnv::new();
    let task = env.create(&["A", "--assignee", "shell"]);
    env.ok(&["block", &task, "x"]);
    let other = rusqlite::Connection::open(env.database()).unwrap();
    let driving = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m";
    let texts = [
        "UPDATE tasks SET title = ?1, body = ?1, tenant = ?1, created_by = ?1, result = ?1, \
         last_failure_error = ?1",
        "UPDATE task_events SET payload = json_object('reason', ?1)",
        "INSERT INTO task_comments (task_id, author, body, created_at) \
         SELECT id, ?1, ?1, 1 FROM tasks",
    ];
    for sql in texts {
        other.execute(sql, [driving]).unwrap();
    }
    for verb in
        [&["list"][..], &["show", &task], &["why", &task], &["runs", &task], &["context", &task]]
    {
        for more in [&[][..], &["--json"]] {
            let ran = env.run(&[verb, more].concat());
            let said = format!("{}{}", ran.stdout, ran.stderr);
            // A JSON document is exact above the controls of ASCII.
            let harmless = |c: char| matches!(c, '\n' | '\t') || (!more.is_empty() && c > ' ');
            let drives = |c: char| c.is_control() && !harmless(c);
            assert!(!said.contains(drives), "{verb:?} {more:?}: {said:?}");
        }
    }
}
