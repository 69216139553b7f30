//! A file interface ("VFS") for SQLite in which a transaction's log pages reach the system in one
//! write instead of two for each page.
//!
//! SQLite appends a page to the log as two writes, a header of 24 bytes and the page, and a command
//! of ours changes about fourteen pages. Here such writes are collected while each continues the
//! one before, and are passed on before anything else happens to the file, above all before the
//! sync, after which SQLite tells other connections of the new pages; and before a lock on the
//! log's index is given back, after which others may write to the same place. What is written,
//! where, and what is synced when, stays exactly SQLite's decision. Every other file, the database
//! and its index among them, goes to the system's own interface untouched.
//!
//! The locks of the log's index are doubled by locks that no foreign `close` takes away.
//!
//! This is the only crate with `unsafe`: the interface is a table of C functions.

mod index_locks;
mod log_file;
mod pending;
mod table;

pub use index_locks::LOCK_FILE;
pub use table::{RegisterError, collecting};
