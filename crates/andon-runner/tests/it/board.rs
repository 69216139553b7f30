//! A board with one run on it, which does as its test says and remembers what it was told. It knows
//! no rules: what a command makes of a task is the business of others' tests.

use crate::roles::LIMIT;
use andon_core::id::{ClaimLock, RunId, TaskId};
use andon_core::process::Process;
use andon_core::run::{Keeper, Run, Stop, StopTo};
use andon_core::task::{Claim, Status};
use andon_core::time::Timestamp;
use andon_runner::keeper::RunBoard;
use andon_store::{BusyHolder, Request, StoreError, Watch};
use rustix::event::{EventfdFlags, eventfd};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Instant;

pub(crate) const TASK: &str = "t_0000abcd";
pub(crate) const RUN: RunId = RunId(7);

pub(crate) struct OneRun {
    state: Mutex<State>,
    told: Condvar,
    wake: Arc<OwnedFd>,
}

struct State {
    run: Run,
    requests: Vec<Request>,
    /// Verbs that fail, each entry once.
    failures: Vec<(&'static str, StoreError)>,
}

impl OneRun {
    pub(crate) fn new(claimer: Process) -> Arc<Self> {
        let keeper = Keeper {
            came_from: Status::Ready,
            claimer,
            runner: None,
            worker: None,
            stop: None,
            gone_at: None,
        };
        let run = Run {
            id: RUN,
            task: TaskId::parse(TASK).unwrap(),
            profile: None,
            step_key: None,
            status: "running".to_owned(),
            claim: Some(Claim {
                lock: ClaimLock::from_text("host:1:aa".to_owned()),
                expires: None,
            }),
            worker_pid: None,
            max_runtime: None,
            last_heartbeat_at: None,
            started_at: Timestamp(1),
            ended_at: None,
            outcome: None,
            summary: None,
            metadata: None,
            error: None,
            keeper: Some(keeper),
        };
        let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).unwrap();
        let state = State { run, requests: Vec::new(), failures: Vec::new() };
        Arc::new(Self { state: Mutex::new(state), told: Condvar::new(), wake: Arc::new(wake) })
    }

    pub(crate) fn fail(&self, verb: &'static str, times: usize, error: &StoreError) {
        let failures = std::iter::repeat_n((verb, error.clone()), times);
        self.lock().failures.extend(failures);
    }

    pub(crate) fn stop(&self) {
        self.stop_unseen();
        self.change(|_| {});
    }

    /// Wishes the run's end before anybody watches: no wake-up tells of it.
    pub(crate) fn stop_unseen(&self) {
        let (to, by) = (StopTo::Blocked, "somebody".to_owned());
        let stop = Stop { to, reason: None, by, at: Timestamp(2) };
        self.lock().run.keeper.as_mut().unwrap().stop = Some(stop);
    }

    pub(crate) fn close(&self) {
        self.change(|run| run.ended_at = Some(Timestamp(2)));
    }

    pub(crate) fn heartbeat(&self, at: i64) {
        self.change(|run| run.last_heartbeat_at = Some(Timestamp(at)));
    }

    fn change(&self, change: impl FnOnce(&mut Run)) {
        change(&mut self.lock().run);
        rustix::io::write(&*self.wake, &1_u64.to_ne_bytes()).unwrap();
    }

    /// Waits until it was told a command so many times.
    pub(crate) fn await_told(&self, verb: &str, times: usize) {
        let deadline = Instant::now() + LIMIT;
        let mut state = self.lock();
        while told(&state, verb).len() < times {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{verb} was not told {times} times");
            state = self.told.wait_timeout(state, left).unwrap().0;
        }
    }

    pub(crate) fn told(&self, verb: &str) -> Vec<Request> {
        told(&self.lock(), verb)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

fn told(state: &State, verb: &str) -> Vec<Request> {
    state.requests.iter().filter(|request| request.command.verb() == verb).cloned().collect()
}

pub(crate) fn busy() -> StoreError {
    StoreError::Busy { doing: "write", waited_ms: 1, holder: BusyHolder::default() }
}

impl RunBoard for OneRun {
    fn apply(&self, request: Request) -> Result<(), StoreError> {
        let mut state = self.lock();
        let verb = request.command.verb();
        state.requests.push(request);
        self.told.notify_all();
        match state.failures.iter().position(|(failing, _)| *failing == verb) {
            Some(at) => Err(state.failures.remove(at).1),
            None => Ok(()),
        }
    }

    fn run_get(&self, id: RunId) -> Result<Option<Run>, StoreError> {
        Ok(Some(self.lock().run.clone()).filter(|run| run.id == id))
    }

    fn watch(&self) -> Result<Box<dyn Watch>, StoreError> {
        Ok(Box::new(Wakes(Arc::clone(&self.wake))))
    }
}

struct Wakes(Arc<OwnedFd>);

impl Watch for Wakes {
    fn wake(&self) -> Option<BorrowedFd<'_>> {
        Some(self.0.as_fd())
    }

    fn changed(&mut self) -> Result<bool, StoreError> {
        Ok(rustix::io::read(&*self.0, &mut [0; 8]).is_ok())
    }

    fn interval_ms(&self) -> u64 {
        60_000
    }
}
