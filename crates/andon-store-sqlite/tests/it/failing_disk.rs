//! Claims about a disk that fails under a write: how often it is tried again, and what is told.

use andon_core::command::comment::Comment;
use andon_core::id::TaskId;
use andon_faults::{Contended, Hooks, Interference, interfere};
use andon_store::{Read, Store, StoreError};
use andon_store_sqlite::SqliteStore;
use andon_testkit::disk::{Fault, Habits, Plan, Recurrence};
use andon_testkit::torture::bench::Bench;
use std::cell::RefCell;
use std::io;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

/// Notes how long the writer would wait, and does not wait.
struct Patience {
    disk: Rc<dyn Hooks>,
    waits: Rc<RefCell<Vec<u128>>>,
}

impl Hooks for Patience {
    fn reach(&self, point: &'static str, path: &Path) -> io::Result<()> {
        self.disk.reach(point, path)
    }

    fn contended(&self, lock: &'static str) -> io::Result<Contended> {
        self.disk.contended(lock)
    }

    fn pause(&self, span: Duration) {
        self.waits.borrow_mut().push(span.as_millis());
    }

    fn planted(&self, mistake: &'static str) -> bool {
        self.disk.planted(mistake)
    }
}

/// What came of one comment on a disk that fails so.
struct Came {
    answer: Result<(), StoreError>,
    waits_ms: Vec<u128>,
    kept: usize,
}

fn patience(bench: &Bench) -> (Rc<RefCell<Vec<u128>>>, Interference) {
    let waits = Rc::new(RefCell::default());
    let disk = bench.disk.hooks(None);
    let patience = Patience { disk, waits: Rc::clone(&waits) };
    (waits, interfere(Rc::new(patience)))
}

fn comment(bench: &Bench, store: &SqliteStore, task: &TaskId) -> Result<(), StoreError> {
    let (author, body) = ("me".to_owned(), "seen".to_owned());
    let request = bench.request(Comment { task: task.clone(), author, body });
    store.apply(request).map(drop)
}

/// Comments once where nothing fails, so that the process is not new, and once where it does.
fn comment_on(fault: Fault, first: u64, recurrence: Recurrence) -> Came {
    let bench = Bench::new("failing", Habits::default()).unwrap();
    let _here = bench.stay();
    let store = bench.create("kanban.db", 1_000).unwrap();
    let task = bench.make_task(&store).unwrap();
    comment(&bench, &store, &task).unwrap();
    let (waits, waiting) = patience(&bench);
    bench.disk.plan(Some(Plan { fault, first, recurrence }));
    let answer = comment(&bench, &store, &task);
    assert!(!bench.disk.plan(None).injected.is_empty(), "nothing failed");
    drop(waiting);
    comment(&bench, &store, &task).expect("nothing fails any more");
    let kept = store.comment_list(&task).unwrap().len() - 2;
    Came { answer, waits_ms: waits.take(), kept }
}

#[test]
fn a_sync_that_fails_once_is_made_up_for_after_a_moment() {
    let came = comment_on(Fault::SyncEio, 1, Recurrence::Once);
    assert_eq!((came.answer, came.waits_ms, came.kept), (Ok(()), vec![20], 1));
}

#[test]
fn a_disk_that_goes_on_failing_is_tried_three_times_and_then_nobody_knows() {
    let came = comment_on(Fault::SyncEio, 1, Recurrence::Sticky);
    assert!(matches!(came.answer, Err(StoreError::Unknown { .. })), "{:?}", came.answer);
    assert_eq!(came.waits_ms, [20, 40]);
}

#[test]
fn a_disk_without_room_is_not_tried_again_and_nothing_is_kept() {
    let came = comment_on(Fault::NoSpace, 1, Recurrence::Sticky);
    let Err(StoreError::Unavailable { hint: Some(_), .. }) = came.answer else {
        panic!("{:?}", came.answer)
    };
    assert_eq!((came.waits_ms, came.kept), (Vec::new(), 0));
}
