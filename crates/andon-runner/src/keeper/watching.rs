//! Between start and end: keeps the lease, minds the limits, hears of wishes. It decides only why
//! the run ends; ending it is `ending`'s.

use super::board::{Board, Wish};
use crate::identity::PidFd;
use crate::limits::Fence;
use crate::output::Pump;
use crate::spec::RunSpec;
use crate::{tree, wait};
use andon_core::run::Limit;
use andon_core::time::Timestamp;
use andon_store::{StoreError, Watch};
use rustix::event::{PollFd, PollFlags};
use std::thread::park_timeout;
use std::time::{Duration, Instant};

/// Renewals in the life of a lease: two may fail without harm.
const RENEWALS_PER_LEASE: u32 = 3;

/// Least time between two renewals, however short the lease: each is a commit.
const RENEW_EVERY_MIN: Duration = Duration::from_secs(1);

/// Pause after a renewal that failed because the board was busy or unavailable.
const RENEW_AGAIN: Duration = Duration::from_secs(5);

/// Least time between two looks at the run: a board that changes all the time costs each runner
/// twenty small reads a second, and a stop is noticed as quickly.
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// Time between two looks where the board cannot be watched, or did not answer the last one.
const LOOK_UNWATCHED: Duration = Duration::from_secs(1);

/// Longest time between two turns, and so the longest life of a zombie. A board that is watched is
/// looked at as often anyhow, so that this wakes nobody who sleeps now.
const TURN_MAX: Duration = Duration::from_secs(1);

/// Why a run is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// Its worker ended by itself.
    Exited,
    /// Somebody wished it.
    Stopped,
    /// The board is through with it, and the worker stayed too long.
    Lingered,
    /// It broke a limit.
    Limit(Limit),
}

/// A run under way.
pub(super) struct Watching<'a> {
    board: &'a Board<'a>,
    watch: Option<Box<dyn Watch>>,
    renew_every: Duration,
    linger: Duration,
    renew_at: Instant,
    /// When to look at the run; `None` until the board changes.
    look_at: Option<Instant>,
    looked_at: Instant,
    leave_at: Option<Instant>,
    last_heartbeat: (Option<Timestamp>, Instant),
}

impl<'a> Watching<'a> {
    pub(super) fn new(spec: &RunSpec, board: &'a Board<'a>, registered: Instant) -> Self {
        let renew_every = Duration::from_secs(spec.lease_ttl_s) / RENEWALS_PER_LEASE;
        let renew_every = renew_every.max(RENEW_EVERY_MIN);
        Self {
            board,
            watch: board.store.watch().ok(),
            renew_every,
            linger: Duration::from_millis(spec.linger_ms),
            renew_at: registered + renew_every,
            // What happened between registering and watching would otherwise go unseen.
            look_at: Some(registered),
            looked_at: registered,
            leave_at: None,
            last_heartbeat: (None, registered),
        }
    }

    /// Watches until there is a reason to end the run.
    pub(super) fn until_end(&mut self, worker: &PidFd, fence: &mut Fence, pump: &Pump) -> Why {
        loop {
            let deadline = self.next_turn(fence.next_look(self.last_sign(pump)));
            if self.wait(worker, deadline) {
                return Why::Exited;
            }
            // Before the measuring: what they used counts once they are reaped.
            tree::reap_orphans(worker.pid);
            let now = Instant::now();
            self.hear(now);
            if self.look_at.is_some_and(|at| at <= now) && self.look(now) == Wish::Stop {
                return Why::Stopped;
            }
            if self.leave_at.is_some_and(|at| at <= now) {
                return Why::Lingered;
            }
            if self.leave_at.is_none() && self.renew_at <= now {
                self.renew(now);
            }
            if let Some(limit) = fence.broken(now, self.last_sign(pump)) {
                return Why::Limit(limit);
            }
        }
    }

    fn last_sign(&self, pump: &Pump) -> Instant {
        pump.last_output().max(self.last_heartbeat.1)
    }

    fn next_turn(&self, fence: Option<Instant>) -> Option<Instant> {
        let now = Instant::now();
        let watch =
            self.watch.as_ref().map(|watch| now + Duration::from_millis(watch.interval_ms()));
        let turn = Some(now + TURN_MAX);
        let renew = self.leave_at.is_none().then_some(self.renew_at);
        let next = [turn, watch, renew, self.look_at, self.leave_at, fence];
        next.into_iter().flatten().min()
    }

    /// Waits for something to do; whether the worker has ended.
    fn wait(&self, worker: &PidFd, deadline: Option<Instant>) -> bool {
        let worker = PollFd::new(worker, PollFlags::IN);
        let wake = self.watch.as_ref().and_then(|watch| watch.wake());
        let mut fds: Vec<PollFd<'_>> = std::iter::once(worker)
            .chain(wake.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)))
            .collect();
        if wait::until(&mut fds, deadline).is_err() {
            // The kernel is out of memory; asking at once again would not help it.
            park_timeout(LOOK_PAUSE);
        }
        !fds[0].revents().is_empty()
    }

    /// Hears whether the board changed, and plans a look.
    fn hear(&mut self, now: Instant) {
        let pause = match self.watch.as_mut().map(|watch| watch.changed()) {
            Some(Ok(true)) => LOOK_PAUSE,
            Some(Ok(false)) => return,
            Some(Err(_)) | None => LOOK_UNWATCHED,
        };
        self.look_at.get_or_insert((self.looked_at + pause).max(now));
    }

    fn look(&mut self, now: Instant) -> Wish {
        (self.look_at, self.looked_at) = (None, now);
        match self.board.standing() {
            Ok(standing) => {
                if standing.last_heartbeat != self.last_heartbeat.0 {
                    self.last_heartbeat = (standing.last_heartbeat, now);
                }
                if standing.wish == Wish::Leave {
                    self.leave(now);
                }
                standing.wish
            }
            // The board's trouble is not the worker's: it goes on.
            Err(_) => {
                self.look_at = Some(now + LOOK_UNWATCHED);
                Wish::Run
            }
        }
    }

    fn leave(&mut self, now: Instant) {
        self.leave_at.get_or_insert(now + self.linger);
    }

    fn renew(&mut self, now: Instant) {
        match self.board.renew() {
            Ok(()) => self.renew_at = now + self.renew_every,
            // The claim is another's or nobody's: what this run does has no effect any more.
            Err(StoreError::Rejected(_)) => self.leave(now),
            Err(_) => self.renew_at = now + self.renew_every.min(RENEW_AGAIN),
        }
    }
}
