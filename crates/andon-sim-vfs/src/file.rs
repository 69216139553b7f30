//! An open file of a world, as SQLite sees it.

use crate::code::{SQLITE_IOERR_READ, SQLITE_IOERR_SHMMAP, SQLITE_IOERR_SHORT_READ};
use crate::region::{REGION_BYTES, Region};
use crate::world::{Code, DeleteIndex, Extend, File, Level, Locking};
use rusqlite::ffi::{
    SQLITE_FCNTL_MMAP_SIZE, SQLITE_LOCK_EXCLUSIVE, SQLITE_LOCK_NONE, SQLITE_LOCK_PENDING,
    SQLITE_LOCK_RESERVED, SQLITE_LOCK_SHARED, SQLITE_OK, SQLITE_SHM_SHARED, SQLITE_SHM_UNLOCK,
    sqlite3_file, sqlite3_int64, sqlite3_io_methods,
};
use std::ffi::{c_int, c_void};
use std::ops::Range;
use std::sync::Arc;

/// What SQLite's memory for a file holds.
#[repr(C)]
struct Handle {
    /// Where SQLite looks for the functions; must be the first field.
    base: sqlite3_file,
    open: *mut Open,
}

/// An open file, and what SQLite still points to.
struct Open {
    file: Box<dyn File>,
    /// Regions that were handed out; they stay until the index is let go.
    regions: Vec<Arc<Region>>,
}

/// Bytes of SQLite's memory for a file.
pub(crate) const BYTES: usize = size_of::<Handle>();

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 3,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: Some(fetch),
    xUnfetch: Some(unfetch),
};

/// Makes SQLite's memory an open file.
///
/// # Safety
///
/// `into` points to [`BYTES`] bytes that are SQLite's for this file.
pub(crate) unsafe fn put(into: *mut sqlite3_file, file: Box<dyn File>) {
    // SAFETY: the caller's promise.
    unsafe {
        let handle = into.cast::<Handle>();
        (*handle).open = Box::into_raw(Box::new(Open { file, regions: Vec::new() }));
        (*handle).base.pMethods = &raw const METHODS;
    }
}

/// SQLite's code for an answer.
pub(crate) fn code(answer: Result<(), Code>) -> c_int {
    answer.err().unwrap_or(SQLITE_OK)
}

/// # Safety
///
/// `file` was made by [`put`] and is not closed.
unsafe fn open<'a>(file: *mut sqlite3_file) -> &'a mut Open {
    // SAFETY: `put` has set the pointer, `close` alone takes it away, and SQLite uses a file from
    // one thread at a time.
    unsafe { &mut *(*file.cast::<Handle>()).open }
}

/// An offset or a size; SQLite's are never negative.
fn place(at: sqlite3_int64) -> u64 {
    u64::try_from(at).unwrap_or(0)
}

fn count(number: c_int) -> usize {
    usize::try_from(number).unwrap_or(0)
}

fn level(number: c_int) -> Level {
    match number {
        SQLITE_LOCK_NONE => Level::None,
        SQLITE_LOCK_SHARED => Level::Shared,
        SQLITE_LOCK_RESERVED => Level::Reserved,
        SQLITE_LOCK_PENDING => Level::Pending,
        SQLITE_LOCK_EXCLUSIVE => Level::Exclusive,
        other => unreachable!("SQLite has no lock {other}"),
    }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once, and does not use it afterwards.
    unsafe {
        let handle = file.cast::<Handle>();
        drop(Box::from_raw((*handle).open));
        (*handle).base.pMethods = std::ptr::null();
    }
    SQLITE_OK
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    into: *mut c_void,
    length: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite hands over an open file, and as much memory as it says.
    let (open, into) =
        unsafe { (open(file), std::slice::from_raw_parts_mut(into.cast::<u8>(), count(length))) };
    match open.file.read(into, place(at)) {
        Ok(there) if there >= into.len() => SQLITE_OK,
        Ok(there) => match into.get_mut(there..) {
            Some(rest) => {
                rest.fill(0);
                SQLITE_IOERR_SHORT_READ
            }
            None => SQLITE_IOERR_READ,
        },
        Err(code) => code,
    }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    bytes: *const c_void,
    length: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite hands over an open file, and as many bytes as it says.
    let (open, bytes) =
        unsafe { (open(file), std::slice::from_raw_parts(bytes.cast::<u8>(), count(length))) };
    code(open.file.write(bytes, place(at)))
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    // SAFETY: SQLite calls with an open file.
    code(unsafe { open(file) }.file.truncate(place(size)))
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _how: c_int) -> c_int {
    // SAFETY: SQLite calls with an open file.
    code(unsafe { open(file) }.file.sync())
}

unsafe extern "C" fn size(file: *mut sqlite3_file, into: *mut sqlite3_int64) -> c_int {
    // SAFETY: SQLite calls with an open file, and hands over memory for the answer.
    unsafe {
        let found = open(file).file.size();
        code(found.map(|size| *into = sqlite3_int64::try_from(size).unwrap_or(sqlite3_int64::MAX)))
    }
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, wanted: c_int) -> c_int {
    // SAFETY: SQLite calls with an open file.
    code(unsafe { open(file) }.file.lock(level(wanted)))
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, wanted: c_int) -> c_int {
    // SAFETY: SQLite calls with an open file.
    code(unsafe { open(file) }.file.unlock(level(wanted)))
}

unsafe extern "C" fn check_reserved(file: *mut sqlite3_file, into: *mut c_int) -> c_int {
    // SAFETY: SQLite calls with an open file, and hands over memory for the answer.
    unsafe {
        code(open(file).file.is_reserved().map(|is_reserved| *into = c_int::from(is_reserved)))
    }
}

unsafe extern "C" fn control(
    file: *mut sqlite3_file,
    operation: c_int,
    argument: *mut c_void,
) -> c_int {
    if operation == SQLITE_FCNTL_MMAP_SIZE {
        // Nothing is mapped, whatever is asked for; who sets it wants to read that back.
        // SAFETY: the operation comes with a number to be overwritten.
        unsafe { *argument.cast::<sqlite3_int64>() = 0 };
        return SQLITE_OK;
    }
    // SAFETY: SQLite calls with an open file.
    unsafe { open(file) }.file.control(operation)
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite calls with an open file.
    unsafe { open(file) }.file.sector_bytes()
}

unsafe extern "C" fn characteristics(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite calls with an open file.
    unsafe { open(file) }.file.characteristics()
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    region: c_int,
    bytes: c_int,
    extend: c_int,
    into: *mut *mut c_void,
) -> c_int {
    // SAFETY: SQLite calls with an open file, and hands over memory for the answer.
    unsafe {
        *into = std::ptr::null_mut();
        if count(bytes) != REGION_BYTES {
            return SQLITE_IOERR_SHMMAP;
        }
        let open = open(file);
        let extend = if extend == 0 { Extend::No } else { Extend::Yes };
        match open.file.shm_map(count(region), extend) {
            Ok(Some(region)) => {
                *into = region.address().cast();
                open.regions.push(region);
                SQLITE_OK
            }
            Ok(None) => SQLITE_OK,
            Err(code) => code,
        }
    }
}

unsafe extern "C" fn shm_lock(
    file: *mut sqlite3_file,
    first: c_int,
    slots: c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: SQLite calls with an open file.
    let open = unsafe { open(file) };
    let slots: Range<usize> = count(first)..count(first + slots);
    let is_shared = flags & SQLITE_SHM_SHARED != 0;
    let locking = if is_shared { Locking::Shared } else { Locking::Exclusive };
    if flags & SQLITE_SHM_UNLOCK != 0 {
        code(open.file.shm_unlock(slots, locking))
    } else {
        code(open.file.shm_lock(slots, locking))
    }
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
    // SAFETY: SQLite calls with an open file.
    unsafe { open(file) }.file.shm_barrier();
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, delete: c_int) -> c_int {
    // SAFETY: SQLite calls with an open file, and does not use its regions afterwards.
    let open = unsafe { open(file) };
    let delete = if delete == 0 { DeleteIndex::No } else { DeleteIndex::Yes };
    let answer = open.file.shm_unmap(delete);
    open.regions.clear();
    code(answer)
}

/// As in the system's interface where no memory is mapped: there is nothing to hand out.
unsafe extern "C" fn fetch(
    _file: *mut sqlite3_file,
    _at: sqlite3_int64,
    _length: c_int,
    into: *mut *mut c_void,
) -> c_int {
    // SAFETY: SQLite hands over memory for the answer.
    unsafe { *into = std::ptr::null_mut() };
    SQLITE_OK
}

unsafe extern "C" fn unfetch(
    file: *mut sqlite3_file,
    _at: sqlite3_int64,
    _page: *mut c_void,
) -> c_int {
    // SAFETY: SQLite calls with an open file.
    unsafe { open(file) }.file.unfetch();
    SQLITE_OK
}
