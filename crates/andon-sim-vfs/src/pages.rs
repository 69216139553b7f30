//! All pages of a database as a connection sees them, cheaper than reading its tables.

use rusqlite::Connection;
use rusqlite::ffi::{sqlite3_free, sqlite3_serialize};

/// Hands the pages of a database, one behind the other, to `look`. Nothing where SQLite could not
/// read them, for which it gives no cause.
pub fn pages<T>(db: &Connection, look: impl FnOnce(&[u8]) -> T) -> Option<T> {
    let mut bytes = 0;
    // SAFETY: the connection is open and lives until the call is over.
    let first = unsafe { sqlite3_serialize(db.handle(), c"main".as_ptr(), &mut bytes, 0) };
    let length = usize::try_from(bytes).ok()?;
    if first.is_null() {
        return None;
    }
    // SAFETY: SQLite has put so many bytes there, and they are ours until they are freed.
    let found = look(unsafe { std::slice::from_raw_parts(first, length) });
    // SAFETY: SQLite has allocated it, and nothing refers to it any more.
    unsafe { sqlite3_free(first.cast()) };
    Some(found)
}
