//! The interface's own functions: those of the world that a path is in, else the system's.

use crate::code::{SQLITE_CANTOPEN, SQLITE_IOERR_ACCESS, SQLITE_IOERR_DELETE};
use crate::file;
use crate::mount::{InstallError, of_path, of_thread};
use crate::world::{DirectorySync, How};
use rusqlite::ffi::{
    SQLITE_OK, sqlite3_file, sqlite3_int64, sqlite3_vfs, sqlite3_vfs_find, sqlite3_vfs_register,
};
use std::ffi::{CStr, OsStr, c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Between SQLite's days, which begin at noon of a day long ago, and 1970, in milliseconds.
const EPOCH_MS: i64 = 210_866_760_000_000;
const MS_PER_DAY: f64 = 86_400_000.0;
const NAME: &CStr = c"andon-sim";

/// Makes this SQLite's default, in front of what was the default before.
pub(crate) fn install() -> Result<(), InstallError> {
    // SAFETY: no name asks for the default; SQLite's interfaces live until the process ends.
    let system = unsafe { sqlite3_vfs_find(std::ptr::null()) };
    // SAFETY: as above.
    let Some(found) = (unsafe { system.as_ref() }) else { return Err(InstallError(0)) };
    let ours = c_int::try_from(file::BYTES).map_err(|_| InstallError(0))?;
    let table = sqlite3_vfs {
        iVersion: found.iVersion.min(2),
        szOsFile: found.szOsFile.max(ours),
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
        xGetLastError: Some(last_error),
        xCurrentTimeInt64: Some(current_time_ms),
        xSetSystemCall: None,
        xGetSystemCall: None,
        xNextSystemCall: None,
    };
    // SAFETY: the table is complete and is never freed.
    match unsafe { sqlite3_vfs_register(Box::into_raw(Box::new(table)), 1) } {
        SQLITE_OK => Ok(()),
        code => Err(InstallError(code)),
    }
}

/// A path that SQLite names; nothing for a temporary file.
///
/// # Safety
///
/// `name` is null or a string of C that lives as long as the answer is used.
unsafe fn path<'a>(name: *const c_char) -> Option<&'a Path> {
    // SAFETY: the caller's promise.
    let name = (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) })?;
    Some(Path::new(OsStr::from_bytes(name.to_bytes())))
}

/// Calls a function of the interface that was the default before.
macro_rules! of_system {
    ($ours:ident, $method:ident, $failed:expr $(, $argument:expr)*) => {{
        let system: *mut sqlite3_vfs = (*$ours).pAppData.cast();
        match (*system).$method {
            Some(method) => method(system $(, $argument)*),
            None => $failed,
        }
    }};
}

unsafe extern "C" fn open(
    ours: *mut sqlite3_vfs,
    name: *const c_char,
    into: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite's promises are passed on; its memory is large enough for either file.
    unsafe {
        (*into).pMethods = std::ptr::null();
        let named = path(name).and_then(|path| of_path(path).map(|world| (path, world)));
        let Some((path, world)) = named else {
            return of_system!(ours, xOpen, SQLITE_CANTOPEN, name, into, flags, out_flags);
        };
        match world.open(path, How(flags)) {
            Ok(opened) => {
                file::put(into, opened);
                if !out_flags.is_null() {
                    *out_flags = flags;
                }
                SQLITE_OK
            }
            Err(code) => code,
        }
    }
}

unsafe extern "C" fn delete(
    ours: *mut sqlite3_vfs,
    name: *const c_char,
    sync_directory: c_int,
) -> c_int {
    // SAFETY: SQLite's promises are passed on.
    unsafe {
        match path(name).and_then(|path| of_path(path).map(|world| (path, world))) {
            Some((path, world)) => {
                let sync = if sync_directory == 0 { DirectorySync::No } else { DirectorySync::Yes };
                file::code(world.delete(path, sync))
            }
            None => of_system!(ours, xDelete, SQLITE_IOERR_DELETE, name, sync_directory),
        }
    }
}

unsafe extern "C" fn access(
    ours: *mut sqlite3_vfs,
    name: *const c_char,
    what: c_int,
    answer: *mut c_int,
) -> c_int {
    // SAFETY: SQLite's promises are passed on.
    unsafe {
        match path(name).and_then(|path| of_path(path).map(|world| (path, world))) {
            Some((path, world)) => {
                file::code(world.exists(path).map(|exists| *answer = c_int::from(exists)))
            }
            None => of_system!(ours, xAccess, SQLITE_IOERR_ACCESS, name, what, answer),
        }
    }
}

unsafe extern "C" fn full_pathname(
    ours: *mut sqlite3_vfs,
    name: *const c_char,
    size: c_int,
    into: *mut c_char,
) -> c_int {
    // SAFETY: SQLite hands over a string, and as much memory as it says.
    unsafe {
        let is_ours = path(name).is_some_and(|path| of_path(path).is_some());
        let bytes = CStr::from_ptr(name).to_bytes_with_nul();
        if !is_ours {
            return of_system!(ours, xFullPathname, SQLITE_CANTOPEN, name, size, into);
        }
        if usize::try_from(size).is_ok_and(|size| bytes.len() <= size) {
            // A mount is a full path without links, so whatever is below it is complete.
            std::ptr::copy_nonoverlapping(bytes.as_ptr().cast(), into, bytes.len());
            return SQLITE_OK;
        }
        SQLITE_CANTOPEN
    }
}

unsafe extern "C" fn randomness(ours: *mut sqlite3_vfs, size: c_int, into: *mut c_char) -> c_int {
    // SAFETY: SQLite hands over as much memory as it says.
    unsafe {
        match (of_thread(), usize::try_from(size)) {
            (Some(world), Ok(bytes)) => {
                world.randomness(std::slice::from_raw_parts_mut(into.cast(), bytes));
                size
            }
            _ => of_system!(ours, xRandomness, 0, size, into),
        }
    }
}

unsafe extern "C" fn sleep(ours: *mut sqlite3_vfs, microseconds: c_int) -> c_int {
    match of_thread() {
        Some(world) => {
            world.sleep(u64::try_from(microseconds).unwrap_or(0));
            microseconds
        }
        // SAFETY: SQLite's promises are passed on.
        None => unsafe { of_system!(ours, xSleep, 0, microseconds) },
    }
}

unsafe extern "C" fn current_time(ours: *mut sqlite3_vfs, into: *mut f64) -> c_int {
    // SAFETY: SQLite hands over memory for the answer.
    unsafe {
        match of_thread() {
            Some(world) => {
                *into = (world.now_ms() + EPOCH_MS) as f64 / MS_PER_DAY;
                SQLITE_OK
            }
            None => of_system!(ours, xCurrentTime, SQLITE_CANTOPEN, into),
        }
    }
}

unsafe extern "C" fn current_time_ms(ours: *mut sqlite3_vfs, into: *mut sqlite3_int64) -> c_int {
    // SAFETY: SQLite hands over memory for the answer.
    unsafe {
        match of_thread() {
            Some(world) => {
                *into = world.now_ms() + EPOCH_MS;
                SQLITE_OK
            }
            None => of_system!(ours, xCurrentTimeInt64, SQLITE_CANTOPEN, into),
        }
    }
}

unsafe extern "C" fn last_error(ours: *mut sqlite3_vfs, size: c_int, into: *mut c_char) -> c_int {
    // SAFETY: SQLite's promises are passed on.
    unsafe { of_system!(ours, xGetLastError, 0, size, into) }
}
