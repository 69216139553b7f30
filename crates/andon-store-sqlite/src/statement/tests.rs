//! No statement of an ordinary command or of the dispatcher walks a whole table.

mod resting;

use super::seen;
use crate::{Options, SqliteStore};
use andon_core::actor::Actor;
use andon_core::command::{self, Command};
use andon_core::id::{Assignee, ClaimLock, OpId, TaskId};
use andon_core::run::Exit;
use andon_core::task::PastParents;
use andon_core::time::Timestamp;
use andon_core::transition::Outcome;
use andon_store::{
    Cursor, Environment, EventFilter, Read, Request, Store, StoreError, SystemClock,
};
use andon_testkit::fixture::verbs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

/// Tables that grow with the board.
const GROWING: [&str; 8] = [
    "tasks",
    "task_links",
    "task_comments",
    "task_events",
    "task_runs",
    "andon_tasks",
    "andon_runs",
    "andon_ops",
];

static NEXT: AtomicU64 = AtomicU64::new(1);

fn apply(store: &SqliteStore, command: impl Into<Command>) -> Outcome {
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let request =
        Request { op: OpId::new(n, [0; 10]), actor: Actor::human("me"), command: command.into() };
    store.apply(request).unwrap().outcome
}

fn create(store: &SqliteStore, parents: &[&TaskId]) -> TaskId {
    let created = apply(
        store,
        command::create::Create {
            title: "t".to_owned(),
            assignee: Some(Assignee::from_row("w".to_owned())),
            idempotency_key: Some(format!("k{}", NEXT.load(Ordering::Relaxed))),
            parents: parents.iter().map(|&id| id.clone()).collect(),
            ..command::create::Create::default()
        },
    );
    match created {
        Outcome::Created { task, .. } => task,
        other => panic!("{other:?}"),
    }
}

fn claim(store: &SqliteStore, task: &TaskId) {
    let (task, lock) = (task.clone(), ClaimLock::new("h", 1, 1));
    let holder = command::claim::Holder::Outside;
    apply(store, command::claim::Claim { task, lock, ttl: None, holder });
}

/// Every verb of an ordinary day, and what the dispatcher asks each tick.
fn use_the_board(store: &SqliteStore) {
    let parent = create(store, &[]);
    let child = create(store, &[&parent]);
    let other = create(store, &[]);
    let task = || parent.clone();
    apply(store, command::link::Link { parent: other.clone(), child: child.clone() });
    apply(store, command::unlink::Unlink { parent: other.clone(), child: child.clone() });
    apply(store, command::comment::Comment { task: task(), author: "a".into(), body: "b".into() });
    claim(store, &parent);
    apply(
        store,
        command::heartbeat::Heartbeat {
            task: task(),
            expected_run: None,
            lock: None,
            sign: command::heartbeat::Sign::Worker { note: Some("n".into()) },
        },
    );
    apply(
        store,
        command::block::Block {
            task: task(),
            reason: Some("r".into()),
            kind: None,
            expected_run: None,
        },
    );
    apply(store, command::unblock::Unblock { task: task(), reason: None });
    apply(
        store,
        command::schedule::Schedule {
            task: task(),
            reason: None,
            due_at: Some(Timestamp(SystemClock::now_plus(60))),
            expected_run: None,
        },
    );
    apply(store, command::unblock::Unblock { task: task(), reason: None });
    claim(store, &parent);
    apply(store, command::reclaim::Reclaim { task: task(), reason: None });
    claim(store, &parent);
    apply(
        store,
        command::complete::Complete {
            task: task(),
            handoff: command::complete::Handoff {
                summary: Some(format!("see {other}")),
                ..Default::default()
            },
            created_cards: vec![child.clone()],
            expected_run: None,
        },
    );
    apply(
        store,
        command::promote::Promote {
            task: create(store, &[&child]),
            reason: None,
            parents: PastParents::Overruled,
        },
    );
    apply(store, command::archive::Archive { task: other });
    ask_as_the_dispatcher(store, &child);
}

fn ask_as_the_dispatcher(store: &SqliteStore, task: &TaskId) {
    let now = Timestamp(SystemClock::now_plus(0));
    store.queue_heads(now, 10).unwrap();
    store.run_open_list().unwrap();
    store.run_lingering_list(10).unwrap();
    store.claim_expired(now, 10).unwrap();
    store.due_list(now, 10).unwrap();
    store.next_due(now).unwrap();
    store.settled_page(Cursor::START, 10).unwrap();
    store.event_last().unwrap();
    let filter =
        EventFilter { after: store.event_last().unwrap(), limit: 10, ..Default::default() };
    store.event_list(&filter).unwrap();
    store.task_get(task).unwrap();
    store.run_list(task).unwrap();
    store.run_newest(task, 1).unwrap();
    store.run_completed(task).unwrap();
    store.run_lingering(task).unwrap();
    store.open_parents(task).unwrap();
    store.comment_list(task).unwrap();
    store.comment_newest(task, 1).unwrap();
    store.links(task).unwrap();
    store.pause_get().unwrap();
    store.run_recent("w", task, 10).unwrap();
}

trait Plus {
    fn now_plus(seconds: i64) -> i64;
}

impl Plus for SystemClock {
    fn now_plus(seconds: i64) -> i64 {
        andon_store::Clock::now(&SystemClock).0 + seconds
    }
}

fn board() -> (TempDir, SqliteStore) {
    let dir = tempfile::tempdir().unwrap();
    let next = AtomicU64::new(1);
    let env = Environment {
        clock: Arc::new(SystemClock),
        random: Arc::new(move || u32::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap()),
        policy: Arc::default(),
    };
    let path = dir.path().join("kanban.db");
    let store = SqliteStore::create(&path, Options::default(), env).unwrap();
    (dir, store)
}

#[test]
fn no_statement_of_a_day_scans_a_growing_table() {
    let (_dir, store) = board();
    use_the_board(&store);

    let statements = seen::all();
    assert!(statements.len() > 40, "only {} statements were seen", statements.len());
    let scans: Vec<String> = store
        .pool()
        .with(|db| Ok(statements.iter().flat_map(|sql| scans_of(db.db(), sql)).collect()))
        .unwrap();
    assert_eq!(scans, Vec::<String>::new());
}

/// The steps of a plan that walk a growing table from end to end.
fn scans_of(db: &rusqlite::Connection, sql: &str) -> Vec<String> {
    let Ok(mut plan) = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")) else { return Vec::new() };
    let count = plan.parameter_count();
    let nulls = rusqlite::params_from_iter(std::iter::repeat_n(rusqlite::types::Null, count));
    let steps = plan.query_map(nulls, |row| row.get::<_, String>(3)).unwrap();
    let walks = |step: &String| {
        let Some(rest) = step.strip_prefix("SCAN ") else { return false };
        let table = rest.split(' ').next().unwrap_or("");
        // Newest event, newest tasks: the first rows of a walk by id. Partial indexes hold only
        // what is live.
        let bounded = sql.contains("id DESC LIMIT ") || rest.contains("andon_lingering");
        !bounded
            && (GROWING.contains(&table)
                || ["t", "r", "k", "x", "l", "p", "c", "e"].contains(&table))
    };
    steps.map(Result::unwrap).filter(walks).map(|step| format!("{step}: {sql}")).collect()
}

/// How many statements it takes to decide a command.
fn reads_of(store: &SqliteStore, command: impl Into<Command>) -> usize {
    let (answer, reads) = preview(store, command);
    answer.unwrap();
    reads
}

/// What would come of a command, and how many statements it takes to tell.
fn preview(
    store: &SqliteStore,
    command: impl Into<Command>,
) -> (Result<Outcome, StoreError>, usize) {
    let request =
        Request { op: OpId::new(0, [0; 10]), actor: Actor::human("me"), command: command.into() };
    let before = seen::count();
    let answer = store.preview(&request);
    (answer, seen::count() - before)
}

#[test]
fn b37_b39_a_decision_takes_as_many_reads_on_a_large_board_as_on_a_small_one() {
    let (_dir, store) = board();
    let (first, other) = (create(&store, &[]), create(&store, &[]));
    let mut last = create(&store, &[&first]);
    let reads = || {
        let link = command::link::Link { parent: other.clone(), child: first.clone() };
        let complete = command::complete::Complete {
            task: first.clone(),
            handoff: Default::default(),
            created_cards: Vec::new(),
            expected_run: None,
        };
        (reads_of(&store, link), reads_of(&store, complete))
    };
    let small = reads();
    for _ in 0..20 {
        last = create(&store, &[&last]);
        create(&store, &[&other]);
    }
    assert!(small.0 > 0 && small.1 > 0, "{small:?}");
    assert_eq!(reads(), small);
}

#[test]
fn the_run_that_ends_is_read_once_where_it_is_the_tasks_current_one() {
    let (_dir, store) = board();
    let task = create(&store, &[]);
    claim(&store, &task);
    let run = store.task_get(&task).unwrap().unwrap().current_run.unwrap();
    // Refused or not: it is looked up like any other.
    let reads = || preview(&store, verbs::finish(&task, run, Exit::Code(0))).1;
    let as_current = reads();
    apply(&store, command::reclaim::Reclaim { task: task.clone(), reason: None });
    claim(&store, &task);
    assert_eq!(reads(), as_current + 1, "the current run, and the one that is told of");
}
