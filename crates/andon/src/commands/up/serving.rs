//! The dispatchers that `up` runs: of one board, or of all boards of the home.

use super::notices::Outbox;
use crate::equipment::Equipment;
use crate::error::CliError;
use andon_daemon::dispatcher::{Dispatcher, Handle, Stop};
use andon_daemon::home::Layout;
use andon_daemon::supervise::Supervisor;
use std::sync::Arc;
use std::thread::JoinHandle;

/// What runs.
enum Team {
    One(Handle),
    All(Supervisor),
    /// Told to stop; a thread waits for the end.
    Stopping(JoinHandle<Result<(), CliError>>),
    Over,
}

/// Dispatchers under way.
pub(super) struct Serving {
    team: Team,
    outbox: Outbox,
}

impl Serving {
    /// Starts them.
    pub(super) fn start(
        equipment: Equipment,
        only: Option<Layout>,
        outbox: Outbox,
    ) -> Result<Self, CliError> {
        let team = match only {
            Some(layout) => Team::One(Dispatcher::spawn(equipment.options(&layout)?)?),
            None => {
                let home = equipment.home.clone();
                let equip = move |layout: &Layout| {
                    equipment.options(layout).map_err(|error| error.body().message)
                };
                let supervisor =
                    Supervisor::spawn(home, Arc::new(equip), Arc::new(outbox.listener()));
                let failed = |error| CliError::io("cannot start the dispatchers", &error);
                Team::All(supervisor.map_err(failed)?)
            }
        };
        Ok(Self { team, outbox })
    }

    /// Whether they were told to stop.
    pub(super) fn is_stopping(&self) -> bool {
        matches!(self.team, Team::Stopping(_) | Team::Over)
    }

    /// Tells them to stop.
    pub(super) fn stop(&mut self, wish: Stop) {
        let outbox = self.outbox.clone();
        self.team = match std::mem::replace(&mut self.team, Team::Over) {
            Team::One(handle) => {
                handle.stop(wish);
                Team::Stopping(std::thread::spawn(move || {
                    let ended = handle.join().map_err(CliError::from);
                    outbox.ring();
                    ended
                }))
            }
            Team::All(supervisor) => {
                supervisor.stop(wish);
                Team::Stopping(std::thread::spawn(move || {
                    let failed = |error| CliError::io("cannot supervise the boards", &error);
                    let ended = supervisor.join().map_err(failed);
                    outbox.ring();
                    ended
                }))
            }
            team @ (Team::Stopping(_) | Team::Over) => team,
        };
    }

    /// How it ended, once it has.
    pub(super) fn ended(&mut self) -> Option<Result<(), CliError>> {
        let is_over = match &self.team {
            Team::One(handle) => handle.is_finished(),
            Team::All(_) => false,
            Team::Stopping(thread) => thread.is_finished(),
            Team::Over => return Some(Ok(())),
        };
        if !is_over {
            return None;
        }
        match std::mem::replace(&mut self.team, Team::Over) {
            Team::One(handle) => Some(handle.join().map_err(CliError::from)),
            Team::Stopping(thread) => {
                let fault = |_| Err(CliError::internal("waiting for the dispatchers failed"));
                Some(thread.join().unwrap_or_else(fault))
            }
            Team::All(_) | Team::Over => None,
        }
    }
}
