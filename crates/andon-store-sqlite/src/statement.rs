//! The one place where the store's statements are prepared, so that a test can look at every plan.

use crate::fault;
use andon_store::StoreError;
use rusqlite::{CachedStatement, Connection};

/// Prepares a statement, or finds it among those prepared before.
pub(crate) fn prepare<'db>(
    db: &'db Connection,
    sql: &str,
    doing: &'static str,
) -> Result<CachedStatement<'db>, StoreError> {
    #[cfg(test)]
    seen::note(sql);
    db.prepare_cached(sql).map_err(|error| fault::of(doing, error))
}

/// Every statement that this process prepared; only in tests.
#[cfg(test)]
pub(crate) mod seen {
    use std::cell::Cell;
    use std::collections::BTreeSet;
    use std::sync::Mutex;

    thread_local! {
        static COUNT: Cell<usize> = const { Cell::new(0) };
    }

    static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

    pub(super) fn note(sql: &str) {
        COUNT.set(COUNT.get() + 1);
        SEEN.lock().unwrap().insert(sql.to_owned());
    }

    /// How many this thread has prepared so far.
    pub(crate) fn count() -> usize {
        COUNT.get()
    }

    pub(crate) fn all() -> Vec<String> {
        SEEN.lock().unwrap().iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests;
