//! Claims about boards in trouble.

use crate::stage::{Forgetful, Stage, kill, shell};
use andon_core::command::create::Create;
use andon_core::id::Assignee;
use andon_core::task::Status;
use andon_daemon::dispatcher::{DispatchError, Dispatcher, Stop, tick_once};
use andon_daemon::quarantine;
use andon_store::{Clock, CorruptWhat, Store, StoreError, SystemClock};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn damaged() -> StoreError {
    StoreError::Corrupt(CorruptWhat::File("not a database".to_owned()))
}

#[test]
fn a_damaged_board_goes_into_quarantine_and_a_changed_file_ends_it() {
    let stage = Stage::new();
    let is_damaged = Arc::new(AtomicBool::new(true));
    let mut options = stage.options(&[]);
    let (store, flag) = (Arc::clone(&stage.store), Arc::clone(&is_damaged));
    options.open = Arc::new(move || {
        if flag.load(Ordering::SeqCst) {
            Err(damaged())
        } else {
            Ok(Arc::clone(&store) as Arc<dyn Store>)
        }
    });
    options.probe = Arc::new(|| Err(damaged()));
    let dispatcher = Dispatcher::spawn(options).unwrap();
    stage.seen.wait_for("Quarantined(Record { reason: \"the board is damaged: not a database\"");
    assert!(quarantine::in_force(&stage.home, &stage.layout, SystemClock.now()).is_some());
    let refused = tick_once(stage.options(&[]));
    assert!(
        refused.is_ok_and(|report| report.skipped_locked),
        "the dispatcher still has the board"
    );

    is_damaged.store(false, Ordering::SeqCst);
    std::fs::write(stage.layout.database(), "repaired").unwrap();
    stage.seen.wait_for("Cleared");
    let task = stage.create(shell("one"));
    stage.wait_for_status(&task, Status::Running);
    assert_eq!(quarantine::read(&stage.home, stage.layout.slug()).unwrap(), None);
    dispatcher.stop(Stop::Leave);
    dispatcher.join().unwrap();
}

#[test]
fn a_pass_by_itself_honours_the_quarantine_that_somebody_else_declared() {
    let stage = Stage::new();
    let at = quarantine::Circumstances {
        now: SystemClock.now(),
        random: 0,
        fingerprint: quarantine::Fingerprint::of(stage.layout.database()),
    };
    let finding = quarantine::Finding::Bad("damaged".to_owned());
    let state = quarantine::follow(&quarantine::State::Clear, &finding, at);
    quarantine::store(&stage.home, stage.layout.slug(), &state).unwrap();
    let refused = tick_once(stage.options(&[]));
    assert!(matches!(refused, Err(DispatchError::Quarantined { .. })), "{refused:?}");
}

#[test]
fn a_doubt_that_the_check_refutes_is_no_quarantine() {
    let stage = Stage::new();
    let is_first = Arc::new(AtomicBool::new(true));
    let mut options = stage.options(&[]);
    let store = Arc::clone(&stage.store);
    options.open = Arc::new(move || {
        if is_first.swap(false, Ordering::SeqCst) {
            Err(damaged())
        } else {
            Ok(Arc::clone(&store) as Arc<dyn Store>)
        }
    });
    let dispatcher = Dispatcher::spawn(options).unwrap();
    stage.seen.wait_for("Leading");
    assert_eq!(stage.seen.count("Quarantined"), 0);
    dispatcher.stop(Stop::Leave);
    dispatcher.join().unwrap();
}

#[test]
fn a_fault_of_the_program_puts_the_board_aside_and_the_dispatcher_can_still_be_stopped() {
    let stage = Stage::new();
    let mut options = stage.options(&[]);
    options.open = Arc::new(|| panic!("a fault in the store"));
    let dispatcher = Dispatcher::spawn(options).unwrap();
    stage.seen.wait_for("its dispatcher failed: a fault in the store");
    dispatcher.stop(Stop::Leave);
    dispatcher.join().unwrap();
}

#[test]
fn a_busy_board_is_tried_again_without_quarantine() {
    let stage = Stage::new();
    let is_first = Arc::new(AtomicBool::new(true));
    let mut options = stage.options(&[]);
    let store = Arc::clone(&stage.store);
    options.open = Arc::new(move || {
        if is_first.swap(false, Ordering::SeqCst) {
            let holder = andon_store::BusyHolder::default();
            return Err(StoreError::Busy { doing: "open it", waited_ms: 1, holder });
        }
        Ok(Arc::clone(&store) as Arc<dyn Store>)
    });
    let dispatcher = Dispatcher::spawn(options).unwrap();
    stage.seen.wait_for("Leading");
    assert_eq!((stage.seen.count("Trouble"), stage.seen.count("Quarantined")), (1, 0));
    dispatcher.stop(Stop::Leave);
    dispatcher.join().unwrap();
}

#[test]
fn the_end_of_a_runner_is_not_forgotten_when_its_run_cannot_be_read() {
    let stage = Stage::new();
    let mut options = stage.options(&[]);
    let board = Forgetful::new(&stage.store);
    let opened = board.clone();
    options.open = Arc::new(move || Ok(Arc::new(opened.clone()) as Arc<dyn Store>));
    let dispatcher = Dispatcher::spawn(options).unwrap();
    stage.create(shell("one"));
    let runner = stage.runners(1).pop().unwrap();
    let _worker = stage.register(&runner);
    board.run_fails.store(true, Ordering::SeqCst);
    kill(runner.pid);
    stage.seen.wait_for("the disk does not answer");
    // Long before the next full pass, which is due in a minute.
    stage.wait_until("the run is closed", || !stage.run(runner.run()).is_open());
    dispatcher.stop(Stop::Leave);
    dispatcher.join().unwrap();
}

#[test]
fn d31_waiting_tasks_are_looked_at_though_the_events_cannot_be_followed() {
    let stage = Stage::new();
    let somebody = Some(Assignee::parse("human").unwrap());
    stage.create(Create { assignee: somebody, ..shell("one") });
    let mut options = stage.options(&[]);
    let board = Forgetful::new(&stage.store);
    // The first call tells where following begins.
    board.newest_event_fails.store(2, Ordering::SeqCst);
    let opened = board.clone();
    options.open = Arc::new(move || Ok(Arc::new(opened.clone()) as Arc<dyn Store>));
    let report = tick_once(options).unwrap();
    let told: Vec<String> = report.errors.iter().map(|failure| failure.error.to_string()).collect();
    assert_eq!(told, ["cannot read the events: the disk does not answer"]);
    assert!(board.swept.load(Ordering::SeqCst));
}
