//! What the kernel says of processes, and of the locks that they hold, in `/proc`.
//!
//! Reads only. Every answer may be old at once, and processes of other containers are out of sight.
//! It lies below all crates that ask: the store names whoever keeps it waiting, the runner knows
//! its processes by it.

pub mod lock_table;
pub mod open_files;
pub mod process;
