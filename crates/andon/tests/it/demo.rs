//! `demo` from end to end, on a small directory.

use crate::env::TestEnv;
use crate::processes::{eventually, signal};
use rustix::process::Signal;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);

fn project() -> (TestEnv, PathBuf) {
    let env = TestEnv::new();
    let temporary = env.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let env = env.with("TMPDIR", temporary.display().to_string()).with("PATH", "/usr/bin:/bin");
    env.write("project/README.md", "# A project\n");
    env.write("project/src/main.rs", "fn main() {\n    println!();\n}\n");
    env.write("project/docs/guide.md", "one\ntwo\n");
    env.write("project/target/built.rs", "not counted\n");
    let path = env.path().join("project");
    (env, path)
}

/// Living processes that have this path in their arguments or environment.
fn processes_with(path: &str) -> Vec<i32> {
    let has = |pid: &i32| {
        ["environ", "cmdline"].iter().any(|file| {
            let text = fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
            String::from_utf8_lossy(&text).contains(path)
        })
    };
    let me = std::process::id().cast_signed();
    let numbers = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok().and_then(|entry| entry.file_name().to_str()?.parse().ok()));
    numbers.filter(|pid| *pid != me).filter(has).collect()
}

#[test]
fn a_demo_recovers_twice_writes_its_report_and_leaves_nothing_running() {
    let (env, project) = project();
    let demo = env.json(&["demo", project.to_str().unwrap()]);
    let tasks = demo["tasks"].as_array().unwrap();
    let titles: Vec<_> = tasks.iter().map(|task| task["title"].as_str().unwrap()).collect();
    assert_eq!(
        titles,
        [
            "List the parts",
            "Survey the files at the top",
            "Survey docs",
            "Survey src",
            "Write the report"
        ]
    );
    assert!(tasks.iter().all(|task| task["status"] == "done"), "{demo:#}");
    let recovered = demo["recovered"].as_array().unwrap();
    let errors: Vec<_> = recovered.iter().map(|row| row["error"].as_str().unwrap()).collect();
    assert_eq!(errors.len(), 2, "{demo:#}");
    assert!(errors.iter().any(|error| error.contains("signal 9")), "{errors:?}");
    assert!(errors.iter().any(|error| error.contains("code 1")), "{errors:?}");
    let report = fs::read_to_string(demo["report"].as_str().unwrap()).unwrap();
    assert!(report.contains("3 files, 6 lines, 0"), "{report}");
    assert!(report.contains("- Rust: 3") && !report.contains("built"), "{report}");
    assert_eq!(processes_with(demo["home"].as_str().unwrap()), [0; 0]);
    // The board stays, with everything on it, and names the report as an artifact.
    let home = demo["home"].as_str().unwrap();
    let last = tasks[4]["task_id"].as_str().unwrap();
    let shown = env.json(&["--home", home, "show", last]);
    assert_eq!(shown["runs"][0]["metadata"]["artifacts"][0], demo["report"]);
    assert!(!env.home().exists(), "the caller's own home is not touched");
}

#[test]
fn an_interrupted_demo_takes_its_workers_along() {
    let (env, project) = project();
    let out = env.path().join("out");
    let mut command = env.command();
    command.arg("demo").arg(project).stdout(Stdio::from(fs::File::create(&out).unwrap()));
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    // A worker that was killed waits for its next attempt at this moment.
    let said = |what: &str| fs::read_to_string(&out).unwrap().contains(what).then_some(());
    assert!(eventually(LIMIT, || said("retrying")).is_some());
    signal(child.id().cast_signed(), Signal::INT);
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let temporary = env.path().join("tmp").display().to_string();
    assert_eq!(processes_with(&format!("{temporary}/andon-demo")), [0; 0]);
}

#[test]
fn a_demo_of_something_else_than_a_directory_is_refused() {
    let (env, project) = project();
    let file = project.join("README.md");
    let ran = env.run(&["demo", file.to_str().unwrap()]);
    assert!(ran.code == 1 && ran.stderr.contains("not a directory"), "{}", ran.stderr);
    assert_eq!(env.run(&["demo", "/no/such/place"]).code, 1);
    assert_eq!(fs::read_dir(env.path().join("tmp")).unwrap().count(), 0, "no home was made");
}
