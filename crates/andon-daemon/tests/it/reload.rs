//! Claims about a dispatcher that is given other settings while it works.

use crate::stage::{Stage, kill, shell};
use andon_daemon::dispatcher::{Dispatcher, Stop};
use std::path::PathBuf;

#[test]
fn a_dispatcher_that_is_reloaded_keeps_its_lock_its_starts_and_its_runners() {
    let stage = Stage::new();
    let dispatcher = stage.dispatch(&[("max_in_progress", 1)]);
    let standby = Dispatcher::spawn(stage.options(&[])).unwrap();
    stage.seen.wait_for("StandingBy");
    stage.create(shell("one"));
    let first = stage.runners(1).pop().unwrap();
    stage.create(shell("two"));

    // Neither runner has registered when the settings change.
    dispatcher.reload(stage.options(&[("max_in_progress", 2)]));
    let second = stage.runners(2).pop().unwrap();
    dispatcher.reload(stage.options(&[("max_in_progress", 2), ("failure_limit", 1)]));
    stage.wait_until("both are taken up", || stage.seen.count("Reloaded") == 2);
    let _workers = [stage.register(&first), stage.register(&second)];

    // It is their parent, and the only one that can take leave of them.
    kill(first.pid);
    stage.seen.wait_for(&format!("RunnerEnded {{ task: {:?}", first.task()));
    let place = PathBuf::from(format!("/proc/{}", first.pid));
    stage.wait_until("the runner is reaped", || !place.exists());
    assert!(stage.run(second.run()).is_open());
    assert_eq!(stage.seen.count("Leading"), 1, "the other never had the board");
    for handle in [standby, dispatcher] {
        handle.stop(Stop::Leave);
        handle.join().unwrap();
    }
}

#[test]
fn a_dispatcher_that_is_reloaded_while_it_drains_goes_on_draining() {
    let stage = Stage::new();
    let dispatcher = stage.dispatch(&[]);
    stage.create(shell("one"));
    let runner = stage.runners(1).pop().unwrap();
    let _worker = stage.register(&runner);
    dispatcher.stop(Stop::Drain);
    dispatcher.reload(stage.options(&[]));
    stage.seen.wait_for("Reloaded");
    assert!(!dispatcher.is_finished(), "a worker still runs");
    stage.finish(&runner);
    stage.wait_until("it has drained", || dispatcher.is_finished());
    dispatcher.join().unwrap();
}
