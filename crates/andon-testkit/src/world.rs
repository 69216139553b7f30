//! What a store takes from outside, in the hands of a test: time that moves when told to, and
//! randomness that is the same in every run.

use andon_core::policy::Policy;
use andon_core::time::{Seconds, Timestamp};
use andon_store::{Clock, Environment};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

/// The time at which every test begins.
pub const BEGIN: Timestamp = Timestamp(1_700_000_000);

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// A clock that shows a time.
    pub fn at(time: Timestamp) -> Self {
        Self(AtomicI64::new(time.0))
    }

    /// Moves the clock; back, where the span is negative.
    pub fn advance(&self, span: Seconds) {
        self.0.fetch_add(span.0, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Randomness that can be wound back: two stores that are asked the same draw the same.
#[derive(Debug, Default)]
pub struct TestRandom(AtomicU32);

impl TestRandom {
    /// Winds to a place in the row of draws.
    pub fn wind(&self, place: u32) {
        self.0.store(place, Ordering::SeqCst);
    }

    /// The next draw. Neighbours in the row look nothing alike, as those of a real source.
    pub fn draw(&self) -> u32 {
        // An odd factor maps different places to different numbers.
        self.0.fetch_add(1, Ordering::SeqCst).wrapping_add(1).wrapping_mul(0x9E37_79B1)
    }
}

/// Time, randomness and limits of one test.
#[derive(Debug, Clone)]
pub struct World {
    /// Time.
    pub clock: Arc<TestClock>,
    /// Randomness.
    pub random: Arc<TestRandom>,
    /// Limits.
    pub policy: Arc<Policy>,
}

impl World {
    /// A world that begins at [`BEGIN`].
    pub fn new(policy: Policy) -> Self {
        Self {
            clock: Arc::new(TestClock::at(BEGIN)),
            random: Arc::new(TestRandom::default()),
            policy: Arc::new(policy),
        }
    }

    /// The world as a store sees it.
    pub fn environment(&self) -> Environment {
        let random = Arc::clone(&self.random);
        let clock: Arc<dyn Clock> = Arc::<TestClock>::clone(&self.clock);
        let policy = Arc::clone(&self.policy);
        Environment { clock, random: Arc::new(move || random.draw()), policy }
    }
}
