//! Decisions, one claim per test. The whole product of status and command is in `table`.
