//! A dispatcher's thread: takes the lock, opens the board, waits, makes passes, and leaves a board
//! in trouble alone. Runners are reaped whatever the board's state is.

mod idle;

use super::backup::Schedule;
use super::board::{Board, Identity};
use super::jobs::{Jobs, panic_text};
use super::leaving::{Hands, Leaving};
use super::lock::DispatchLock;
use super::observer::Notice;
use super::report::TickReport;
use super::tick::{self, Pass, Starts, State, Walked};
use super::wake::{Control, wait};
use super::ward::Ward;
use super::{DispatchError, Options, finished, lock, timer};
use andon_core::id::RunId;
use andon_store::{StoreError, Watch};
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// First and longest wait for a board that cannot be opened just now: busy, or its disk is full.
const REOPEN_FIRST: Duration = Duration::from_secs(1);
const REOPEN_MAX: Duration = Duration::from_secs(30);

/// Between two slices of the first walk over what waits, so that commits are served in between.
const FIRST_WALK_PAUSE: Duration = Duration::from_millis(2);

/// Wait after a pass in which something failed.
const RETRY_WAIT: Duration = Duration::from_secs(1);

/// Why a board is not served any more.
enum End {
    /// Somebody asked for it.
    Stopped,
    /// It is to be opened anew with other surroundings.
    Reload,
    /// The board failed.
    Failed(StoreError),
    /// This program failed.
    Fault(String),
    /// The system refused to wait.
    System(std::io::Error),
}

impl From<StoreError> for End {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

struct Service {
    options: Arc<Options>,
    /// Held as long as the board is served.
    lock: DispatchLock,
    control: Arc<Control>,
    identity: Arc<Identity>,
    state: State,
    ward: Ward,
    backups: Schedule,
    reopen_wait: Duration,
    leaving: Leaving,
    news: News,
    /// When to repeat a pass in which something failed.
    retry_at: Option<Instant>,
    /// What finished since the last pass.
    report: TickReport,
}

/// What is told once the board is served.
enum News {
    /// That it is served from here.
    Leading,
    /// That it is served as before, with other surroundings.
    Reloaded,
}

/// The whole life of a dispatcher.
pub(super) fn run(options: Arc<Options>, control: Arc<Control>) -> Result<(), DispatchError> {
    let identity = Arc::new(Identity::read()?);
    let Some(lock) = lock::take(&options, &control)? else { return Ok(()) };
    let state = State::new(Jobs::new(Arc::clone(&control.wake)));
    let ward = Ward::new(Arc::clone(&options));
    let backups = Schedule::new(Arc::clone(&options));
    let mut service = Service {
        options,
        lock,
        control,
        identity,
        state,
        ward,
        backups,
        reopen_wait: REOPEN_FIRST,
        leaving: Leaving::default(),
        news: News::Leading,
        retry_at: None,
        report: TickReport::default(),
    };
    let ended = service.lead();
    service.options.notice(&Notice::Stopped);
    ended
}

impl Service {
    /// Serves the board until somebody asks to stop, through all its troubles.
    fn lead(&mut self) -> Result<(), DispatchError> {
        loop {
            if let Err(source) = self.rest() {
                return Err(DispatchError::System { doing: "wait", source });
            }
            if self.control.stop().is_some() && self.ward.is_closed() {
                return Ok(());
            }
            if let Some(options) = self.control.take_options() {
                self.reload(Arc::new(*options));
            }
            match self.open_and_serve() {
                End::Stopped => return Ok(()),
                End::Reload => {}
                End::System(source) => return Err(DispatchError::System { doing: "wait", source }),
                End::Fault(what) => self.ward.fault(&what),
                End::Failed(error) if error.is_board_trouble() => self.ward.trouble(&error),
                End::Failed(error) => {
                    let text = error.to_string();
                    self.options.notice(&Notice::Trouble { phase: None, error: &text });
                    let until = Instant::now() + self.reopen_wait;
                    self.reopen_wait = (self.reopen_wait * 2).min(REOPEN_MAX);
                    if let Err(source) = self.idle_until(until) {
                        return Err(DispatchError::System { doing: "wait", source });
                    }
                    if self.control.stop().is_some() {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Works with these surroundings from here on. What was refused under the old ones may be right
    /// under these.
    fn reload(&mut self, options: Arc<Options>) {
        self.ward.reload(Arc::clone(&options));
        self.backups.reload(Arc::clone(&options));
        self.options = options;
        self.state.refused.clear();
        self.news = News::Reloaded;
    }

    /// Reaps the runners among the ready descriptors, of which the first `before` are others.
    fn take_ended(&mut self, ready: &[usize], before: usize) -> Vec<RunId> {
        let places: Vec<usize> = ready.iter().filter_map(|at| at.checked_sub(before)).collect();
        let ended = self.state.runners.take_ended(&places);
        for runner in &ended {
            let (task, run) = (&runner.task, runner.run);
            self.options.notice(&Notice::RunnerEnded { task, run });
        }
        ended.into_iter().map(|runner| runner.run).collect()
    }

    fn open_and_serve(&mut self) -> End {
        let served = catch_unwind(AssertUnwindSafe(|| {
            let store = (self.options.open)()?;
            let watch = store.watch()?;
            // From here on events are followed; the first pass, a full one, covers all before.
            self.state.cursor = store.event_last()?;
            let (options, identity) = (Arc::clone(&self.options), Arc::clone(&self.identity));
            self.serve(&Board { store, options, identity }, watch)
        }));
        match served {
            Ok(Ok(())) => End::Stopped,
            Ok(Err(end)) => end,
            Err(panic) => End::Fault(panic_text(panic.as_ref())),
        }
    }

    fn serve(&mut self, board: &Board, mut watch: Box<dyn Watch>) -> Result<(), End> {
        let before = self.state.runners.count();
        self.pass(board, &Pass::Full)?;
        let adopted = self.state.runners.count().saturating_sub(before);
        match std::mem::replace(&mut self.news, News::Leading) {
            News::Leading => self.options.notice(&Notice::Leading { adopted }),
            News::Reloaded => self.options.notice(&Notice::Reloaded),
        }
        let mut next_full = self.next_full();
        let mut timer = self.timer(board)?;
        loop {
            if self.may_leave(board)? {
                return Ok(());
            }
            let pass = loop {
                let until = timer.map_or(next_full, |timer| timer.min(next_full));
                let woken = self.wait(board, watch.as_mut(), until)?;
                let now = Instant::now();
                if self.control.take_pass().is_some() || now >= next_full {
                    break Pass::Full;
                }
                match woken {
                    Some(pass) => break pass,
                    None if timer.is_some_and(|timer| now >= timer) => {
                        break Pass::Woken { ended: Vec::new() };
                    }
                    None => {}
                }
            };
            self.pass(board, &pass)?;
            if pass == Pass::Full {
                next_full = self.next_full();
            }
            timer = self.timer(board)?;
        }
    }

    /// When the next full pass is due. The first walk over what waits goes on at once, in slices,
    /// because nobody may have watched the board before; later ones go a slice per interval.
    fn next_full(&self) -> Instant {
        let interval_s = u64::try_from(self.options.config.dispatch_interval.0).unwrap_or(1).max(1);
        Instant::now()
            + match self.state.walked {
                Walked::InPart => FIRST_WALK_PAUSE,
                Walked::Whole => Duration::from_secs(interval_s),
            }
    }

    fn pass(&mut self, board: &Board, pass: &Pass) -> Result<(), End> {
        if self.control.stop().is_some() {
            self.state.starts = Starts::Off;
            self.leaving.note(Instant::now());
        }
        let mut report = std::mem::take(&mut self.report);
        tick::tick(&mut self.state, board, pass, &mut report);
        self.options.notice(&Notice::Tick(&report));
        if let Some(error) = report.board_trouble() {
            return Err(End::Failed(error.clone()));
        }
        self.retry_at = (!report.errors.is_empty()).then(|| Instant::now() + RETRY_WAIT);
        if *pass == Pass::Full {
            self.ward.good();
            self.backups.look();
            self.lock.beat();
            self.reopen_wait = REOPEN_FIRST;
        }
        Ok(())
    }

    /// When to make a pass even if nothing happens.
    fn timer(&self, board: &Board) -> Result<Option<Instant>, StoreError> {
        let now = board.now();
        let due = [board.store.next_due(timer::look_back(now))?, self.state.look_again];
        let due = due.into_iter().flatten().min().map(|at| timer::next_look(at, now));
        let refused = self.state.refused.values().min().copied();
        let leave = self.leaving.look_at(self.control.stop());
        let waits = [due, refused, self.state.hindered, leave, self.retry_at];
        Ok(waits.into_iter().flatten().min())
    }

    /// Whether a wish to stop can be fulfilled now.
    fn may_leave(&self, board: &Board) -> Result<bool, StoreError> {
        let hands = if self.state.jobs.is_idle() { Hands::Empty } else { Hands::Full };
        self.leaving.is_fulfilled(self.control.stop(), hands, board.store.as_ref())
    }

    /// Waits for whatever comes first, at most until `until`; says what it asks for.
    fn wait(
        &mut self,
        board: &Board,
        watch: &mut dyn Watch,
        until: Instant,
    ) -> Result<Option<Pass>, End> {
        let ask_again = Instant::now() + Duration::from_millis(watch.interval_ms());
        let mut fds = vec![self.control.wake.as_fd()];
        fds.extend(watch.wake());
        let before = fds.len();
        fds.extend(self.state.runners.descriptors());
        let ready = wait(&fds, until.min(ask_again)).map_err(End::System)?;
        self.control.wake.clear();
        let ended = self.take_ended(&ready, before);
        let finished = finished::absorb(&mut self.state, board, &mut self.report);
        // The pass that follows is a full one: it sees what ended just now.
        if self.control.has_options() {
            return Err(End::Reload);
        }
        let has_changed = watch.changed()?;
        let has_cause = has_changed || finished > 0 || !ended.is_empty();
        Ok(has_cause.then_some(Pass::Woken { ended }))
    }
}
