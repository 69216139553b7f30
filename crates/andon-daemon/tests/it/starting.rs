//! Claims about what a start needs, whom it holds up, and what is left of it.

use crate::stage::{Stage, shell};
use andon_core::command::create::Create;
use andon_core::id::Assignee;
use andon_core::task::{Status, Workspace, WorkspaceKind};
use andon_daemon::dispatcher::{Stop, tick_once};
use andon_store::Read;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// A task that gets a worktree of a repository.
fn in_worktree(repository: &Path) -> Create {
    let path = Some(repository.to_str().unwrap().to_owned());
    let workspace = Some(Workspace { kind: WorkspaceKind::Worktree, path, branch: None });
    Create { workspace, ..shell("in a worktree") }
}

fn repository(stage: &Stage) -> std::path::PathBuf {
    let path = stage.dir.path().join("repository");
    fs::create_dir(&path).unwrap();
    let commit = ["commit", "-q", "--allow-empty", "-m", "first"];
    for args in [&["init", "-q", "-b", "main"][..], &commit] {
        let mut git = Command::new("git");
        git.arg("-C").arg(&path).args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(args);
        assert!(git.env("GIT_CONFIG_GLOBAL", "/dev/null").status().unwrap().success());
    }
    path
}

#[test]
fn d29_the_first_run_in_a_worktree_is_told_its_branch() {
    let mut stage = Stage::new();
    stage.env.set("PATH", std::env::var_os("PATH").unwrap());
    let repository = repository(&stage);
    let dispatcher = stage.dispatch(&[]);
    let task = stage.create(in_worktree(&repository));
    let runner = stage.runners(1).pop().unwrap();
    let branch = stage.task(&task).workspace.branch.unwrap();
    assert!(runner.spec.env.contains(&("ANDON_BRANCH".to_owned(), branch)));
    assert_eq!(runner.spec.workspace, repository.join(".worktrees").join(task.as_str()));
    dispatcher.stop(Stop::Leave);
    dispatcher.join().unwrap();
}

#[test]
fn a_profile_without_limits_has_those_that_the_documents_name() {
    for (settings, idle_s) in [
        (&[][..], Some(4 * 3_600)),
        (&[("dispatch_stale_timeout_seconds", 60)], Some(60)),
        (&[("dispatch_stale_timeout_seconds", 0)], None),
    ] {
        let stage = Stage::new();
        let dispatcher = stage.dispatch(settings);
        stage.create(shell("one"));
        let spec = stage.runners(1).pop().unwrap().spec;
        dispatcher.stop(Stop::Leave);
        dispatcher.join().unwrap();
        assert_eq!(spec.limits.idle_s, idle_s, "{settings:?}");
        assert_eq!((spec.linger_ms, spec.grace_ms), (10_000, 5_000));
    }
}

#[test]
fn d41_a_git_that_hangs_holds_no_other_task_up() {
    let mut stage = Stage::new();
    let bin = stage.dir.path().join("bin");
    let go_on = stage.dir.path().join("go on");
    fs::create_dir(&bin).unwrap();
    let script = "#!/bin/sh\nwhile [ ! -e 'GO ON' ]; do /bin/sleep 0.02; done\nexit 1\n";
    fs::write(bin.join("git"), script.replace("GO ON", go_on.to_str().unwrap())).unwrap();
    fs::set_permissions(bin.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
    stage.env.set("PATH", format!("{}:/usr/bin:/bin", bin.display()));
    let dispatcher = stage.dispatch(&[]);
    let hanging = stage.create(in_worktree(stage.dir.path()));
    stage.wait_for_status(&hanging, Status::Running);
    let other = stage.create(shell("other"));
    let runner = stage.runners(1).pop().unwrap();
    assert_eq!((runner.task(), stage.task(&hanging).status), (other, Status::Running));
    fs::write(go_on, "").unwrap();
    stage.wait_until("the start failed", || stage.task(&hanging).hold.failures.spawn > 0);
    dispatcher.stop(Stop::Leave);
    dispatcher.join().unwrap();
}

#[test]
fn d33_a_workspace_stays_when_its_task_and_all_around_it_are_done() {
    let stage = Stage::new();
    let dispatcher = stage.dispatch(&[]);
    let parent = stage.create(shell("parent"));
    let child = stage.create(Create { parents: vec![parent.clone()], ..shell("child") });
    for (nth, task) in [&parent, &child].into_iter().enumerate() {
        let runner = stage.runners(nth + 1).pop().unwrap();
        assert_eq!(runner.task(), *task);
        fs::write(runner.spec.workspace.join("work"), "done").unwrap();
        stage.finish(&runner);
        stage.wait_for_status(task, Status::Done);
    }
    dispatcher.stop(Stop::Leave);
    dispatcher.join().unwrap();
    for task in [&parent, &child] {
        assert!(stage.layout.workspace(task).join("work").exists(), "{task}");
    }
}

#[test]
fn d22_a_pass_that_starts_nothing_writes_nothing() {
    let stage = Stage::new();
    for name in [None, Some("human"), Some("stranger")] {
        let assignee = name.map(|name| Assignee::parse(name).unwrap());
        stage.create(Create { assignee, ..shell("left alone") });
    }
    let before = (stage.store.event_last().unwrap(), stage.tasks());
    for _ in 0..3 {
        tick_once(stage.options(&[])).unwrap();
    }
    assert_eq!((stage.store.event_last().unwrap(), stage.tasks()), before);
}
