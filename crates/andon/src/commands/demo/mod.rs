//! `demo`: a board in a temporary home, on which real workers survey a directory.
//!
//! Everything is what it is on any board: a dispatcher, runners, workers that use the public verbs.
//! Two workers go wrong on purpose, and the ordinary retry mends it. At the end nothing of it runs.

mod leftovers;
mod mishap;
mod progress;
mod scene;
mod summary;

use crate::app::Ctx;
use crate::error::CliError;
use crate::output::Format;
use crate::signals::Signals;
use andon_core::run::Run;
use andon_core::task::{Status, Task};
use andon_daemon::dispatcher::{Dispatcher, Handle, Stop};
use andon_store::{ListFilter, Read, Store, StoreError, Watch};
use andon_store_sqlite::SqliteStore;
use mishap::Killer;
use progress::Progress;
use scene::Scene;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Longest demo. It takes seconds; a machine on which it takes longer than this is not going to
/// finish it.
const DEMO_MAX: Duration = Duration::from_secs(60);

/// Longest wait for the workers when a demo is broken off: the grace of a worker and some more.
const END_MAX: Duration = Duration::from_secs(15);

/// Time between two pictures, if nothing else happens.
const PICTURE: Duration = Duration::from_millis(100);

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Directory to survey. It is only read.
    #[arg(default_value = ".")]
    dir: PathBuf,
}

/// The tasks with their runs, oldest first.
pub(super) type Picture = Vec<(Task, Vec<Run>)>;

/// Why the show is over.
enum Over {
    Done,
    /// A task failed for good.
    Failed,
    Late,
    Interrupted,
}

/// Runs the demo.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let began = Instant::now();
    let scene = Scene::set(&args.dir, ctx.target.env())?;
    let mut signals = Signals::listen()?;
    let store = scene.open()?;
    let handle = Dispatcher::spawn(scene.equipment.options(&scene.layout)?)?;
    let mut progress = Progress::new(&ctx.ui, began);
    if ctx.ui.format() == Format::Human {
        ctx.ui.out(format_args!("Surveying {} with real workers.", scene.dir.display()));
        ctx.ui.out(format_args!("The board of the demo is in {}\n", scene.home.path().display()));
        ctx.ui.flush()?;
    }
    let shown = show(ctx, &store, &mut signals, &mut progress);
    if !matches!(shown, Ok(Over::Done)) {
        scene.cancel_all(&store);
    }
    let ended = end(handle, &mut signals);
    let left = leftovers::wait(scene.home.path());
    let over = shown?;
    ended?;
    if !left.is_empty() {
        return Err(CliError::user("left_over", format!("processes are left: {left:?}")));
    }
    let picture = picture(&store)?;
    progress.last(&mut ctx.ui, &picture);
    match over {
        Over::Done => {
            summary::write(ctx, &scene, &picture, began.elapsed());
            Ok(())
        }
        Over::Failed => {
            Err(broken_off(&scene, "demo_failed", "a task of the demo failed for good"))
        }
        Over::Late => Err(broken_off(&scene, "demo_late", "the demo did not end in time")),
        Over::Interrupted => Err(broken_off(&scene, "interrupted", "the demo was interrupted")),
    }
}

fn broken_off(scene: &Scene, code: &str, message: &str) -> CliError {
    CliError::user(code, format!("{message}; its processes are gone"))
        .hint(format!("look at it with `andon --home {} list`", scene.home.path().display()))
}

/// Shows what happens until it is over.
fn show(
    ctx: &mut Ctx,
    store: &SqliteStore,
    signals: &mut Signals,
    progress: &mut Progress,
) -> Result<Over, CliError> {
    let mut watch = store.watch()?;
    let mut killer = Killer::new()?;
    let deadline = Instant::now() + DEMO_MAX;
    loop {
        watch.changed()?;
        let picture = picture(store)?;
        killer.look(store)?;
        progress.draw(&mut ctx.ui, &picture);
        ctx.ui.flush()?;
        if picture.iter().all(|(task, _)| task.status == Status::Done) {
            return Ok(Over::Done);
        }
        if picture.iter().any(|(task, _)| task.status == Status::Blocked) {
            return Ok(Over::Failed);
        }
        if signals.take() > 0 {
            return Ok(Over::Interrupted);
        }
        if Instant::now() >= deadline {
            return Ok(Over::Late);
        }
        pause(signals, watch.as_ref());
    }
}

/// Waits for a commit, a signal, or the time of the next picture.
fn pause(signals: &Signals, watch: &dyn Watch) {
    let span = PICTURE.min(Duration::from_millis(watch.interval_ms()));
    signals.wait(watch.wake(), span);
}

fn picture(store: &SqliteStore) -> Result<Picture, StoreError> {
    let filter = ListFilter::default();
    let mut tasks = store.task_list(&filter)?;
    // Most are made in the same second; their keys, by length first, count them.
    tasks.sort_by_key(|task| task.idempotency_key.clone().map(|key| (key.len(), key)));
    let with_runs = |task: Task| store.run_list(&task.id).map(|runs| (task, runs));
    tasks.into_iter().map(with_runs).collect()
}

/// Lets the workers end, and the dispatcher with them.
fn end(handle: Handle, signals: &mut Signals) -> Result<(), CliError> {
    handle.stop(Stop::Drain);
    let deadline = Instant::now() + END_MAX;
    while !handle.is_finished() && Instant::now() < deadline {
        signals.wait(None, PICTURE);
        // Who presses Ctrl-C again wants what is being done already.
        signals.take();
    }
    handle.stop(Stop::Leave);
    Ok(handle.join()?)
}
