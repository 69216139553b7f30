//! One pass. The only place that knows the order of the phases: what died first, so that its places
//! are free; then what time brings; then what became ready; then claims.
//!
//! A failure in one phase or at one row never stops the others (D31), except one: a board that is
//! in trouble is not written to any more.

use super::board::Board;
use super::claim::{self, Kind};
use super::expired;
use super::jobs::{Jobs, Taken};
use super::lost;
use super::report::{Phase, TickReport};
use super::runners::Runners;
use super::{due, places, settle};
use crate::profile::Action;
use andon_core::id::{Assignee, EventId, RunId, TaskId};
use andon_core::run::Run;
use andon_core::time::Timestamp;
use andon_store::{Cursor, StoreError};
use std::collections::HashMap;
use std::time::Instant;

/// How much is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pass {
    /// Everything: the safety net.
    Full,
    /// What commits, timers and the ends of these runs' runners ask for.
    Woken {
        /// Runs whose runners ended.
        ended: Vec<RunId>,
    },
}

/// Whether workers are started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Starts {
    /// They are.
    On,
    /// Only what is under way is brought to its end.
    Off,
}

/// How far the first walk over the waiting tasks has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Walked {
    /// Some were not looked at yet.
    InPart,
    /// All were.
    Whole,
}

/// What a dispatcher keeps between passes. It outlives the board's being opened anew.
pub(super) struct State {
    pub(super) jobs: Jobs,
    pub(super) runners: Runners,
    pub(super) starts: Starts,
    /// The last event followed.
    pub(super) cursor: Option<EventId>,
    /// Where the next full pass begins to look at waiting tasks.
    pub(super) sweep_from: Cursor,
    /// Whether all of them were looked at once since the start.
    pub(super) walked: Walked,
    /// When to look for lost runs again.
    pub(super) look_again: Option<Timestamp>,
    /// Tasks whose claim was refused, until when they are left alone.
    pub(super) refused: HashMap<TaskId, Instant>,
    /// Until when nothing is started, because the host refuses what every start needs.
    pub(super) hindered: Option<Instant>,
}

impl State {
    pub(super) fn new(jobs: Jobs) -> Self {
        Self {
            jobs,
            runners: Runners::default(),
            starts: Starts::On,
            cursor: None,
            sweep_from: Cursor::START,
            walked: Walked::InPart,
            look_again: None,
            refused: HashMap::new(),
            hindered: None,
        }
    }

    /// Looks for lost runs again at this time, if not sooner.
    pub(super) fn look_again(&mut self, at: Option<Timestamp>) {
        self.look_again = [self.look_again, at].into_iter().flatten().min();
    }
}

type PhaseFn = fn(&mut State, &Board, &Pass, &mut TickReport) -> Result<(), StoreError>;

const ORDER: [(Phase, PhaseFn); 5] = [
    (Phase::Lost, find_lost),
    (Phase::Expired, judge_expired),
    (Phase::Due, wake_due),
    (Phase::Settle, settle_children),
    (Phase::Claim, claim_ready),
];

/// Makes one pass.
pub(super) fn tick(state: &mut State, board: &Board, pass: &Pass, report: &mut TickReport) {
    for (phase, run) in ORDER {
        if let Err(error) = run(state, board, pass, report) {
            report.fail(phase, None, error);
        }
        if report.board_trouble().is_some() {
            break;
        }
    }
}

/// Settles the runs whose runners ended; a full pass, or one whose time has come, looks at all.
pub(super) fn find_lost(
    state: &mut State,
    board: &Board,
    pass: &Pass,
    _: &mut TickReport,
) -> Result<(), StoreError> {
    let now = board.now();
    let is_time = state.look_again.is_some_and(|at| at <= now);
    let runs = match pass {
        Pass::Woken { ended } if !is_time => some(board, ended),
        Pass::Full | Pass::Woken { .. } => {
            state.look_again = None;
            lost::load(board.store.as_ref())
        }
    };
    // The end of a runner is told once. Where its run cannot be read, the next pass looks at all.
    let runs = runs.inspect_err(|_| state.look_again(Some(now)))?;
    let identity = &board.identity;
    state.runners.adopt(&runs, &identity.host);
    let plan = lost::plan(
        &runs,
        &lost::Known {
            now,
            start_grace: board.options.config.crash_grace,
            me: &identity.process,
            liveness: &|process| identity.liveness(process),
            in_hand: &|run| state.jobs.busy_with(&run.task) || state.runners.holds(run.id),
        },
    );
    state.look_again(plan.look_again);
    for lost in plan.lost {
        if state.jobs.settle(board, lost) == Taken::Not {
            state.look_again(Some(now));
        }
    }
    Ok(())
}

fn some(board: &Board, runs: &[RunId]) -> Result<Vec<Run>, StoreError> {
    runs.iter().filter_map(|run| board.store.run_get(*run).transpose()).collect()
}

fn judge_expired(
    state: &mut State,
    board: &Board,
    _: &Pass,
    report: &mut TickReport,
) -> Result<(), StoreError> {
    let now = board.now();
    let claims = expired::load(board.store.as_ref(), now)?;
    let identity = &board.identity;
    let verdicts = expired::plan(
        &claims,
        &expired::Known {
            host_name: &identity.host_name,
            liveness: &|process| identity.liveness(process),
            number_lives: &|pid, claimed| expired::number_lives(pid, claimed, now),
            in_hand: &|task| state.jobs.busy_with(task),
        },
    );
    expired::apply(board, verdicts, report);
    Ok(())
}

fn wake_due(
    _: &mut State,
    board: &Board,
    _: &Pass,
    report: &mut TickReport,
) -> Result<(), StoreError> {
    let now = board.now();
    due::apply(board, due::plan(due::load(board, now)?, now), report);
    Ok(())
}

fn settle_children(
    state: &mut State,
    board: &Board,
    pass: &Pass,
    report: &mut TickReport,
) -> Result<(), StoreError> {
    // What following missed is what the sweep is for.
    if let Err(error) = follow(state, board, report) {
        report.fail(Phase::Settle, None, error);
    }
    if *pass == Pass::Full && report.board_trouble().is_none() {
        state.sweep_from = settle::sweep(board, state.sweep_from, report)?;
        if state.sweep_from == Cursor::START {
            state.walked = Walked::Whole;
        }
    }
    Ok(())
}

/// Follows new events to the newest one that was there when this began.
pub(super) fn follow(
    state: &mut State,
    board: &Board,
    report: &mut TickReport,
) -> Result<(), StoreError> {
    let newest = board.store.event_last()?;
    while state.cursor < newest {
        let plan = settle::plan(&settle::load(board, state.cursor)?, report);
        state.cursor = match plan.rest {
            settle::Rest::Maybe => plan.cursor.max(state.cursor),
            settle::Rest::Nothing => newest.max(plan.cursor),
        };
        settle::apply(board, plan, report);
    }
    Ok(())
}

fn claim_ready(
    state: &mut State,
    board: &Board,
    _: &Pass,
    report: &mut TickReport,
) -> Result<(), StoreError> {
    // Also where nothing may start: what has passed would wake the dispatcher at once, for ever.
    let now = Instant::now();
    state.refused.retain(|_, until| *until > now);
    state.hindered = state.hindered.filter(|until| *until > now);
    if state.starts == Starts::Off || state.hindered.is_some() {
        return Ok(());
    }
    report.paused = board.store.pause_get()?;
    if report.paused.is_some() {
        return Ok(());
    }
    let mut heads = claim::load(board, state.refused.len())?;
    heads.retain(|head| !state.refused.contains_key(&head.task));
    if heads.is_empty() {
        return Ok(());
    }
    let open = board.store.run_open_list()?;
    let liveness = |process: &_| board.identity.liveness(process);
    let lingering = places::lingering(board.store.as_ref(), &liveness)?;
    let mut plan = claim::plan(
        heads,
        &claim::Known {
            open: &open,
            lingering: &lingering,
            starting: state.jobs.starting(),
            limits: &claim::limits(board),
            default_assignee: board.options.config.default_assignee.as_ref(),
            kind: &|name| kind(board, name),
            slots: state.jobs.slots(),
        },
    );
    claim::assign(board, &mut plan, report);
    claim::note(&mut plan, report);
    for candidate in plan.start {
        if let Some(profile) = board.options.profiles.get(&candidate.profile) {
            state.jobs.start(board, candidate, profile.clone());
        }
    }
    Ok(())
}

/// What a profile is to the dispatcher.
pub(super) fn kind(board: &Board, name: &Assignee) -> Kind {
    match board.options.profiles.get(name).map(|profile| &profile.action) {
        Some(Action::Start(_)) => Kind::Startable,
        Some(Action::Manual) | None => Kind::NotStartable,
    }
}
