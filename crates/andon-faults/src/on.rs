//! The points with somebody behind them.

mod from_environment;

pub(crate) use from_environment::hand_on;
pub use from_environment::{SEEN, VARIABLE};

use crate::Contended;
use std::cell::RefCell;
use std::io;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

/// Somebody who interferes with one thread. Every method has the answer of an undisturbed system.
pub trait Hooks {
    /// A point was reached; an error is taken as the system's.
    fn reach(&self, _point: &'static str, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    /// A lock is held by somebody else.
    fn contended(&self, _lock: &'static str) -> io::Result<Contended> {
        Ok(Contended::Wait)
    }

    /// The program wants to wait.
    fn pause(&self, span: Duration) {
        std::thread::sleep(span);
    }

    /// Whether a mistake is to be made.
    fn planted(&self, _mistake: &'static str) -> bool {
        false
    }
}

thread_local! {
    static HOOKS: RefCell<Option<Rc<dyn Hooks>>> = const { RefCell::new(None) };
}

/// The interference of a thread, until dropped.
#[must_use = "it ends when this is dropped"]
pub struct Interference {
    before: Option<Rc<dyn Hooks>>,
}

/// Lets somebody interfere with this thread.
pub fn interfere(hooks: Rc<dyn Hooks>) -> Interference {
    Interference { before: HOOKS.replace(Some(hooks)) }
}

impl Drop for Interference {
    fn drop(&mut self) {
        HOOKS.replace(self.before.take());
    }
}

fn hooks() -> Option<Rc<dyn Hooks>> {
    // A thread that is ending has nobody to interfere with it any more.
    HOOKS.try_with(|hooks| hooks.borrow().clone()).ok().flatten()
}

pub(crate) fn reach(point: &'static str, path: &Path) -> io::Result<()> {
    match hooks() {
        Some(hooks) => hooks.reach(point, path),
        None => from_environment::reach(point),
    }
}

pub(crate) fn contended(lock: &'static str) -> io::Result<Contended> {
    hooks().map_or(Ok(Contended::Wait), |hooks| hooks.contended(lock))
}

pub(crate) fn pause(span: Duration) {
    match hooks() {
        Some(hooks) => hooks.pause(span),
        None => std::thread::sleep(span),
    }
}

pub(crate) fn planted(mistake: &'static str) -> bool {
    match hooks() {
        Some(hooks) => hooks.planted(mistake),
        None => from_environment::planted(mistake),
    }
}

#[cfg(test)]
mod tests;
