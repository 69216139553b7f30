//! Whether the boards have anything left to do: for `up --once-empty`.

use super::notices::Message;
use crate::equipment::{self, Equipment};
use crate::target;
use andon_core::id::{Assignee, BoardSlug};
use andon_core::time::Timestamp;
use andon_daemon::home::Layout;
use andon_daemon::profile::{Action, Profiles};
use andon_daemon::quarantine;
use andon_store::{Read, StoreError};
use andon_store_sqlite::SqliteStore;
use std::collections::{HashMap, HashSet};

/// Looks at boards. A board counts as empty only after its dispatcher has made a pass: before that,
/// it may yet set tasks free.
pub(super) struct Idle {
    equipment: Equipment,
    passed: HashSet<BoardSlug>,
    /// Boards that could not be served when they were last heard of.
    failed: HashSet<BoardSlug>,
    stores: HashMap<BoardSlug, SqliteStore>,
}

impl Idle {
    pub(super) fn new(equipment: Equipment) -> Self {
        let (passed, failed) = (HashSet::new(), HashSet::new());
        Self { equipment, passed, failed, stores: HashMap::new() }
    }

    /// Notes whose dispatcher has made a pass, and who has none.
    pub(super) fn hear(&mut self, message: &Message) {
        let Some(board) = &message.board else { return };
        match message.kind {
            "tick" => {
                self.passed.insert(board.clone());
                self.failed.remove(board);
            }
            "failed" => {
                self.passed.remove(board);
                self.failed.insert(board.clone());
            }
            _ => {}
        }
    }

    /// Whether there is a board that could not be served: of that one, nobody knows whether it has
    /// anything left to do.
    pub(super) fn has_failures(&self) -> bool {
        !self.failed.is_empty()
    }

    /// Whether nothing runs on these boards and nothing could start by itself. Tasks that wait for
    /// a person, or for a later time, are not waited for; those that wait after a failure are.
    pub(super) fn is_empty(&mut self, served: &[Layout]) -> bool {
        let Ok(profiles) = Profiles::load(&self.equipment.home) else { return false };
        let mut served = served.iter().filter(|layout| layout.database().exists());
        served.all(|layout| self.is_board_empty(layout, &profiles).unwrap_or(false))
    }

    fn is_board_empty(&mut self, layout: &Layout, profiles: &Profiles) -> Result<bool, StoreError> {
        let (slug, now) = (layout.slug(), target::now());
        // Nothing starts on a board in quarantine, for half an hour or longer.
        if quarantine::in_force(&self.equipment.home, layout, now).is_some() {
            return Ok(true);
        }
        // Its dispatcher ended and is started anew: that may fail as often as it is tried.
        if self.failed.contains(slug) {
            return Ok(true);
        }
        if !self.passed.contains(slug) {
            return Ok(false);
        }
        if !self.stores.contains_key(slug) {
            let store = equipment::open_to_look(&self.equipment.home, layout, now)?;
            self.stores.insert(slug.clone(), store);
        }
        let store = &self.stores[slug];
        // The reads are not one picture: between two of them a task may start or end. Both leave
        // an event, so a board whose history stood still meanwhile was as it was read.
        let before = store.event_last()?;
        let runs = !store.run_open_list()?.is_empty() || !store.run_lingering_list(1)?.is_empty();
        if runs || !store.due_list(now, 1)?.is_empty() {
            return Ok(false);
        }
        if store.pause_get()?.is_some() {
            return Ok(store.event_last()? == before);
        }
        let default = self.equipment.config(layout).ok().and_then(|it| it.default_assignee);
        let starts = |name: &Assignee| {
            let action = profiles.get(name).map(|profile| &profile.action);
            matches!(action, Some(Action::Start(_)))
        };
        let heads = store.queue_heads(Timestamp(i64::MAX), 1)?;
        let could = heads.iter().filter_map(|head| head.assignee.as_ref().or(default.as_ref()));
        Ok(!could.into_iter().any(starts) && store.event_last()? == before)
    }
}
