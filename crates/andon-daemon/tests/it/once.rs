//! Claims about one pass, and about its rehearsal.

use crate::stage::{FAILING, Stage, shell};
use andon_core::command::create::Create;
use andon_core::id::Assignee;
use andon_core::task::{Status, Workspace, WorkspaceKind};
use andon_daemon::dispatcher::{Stop, plan_once, tick_once};
use andon_store::Read;

fn assigned(name: Option<&str>) -> Create {
    Create { assignee: name.map(|name| Assignee::parse(name).unwrap()), ..shell("x") }
}

#[test]
fn a_rehearsal_says_what_would_start_and_changes_nothing() {
    let stage = Stage::new();
    let first = stage.create(shell("one"));
    stage.create(shell("two"));
    let before = (stage.store.event_last().unwrap(), stage.tasks());
    let report = plan_once(stage.options(&[("max_spawn", 1)])).unwrap();
    let would: Vec<_> = report.spawned.into_iter().map(|spawned| spawned.task).collect();
    assert_eq!(would.len(), 1, "the limit holds in a rehearsal, too");
    assert!(would[0] == first || stage.task(&would[0]).created_at == stage.task(&first).created_at);
    assert_eq!((stage.store.event_last().unwrap(), stage.tasks()), before);
    assert!(!stage.layout.workspaces().exists());
}

#[test]
fn a_pass_sorts_what_it_cannot_start_and_starts_the_rest() {
    let stage = Stage::new();
    let nobody = stage.create(assigned(None));
    let person = stage.create(assigned(Some("human")));
    let stranger = stage.create(assigned(Some("stranger")));
    let task = stage.create(shell("one"));
    stage.program("#!/bin/sh\nexit 0\n");
    let report = tick_once(stage.options(&[])).unwrap();
    assert_eq!(report.skipped_unassigned, [nobody]);
    assert_eq!(report.skipped_nonspawnable, [person, stranger]);
    let spawned: Vec<_> = report.spawned.iter().map(|spawned| &spawned.task).collect();
    assert_eq!(spawned, [&task]);
    assert_eq!(report.spawned[0].workspace, stage.layout.workspace(&task));
}

#[test]
fn a_pass_tells_which_starts_failed_whoever_saw_it() {
    let stage = Stage::new();
    let path = Some("/nonexistent".to_owned());
    let workspace = Some(Workspace { kind: WorkspaceKind::Worktree, path, branch: None });
    let nowhere = stage.create(Create { workspace, ..shell("nowhere") });
    let runnerless = stage.create(shell("its runner dies"));
    stage.program(FAILING);
    let report = tick_once(stage.options(&[])).unwrap();
    let mut failed: Vec<_> = report.failed_starts.iter().map(|failed| &failed.task).collect();
    failed.sort();
    let mut expected = [&nowhere, &runnerless];
    expected.sort();
    assert_eq!(failed, expected);
    for failed in &report.failed_starts {
        assert_eq!(stage.run(failed.run.unwrap()).error.as_ref(), Some(&failed.error));
    }
}

#[test]
fn a_pass_beside_a_dispatcher_does_nothing_and_says_why() {
    let stage = Stage::new();
    let dispatcher = stage.dispatch(&[]);
    let report = tick_once(stage.options(&[])).unwrap();
    assert!(report.skipped_locked);
    dispatcher.stop(Stop::Leave);
    dispatcher.join().unwrap();
    let task = stage.create(shell("one"));
    assert_eq!(stage.task(&task).status, Status::Ready);
}
