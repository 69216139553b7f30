//! Writes what dispatchers tell: a line for each decision, and a reason that stands only once.

use super::notices::Message;
use crate::equipment;
use crate::output::{Format, Ui};
use crate::{target, when};
use andon_core::id::{BoardSlug, TaskId};
use andon_daemon::home::{Home, Layout};
use andon_store::Read;
use andon_store_sqlite::SqliteStore;
use serde::Serialize;
use std::collections::HashMap;

/// Waiting tasks whose reason is remembered, so that it is told once and not in every pass.
const REASONS_MAX: usize = 10_000;

/// Kinds that are told again in every pass while they hold.
const STANDING: [&str; 8] = [
    "unassigned",
    "not_startable",
    "profile_full",
    "board_full",
    "next_start",
    "cooling_down",
    "still_ending",
    "paused",
];

/// Kinds that are told again at every look while a board is in trouble.
const REPEATED: [&str; 4] = ["failed", "unlisted", "trouble", "error"];

#[derive(Debug, Serialize)]
struct MessageObject<'a> {
    at: i64,
    board: Option<&'a str>,
    kind: &'static str,
    task_id: Option<&'a str>,
    run_id: Option<i64>,
    text: &'a str,
}

/// Writes messages, and says once what stays as it is.
pub(super) struct Printer {
    home: Home,
    stores: HashMap<BoardSlug, SqliteStore>,
    /// The last reason told of each task, or of the board itself.
    told: HashMap<(Option<BoardSlug>, Option<TaskId>), String>,
}

impl Printer {
    pub(super) fn new(home: Home) -> Self {
        Self { home, stores: HashMap::new(), told: HashMap::new() }
    }

    /// Writes a message, if it says anything new.
    pub(super) fn print(&mut self, ui: &mut Ui, mut message: Message) {
        if message.text.is_empty() || self.is_old(&message) {
            return;
        }
        if message.kind == "ended" {
            message.text.push_str(&self.outcome(&message).unwrap_or_default());
        }
        let now = target::now();
        let board = message.board.as_ref().map(BoardSlug::as_str);
        match ui.format() {
            Format::Json => ui.json_line(&MessageObject {
                at: now.0,
                board,
                kind: message.kind,
                task_id: message.task.as_ref().map(TaskId::as_str),
                run_id: message.run.map(|run| run.0),
                text: &message.text,
            }),
            Format::Human => {
                let board = board.map(|board| format!("{board}: ")).unwrap_or_default();
                ui.err(format_args!("[{}] {board}{}", when::local(now), message.text));
            }
        }
    }

    /// Whether a standing reason was told already.
    fn is_old(&mut self, message: &Message) -> bool {
        let key = (message.board.clone(), message.task.clone());
        // Reasons of tasks have counts and times in their texts, which change all the time; what
        // is wrong with a board is news when its text is.
        let told = if STANDING.contains(&message.kind) {
            message.kind.to_owned()
        } else if REPEATED.contains(&message.kind) {
            message.text.clone()
        } else {
            self.told.remove(&key);
            return false;
        };
        if self.told.len() >= REASONS_MAX {
            self.told.clear();
        }
        self.told.insert(key, told.clone()) == Some(told)
    }

    /// How a run ended, where the board tells.
    fn outcome(&mut self, message: &Message) -> Option<String> {
        let (board, run) = (message.board.as_ref()?, message.run?);
        if !self.stores.contains_key(board) {
            let layout = Layout::new(&self.home, board);
            let store = equipment::open_to_look(&self.home, &layout, target::now()).ok()?;
            self.stores.insert(board.clone(), store);
        }
        let run = self.stores.get(board)?.run_get(run).ok()??;
        let error = run.error.map(|error| format!(" ({error})")).unwrap_or_default();
        Some(format!(": {}{error}", run.outcome?))
    }
}
