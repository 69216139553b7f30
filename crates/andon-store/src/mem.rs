//! The reference model: a board in memory.
