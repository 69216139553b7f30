//! The board of a test, opened by the test itself and not through the binary.

use crate::env::TestEnv;
use andon_core::policy::Policy;
use andon_store::{Environment, SystemClock};
use andon_store_sqlite::{Options, SqliteStore};
use std::sync::Arc;

/// Opens it, to look at it.
pub(crate) fn open(env: &TestEnv) -> SqliteStore {
    let environment = Environment {
        clock: Arc::new(SystemClock),
        random: Arc::new(|| 7),
        policy: Arc::new(Policy::default()),
    };
    SqliteStore::open(&env.database(), Options::default(), environment).unwrap()
}
