//! Whether the boards have anything left to do: for `up --once-empty`.

use super::notices::Message;
use crate::equipment::{self, Equipment};
use crate::target;
use andon_core::id::{Assignee, BoardSlug};
use andon_core::time::Timestamp;
use andon_daemon::boards::Boards;
use andon_daemon::home::Layout;
use andon_daemon::profile::{Action, Profiles};
use andon_daemon::quarantine;
use andon_store::{Read, StoreError};
use andon_store_sqlite::SqliteStore;
use std::collections::{HashMap, HashSet};

/// Looks at boards. A board counts only after its dispatcher has made a pass: before that, it may
/// yet set tasks free.
pub(super) struct Idle {
    equipment: Equipment,
    only: Option<Layout>,
    passed: HashSet<BoardSlug>,
    stores: HashMap<BoardSlug, SqliteStore>,
}

impl Idle {
    pub(super) fn new(equipment: Equipment, only: Option<Layout>) -> Self {
        Self { equipment, only, passed: HashSet::new(), stores: HashMap::new() }
    }

    /// Notes whose dispatcher has made a pass.
    pub(super) fn hear(&mut self, message: &Message) {
        if message.kind == "tick" {
            self.passed.extend(message.board.clone());
        }
    }

    /// Whether nothing runs and nothing could start by itself. Tasks that wait for a person, or
    /// for a later time, are not waited for; those that wait after a failure are.
    pub(super) fn is_empty(&mut self) -> bool {
        let layouts = match &self.only {
            Some(layout) => vec![layout.clone()],
            None => match Boards::new(&self.equipment.home).list() {
                Ok(boards) => boards.into_iter().map(|entry| entry.layout).collect(),
                Err(_) => return false,
            },
        };
        let Ok(profiles) = Profiles::load(&self.equipment.home) else { return false };
        let served = layouts.iter().filter(|layout| layout.database().exists());
        let served: Vec<Layout> = served.cloned().collect();
        served.iter().all(|layout| self.is_board_empty(layout, &profiles).unwrap_or(false))
    }

    fn is_board_empty(&mut self, layout: &Layout, profiles: &Profiles) -> Result<bool, StoreError> {
        let (slug, now) = (layout.slug(), target::now());
        // Nothing starts on a board in quarantine, for half an hour or longer.
        if quarantine::in_force(&self.equipment.home, layout, now).is_some() {
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
