//! A function for SQLite: whether a column contains a text, whatever the case of their letters.
//! SQLite's own functions know the case of ASCII letters alone.

use andon_store::search::folded;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, Result};

/// Its name. The second argument is folded by the caller, once for all rows.
pub(crate) const NAME: &str = "andon_finds";

/// Makes it known to a connection. No file can call it: it is for our own statements.
pub(crate) fn install(db: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_DIRECTONLY;
    db.create_scalar_function(NAME, 2, flags, |call| {
        let (text, wanted) = (call.get_raw(0), call.get_raw(1).as_str()?);
        // What is no text contains none.
        Ok(text.as_str().is_ok_and(|text| folded(text).contains(wanted)))
    })
}
