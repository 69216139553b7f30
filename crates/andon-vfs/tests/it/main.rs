//! The interface under a real SQLite.

mod index_locks;
mod log;
