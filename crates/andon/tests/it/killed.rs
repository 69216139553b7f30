//! Dispatchers and runners killed at random moments, and at the worst ones by name: nothing is
//! lost, and no task ever has two workers.
//!
//! `ANDON_TASKS`, `ANDON_KILLS` make it as large as one likes, `ANDON_SEED` repeats it.

mod calls;
mod ledger;
mod moments;
mod points;

use crate::env::TestEnv;
use crate::library;
use crate::processes::{self, Up, eventually, marked, pause};
use andon_core::id::TaskId;
use andon_core::process::Process;
use andon_core::run::{Run, RunOutcome};
use andon_core::task::Status;
use andon_runner::identity::PidFd;
use andon_store::Read;
use andon_store_sqlite::SqliteStore;
use ledger::{Ledger, Life};
use moments::{Dice, Moment, seed};
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::time::Duration;

/// Longest wait for the next strike's moment, and for the end. A board that gets nowhere for so
/// long is stuck.
const STUCK: Duration = Duration::from_secs(120);

/// A task waits for up to so many earlier ones.
const PARENTS_MAX: u64 = 3;

/// Killed dispatchers and runners are no fault of a task, but they count as failed attempts: the
/// bounds are put out of the way. Retries come at once.
const CONFIG: &str = "
[dispatch]
max_in_progress = 6

[retry]
spawn_limit = 1000
crash_limit = 1000
total_limit = 1000
retry_wait_seconds = 0
spawn_wait_seconds = 0
";

/// A board with tasks, and what happens to it.
struct Campaign {
    env: TestEnv,
    ledger: Ledger,
    tasks: Vec<TaskId>,
    dice: Dice,
    moments: Vec<Moment>,
}

impl Campaign {
    fn new() -> Self {
        Self::of(number("ANDON_TASKS", 40), number("ANDON_KILLS", 3))
    }

    #[expect(clippy::print_stderr, reason = "whoever sees a failure wants to repeat it")]
    fn of(tasks: usize, kills: usize) -> Self {
        let seed = seed();
        eprintln!("ANDON_SEED={seed} ANDON_TASKS={tasks} ANDON_KILLS={kills}");
        let mut dice = Dice::new(seed);
        let moments = dice.moments(kills, tasks);
        eprintln!("strikes: {moments:?}");
        let env = processes::env();
        let ledger = Ledger::new(env.path().join("ledger"));
        write_settings(&env, &ledger);
        let tasks = make_graph(&env, tasks, &mut dice);
        Self { env, ledger, tasks, dice, moments }
    }

    /// Serves the board to its end, with a strike at each moment.
    fn run(&mut self, mut strike: impl FnMut(&mut Up<'_>, &mut Dice)) {
        let mut up = Up::start(&self.env, &["--once-empty"]);
        for moment in &self.moments {
            let is_time = || (self.ledger.begun() >= moment.begun).then_some(());
            eventually(STUCK, is_time).unwrap_or_else(|| {
                panic!("stuck before {moment:?}:\n{}", processes::log(&self.env))
            });
            pause(moment.delay);
            strike(&mut up, &mut self.dice);
        }
        self.finish(&mut up);
    }

    /// Waits until all is done; nothing is left of it but the board.
    fn finish(&self, up: &mut Up<'_>) {
        let status = up.wait(STUCK);
        assert!(status.success(), "{status}:\n{}", processes::log(&self.env));
        assert_eq!(marked(&self.env), [0; 0], "processes that outlived their runs");
    }

    /// Checks the board and the workers' records; answers what each task went through.
    fn histories(&self) -> BTreeMap<TaskId, (Vec<Run>, Vec<Life>)> {
        let store = library::open(&self.env);
        let mut lives = self.ledger.lives();
        let history = |task: &TaskId| {
            let row = store.task_get(task).unwrap().unwrap();
            let runs = store.run_list(task).unwrap();
            assert_eq!(row.status, Status::Done, "{row:?}\n{runs:?}");
            check_runs(&runs);
            let lives = lives.remove(task.as_str()).unwrap_or_default();
            for life in &lives {
                assert!(runs.iter().any(|run| run.id.0 == life.run), "{life:?} has no run");
            }
            (task.clone(), (runs, lives))
        };
        self.tasks.iter().map(history).collect()
    }
}

/// Every run is closed with an outcome, its processes are confirmed gone, and none began before
/// the one before it was gone; the last one completed the task, and only that one.
fn check_runs(runs: &[Run]) {
    for run in runs {
        let keeper = run.keeper.as_ref().unwrap();
        assert!(run.ended_at.is_some() && run.outcome.is_some(), "{run:?} is open");
        assert!(keeper.gone_at.is_some(), "{run:?} is not known to be gone");
    }
    for pair in runs.windows(2) {
        let gone = pair[0].keeper.as_ref().unwrap().gone_at.unwrap();
        assert!(gone <= pair[1].started_at, "{pair:?} overlap");
    }
    let completed = RunOutcome::Completed.word();
    let done = |run: &&Run| run.outcome.as_deref() == Some(completed);
    assert_eq!(runs.iter().filter(done).count(), 1, "{runs:?}");
    assert!(runs.last().as_ref().is_some_and(done), "{runs:?}");
}

fn write_settings(env: &TestEnv, ledger: &Ledger) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/killed/worker.sh");
    let ledger = ledger.path().display();
    let command = format!(r#"["sh", "{script}", "{ledger}", "{{andon}}", "{{body}}"]"#);
    env.write(".local/share/andon/config.toml", CONFIG);
    env.write(
        ".local/share/andon/profiles.toml",
        format!("[profiles.recorder]\ncommand = {command}\non_exit_zero = \"completes\"\n"),
    );
}

/// Makes tasks, each behind a few earlier ones. In turn they end by their worker's exit and by its
/// report: what is repeated after a death depends on it, so it is not left to chance.
fn make_graph(env: &TestEnv, count: usize, dice: &mut Dice) -> Vec<TaskId> {
    let mut tasks: Vec<String> = Vec::new();
    for nth in 0..count {
        let title = format!("task {nth}");
        let ending = ["exit", "report"][nth % 2];
        let mut arguments = vec![title.as_str(), "--assignee", "recorder", "--body", ending];
        let parents = if nth == 0 { 0 } else { dice.below(PARENTS_MAX) };
        let mut chosen: Vec<usize> = (0..parents).map(|_| dice.place(nth)).collect();
        chosen.sort_unstable();
        chosen.dedup();
        for parent in chosen {
            arguments.extend(["--parent", tasks[parent].as_str()]);
        }
        let task = env.create(&arguments);
        tasks.push(task);
    }
    tasks.iter().map(|task| TaskId::parse(task).unwrap()).collect()
}

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

#[test]
fn killed_dispatchers_lose_no_exit_and_repeat_no_work() {
    let mut campaign = Campaign::new();
    campaign.run(|up, _| up.kill_and_restart());
    for (task, (runs, lives)) in campaign.histories() {
        // Workers belong to their runners: whatever happens to dispatchers, each works once.
        assert!(matches!(&lives[..], [life] if life.ended), "{task}: {lives:?}\n{runs:?}");
        assert_eq!(runs.last().unwrap().id.0, lives[0].run, "{task}: {lives:?}\n{runs:?}");
    }
}

#[test]
fn a_killed_runner_takes_its_whole_tree_along_before_the_task_starts_anew() {
    let mut campaign = Campaign::new();
    let store = library::open(&campaign.env);
    let mut killed = 0;
    campaign.run(|up, dice| {
        let hit = || match held_runner(&store, dice) {
            Some(runner) => Some(Some(runner)),
            None => up.has_ended().then_some(None),
        };
        if let Some(runner) = eventually(STUCK, hit).expect("a board at work has runners") {
            runner.signal(Signal::KILL).unwrap();
            killed += 1;
        }
        if dice.below(2) == 0 {
            up.kill_and_restart();
        }
    });
    campaign.histories();
    assert!(killed > 0, "no runner was hit");
}

/// A hold on one of the runners at work.
fn held_runner(store: &SqliteStore, dice: &mut Dice) -> Option<PidFd> {
    let open = store.run_open_list().unwrap().into_iter().filter_map(|row| row.run);
    let runners: Vec<Process> = open.filter_map(|run| run.keeper?.runner).collect();
    let runner = runners.get(dice.place(runners.len().max(1)))?;
    PidFd::open(runner.pid, runner.started).unwrap()
}
