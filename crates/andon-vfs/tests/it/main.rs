//! The interface under a real SQLite.

mod log;
