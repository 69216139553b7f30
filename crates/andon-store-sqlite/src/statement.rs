//! The one place where the store's statements are prepared, so that a test can look at every plan.

use crate::fault;
use andon_store::StoreError;
use rusqlite::{CachedStatement, Connection};
use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

/// A statement's text.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sql<'text> {
    /// Part of the program.
    Fixed(&'static str),
    /// Put together for one use.
    Composed(&'text str),
}

impl std::fmt::Display for Sql<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fixed(text) => f.write_str(text),
            Self::Composed(text) => f.write_str(text),
        }
    }
}

impl From<&'static str> for Sql<'_> {
    fn from(text: &'static str) -> Self {
        Self::Fixed(text)
    }
}

impl<'text> From<&'text String> for Sql<'text> {
    fn from(text: &'text String) -> Self {
        Self::Composed(text)
    }
}

/// A connection and the statements that were used on it since this was made: for the length of a
/// transaction. Finding a statement here again costs a look at addresses. In the connection's own
/// cache, which compares texts, it costs a tenth of a small command.
pub(crate) struct Statements<'db> {
    db: &'db Connection,
    resting: RefCell<Vec<Resting<'db>>>,
}

/// A statement that nobody uses right now.
struct Resting<'db> {
    sql: &'static str,
    statement: CachedStatement<'db>,
}

/// A statement in use.
pub(crate) struct Prepared<'s, 'db> {
    /// Present until dropped.
    statement: Option<CachedStatement<'db>>,
    /// Where it goes back to, and under what name.
    home: Option<(&'s Statements<'db>, &'static str)>,
}

impl<'db> Statements<'db> {
    /// None yet.
    pub(crate) fn of(db: &'db Connection) -> Self {
        Self { db, resting: RefCell::default() }
    }

    /// The connection.
    pub(crate) fn db(&self) -> &'db Connection {
        self.db
    }

    /// Finds a statement among those used before, or prepares it.
    pub(crate) fn prepare<'sql>(
        &self,
        sql: impl Into<Sql<'sql>>,
        doing: &'static str,
    ) -> Result<Prepared<'_, 'db>, StoreError> {
        let (text, home) = match sql.into() {
            Sql::Fixed(text) => (text, Some((self, text))),
            Sql::Composed(text) => (text, None),
        };
        #[cfg(test)]
        seen::note(text);
        let rested = home.and_then(|(_, text)| self.rested(text));
        let statement = match rested {
            Some(statement) => statement,
            None => self.db.prepare_cached(text).map_err(|error| fault::of(doing, error))?,
        };
        Ok(Prepared { statement: Some(statement), home })
    }

    fn rested(&self, sql: &'static str) -> Option<CachedStatement<'db>> {
        let mut resting = self.resting.borrow_mut();
        let place = resting.iter().position(|resting| std::ptr::eq(resting.sql, sql))?;
        Some(resting.swap_remove(place).statement)
    }
}

impl<'db> Deref for Prepared<'_, 'db> {
    type Target = CachedStatement<'db>;

    fn deref(&self) -> &Self::Target {
        self.statement.as_ref().expect("a statement in use is there")
    }
}

impl DerefMut for Prepared<'_, '_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.statement.as_mut().expect("a statement in use is there")
    }
}

impl Drop for Prepared<'_, '_> {
    fn drop(&mut self) {
        if let (Some(statement), Some((home, sql))) = (self.statement.take(), self.home) {
            home.resting.borrow_mut().push(Resting { sql, statement });
        }
    }
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
