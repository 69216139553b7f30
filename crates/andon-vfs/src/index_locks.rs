//! Locks of the log's index that no foreign `close` takes away.
//!
//! SQLite's own are record locks of the process: whoever closes any descriptor of the index in it,
//! a plugin or a backup, takes all of them away, and SQLite does not notice. A reader that then
//! meets a writer in the middle of its commit takes the writer's lock, makes the index anew from
//! the log, and what the writer acknowledges meanwhile is lost. So each lock on a slot of the index
//! is doubled by a lock that belongs to an open file (`F_OFD_SETLK`), on the writers' lock file
//! beside the database. Among connections that come through here the doubles suffice; other
//! programs see SQLite's locks alone, as before.
//!
//! The database's file stays the system's. Only two of its functions are exchanged, and what they
//! need lies behind the system's part of SQLite's memory for the file.
//!
//! A transaction that outgrows the cache writes to the log before its commit, and a rollback need
//! not touch the log again. So what the log still collects is passed on before any of these locks
//! is given back: later, its pages could overwrite what somebody else has committed meanwhile.

use crate::log_file;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use rusqlite::ffi::{
    SQLITE_BUSY, SQLITE_IOERR_SHMLOCK, SQLITE_OK, SQLITE_SHM_SHARED, SQLITE_SHM_UNLOCK,
    sqlite3_file, sqlite3_io_methods,
};
use std::collections::HashMap;
use std::ffi::{CStr, OsStr, c_char, c_int, c_short};
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// What the lock file is called: the database's name with this behind it. It is the store's, which
/// makes it; here it is only opened. Its `flock` and these locks know nothing of each other.
pub const LOCK_FILE: &str = ".writer.lock";

/// Bytes of the system's part of a file's memory; ours lies behind it.
static SYSTEM_BYTES: AtomicUsize = AtomicUsize::new(0);

/// Keeps in mind how large the system's part is.
pub(crate) fn behind(system_bytes: usize) {
    SYSTEM_BYTES.store(system_bytes, Ordering::Relaxed);
}

/// What is known of an open database.
struct Doubles {
    /// The functions of the system's file.
    system: *const sqlite3_io_methods,
    path: PathBuf,
    /// The lock file, once there is one.
    file: Option<File>,
    /// The open log of the same connection, or null.
    log: *mut sqlite3_file,
}

/// Exchanges the functions of a database that the system has just opened.
///
/// # Safety
///
/// `file` was opened by the system, under this name, in memory that goes on behind its part with
/// room for a pointer.
pub(crate) unsafe fn add(name: *const c_char, file: *mut sqlite3_file) {
    // SAFETY: the file is open, so its functions are there as long as SQLite is.
    let Some(system) = (unsafe { (*file).pMethods.as_ref() }) else { return };
    if name.is_null() || system.xShmLock.is_none() {
        return;
    }
    // SAFETY: SQLite hands over a name that ends with a zero.
    let mut path = OsStr::from_bytes(unsafe { CStr::from_ptr(name) }.to_bytes()).to_owned();
    path.push(LOCK_FILE);
    let log = std::ptr::null_mut();
    let doubles = Doubles { system: &raw const *system, path: path.into(), file: None, log };
    // SAFETY: there is room for the pointer, by the caller's promise.
    unsafe {
        *place(file) = Box::into_raw(Box::new(doubles));
        (*file).pMethods = exchanged(system);
    }
}

/// Tells a database which log its connection has open, or that it has none any more (null).
///
/// # Safety
///
/// `database` is null, or an open file that [`add`] has seen.
pub(crate) unsafe fn attach(database: *mut sqlite3_file, log: *mut sqlite3_file) {
    // SAFETY: by the caller's promise; a database without an index never has a log of ours.
    unsafe {
        if let Some(methods) = database.as_ref().and_then(|file| file.pMethods.as_ref())
            && methods.xShmLock.is_some()
        {
            (**place(database)).log = log;
        }
    }
}

/// Where the pointer to [`Doubles`] lies.
///
/// # Safety
///
/// `file` is the memory of a database's file.
unsafe fn place(file: *mut sqlite3_file) -> *mut *mut Doubles {
    let bytes = SYSTEM_BYTES.load(Ordering::Relaxed).next_multiple_of(align_of::<*mut Doubles>());
    // SAFETY: the memory goes on behind the system's part.
    unsafe { file.cast::<u8>().add(bytes).cast() }
}

/// The system's functions with two of them exchanged; one table for each of theirs.
fn exchanged(system: &sqlite3_io_methods) -> *const sqlite3_io_methods {
    static TABLES: Mutex<Option<HashMap<usize, usize>>> = Mutex::new(None);
    let mut tables = TABLES.lock().unwrap_or_else(PoisonError::into_inner);
    let ours =
        tables.get_or_insert_default().entry(&raw const *system as usize).or_insert_with(|| {
            let table =
                sqlite3_io_methods { xClose: Some(close), xShmLock: Some(shm_lock), ..*system };
            // Files refer to it until the process ends.
            Box::into_raw(Box::new(table)) as usize
        });
    *ours as *const sqlite3_io_methods
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: `add` has put the pointer there, and a file is closed once.
    unsafe {
        let doubles = Box::from_raw(*place(file));
        (*file).pMethods = doubles.system;
        let closed = (*doubles.system).xClose.map_or(SQLITE_OK, |close| close(file));
        // The doubles go last: until here nobody else of ours holds what this one held.
        drop(doubles);
        closed
    }
}

unsafe extern "C" fn shm_lock(
    file: *mut sqlite3_file,
    first: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: `add` has put the pointer there; SQLite uses a file from one thread at a time, and
    // the system's function knows nothing of it.
    let doubles = unsafe { &mut **place(file) };
    // SAFETY: the system's functions live until the process ends.
    let of_system = unsafe { (*doubles.system).xShmLock };
    let Some(of_system) = of_system else { return SQLITE_IOERR_SHMLOCK };
    if flags & SQLITE_SHM_UNLOCK != 0 {
        if !doubles.log.is_null() && !andon_faults::planted("vfs.late-pages") {
            // An error costs a transaction that was rolled back nothing, and one that was committed
            // has been synced, or was promised to nobody.
            // SAFETY: the log is open: it is attached and detached as it is opened and closed.
            unsafe { log_file::pass_on(doubles.log) };
        }
        // SAFETY: the arguments are SQLite's own.
        let code = unsafe { of_system(file, first, count, flags) };
        let freed = doubles.set(libc::F_UNLCK, first, count);
        return if code == SQLITE_OK { freed } else { code };
    }
    let kind = if flags & SQLITE_SHM_SHARED != 0 { libc::F_RDLCK } else { libc::F_WRLCK };
    let doubled = doubles.set(kind, first, count);
    if doubled != SQLITE_OK {
        return doubled;
    }
    // SAFETY: as above.
    let code = unsafe { of_system(file, first, count, flags) };
    if code != SQLITE_OK {
        // A connection asks for no slot that it holds, so nothing that it has is given back here.
        doubles.set(libc::F_UNLCK, first, count);
    }
    code
}

impl Doubles {
    /// Locks slots, or frees them; answers with SQLite's code. A board that nobody has written to
    /// yet has no lock file and needs none.
    fn set(&mut self, kind: c_int, first: c_int, count: c_int) -> c_int {
        if andon_faults::planted("vfs.single-locks") {
            return SQLITE_OK;
        }
        if self.file.is_none() {
            self.file = File::options().read(true).write(true).open(&self.path).ok();
        }
        let Some(file) = &self.file else { return SQLITE_OK };
        let wanted = libc::flock {
            l_type: kind as c_short,
            l_whence: libc::SEEK_SET as c_short,
            l_start: first.into(),
            l_len: count.into(),
            l_pid: 0,
        };
        match fcntl(file, FcntlArg::F_OFD_SETLK(&wanted)) {
            Ok(_) => SQLITE_OK,
            Err(Errno::EAGAIN | Errno::EACCES) => SQLITE_BUSY,
            Err(_) => SQLITE_IOERR_SHMLOCK,
        }
    }
}
