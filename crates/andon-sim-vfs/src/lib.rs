//! SQLite's default file interface ("VFS"), in the hands of a test: disks that lose power, fail or
//! are shared by simulated processes. For tests only.
//!
//! A [`World`] is mounted at a directory ([`mount`]); every file that SQLite opens below it is the
//! world's, served in the calling thread. All other files are the system's. Product code that runs
//! on it is the product's, unchanged: it asks for SQLite's default interface, and gets this one.
//!
//! What is asked without naming a file, the time, randomness and pauses, goes to the world that the
//! calling thread is in ([`enter`]), or to the system.
//!
//! [`locks`] is what worlds need to answer for locks. Beside `andon-vfs` this is the only crate
//! with `unsafe`: the interface is a table of C functions.

mod file;
pub mod locks;
mod memory;
mod mount;
mod pages;
mod region;
mod table;
mod world;

pub use memory::{Allocations, allocations_fail};
pub use mount::{Entered, InstallError, Mount, enter, mount};
pub use pages::pages;
pub use region::{REGION_BYTES, Region};
pub use world::{Code, DeleteIndex, DirectorySync, Extend, File, How, Level, Locking, World};

/// Result codes of SQLite, as worlds answer them.
pub mod code {
    pub use rusqlite::ffi::{
        SQLITE_BUSY, SQLITE_CANTOPEN, SQLITE_FULL, SQLITE_IOERR, SQLITE_IOERR_ACCESS,
        SQLITE_IOERR_CLOSE, SQLITE_IOERR_DELETE, SQLITE_IOERR_DELETE_NOENT, SQLITE_IOERR_DIR_FSYNC,
        SQLITE_IOERR_FSTAT, SQLITE_IOERR_FSYNC, SQLITE_IOERR_LOCK, SQLITE_IOERR_NOMEM,
        SQLITE_IOERR_RDLOCK, SQLITE_IOERR_READ, SQLITE_IOERR_SHMLOCK, SQLITE_IOERR_SHMMAP,
        SQLITE_IOERR_SHMOPEN, SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_SHORT_READ, SQLITE_IOERR_TRUNCATE,
        SQLITE_IOERR_UNLOCK, SQLITE_IOERR_WRITE, SQLITE_NOTFOUND, SQLITE_READONLY_CANTINIT,
    };
}
