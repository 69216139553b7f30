//! The state machine as a table, made by asking [`crate::command`] for every status and command.

/// The table in Markdown, for `docs/state-machine.md`.
pub fn markdown() -> String {
    String::new()
}
