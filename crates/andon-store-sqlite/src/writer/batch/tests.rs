//! One commit, asked of the desk itself: who fails alone and who with all, what stays, and what is
//! written down about who asked.

mod together;

use super::*;
use crate::checkpoint::LogLength;
use crate::connect::{Role, connect};
use crate::open::tests::{Home, options};
use andon_core::actor::Actor;
use andon_core::command::Command;
use andon_core::command::comment::Comment;
use andon_core::command::create::Create;
use andon_core::command::link::Link;
use andon_core::command::pause::{SetPause, Turn};
use andon_core::id::{OpId, TaskId};
use andon_faults::{Hooks, interfere};
use andon_store::{Environment, SystemClock};
use rusqlite::Connection;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::rc::Rc;
use std::slice::from_ref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

static OPS: AtomicU64 = AtomicU64::new(1);
static DRAWS: AtomicU32 = AtomicU32::new(1);

/// A board, its writing connection, and what keeps its log in place.
struct Office {
    desk: Desk,
    home: Home,
    _opened: crate::open::Opened,
}

impl Office {
    fn new() -> Self {
        let home = Home::new();
        let opened = crate::open::create(&home.board(), &options()).unwrap();
        let mut db = connect(&home.board(), Role::Writer, &options().connect).unwrap();
        let log = LogLength::watch(&mut db).unwrap();
        let random = Arc::new(|| DRAWS.fetch_add(1, Ordering::Relaxed));
        let env = Environment { clock: Arc::new(SystemClock), random, policy: Arc::default() };
        let identity = opened.identity.clone();
        let desk = Desk { db, env, lock: None, identity, log, checkpoint_pages: 1_000 };
        Self { desk, home, _opened: opened }
    }

    fn answers(&self, batch: &[Request]) -> Vec<Result<Outcome, StoreError>> {
        self.answers_with(batch, &nobody)
    }

    fn answers_with<'a>(
        &self,
        batch: &'a [Request],
        late: &dyn Fn(usize) -> Vec<&'a Request>,
    ) -> Vec<Result<Outcome, StoreError>> {
        let answers = carry_out(&self.desk, &mut batch.iter().collect(), late);
        answers.into_iter().map(|answer| answer.map(|applied| applied.outcome)).collect()
    }

    fn task(&self) -> TaskId {
        let create = Create { title: "a".to_owned(), ..Create::default() };
        match self.answers(&[request(create)]).remove(0) {
            Ok(Outcome::Created { task, .. }) => task,
            other => panic!("{other:?}"),
        }
    }

    fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        self.desk.db.query_row(&sql, [], |row| row.get(0)).unwrap()
    }

    /// From now on another program's index lets every further `linked` event of the board fail:
    /// after the link itself was written.
    fn refuse_links(&self) {
        let other = Connection::open(self.home.board()).unwrap();
        let sql = "CREATE UNIQUE INDEX theirs ON task_events (kind) WHERE kind = 'linked'";
        other.execute(sql, []).unwrap();
    }
}

fn request(command: impl Into<Command>) -> Request {
    let op = OpId::new(OPS.fetch_add(1, Ordering::Relaxed), [3; 10]);
    Request { op, actor: Actor::human("tester"), command: command.into() }
}

fn comment(task: &TaskId) -> Request {
    request(Comment { task: task.clone(), author: "me".to_owned(), body: "seen".to_owned() })
}

fn link(parent: &TaskId, child: &TaskId) -> Request {
    request(Link { parent: parent.clone(), child: child.clone() })
}

/// Counts the turns, and lets one visit to a point fail.
struct Turns {
    count: Rc<Cell<u32>>,
    fail: Option<(&'static str, u32)>,
    visits: Cell<u32>,
}

impl Turns {
    fn fail(fail: Option<(&'static str, u32)>) -> (Rc<Cell<u32>>, andon_faults::Interference) {
        let count = Rc::new(Cell::new(0));
        let turns = Self { count: Rc::clone(&count), fail, visits: Cell::new(0) };
        (count, interfere(Rc::new(turns)))
    }
}

impl Hooks for Turns {
    fn reach(&self, point: &'static str, _path: &Path) -> io::Result<()> {
        if point == "writer.turn" {
            self.count.set(self.count.get() + 1);
        }
        let Some((failing, nth)) = self.fail.filter(|(failing, _)| *failing == point) else {
            return Ok(());
        };
        self.visits.set(self.visits.get() + 1);
        match self.visits.get() == nth {
            true => Err(io::Error::other(format!("{failing} fails"))),
            false => Ok(()),
        }
    }
}

#[test]
fn whoever_fails_half_way_takes_nobody_along_and_leaves_nothing_behind() {
    let office = Office::new();
    let (parent, child, other) = (office.task(), office.task(), office.task());
    assert!(office.answers(&[link(&parent, &child)])[0].is_ok());
    office.refuse_links();
    let (turns, counting) = Turns::fail(None);
    let answers = office.answers(&[comment(&parent), link(&parent, &other), comment(&child)]);
    assert!(matches!(answers[..], [Ok(_), Err(StoreError::Internal(_)), Ok(_)]), "{answers:?}");
    assert_eq!(turns.get(), 2, "once together, once each for itself");
    drop(counting);
    assert_eq!((office.count("task_links"), office.count("task_comments")), (1, 2));
    assert!(office.desk.db.is_autocommit());
}

#[test]
fn whoever_fails_half_way_and_is_alone_is_told_at_once_and_holds_nobody_up() {
    let office = Office::new();
    let (parent, child, other) = (office.task(), office.task(), office.task());
    assert!(office.answers(&[link(&parent, &child)])[0].is_ok());
    office.refuse_links();
    let (turns, _counting) = Turns::fail(None);
    let answers = office.answers(&[link(&parent, &other)]);
    assert!(matches!(answers[..], [Err(StoreError::Internal(_))]), "{answers:?}");
    assert_eq!(turns.get(), 1, "there is nobody to keep it from");
    assert!(office.desk.db.is_autocommit(), "the next writer finds the board free");
    assert_eq!(office.count("task_links"), 1);
}

#[test]
fn whoever_comes_before_the_commit_shares_it() {
    let office = Office::new();
    let (first, second) = (office.task(), office.task());
    let late = [comment(&second), comment(&first)];
    let coming = RefCell::new(late.iter().collect::<VecDeque<_>>());
    let rooms = RefCell::new(Vec::new());
    let (turns, _counting) = Turns::fail(None);
    let batch = [comment(&first)];
    let answers = office.answers_with(&batch, &|room| {
        rooms.borrow_mut().push(room);
        coming.borrow_mut().pop_front().into_iter().collect()
    });
    assert_eq!(turns.get(), 1);
    assert_eq!(answers.len(), 3);
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(office.count("task_comments"), 3);
    assert_eq!(*rooms.borrow(), [BATCH_MAX - 1, BATCH_MAX - 2, BATCH_MAX - 3]);
}

#[test]
fn nobody_joins_a_batch_that_has_failed_once() {
    let office = Office::new();
    let (parent, child, other) = (office.task(), office.task(), office.task());
    assert!(office.answers(&[link(&parent, &child)])[0].is_ok());
    office.refuse_links();
    let failing = [link(&child, &other)];
    let coming = RefCell::new(failing.iter().collect::<Vec<_>>());
    let asked = Cell::new(0);
    let batch = [comment(&parent), link(&parent, &other)];
    let answers = office.answers_with(&batch, &|_room| {
        asked.set(asked.get() + 1);
        coming.take()
    });
    let [Ok(_), Err(StoreError::Internal(_)), Err(StoreError::Internal(_))] = &answers[..] else {
        panic!("{answers:?}")
    };
    assert_eq!(asked.get(), 2, "before the failure until nobody came, and not after it");
}

#[test]
fn an_operation_that_comes_again_changes_nothing_and_the_others_go_on() {
    let office = Office::new();
    let (task, first) = (office.task(), request(Create { title: "b".into(), ..Create::default() }));
    assert!(office.answers(from_ref(&first))[0].is_ok());
    let alone = office.answers(from_ref(&first));
    assert_eq!(alone, [Ok(Outcome::Unchanged)]);
    let answers = office.answers(&[comment(&task), first]);
    assert!(matches!(answers[..], [Ok(Outcome::Recorded { .. }), Ok(Outcome::Unchanged)]));
    assert_eq!((office.count("tasks"), office.count("task_comments")), (2, 1));
}

#[test]
fn what_fails_before_or_after_the_writes_is_told_to_all_and_nothing_is_kept() {
    let office = Office::new();
    let task = office.task();
    for point in ["writer.turn", "writer.written"] {
        let (_, failing) = Turns::fail(Some((point, 1)));
        let answers = office.answers(&[comment(&task), comment(&task)]);
        drop(failing);
        for answer in answers {
            let Err(StoreError::Unavailable { why, .. }) = answer else { panic!("{answer:?}") };
            assert_eq!(why, format!("{point} fails"));
        }
        assert!(office.desk.db.is_autocommit());
        assert_eq!(office.count("task_comments"), 0);
    }
}

#[test]
fn the_error_of_the_last_try_is_the_answer() {
    let office = Office::new();
    let first = request(Create { title: "b".into(), ..Create::default() });
    assert!(office.answers(from_ref(&first))[0].is_ok());
    let (_, _failing) = Turns::fail(Some(("writer.turn", 2)));
    let answers = office.answers(&[first]);
    let [Err(StoreError::Unavailable { why, .. })] = &answers[..] else { panic!("{answers:?}") };
    assert_eq!(why, "writer.turn fails");
}

#[test]
fn a_transaction_that_was_left_open_is_ended_before_the_next_one() {
    let office = Office::new();
    office.desk.db.execute_batch("BEGIN IMMEDIATE; DELETE FROM andon_ops").unwrap();
    let task = office.task();
    assert!(office.answers(&[comment(&task)])[0].is_ok());
    assert_eq!((office.count("tasks"), office.count("andon_ops")), (1, 2));
}

#[test]
fn a_board_without_room_for_the_operations_id_refuses_and_claims_nothing() {
    const TURNS_MAX: usize = 2_000;
    let office = Office::new();
    let pages: i64 = office.desk.db.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    let limit = format!("PRAGMA max_page_count = {pages}");
    let _pages: i64 = office.desk.db.query_row(&limit, [], |row| row.get(0)).unwrap();
    // Only the ids of operations grow.
    let turns = [Turn::Pause { reason: None }, Turn::Resume];
    for turn in turns.into_iter().cycle().take(TURNS_MAX) {
        let asked = request(SetPause { turn });
        match office.answers(&[asked]).remove(0) {
            Ok(Outcome::PauseSet) => {}
            Err(StoreError::Unavailable { hint: Some(_), .. }) => return,
            other => panic!("{other:?}"),
        }
    }
    panic!("the board never grew");
}

#[test]
fn who_asked_for_what_is_written_down_with_the_task_and_the_last_event() {
    let office = Office::new();
    let task = office.task();
    let (said, paused) = (comment(&task), request(SetPause { turn: Turn::Pause { reason: None } }));
    assert!(office.answers(&[said.clone(), paused.clone()]).iter().all(Result::is_ok));
    type Row = (String, String, Option<String>, Option<i64>);
    let row = |op: OpId| -> Row {
        let sql = "SELECT verb, actor, task_id, event_id FROM andon_ops WHERE op = ?1";
        let columns =
            |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        office.desk.db.query_row(sql, [op.0], columns).unwrap()
    };
    let actor = || "human:tester@cli".to_owned();
    let event = office.count("task_events");
    let about = Some(task.to_string());
    assert_eq!(row(said.op), ("comment".to_owned(), actor(), about.clone(), Some(event)));
    assert_eq!(row(paused.op), ("pause".to_owned(), actor(), None, None));
    let made = "SELECT task_id FROM andon_ops WHERE verb = 'create'";
    let made: Option<String> = office.desk.db.query_row(made, [], |row| row.get(0)).unwrap();
    assert_eq!(made, about, "the task that a command makes is its subject");
}
