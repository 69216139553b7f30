//! One pass by itself: `andon dispatch`, and its rehearsal, which only reads (D5).

use super::board::{Board, Identity};
use super::claim::{self, Plan};
use super::jobs::Jobs;
use super::lock::DispatchLock;
use super::report::{Phase, Spawned, TickReport, Wait, Waiting};
use super::tick::{self, Pass, State};
use super::wake::{Wake, wait};
use super::{DispatchError, Options, due, expired, finished, lost, places, settle};
use crate::quarantine;
use andon_core::command::claim::{Claim, Holder};
use andon_core::command::due::Due;
use andon_core::command::expire::Expire;
use andon_core::command::settle::Settle;
use andon_core::id::RunId;
use andon_core::rejected::Rejected;
use andon_core::run::Run;
use andon_core::transition::Outcome;
use andon_store::StoreError;
use std::collections::HashMap;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest wait for jobs under way. It is above what Git and the ending of a tree may take
/// together.
const JOBS_WAIT: Duration = Duration::from_secs(180);

/// Longest wait for the runners started here to register. A dispatcher that came after us would
/// take a run without a runner for lost.
const REGISTER_WAIT: Duration = Duration::from_secs(10);

/// Time between two looks for it.
const REGISTER_LOOK: Duration = Duration::from_millis(20);

/// Makes one full pass, waits for what it started to be under way, and says what it did.
pub fn tick_once(options: Options) -> Result<TickReport, DispatchError> {
    let path = options.layout.dispatch_lock_file();
    // The lock's file tells of a board, so none is made where there is no board to open.
    if !options.layout.database().exists() {
        drop((options.open)()?);
    }
    let Some(_lock) = DispatchLock::try_take(&path)? else {
        return Ok(TickReport { skipped_locked: true, ..TickReport::default() });
    };
    let board = open(options)?;
    let event = |source| DispatchError::System { doing: "make an event", source };
    let wake = Arc::new(Wake::new().map_err(event)?);
    let mut state = State::new(Jobs::new(Arc::clone(&wake)));
    let mut report = TickReport::default();
    state.cursor = board.store.event_last()?;
    tick::tick(&mut state, &board, &Pass::Full, &mut report);
    bring_home(&mut state, &board, &wake, &mut report)
        .map_err(|source| DispatchError::System { doing: "wait", source })?;
    if let Err(error) = tick::follow(&mut state, &board, &mut report) {
        report.fail(Phase::Settle, None, error);
    }
    Ok(report)
}

fn open(options: Options) -> Result<Board, DispatchError> {
    let identity = Arc::new(Identity::read()?);
    if let Some(record) = quarantine::in_force(&options.home, &options.layout, options.clock.now())
    {
        let slug = options.layout.slug().clone();
        return Err(DispatchError::Quarantined { slug, reason: record.reason });
    }
    let store = (options.open)()?;
    Ok(Board { store, options: Arc::new(options), identity })
}

/// Waits until what was put under way is through: every start has a registered runner, or its end
/// is recorded.
fn bring_home(
    state: &mut State,
    board: &Board,
    wake: &Wake,
    report: &mut TickReport,
) -> std::io::Result<()> {
    let deadline = Instant::now() + JOBS_WAIT;
    let mut register_by = None;
    while Instant::now() < deadline {
        let mut look = deadline;
        if state.jobs.is_idle() {
            let register_by = *register_by.get_or_insert_with(|| Instant::now() + REGISTER_WAIT);
            let mut runs = report.spawned.iter().map(|spawned| spawned.run);
            if !runs.any(|run| is_awaited(board, run)) || Instant::now() >= register_by {
                break;
            }
            look = Instant::now() + REGISTER_LOOK;
        }
        let mut fds = vec![wake.as_fd()];
        fds.extend(state.runners.descriptors());
        let ready = wait(&fds, look)?;
        wake.clear();
        let places: Vec<usize> = ready.iter().filter_map(|at| at.checked_sub(1)).collect();
        let ended = state.runners.take_ended(&places).into_iter().map(|ended| ended.run).collect();
        finished::absorb(state, board, report);
        if let Err(error) = tick::find_lost(state, board, &Pass::Woken { ended }, report) {
            report.fail(Phase::Lost, None, error);
            break;
        }
    }
    Ok(())
}

/// Whether a run is open and its runner has not registered.
fn is_awaited(board: &Board, run: RunId) -> bool {
    let run = board.store.run_get(run).ok().flatten().filter(Run::is_open);
    run.and_then(|run| run.keeper).is_some_and(|keeper| keeper.runner.is_none())
}

/// Says what a full pass would do now, and changes nothing. Each step is judged on the board as it
/// is: what one step would make possible for the next is not foreseen.
pub fn plan_once(options: Options) -> Result<TickReport, DispatchError> {
    let board = open(options)?;
    let mut report = TickReport::default();
    rehearse(&board, &mut report)?;
    Ok(report)
}

fn rehearse(board: &Board, report: &mut TickReport) -> Result<(), StoreError> {
    let now = board.now();
    let identity = &board.identity;
    let liveness = |process: &_| identity.liveness(process);
    let runs = lost::load(board.store.as_ref())?;
    // What another living dispatcher has in hand is not known here; its runners are, by their life.
    let (me, start_grace) = (&identity.process, board.options.config.crash_grace);
    let in_hand = |_: &Run| false;
    let known = lost::Known { now, start_grace, me, liveness: &liveness, in_hand: &in_hand };
    report.crashed.extend(lost::plan(&runs, &known).lost.into_iter().map(|lost| lost.task));

    let host_name = &identity.host_name;
    let number_lives = &|pid, claimed| expired::number_lives(pid, claimed, now);
    let known =
        expired::Known { host_name, liveness: &liveness, number_lives, in_hand: &|_| false };
    for verdict in expired::plan(&expired::load(board.store.as_ref(), now)?, &known) {
        let evidence = verdict.evidence;
        let command = Expire { task: verdict.task, run: verdict.run, evidence };
        if let Some(outcome) = preview(board, command)? {
            expired::note(report, &outcome, evidence);
        }
    }
    for task in due::plan(due::load(board, now)?, now) {
        if let Some(outcome) = preview(board, Due { task })? {
            due::note(report, &outcome);
        }
    }
    for task in settle::first_slice(board)? {
        if let Some(outcome) = preview(board, Settle { task })? {
            due::note(report, &outcome);
        }
    }
    rehearse_claims(board, report)
}

fn rehearse_claims(board: &Board, report: &mut TickReport) -> Result<(), StoreError> {
    report.paused = board.store.pause_get()?;
    if report.paused.is_some() {
        return Ok(());
    }
    let heads = claim::load(board, 0)?;
    let open = board.store.run_open_list()?;
    let liveness = |process: &_| board.identity.liveness(process);
    let mut plan = claim::plan(
        heads,
        &claim::Known {
            open: &open,
            lingering: &places::lingering(board.store.as_ref(), &liveness)?,
            starting: &HashMap::new(),
            limits: &claim::limits(board),
            default_assignee: board.options.config.default_assignee.as_ref(),
            kind: &|name| tick::kind(board, name),
            slots: super::jobs::JOBS_MAX,
        },
    );
    claim::note(&mut plan, report);
    let Plan { assign, start, .. } = plan;
    report.auto_assigned_default.extend(assign.into_iter().map(|(task, _)| task));
    for candidate in start {
        let lock = board.new_lock();
        let holder = Holder::Dispatcher(board.identity.process.clone());
        let command = Claim { task: candidate.task.clone(), lock, ttl: None, holder };
        match board.store.preview(&board.request(command)) {
            Ok(Outcome::Claimed { task, .. }) => report.spawned.push(Spawned {
                task,
                run: RunId(0),
                assignee: candidate.profile,
                workspace: PathBuf::new(),
            }),
            Ok(_) => {}
            Err(StoreError::Rejected(Rejected::StillEnding { task, run })) => {
                report.waiting.push(Waiting { task, why: Wait::StillEnding { run } });
            }
            Err(StoreError::Rejected(_)) => {}
            Err(error) => report.fail(Phase::Claim, Some(&candidate.task), error),
        }
    }
    Ok(())
}

/// What a command would do; nothing where it would be refused.
fn preview(
    board: &Board,
    command: impl Into<andon_core::command::Command>,
) -> Result<Option<Outcome>, StoreError> {
    match board.store.preview(&board.request(command)) {
        Ok(outcome) => Ok(Some(outcome)),
        Err(StoreError::Rejected(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
