//! What is done while something goes wrong: one action, from a disk that is the same each time.

use crate::sequence;
use crate::snapshot::{self, Whole};
use crate::torture::Failure;
use crate::torture::bench::Bench;
use crate::torture::cache::Cache;
use crate::torture::chance::Chance;
use crate::torture::power::foreign;
use crate::torture::power::teller::BOARD;
use crate::torture::power::volume::Image;
use crate::world::BEGIN;
use andon_core::actor::Actor;
use andon_core::id::{OpId, TaskId};
use andon_core::time::{Seconds, Timestamp};
use andon_core::transition::Outcome;
use andon_store::{Applied, Clock, Request, Store, StoreError};
use andon_store_sqlite::SqliteStore;

/// What is done.
#[derive(Debug, Clone)]
pub(super) enum Action {
    /// A command, by a process that has the board open.
    Apply(Box<Request>),
    /// A board is opened.
    Open,
    /// A board is made.
    Create,
    /// A board of another schema is opened.
    Adopt,
    /// A whole board is read.
    Read,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Applied(Result<Applied, StoreError>),
    Opened(Result<(), StoreError>),
    Read(Result<Box<Whole>, StoreError>),
}

impl Answer {
    /// Whether it was given by a process that had the board open before.
    pub(super) fn is_of_a_process(&self) -> bool {
        matches!(self, Self::Applied(_) | Self::Read(_))
    }

    /// The error, unless it is one of the rules'.
    pub(super) fn error(&self) -> Option<&StoreError> {
        let error = match self {
            Self::Applied(answer) => answer.as_ref().err(),
            Self::Opened(answer) => answer.as_ref().err(),
            Self::Read(answer) => answer.as_ref().err(),
        };
        error.filter(|error| !matches!(error, StoreError::Rejected(_)))
    }
}

/// One action on one disk.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    pub(super) image: Image,
    /// Done before, while nothing goes wrong: the process is not new.
    pub(super) before: Option<Request>,
    pub(super) action: Action,
    pub(super) at: Timestamp,
    pub(super) draws: u32,
    pub(super) checkpoint_pages: u32,
}

impl Scene {
    /// What is done, in words.
    pub(super) fn what(&self) -> String {
        match &self.action {
            Action::Apply(request) => format!("{:?}", request.command),
            other => format!("{other:?}"),
        }
    }
}

/// Commands before the scenes of a seed at most.
const PROLOGUE_MAX: usize = 40;
/// Scenes with commands of one seed.
const COMMANDS: usize = 24;
/// One in so many seeds fails while its board is made or adopted, which takes long.
const SEEDS_PER_BEGINNING: usize = 4;
/// Draws of one command stay within a block of the row of draws.
const DRAWS_PER_STEP: u32 = 64;

/// The scenes of a seed.
pub(super) fn scenes(bench: &Bench, seed: u64) -> Result<Vec<Scene>, Failure> {
    let _here = bench.stay();
    let mut chance = Chance::new(seed);
    bench.disk.load(std::iter::empty())?;
    bench.wind(BEGIN, 0);
    bench.use_cache(Cache::of(seed));
    let checkpoint_pages = if chance.once_in(2) { 1 } else { 60 };
    let mut scene = Scene {
        image: Vec::new(),
        before: None,
        action: Action::Create,
        at: BEGIN,
        draws: 0,
        checkpoint_pages,
    };
    let mut scenes = Vec::new();
    if foreign::board(bench, &mut chance)? {
        scene.image = bench.disk.image();
        scene.action = Action::Adopt;
    }
    if chance.once_in(SEEDS_PER_BEGINNING) {
        scenes.push(scene.clone());
    }
    let store = match scene.action {
        _ if scene.image.is_empty() => bench.create(BOARD, checkpoint_pages)?,
        _ => bench.open(BOARD, checkpoint_pages)?,
    };
    let tasks = snapshot::board(&store)?.tasks;
    let mut known: Vec<TaskId> = tasks.into_iter().map(|task| task.id).collect();
    let prologue = 2 + chance.below(PROLOGUE_MAX);
    let mut before: Option<(Image, Request)> = None;
    for (nth, step) in (0..).zip(sequence::drawn(seed, prologue + COMMANDS)) {
        bench.world.clock.advance(Seconds(i64::from(step.seconds())));
        let at = bench.world.clock.now();
        let draws = nth as u32 * DRAWS_PER_STEP;
        bench.wind(at, draws);
        let command = sequence::command(&step, &known, &store as &SqliteStore, at);
        let request =
            Request { op: OpId::new(nth, [2; 10]), actor: Actor::human("tester"), command };
        let image = bench.disk.image();
        let now = Scene { at, draws, image: image.clone(), ..scene.clone() };
        if nth as usize >= prologue {
            let action = Action::Apply(Box::new(request.clone()));
            let warm = before.take().filter(|_| chance.once_in(2));
            scenes.push(match warm {
                Some((image, request)) => Scene { image, before: Some(request), action, ..now },
                None => Scene { action, ..now },
            });
        } else if nth as usize == prologue - 1 {
            scenes.push(Scene { action: Action::Open, ..now.clone() });
            scenes.push(Scene { action: Action::Read, ..now });
        }
        before = Some((image, request.clone()));
        match store.apply(request) {
            Ok(Applied { outcome: Outcome::Created { task, .. }, .. }) => known.push(task),
            Ok(_) | Err(StoreError::Rejected(_)) => {}
            Err(error) => return Err(format!("the undisturbed run failed: {error}").into()),
        }
    }
    Ok(scenes)
}
