//! The interface's own functions: all are the system's, but that logs are opened by us, and
//! databases get doubled locks.

use crate::index_locks;
use crate::log_file::{self, HEAD_BYTES, NAME};
use rusqlite::ffi::{
    SQLITE_ERROR, SQLITE_OK, SQLITE_OPEN_MAIN_DB, SQLITE_OPEN_WAL, sqlite3_file, sqlite3_int64,
    sqlite3_vfs, sqlite3_vfs_find, sqlite3_vfs_register,
};
use std::ffi::{CStr, c_char, c_int};
use std::sync::OnceLock;

/// Why SQLite has no such interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("SQLite refused the file interface (code {code})")]
pub struct RegisterError {
    /// SQLite's code; 0 where the system's own interface is missing.
    pub code: i32,
}

/// The name of the interface that collects a log's writes, registered with SQLite at the first
/// call. It builds on the system's default interface and is never the default itself.
pub fn collecting() -> Result<&'static CStr, RegisterError> {
    static REGISTERED: OnceLock<Result<(), RegisterError>> = OnceLock::new();
    let registered = REGISTERED.get_or_init(|| {
        // SAFETY: no name asks for the default.
        register(unsafe { sqlite3_vfs_find(std::ptr::null()) })
    });
    (*registered).map(|()| NAME)
}

fn register(system: *mut sqlite3_vfs) -> Result<(), RegisterError> {
    // SAFETY: SQLite's interfaces live until the process ends.
    let Some(found) = (unsafe { system.as_ref() }) else { return Err(RegisterError { code: 0 }) };
    let head = c_int::try_from(HEAD_BYTES).map_err(|_| RegisterError { code: 0 })?;
    let bytes = usize::try_from(found.szOsFile).map_err(|_| RegisterError { code: 0 })?;
    index_locks::behind(bytes);
    let table = sqlite3_vfs {
        // Version 2 has the clock in milliseconds; the system calls of version 3 are not offered.
        iVersion: found.iVersion.min(2),
        szOsFile: found.szOsFile + head,
        mxPathname: found.mxPathname,
        pNext: std::ptr::null_mut(),
        zName: NAME.as_ptr(),
        pAppData: system.cast(),
        xOpen: Some(open),
        xDelete: Some(delete),
        xAccess: Some(access),
        xFullPathname: Some(full_pathname),
        xDlOpen: None,
        xDlError: None,
        xDlSym: None,
        xDlClose: None,
        xRandomness: Some(randomness),
        xSleep: Some(sleep),
        xCurrentTime: Some(current_time),
        xGetLastError: Some(get_last_error),
        xCurrentTimeInt64: Some(current_time_ms),
        xSetSystemCall: None,
        xGetSystemCall: None,
        xNextSystemCall: None,
    };
    // SAFETY: the table is complete and is never freed.
    match unsafe { sqlite3_vfs_register(Box::into_raw(Box::new(table)), 0) } {
        SQLITE_OK => Ok(()),
        code => Err(RegisterError { code }),
    }
}

/// The interface that ours builds on.
///
/// # Safety
///
/// `ours` is the table of [`register`].
unsafe fn system(ours: *mut sqlite3_vfs) -> *mut sqlite3_vfs {
    // SAFETY: `register` has put it there.
    unsafe { (*ours).pAppData.cast() }
}

unsafe extern "C" fn open(
    ours: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite's promises are passed on; its memory for the file is larger than asked for.
    unsafe {
        let system = system(ours);
        if flags & SQLITE_OPEN_WAL != 0 {
            return log_file::open(system, name, file, flags, out_flags);
        }
        // The system's file itself, with its own functions.
        let Some(open) = (*system).xOpen else { return SQLITE_ERROR };
        let code = open(system, name, file, flags, out_flags);
        if code == SQLITE_OK && flags & SQLITE_OPEN_MAIN_DB != 0 {
            index_locks::add(name, file);
        }
        code
    }
}

/// A function that only hands its arguments to the system's.
macro_rules! forward {
    ($name:ident, $method:ident $(, $argument:ident: $of:ty)*) => {
        unsafe extern "C" fn $name(ours: *mut sqlite3_vfs $(, $argument: $of)*) -> c_int {
            // SAFETY: SQLite's promises are passed on.
            unsafe {
                let system = system(ours);
                match (*system).$method {
                    Some(method) => method(system $(, $argument)*),
                    None => SQLITE_ERROR,
                }
            }
        }
    };
}

forward!(delete, xDelete, name: *const c_char, sync_directory: c_int);
forward!(access, xAccess, name: *const c_char, what: c_int, answer: *mut c_int);
forward!(full_pathname, xFullPathname, name: *const c_char, size: c_int, into: *mut c_char);
forward!(randomness, xRandomness, size: c_int, into: *mut c_char);
forward!(sleep, xSleep, microseconds: c_int);
forward!(current_time, xCurrentTime, into: *mut f64);
forward!(get_last_error, xGetLastError, size: c_int, into: *mut c_char);
forward!(current_time_ms, xCurrentTimeInt64, into: *mut sqlite3_int64);
