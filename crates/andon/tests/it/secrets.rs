//! What a worker gets of the dispatcher's environment, and that secrets go nowhere else.

mod calls;

use crate::env::{Ran, TestEnv};
use crate::processes::{self, eventually};
use calls::CALLS;
use rustix::process::Signal;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

/// Longest wait for a worker that prints its environment.
const LIMIT: Duration = Duration::from_secs(60);

/// A word that stands nowhere else.
const CANARY: &str = "c4n4ry";

/// What the dispatcher's own environment holds. The second half is nobody's business.
const SURROUNDINGS: &[(&str, &str)] = &[
    ("LC_ALL", "C.UTF-8"),
    ("XDG_CACHE_HOME", "/nowhere"),
    ("WANTED_TOKEN", "wanted-c4n4ry"),
    ("AWS_SECRET_ACCESS_KEY", "unwanted-c4n4ry-1"),
    ("ANTHROPIC_API_KEY", "unwanted-c4n4ry-2"),
    ("HERMES_KANBAN_GOAL_MODE", "unwanted-c4n4ry-3"),
    ("ANDON_TENANT", "unwanted-c4n4ry-4"),
    ("SSH_AUTH_SOCK", "unwanted-c4n4ry-5"),
    ("BASH_ENV", "unwanted-c4n4ry-6"),
    ("LD_LIBRARY_PATH", "/unwanted-c4n4ry-7"),
    ("GIT_DIR", "/unwanted-c4n4ry-8"),
];

/// One worker that tells what it got, and some that go wrong with secrets in their hands.
const PROFILES: &str = r#"
[profiles.printer]
command = ["env", "-0"]
env = ["WANTED_TOKEN", "UNSET?"]
set = { FIXED = "fixed-c4n4ry" }
on_exit_zero = "completes"

[profiles.quiet]
command = ["sh", "-c", "test -n \"$WANTED_TOKEN\" && test -n \"$FIXED\""]
env = ["WANTED_TOKEN"]
set = { FIXED = "fixed-c4n4ry" }
on_exit_zero = "completes"

[profiles.failing]
command = ["sh", "-c", "exit 3"]
env = ["WANTED_TOKEN"]
set = { FIXED = "fixed-c4n4ry" }

[profiles.absent]
command = ["no-such-program"]
env = ["WANTED_TOKEN"]
set = { FIXED = "fixed-c4n4ry" }

[profiles.lacking]
command = ["true"]
env = ["WANTED_TOKEN", "MISSING"]
set = { FIXED = "fixed-c4n4ry" }
"#;

/// Profiles that cannot be read, each with a secret where it goes wrong.
const BROKEN: &[&str] = &[
    "[profiles.x]\ncommand = [\"true\"]\nset = { A = \"c4n4ry\" oops }\n",
    "[profiles.x]\ncommand = [\"true\"]\nset = { A = \"c4n4ry }\n",
    "[profiles.x]\ncommand = [\"true\"]\nset = { \"A=B\" = \"c4n4ry\" }\n",
    "[profiles.x]\ncommand = [\"true\"]\nset = { ANDON_TASK = \"c4n4ry\" }\n",
    "[profiles.x]\ncommand = [\"true\"]\nset = { A = [\"c4n4ry\"] }\n",
    "[profiles.x]\ncommand = [\"true\"]\nset = { A = \"c4n4ry\\u0000\" }\n",
    "[profiles.x]\ncommand = [\"true\"]\nset = { A = \"c4n4ry\", A = \"c4n4ry\" }\n",
    "[profiles.x]\ncommand = [\"true\"]\nset = \"c4n4ry\"\n",
];

fn scene() -> TestEnv {
    let env =
        SURROUNDINGS.iter().fold(processes::env(), |env, (name, value)| env.with(name, *value));
    env.ok(&["init"]);
    env.write(".local/share/andon/profiles.toml", PROFILES);
    env
}

/// Lets the dispatcher try each task until nothing more happens to it.
fn dispatch_to_the_end(env: &TestEnv, tasks: &[String]) {
    // Of some tasks the start fails, which makes the pass fail.
    assert!(matches!(env.run(&["dispatch"]).code, 0 | 1));
    for task in tasks {
        let is_over = || {
            let shown = env.json(&["show", task]);
            let ended =
                shown["runs"].as_array().unwrap().iter().any(|run| !run["ended_at"].is_null());
            (ended && shown["task"]["status"] != "running").then_some(())
        };
        eventually(LIMIT, is_over).unwrap_or_else(|| panic!("{}", env.ok(&["show", task])));
    }
}

#[test]
fn d28_a_worker_gets_the_listed_variables_and_no_other_of_its_dispatcher() {
    let env = scene();
    let task = env.create(&["A", "--assignee", "printer"]);
    dispatch_to_the_end(&env, std::slice::from_ref(&task));
    let log = fs::read_to_string(env.home().join(format!("kanban/logs/{task}.log"))).unwrap();
    let printed: BTreeSet<&str> =
        log.split_terminator('\0').filter_map(|line| Some(line.split_once('=')?.0)).collect();
    let expected = [
        "ANDON_BOARD",
        "ANDON_CLAIM_LOCK",
        "ANDON_DB",
        "ANDON_HOME",
        "ANDON_PROFILE",
        "ANDON_RUN_ID",
        "ANDON_RUN_MARK",
        "ANDON_TASK",
        "ANDON_WORKSPACE",
        "FIXED",
        "HOME",
        "LC_ALL",
        "PATH",
        "TZ",
        "USER",
        "WANTED_TOKEN",
        "XDG_CACHE_HOME",
    ];
    assert_eq!(printed, BTreeSet::from(expected));
    assert!(log.contains("WANTED_TOKEN=wanted-c4n4ry\0") && log.contains("FIXED=fixed-c4n4ry\0"));
    assert!(!log.contains("unwanted"), "{log}");
}

/// The one verb that goes on until it is told to end.
const ENDLESS: &str = "guard";

fn without_the_canary(call: &[&str], ran: &Ran) {
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(!said.contains(CANARY), "{call:?}: {said}");
}

#[test]
fn a_secret_reaches_its_worker_and_no_output_no_log_and_no_board() {
    let env = scene();
    let env = env.with("ANDON_ODD_SETTING", "unwanted-c4n4ry-9");
    env.write("src/a.txt", "hello");
    let profiles = ["quiet", "failing", "absent", "lacking"];
    let tasks: Vec<String> =
        profiles.iter().map(|profile| env.create(&["A", "--assignee", profile])).collect();
    dispatch_to_the_end(&env, &tasks);
    assert_eq!(env.status(&tasks[0]), "done", "the worker got what it needs");
    for more in [&[][..], &["--json"]] {
        let other = env.create(&["A", "--assignee", "quiet"]);
        let names = [("{failing}", 1), ("{absent}", 2), ("{lacking}", 3)];
        for call in CALLS {
            let word = |word: &&'static str| match names.iter().find(|(name, _)| name == word) {
                Some((_, task)) => tasks[*task].clone(),
                None => word.replace("{other}", &other),
            };
            let words: Vec<String> = call.iter().map(word).collect();
            let words: Vec<&str> = words.iter().map(String::as_str).chain(more.to_vec()).collect();
            without_the_canary(&words, &env.run(&words));
        }
        without_the_canary(&[ENDLESS], &guard(&env, more));
    }
    eventually(LIMIT, || processes::marked(&env).is_empty().then_some(())).unwrap();
    assert_eq!(holders(&env.home()), [env.home().join("profiles.toml")]);
}

/// A guard that is ended once it has said what it guards.
fn guard(env: &TestEnv, more: &[&str]) -> Ran {
    let log = File::create(env.path().join("guard.log")).unwrap();
    let mut command = env.command();
    command.arg(ENDLESS).args(more).stdout(log.try_clone().unwrap()).stderr(log);
    let mut child = command.spawn().unwrap();
    let said = || fs::read_to_string(env.path().join("guard.log")).unwrap();
    eventually(LIMIT, || (!said().is_empty()).then_some(())).unwrap();
    processes::signal(child.id().cast_signed(), Signal::TERM);
    let status = child.wait().unwrap();
    env.ran(Output { status, stdout: said().into_bytes(), stderr: Vec::new() })
}

fn begins(call: &[&str], verb: &[String]) -> bool {
    call.len() >= verb.len() && call.iter().zip(verb).all(|(word, wanted)| word == wanted)
}

#[test]
fn no_verb_is_left_out_of_those_that_are_looked_at() {
    let env = TestEnv::new();
    let listed = |call: &[&str]| -> Vec<String> {
        let help = env.ok(&[call, &["--help"]].concat());
        let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        let lines = lines.take_while(|line| !line.is_empty());
        let words = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        words.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
    };
    let mut verbs: Vec<Vec<String>> = listed(&[]).into_iter().map(|verb| vec![verb]).collect();
    for verb in ["boards", "profiles", "config", "backup"] {
        verbs.extend(listed(&[verb]).into_iter().map(|inner| vec![verb.to_owned(), inner]));
    }
    assert!(verbs.len() > 45, "{verbs:?}");
    let is_looked_at =
        |verb: &Vec<String>| verb == &[ENDLESS] || CALLS.iter().any(|call| begins(call, verb));
    let left_out: Vec<_> = verbs.iter().filter(|verb| !is_looked_at(verb)).collect();
    assert!(left_out.is_empty(), "{left_out:?}");
}

#[test]
fn a_broken_profile_is_told_without_what_stands_in_it() {
    let env = scene();
    let task = env.create(&["A", "--assignee", "quiet"]);
    for text in BROKEN {
        env.write(".local/share/andon/profiles.toml", text);
        for verb in [&["profiles", "check"][..], &["profiles"], &["dispatch"], &["why", &task]] {
            let ran = env.run(&[verb, &["--json"]].concat());
            let said = format!("{}{}", ran.stdout, ran.stderr);
            assert!(!said.contains(CANARY), "{verb:?} with {text}: {said}");
        }
        let ran = env.run(&["profiles", "check"]);
        assert!(ran.code != 0 && !ran.stderr.contains(CANARY), "{text}: {ran}");
        assert!(ran.stderr.contains("profiles.toml:3:"), "it says where: {ran}");
    }
}

/// Files below a directory in which the word stands.
fn holders(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holders(&path));
        } else {
            let bytes = fs::read(&path).unwrap();
            let stands = bytes.windows(CANARY.len()).any(|word| word == CANARY.as_bytes());
            found.extend(stands.then_some(path));
        }
    }
    found
}
