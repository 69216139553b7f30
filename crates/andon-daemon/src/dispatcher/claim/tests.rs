//! Claims about this phase.
