//! Boards for tests, spoken about in sentences: `board.task("a").assigned("x").create()`.
//!
//! A refusal or an error where none is expected ends the test with what was asked.

mod draft;
pub mod verbs;

pub use draft::TaskDraft;

use crate::snapshot;
use crate::world::World;
use andon_core::actor::Actor;
use andon_core::command::Command;
use andon_core::id::{Assignee, OpId, TaskId};
use andon_core::invariant::{self, Grade};
use andon_core::policy::Policy;
use andon_core::process::Process;
use andon_core::rejected::Rejected;
use andon_core::run::Run;
use andon_core::task::{Status, Task};
use andon_core::time::{Seconds, Timestamp};
use andon_store::{Applied, Clock, Environment, EventFilter, Request, Store, StoreError};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Makes an empty board in a world.
pub type Factory<'f> = dyn Fn(Environment) -> Box<dyn Store> + 'f;

/// Events of one task that a test looks at.
const EVENTS_MAX: usize = 1_000;

/// A board in a world of its own.
pub struct Board {
    /// The store under test.
    pub store: Box<dyn Store>,
    /// Its time, randomness and limits.
    pub world: World,
    ops: AtomicU64,
    /// Whether the clock was set back: then times do not grow along the history.
    was_set_back: AtomicBool,
}

impl Board {
    /// An empty board with the ordinary limits.
    pub fn new(factory: &Factory<'_>) -> Self {
        Self::with_policy(factory, Policy::default())
    }

    /// An empty board with other limits.
    pub fn with_policy(factory: &Factory<'_>, policy: Policy) -> Self {
        let world = World::new(policy);
        let (ops, was_set_back) = (AtomicU64::new(0), AtomicBool::new(false));
        Self { store: factory(world.environment()), world, ops, was_set_back }
    }

    /// A request that was never made before, by a person.
    pub fn request(&self, command: impl Into<Command>) -> Request {
        let nth = self.ops.fetch_add(1, Ordering::SeqCst);
        let op = OpId::new(nth, [7; 10]);
        Request { op, actor: Actor::human("tester"), command: command.into() }
    }

    /// Asks, and expects nothing.
    pub fn ask(&self, command: impl Into<Command>) -> Result<Applied, StoreError> {
        self.store.apply(self.request(command))
    }

    /// Asks for what must be possible.
    pub fn done(&self, command: impl Into<Command>) -> Applied {
        let command = command.into();
        match self.ask(command.clone()) {
            Ok(applied) => applied,
            Err(error) => panic!("{error}, asked for {command:?}"),
        }
    }

    /// Asks for what must be refused, and tells why it was.
    pub fn refused(&self, command: impl Into<Command>) -> Rejected {
        let command = command.into();
        match self.ask(command.clone()) {
            Err(StoreError::Rejected(rejected)) => rejected,
            other => panic!("{other:?} instead of a refusal, asked for {command:?}"),
        }
    }

    /// Begins the description of a task.
    pub fn task(&self, title: &str) -> TaskDraft<'_> {
        TaskDraft::new(self, title)
    }

    /// The present time.
    pub fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: i64) {
        self.world.clock.advance(Seconds(seconds));
    }

    /// Somebody sets the clock back.
    pub fn set_back(&self, seconds: i64) {
        self.was_set_back.store(true, Ordering::SeqCst);
        self.world.clock.advance(Seconds(-seconds));
    }

    /// The task as it stands.
    pub fn get(&self, id: &TaskId) -> Task {
        let task = self.store.task_get(id).expect("a task can be read");
        task.unwrap_or_else(|| panic!("{id} does not exist"))
    }

    /// Where the task stands.
    pub fn status(&self, id: &TaskId) -> Status {
        self.get(id).status
    }

    /// Runs of the task.
    pub fn runs(&self, id: &TaskId) -> Vec<Run> {
        self.store.run_list(id).expect("runs can be read")
    }

    /// The task's newest run.
    pub fn last_run(&self, id: &TaskId) -> Run {
        self.runs(id).pop().unwrap_or_else(|| panic!("{id} has no run"))
    }

    /// Kinds of the task's events, in order.
    pub fn kinds(&self, id: &TaskId) -> Vec<String> {
        let filter =
            EventFilter { task: Some(id.clone()), limit: EVENTS_MAX, ..EventFilter::default() };
        let events = self.store.event_list(&filter).expect("events can be read");
        events.into_iter().map(|event| event.kind).collect()
    }

    /// Checks every invariant. What a clock that was set back may leave is no fault of the store
    /// once it was.
    pub fn check(&self) {
        let board = snapshot::board(&*self.store).expect("a board can be read");
        let mut broken = invariant::check(&board);
        if self.was_set_back.load(Ordering::SeqCst) {
            broken.retain(|broken| broken.grade == Grade::Broken);
        }
        assert!(broken.is_empty(), "the board is broken: {broken:#?}");
    }
}

/// A profile.
pub fn profile(name: &str) -> Assignee {
    Assignee::parse(name).expect("tests use legal names")
}

/// A process that no other test process is taken for.
pub fn process(pid: i32) -> Process {
    Process { machine: "machine".into(), boot: "boot".into(), pid, started: 100 }
}
