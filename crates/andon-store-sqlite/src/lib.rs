//! The board in one SQLite file.
