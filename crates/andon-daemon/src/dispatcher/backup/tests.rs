//! When backups are made, on which thread, and what becomes of one that fails.

use super::*;
use crate::config::{self, Argument, Layers, Value};
use crate::dispatcher::{Observer, StartMode};
use crate::env::Env;
use crate::home::{Home, Layout};
use crate::profile::Profiles;
use andon_core::id::BoardSlug;
use andon_store::Clock;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::ThreadId;

/// A world in which time goes as the test says.
#[derive(Default)]
struct World {
    now: AtomicI64,
    /// Times of the backups that were made, and who made them.
    made: Mutex<Vec<(i64, ThreadId)>>,
    /// What the next attempt comes to.
    next: Mutex<Option<Fails>>,
    told: Mutex<Vec<String>>,
}

#[derive(Clone, Copy)]
enum Fails {
    WithAnError,
    ByPanic,
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::SeqCst))
    }
}

impl Backups for World {
    fn newest(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let made = self.times().into_iter().map(Timestamp);
        Ok(made.filter(|at| *at <= now).max())
    }

    fn make(&self) -> Result<PathBuf, StoreError> {
        let fails = self.next.lock().unwrap().take();
        match fails {
            Some(Fails::WithAnError) => Err(StoreError::Internal("no room".to_owned())),
            Some(Fails::ByPanic) => panic!("a fault"),
            None => {
                let made = (self.now().0, std::thread::current().id());
                self.made.lock().unwrap().push(made);
                Ok(PathBuf::from("copy"))
            }
        }
    }
}

impl Observer for World {
    fn notice(&self, _: &BoardSlug, notice: &Notice<'_>) {
        self.told.lock().unwrap().push(format!("{notice:?}"));
    }
}

impl World {
    fn at(&self, now: i64) {
        self.now.store(now, Ordering::SeqCst);
    }

    fn times(&self) -> Vec<i64> {
        self.made.lock().unwrap().iter().map(|(at, _)| *at).collect()
    }
}

fn schedule(world: &Arc<World>, interval: i64) -> Schedule {
    let env = Env::default();
    let slug = BoardSlug::default_board();
    let interval = Argument {
        key: "backup_interval_seconds",
        value: Value::Integer(interval),
        flag: "--interval",
    };
    let arguments = [interval];
    let layers =
        Layers { hermes: None, file: None, board: Some(&slug), env: &env, arguments: &arguments };
    let home = Home::resolve(Some(Path::new("/nowhere")), &env).unwrap();
    Schedule::new(Arc::new(Options {
        layout: Layout::new(&home, &slug),
        home,
        config: config::resolve(&layers).unwrap(),
        profiles: Arc::new(Profiles::built_in()),
        default_workdir: None,
        andon: "andon".into(),
        env: Arc::new(env),
        open_files: None,
        mode: StartMode::Alone,
        open: Arc::new(|| Err(StoreError::Internal("not opened".to_owned()))),
        probe: Arc::new(|| Ok(())),
        backups: Arc::clone(world) as Arc<dyn Backups>,
        clock: Arc::clone(world) as Arc<dyn Clock>,
        random: Arc::new(|| 0),
        observer: Arc::clone(world) as Arc<dyn Observer>,
    }))
}

/// Looks at a time, and waits for what that puts under way.
fn look(schedule: &mut Schedule, world: &World, now: i64) {
    world.at(now);
    schedule.look();
    if let Some(thread) = schedule.under_way.take() {
        schedule.next = thread.join().unwrap();
    }
}

#[test]
fn a_backup_is_made_at_once_and_then_when_the_newest_is_old_enough() {
    let world = Arc::new(World::default());
    let mut schedule = schedule(&world, 100);
    for now in [1_000, 1_050, 1_099, 1_100, 1_150, 1_300] {
        look(&mut schedule, &world, now);
    }
    assert_eq!(world.times(), [1_000, 1_100, 1_300]);
    let here = std::thread::current().id();
    assert!(world.made.lock().unwrap().iter().all(|(_, thread)| *thread != here));
}

#[test]
fn a_dispatcher_that_is_started_again_goes_by_the_backups_that_are_there() {
    let world = Arc::new(World::default());
    look(&mut schedule(&world, 100), &world, 1_000);
    let mut again = schedule(&world, 100);
    look(&mut again, &world, 1_040);
    look(&mut again, &world, 1_099);
    assert_eq!(world.times(), [1_000]);
    look(&mut again, &world, 1_100);
    assert_eq!(world.times(), [1_000, 1_100]);
}

#[test]
fn a_backup_that_fails_is_told_and_tried_again_before_the_next_is_due() {
    for fails in [Fails::WithAnError, Fails::ByPanic] {
        let world = Arc::new(World::default());
        let mut schedule = schedule(&world, 86_400);
        *world.next.lock().unwrap() = Some(fails);
        look(&mut schedule, &world, 1_000);
        assert!(world.told.lock().unwrap()[0].starts_with("NotBackedUp"));
        look(&mut schedule, &world, 1_000 + FAILED_WAIT.0 - 1);
        assert!(world.times().is_empty());
        look(&mut schedule, &world, 1_000 + FAILED_WAIT.0);
        assert_eq!(world.times(), [1_000 + FAILED_WAIT.0]);
    }
}

#[test]
fn an_interval_of_nothing_makes_no_backups() {
    let world = Arc::new(World::default());
    look(&mut schedule(&world, 0), &world, 1_000);
    assert!(world.times().is_empty());
}

#[test]
fn a_clock_that_was_set_back_does_not_put_the_next_backup_off() {
    let world = Arc::new(World::default());
    let mut schedule = schedule(&world, 100);
    look(&mut schedule, &world, 1_000_000);
    look(&mut schedule, &world, 1_000);
    assert_eq!(world.times(), [1_000_000, 1_000]);
}
