//! SQLite's memory, which can run out for one thread.
//!
//! Statistics are switched off on the way: they take a lock of the whole process for each piece of
//! memory, and worlds on different threads would wait for each other.

use crate::mount::InstallError;
use rusqlite::ffi::{
    SQLITE_CONFIG_GETMALLOC, SQLITE_CONFIG_MALLOC, SQLITE_CONFIG_MEMSTATUS, SQLITE_OK,
    sqlite3_config, sqlite3_mem_methods,
};
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::OnceLock;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
    static FAILED: Cell<u64> = const { Cell::new(0) };
    /// From which request on memory is refused, and which later ones; 0 for none.
    static FIRST: Cell<u64> = const { Cell::new(0) };
    static EVERY: Cell<u64> = const { Cell::new(0) };
}

/// Requests for memory of this thread since the plan was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allocations {
    /// All.
    pub asked: u64,
    /// Those that were refused.
    pub refused: u64,
}

/// Plans for this thread which requests of SQLite for memory are refused: the one numbered `first`,
/// counted from 1, and where `every` is not 0 each `every`-th after it. A `first` of 0 means none.
/// Tells what happened since the last plan.
pub fn allocations_fail(first: u64, every: u64) -> Allocations {
    FIRST.set(first);
    EVERY.set(every);
    Allocations { asked: COUNT.replace(0), refused: FAILED.replace(0) }
}

fn is_refused() -> bool {
    // A thread that is ending has no plan any more.
    let first = FIRST.try_with(Cell::get).unwrap_or(0);
    if first == 0 {
        return false;
    }
    let now = COUNT.get() + 1;
    COUNT.set(now);
    let every = EVERY.get();
    let is_refused =
        now == first || (every != 0 && now > first && (now - first).is_multiple_of(every));
    if is_refused {
        FAILED.set(FAILED.get() + 1);
    }
    is_refused
}

static SYSTEM: OnceLock<Methods> = OnceLock::new();

/// SQLite's own functions.
struct Methods(sqlite3_mem_methods);

// SAFETY: a table of functions, which any thread may call; its data pointer is unused.
unsafe impl Send for Methods {}
// SAFETY: as above.
unsafe impl Sync for Methods {}

/// Puts our functions before SQLite's own. Refused once SQLite is in use.
pub(crate) fn install() -> Result<(), InstallError> {
    let mut found = sqlite3_mem_methods {
        xMalloc: None,
        xFree: None,
        xRealloc: None,
        xSize: None,
        xRoundup: None,
        xInit: None,
        xShutdown: None,
        pAppData: ptr::null_mut(),
    };
    // SAFETY: the operations take what SQLite's documentation says they take.
    unsafe {
        ok(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &raw mut found))?;
        let mut ours = found;
        ours.xMalloc = Some(allocate);
        ours.xRealloc = Some(reallocate);
        SYSTEM.get_or_init(|| Methods(found));
        ok(sqlite3_config(SQLITE_CONFIG_MALLOC, &raw mut ours))?;
        ok(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0 as c_int))
    }
}

fn ok(code: c_int) -> Result<(), InstallError> {
    if code == SQLITE_OK { Ok(()) } else { Err(InstallError(code)) }
}

unsafe extern "C" fn allocate(bytes: c_int) -> *mut c_void {
    if is_refused() {
        return ptr::null_mut();
    }
    match SYSTEM.get().and_then(|methods| methods.0.xMalloc) {
        // SAFETY: SQLite's promises are passed on.
        Some(allocate) => unsafe { allocate(bytes) },
        None => ptr::null_mut(),
    }
}

unsafe extern "C" fn reallocate(before: *mut c_void, bytes: c_int) -> *mut c_void {
    if is_refused() {
        return ptr::null_mut();
    }
    match SYSTEM.get().and_then(|methods| methods.0.xRealloc) {
        // SAFETY: SQLite's promises are passed on.
        Some(reallocate) => unsafe { reallocate(before, bytes) },
        None => ptr::null_mut(),
    }
}
