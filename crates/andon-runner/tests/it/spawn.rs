//! A worker starts exactly as told, or not at all and with its reason.

use crate::roles::{LIMIT, alone, await_end, read_lines, role, shell, start, stub_program};
use andon_core::process::Process;
use andon_runner::identity::{Host, Liveness};
use andon_runner::spawn::{SpawnError, WorkerCommand, prepare};
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

fn refusal(argv: &[&str], cwd: &Path) -> SpawnError {
    let host = Host::read().unwrap();
    let argv = argv.iter().map(|&word| word.to_owned()).collect();
    let command =
        WorkerCommand { argv, env: Vec::new(), cwd: cwd.to_owned(), mark: "refusal".to_owned() };
    let pending = prepare(&host, &stub_program(), command).unwrap();
    let process = pending.process.clone();
    let refusal = pending.release().unwrap_err();
    assert_eq!(host.liveness(&process), Liveness::Gone);
    refusal
}

#[test]
fn a_missing_program_is_named() {
    assert_eq!(refusal(&["no-such-agent"], Path::new("/")).to_string(), "no-such-agent: not found");
}

#[test]
fn a_missing_interpreter_is_not_mistaken_for_a_missing_program() {
    let dir = tempfile::tempdir().unwrap();
    let script = dir.path().join("agent");
    fs::write(&script, "#!/no/such/interpreter\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();
    let refusal = refusal(&[script.to_str().unwrap()], Path::new("/"));
    assert!(matches!(refusal, SpawnError::NoInterpreter { .. }), "{refusal}");
}

#[test]
fn a_missing_workspace_is_named() {
    let refusal = refusal(&["true"], Path::new("/no/such/workspace"));
    assert!(refusal.to_string().starts_with("workspace /no/such/workspace: "), "{refusal}");
}

#[test]
fn a_file_that_may_not_be_run_is_refused_with_its_cause() {
    let refusal = refusal(&["/etc/passwd"], Path::new("/"));
    assert!(refusal.to_string().starts_with("/etc/passwd: Permission denied"), "{refusal}");
}

#[test]
fn an_argument_with_a_zero_byte_is_refused_with_its_cause() {
    let refusal = refusal(&["true", "a\0b"], Path::new("/")).to_string();
    assert_eq!(refusal, "true: an argument or variable holds a zero byte");
}

#[test]
fn without_leave_nothing_runs_and_nothing_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::read().unwrap();
    let pending = prepare(&host, &stub_program(), shell("touch ran", dir.path(), "none")).unwrap();
    let process = pending.process.clone();
    assert_eq!(host.liveness(&process), Liveness::Alive);
    drop(pending);
    assert_eq!(host.liveness(&process), Liveness::Gone);
    assert!(!dir.path().join("ran").exists());
}

#[test]
fn the_environment_is_exactly_what_was_given() {
    let host = Host::read().unwrap();
    let command = WorkerCommand {
        argv: vec!["/usr/bin/env".to_owned()],
        env: vec![("A".to_owned(), "1 2\n3".to_owned())],
        cwd: "/".into(),
        mark: "exact".to_owned(),
    };
    let running = prepare(&host, &stub_program(), command).unwrap().release().unwrap();
    let mut text = String::new();
    fs::File::from(running.output).read_to_string(&mut text).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["3", "A=1 2", "ANDON_RUN_MARK=exact"]);
}

#[test]
fn a_worker_inherits_no_descriptor_and_leads_its_own_session() {
    // A copy made this way is inherited by every child.
    let leaked = rustix::io::dup(rustix::stdio::stderr()).unwrap();
    let running = start("echo ready; exec sleep 1000", "session");
    read_lines(&running, 1);
    let pid = running.process.pid;
    let fds = format!("/proc/{pid}/fd");
    let mut open: Vec<_> =
        fs::read_dir(&fds).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    open.sort_unstable();
    assert_eq!(open, ["0", "1", "2"]);
    assert_eq!(fs::read_link(format!("{fds}/0")).unwrap(), Path::new("/dev/null"));
    let stat = andon_proc::process::read(pid).unwrap();
    assert_eq!((stat.session, stat.started), (pid, running.process.started));
    drop(leaked);
}

#[test]
fn large_environments_pass() {
    let host = Host::read().unwrap();
    let mut command = shell("echo ${#BIG}", Path::new("/"), "big");
    // Near the kernel's bound of 128 KiB for one string.
    command.env.push(("BIG".to_owned(), "x".repeat(100_000)));
    for number in 0..10 {
        command.env.push((format!("MORE{number}"), "y".repeat(100_000)));
    }
    let running = prepare(&host, &stub_program(), command).unwrap().release().unwrap();
    assert_eq!(read_lines(&running, 1), ["100000"]);
}

#[test]
fn secrets_stay_out_of_debug_output() {
    let mut command = shell("true", Path::new("/"), "quiet");
    command.env.push(("TOKEN".to_owned(), "hunter2".to_owned()));
    assert!(!format!("{command:?}").contains("hunter2"));
}

#[test]
#[ignore = "the runner's process of a_killed_runner_takes_its_worker_along"]
fn doomed_runner() {
    let running = start("exec sleep 1000", "doomed");
    println!("\nworker {}", running.process);
    await_end(&running.pidfd);
}

#[test]
fn a_killed_runner_takes_its_worker_along() {
    let mut runner = role("it::spawn::doomed_runner").stdout(Stdio::piped()).spawn().unwrap();
    let worker = worker_of(&mut runner);
    let pidfd = Host::read().unwrap().open(&worker).unwrap();
    runner.kill().unwrap();
    runner.wait().unwrap();
    await_end(&pidfd);
}

#[test]
#[ignore = "the runner's process of a_runner_killed_before_leave_leaves_nothing"]
fn doomed_before_leave() {
    let host = Host::read().unwrap();
    let held = prepare(&host, &stub_program(), shell("echo ran", Path::new("/"), "held")).unwrap();
    println!("\nworker {}", held.process);
    std::thread::park_timeout(LIMIT);
    drop(held);
}

#[test]
fn a_runner_killed_before_leave_leaves_nothing() {
    let mut runner = role("it::spawn::doomed_before_leave").stdout(Stdio::piped()).spawn().unwrap();
    let worker = worker_of(&mut runner);
    let pidfd = Host::read().unwrap().open(&worker).unwrap();
    runner.kill().unwrap();
    runner.wait().unwrap();
    await_end(&pidfd);
}

/// Reads the identity that a role printed.
pub(crate) fn worker_of(runner: &mut std::process::Child) -> Process {
    use std::io::{BufRead, BufReader};
    let lines = BufReader::new(runner.stdout.take().unwrap()).lines();
    let mut identities = lines.map_while(Result::ok).filter_map(|line| {
        let identity = line.strip_prefix("worker ")?;
        Process::parse(identity)
    });
    identities.next().expect("the role prints its worker")
}

alone! {
    fn a_refused_start_leaves_no_child() {
        let _refusal = refusal(&["no-such-agent"], Path::new("/"));
        let peek = rustix::process::WaitIdOptions::EXITED
            | rustix::process::WaitIdOptions::NOHANG
            | rustix::process::WaitIdOptions::NOWAIT;
        let children = rustix::process::waitid(rustix::process::WaitId::All, peek);
        assert_eq!(children.unwrap_err(), rustix::io::Errno::CHILD);
    }
}
