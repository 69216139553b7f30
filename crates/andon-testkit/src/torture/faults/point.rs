//! One point: an action with one thing going wrong, and everything that must be true afterwards.

use super::cause::{self, First};
use super::scene::{Action, Answer, Scene};
use super::wrong::Wrong;
use crate::disk::{Came, Injected};
use crate::snapshot::{self, Whole};
use crate::torture::Failure;
use crate::torture::bench::Bench;
use crate::torture::power::lab::{Found, Lab, Look, sound};
use crate::torture::power::teller::BOARD;
use andon_store::{Store, StoreError};
use andon_store_sqlite::SqliteStore;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What an action does where nothing goes wrong.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) answer: Answer,
    /// What the board's pages add up to before it, where there is a board of ours.
    pub(super) before: Option<u64>,
    /// And after it.
    pub(super) after: u64,
    /// What is on a board that is made or adopted.
    whole: Option<Whole>,
}

/// What came of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The action was over before anything went wrong.
    NotReached,
    /// The action succeeded all the same.
    Survived,
    /// It failed, and said so.
    Failed,
    /// It could not tell.
    Unknown,
}

/// More operations than any action needs, with all its retries.
const OPERATIONS_MAX: u64 = 20_000;
/// One point in so many is followed by a check of everything.
const POINTS_PER_CHECK: u64 = 32;

/// Where points are tried.
pub(super) struct Tester {
    pub(super) bench: Bench,
    pub(super) lab: Lab,
    pub(super) points: u64,
    /// A process that went through faults and has the scene's board open, unchanged.
    pub(super) live: Option<Live>,
}

/// A process that goes on from point to point.
pub(super) struct Live {
    store: SqliteStore,
    /// Faults that it went through.
    faults: u32,
}

/// Faults that one process goes through before a new one takes over: the later ones find its caches
/// full, and whatever the earlier ones left.
const FAULTS_MAX: u32 = 12;
/// One point in so many that cannot have left anything behind is followed by a restart.
const POINTS_PER_RESTART: u64 = 8;

/// The process that acts: it has the board open, or is about to.
struct Actor {
    store: Option<SqliteStore>,
    answer: Answer,
}

impl Tester {
    /// What an action does where nothing goes wrong.
    pub(super) fn expect(&mut self, scene: &Scene) -> Result<Expected, Failure> {
        self.live = None;
        let _here = self.bench.stay();
        let store = self.prepare(scene)?;
        let before = store.as_ref().map(|_| self.bench.digest(BOARD));
        let actor = self.act(scene, store);
        if let Some(error) = actor.answer.error() {
            return Err(format!("the undisturbed action failed: {error}").into());
        }
        let after = self.bench.digest(BOARD);
        let before = before.or_else(|| matches!(scene.action, Action::Open).then_some(after));
        let begins = matches!(scene.action, Action::Create | Action::Adopt);
        let store = actor.store.as_ref().filter(|_| begins);
        let whole = store.map(|store| snapshot::whole(store)).transpose()?;
        Ok(Expected { answer: actor.answer, before, after, whole })
    }

    /// Loads the disk, and opens the board where the action is that of a process that has it open.
    fn prepare(&self, scene: &Scene) -> Result<Option<SqliteStore>, Failure> {
        let files = scene.image.iter().map(|(name, content)| (name.as_os_str(), content));
        self.bench.disk.load(files)?;
        self.bench.wind(scene.at, scene.draws);
        if !matches!(scene.action, Action::Apply(_) | Action::Read) {
            return Ok(None);
        }
        let store = self.bench.open(BOARD, scene.checkpoint_pages)?;
        if let Some(request) = &scene.before {
            match store.apply(request.clone()) {
                Ok(_) | Err(StoreError::Rejected(_)) => {}
                Err(error) => return Err(error.into()),
            }
            self.bench.wind(scene.at, scene.draws);
        }
        Ok(Some(store))
    }

    fn act(&self, scene: &Scene, store: Option<SqliteStore>) -> Actor {
        let opened = |result: Result<SqliteStore, StoreError>| match result {
            Ok(store) => Actor { store: Some(store), answer: Answer::Opened(Ok(())) },
            Err(error) => Actor { store: None, answer: Answer::Opened(Err(error)) },
        };
        let pages = scene.checkpoint_pages;
        match (&scene.action, store) {
            (Action::Apply(request), Some(store)) => {
                self.bench.draw_again_from(Some(scene.draws));
                let answer = Answer::Applied(store.apply((**request).clone()));
                self.bench.draw_again_from(None);
                Actor { store: Some(store), answer }
            }
            (Action::Read, Some(store)) => {
                let answer = Answer::Read(snapshot::whole(&store).map(Box::new));
                Actor { store: Some(store), answer }
            }
            (Action::Create, _) => opened(self.bench.create(BOARD, pages)),
            (Action::Apply(_) | Action::Read | Action::Open | Action::Adopt, _) => {
                opened(self.bench.open(BOARD, pages))
            }
        }
    }

    /// Tries a point.
    pub(super) fn attempt(
        &mut self,
        scene: &Scene,
        expected: &Expected,
        wrong: Wrong,
    ) -> Result<Outcome, Failure> {
        let _here = self.bench.stay();
        let (store, faults) = match self.live.take() {
            Some(live) => {
                self.bench.wind(scene.at, scene.draws);
                (Some(live.store), live.faults)
            }
            None => (self.prepare(scene)?, 0),
        };
        wrong.arm(&self.bench.disk);
        let act = AssertUnwindSafe(|| self.act(scene, store));
        let acted = catch_unwind(act);
        let Came { operations, injected, place } = wrong.disarm(&self.bench.disk);
        let Ok(actor) = acted else { return Err("the action panicked".into()) };
        if injected.is_empty() && faults > 0 && actor.answer == expected.answer {
            // One that is new reads more, so that this may be the last point of the other only.
            drop(actor);
            return self.attempt(scene, expected, wrong);
        }
        if injected.is_empty() {
            return match actor.answer == expected.answer {
                true => Ok(Outcome::NotReached),
                false => Err(format!("nothing went wrong, and yet: {:?}", actor.answer).into()),
            };
        }
        if operations > OPERATIONS_MAX {
            return Err(format!("{operations} operations, and no end").into());
        }
        self.points += 1;
        let outcome = self.told(&actor.answer, expected, &injected).and_then(|outcome| {
            self.kept(scene, &actor, expected, (outcome, place.as_deref()))?;
            let Actor { store, answer } = actor;
            let is_unchanged = outcome == Outcome::Failed || matches!(scene.action, Action::Read);
            match store {
                Some(store) if is_unchanged && faults < FAULTS_MAX && answer.is_of_a_process() => {
                    self.live = Some(Live { store, faults: faults + 1 });
                }
                store => self.goes_on(scene, store, expected)?,
            }
            Ok(outcome)
        });
        outcome.map_err(|failure| format!("first {place:?}: {failure}").into())
    }

    /// What the caller was told.
    fn told(
        &self,
        answer: &Answer,
        expected: &Expected,
        injected: &[Injected],
    ) -> Result<Outcome, Failure> {
        let Some(error) = answer.error() else {
            return match *answer == expected.answer {
                true => Ok(Outcome::Survived),
                false => Err(format!("{answer:?} instead of {:?}", expected.answer).into()),
            };
        };
        let first = match answer {
            Answer::Applied(_) => First::OfTry,
            Answer::Opened(_) | Answer::Read(_) => First::Any,
        };
        if !cause::is_named(error, injected, first) {
            return Err(format!("the cause {injected:?} is not named: {error:?}").into());
        }
        Ok(match error {
            StoreError::Unknown { .. } => Outcome::Unknown,
            _ => Outcome::Failed,
        })
    }

    /// What is on the board now, and after a restart of everything.
    fn kept(
        &self,
        scene: &Scene,
        actor: &Actor,
        expected: &Expected,
        (outcome, place): (Outcome, Option<&str>),
    ) -> Result<(), Failure> {
        if !matches!(scene.action, Action::Apply(_)) {
            return Ok(());
        }
        let (before, after) = (expected.before.unwrap_or_default(), expected.after);
        let allowed: &[u64] = match outcome {
            Outcome::Survived => &[after],
            Outcome::Failed => &[before],
            Outcome::Unknown | Outcome::NotReached => &[before, after],
        };
        let answer = &actor.answer;
        let now = self.bench.digest(BOARD);
        if !allowed.contains(&now) {
            return Err(format!("{outcome:?}, and the board is another: {answer:?}").into());
        }
        let may_have_left = outcome != Outcome::Survived
            && place.is_none_or(|place| place.starts_with("Write") || place.starts_with("Sync"));
        if !may_have_left && !self.points.is_multiple_of(POINTS_PER_RESTART) {
            return Ok(());
        }
        let image = self.bench.disk.image();
        let found = self.lab.look(&image, Look::Quick)?;
        // The lab has other hooks and another disk; this thread is back here afterwards.
        match found {
            Found::Board(digest) if allowed.contains(&digest) => Ok(()),
            found => Err(format!("{outcome:?}, and after a restart: {found:?}, {answer:?}").into()),
        }
    }

    /// Nothing goes wrong any more: the same process goes on.
    fn goes_on(
        &self,
        scene: &Scene,
        store: Option<SqliteStore>,
        expected: &Expected,
    ) -> Result<(), Failure> {
        let store = match store {
            Some(store) => store,
            // Who could not open it tries again, and finds everything.
            None => {
                let again = self.act(scene, None);
                if let Some(error) = again.answer.error() {
                    return Err(format!("the second try: {error}").into());
                }
                again.store.ok_or("the second try opened nothing")?
            }
        };
        if matches!(scene.action, Action::Open) && self.bench.digest(BOARD) != expected.after {
            return Err("the board that was opened at the second try is another".into());
        }
        if let Some(whole) = &expected.whole
            && snapshot::whole(&store)? != *whole
        {
            return Err("the board that was made or adopted holds something else".into());
        }
        self.bench.make_task(&store).map_err(|failure| format!("the next command: {failure}"))?;
        if self.points.is_multiple_of(POINTS_PER_CHECK) {
            sound(&store)?;
        }
        Ok(())
    }
}
