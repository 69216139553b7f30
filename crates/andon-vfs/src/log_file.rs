//! A log file whose writes are collected.
//!
//! SQLite owns the memory of a file. Ours begins with [`LogFile`]; the system's own file lies right
//! behind it. SQLite uses a file from one thread at a time, so nothing here needs a lock.

use crate::index_locks;
use crate::pending::{Pending, Taken};
use rusqlite::ffi::{
    SQLITE_IOERR_WRITE, SQLITE_OK, sqlite3_database_file_object, sqlite3_file, sqlite3_int64,
    sqlite3_io_methods, sqlite3_vfs,
};
use std::ffi::{CStr, c_int, c_void};

/// What SQLite's memory for a log file begins with. SQLite aligns it to eight bytes, no further.
#[repr(C)]
pub(crate) struct LogFile {
    /// Where SQLite looks for the functions; must be the first field.
    base: sqlite3_file,
    pending: *mut Pending,
    /// The database's file of the same connection.
    database: *mut sqlite3_file,
}

/// Bytes of SQLite's memory for a file that lie before the system's file.
pub(crate) const HEAD_BYTES: usize = size_of::<LogFile>();

/// The functions of a log file. Version 1: no shared memory and no mapping, which a log never has.
static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 1,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: None,
    xShmLock: None,
    xShmBarrier: None,
    xShmUnmap: None,
    xFetch: None,
    xUnfetch: None,
};

/// Opens a log through the system's interface `system`.
///
/// # Safety
///
/// What SQLite promises to `xOpen`; `file` points to [`HEAD_BYTES`] more bytes than `system` wants.
pub(crate) unsafe fn open(
    system: *mut sqlite3_vfs,
    name: *const std::ffi::c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: the memory is ours by the caller's promise, and `system` is SQLite's own.
    unsafe {
        (*file).pMethods = std::ptr::null();
        let inner = inner(file);
        (*inner).pMethods = std::ptr::null();
        let Some(open) = (*system).xOpen else { return SQLITE_IOERR_WRITE };
        let code = open(system, name, inner, flags, out_flags);
        if code == SQLITE_OK {
            let head = file.cast::<LogFile>();
            (*head).pending = Box::into_raw(Box::<Pending>::default());
            (*head).base.pMethods = &raw const METHODS;
            (*head).database = sqlite3_database_file_object(name);
            index_locks::attach((*head).database, file);
        } else if let Some(methods) = (*inner).pMethods.as_ref()
            && let Some(close) = methods.xClose
        {
            // SQLite closes a file that could not be opened if it has functions; ours has none.
            close(inner);
        }
        code
    }
}

/// The system's file behind ours.
///
/// # Safety
///
/// `file` is the memory of a log file.
unsafe fn inner(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: the memory goes on behind the head.
    unsafe { file.cast::<u8>().add(HEAD_BYTES).cast() }
}

/// Calls a function of the system's file, after everything that waits was passed on.
macro_rules! after_all_writes {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        // SAFETY: SQLite calls with a file that `open` has opened.
        unsafe {
            match pass_on($file) {
                SQLITE_OK => of_system!($file, $method $(, $argument)*),
                code => code,
            }
        }
    }};
}

/// Calls a function of the system's file.
macro_rules! of_system {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        let inner = inner($file);
        match (*(*inner).pMethods).$method {
            Some(method) => method(inner $(, $argument)*),
            None => SQLITE_IOERR_WRITE,
        }
    }};
}

/// Passes on what waits. After an error nothing waits any more: SQLite learns that its writes
/// failed, and rolls back.
///
/// # Safety
///
/// `file` is an open log file.
pub(crate) unsafe fn pass_on(file: *mut sqlite3_file) -> c_int {
    // SAFETY: `open` has set the pointer, `close` alone takes it away.
    let pending = unsafe { &mut *(*file.cast::<LogFile>()).pending };
    let Some((at, bytes)) = pending.drain() else { return SQLITE_OK };
    // SAFETY: the bytes live until the call is over.
    let code = unsafe { write_through(file, at, &bytes) };
    pending.reuse(bytes);
    code
}

/// # Safety
///
/// `file` is an open log file.
unsafe fn write_through(file: *mut sqlite3_file, at: i64, bytes: &[u8]) -> c_int {
    let Ok(length) = c_int::try_from(bytes.len()) else { return SQLITE_IOERR_WRITE };
    // SAFETY: the file is open and the bytes are as many as said.
    unsafe { of_system!(file, xWrite, bytes.as_ptr().cast(), length, at) }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    bytes: *const c_void,
    length: c_int,
    at: sqlite3_int64,
) -> c_int {
    let Ok(size) = usize::try_from(length) else { return SQLITE_IOERR_WRITE };
    // SAFETY: SQLite hands over that many bytes, and an open file.
    let bytes = unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), size) };
    // SAFETY: as above; nothing else refers to what waits while this function runs.
    let take = || unsafe { (*(*file.cast::<LogFile>()).pending).take(at, bytes) };
    if take() == Taken::Yes {
        return SQLITE_OK;
    }
    // SAFETY: as above.
    match unsafe { pass_on(file) } {
        SQLITE_OK => match take() {
            Taken::Yes => SQLITE_OK,
            // SAFETY: as above. Nothing waits, and yet it does not fit: impossible, and harmless.
            Taken::No => unsafe { write_through(file, at, bytes) },
        },
        code => code,
    }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once, and does not use it afterwards.
    unsafe {
        // Nothing waits unless the connection has the database for itself, without an index: else
        // it went out with the last lock, and would come too late here.
        let written = pass_on(file);
        let head = file.cast::<LogFile>();
        index_locks::attach((*head).database, std::ptr::null_mut());
        drop(Box::from_raw((*head).pending));
        let closed = of_system!(file, xClose);
        (*head).base.pMethods = std::ptr::null();
        if written == SQLITE_OK { closed } else { written }
    }
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    into: *mut c_void,
    length: c_int,
    at: sqlite3_int64,
) -> c_int {
    after_all_writes!(file, xRead, into, length, at)
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    after_all_writes!(file, xTruncate, size)
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    if andon_faults::planted("vfs.sync-first") {
        // SAFETY: SQLite calls with an open file.
        return match unsafe { of_system!(file, xSync, flags) } {
            // SAFETY: as above.
            SQLITE_OK => unsafe { pass_on(file) },
            code => code,
        };
    }
    if andon_faults::planted("vfs.no-sync") {
        // SAFETY: SQLite calls with an open file.
        return unsafe { pass_on(file) };
    }
    after_all_writes!(file, xSync, flags)
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut sqlite3_int64) -> c_int {
    after_all_writes!(file, xFileSize, size)
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    after_all_writes!(file, xLock, level)
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    after_all_writes!(file, xUnlock, level)
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, held: *mut c_int) -> c_int {
    after_all_writes!(file, xCheckReservedLock, held)
}

unsafe extern "C" fn file_control(
    file: *mut sqlite3_file,
    operation: c_int,
    argument: *mut c_void,
) -> c_int {
    after_all_writes!(file, xFileControl, operation, argument)
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite calls with an open file.
    unsafe { of_system!(file, xSectorSize) }
}

unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite calls with an open file.
    unsafe { of_system!(file, xDeviceCharacteristics) }
}

/// The name under which SQLite finds the interface.
pub(crate) const NAME: &CStr = c"andon-collecting";
