//! The dispatchers that `up` runs: of one board, or of all boards of the home.

use super::notices::Outbox;
use crate::equipment::Equipment;
use crate::error::CliError;
use andon_daemon::dispatcher::Stop;
use andon_daemon::home::Layout;
use andon_daemon::supervise::{SuperviseError, Supervisor, Which};
use std::sync::Arc;
use std::thread::JoinHandle;

/// What runs.
enum Team {
    Working(Supervisor),
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
        let home = equipment.home.clone();
        let which = match only {
            Some(layout) => {
                // What is wrong with the one board is said at once, and with its hint.
                equipment.options(&layout)?;
                Which::Only(layout.slug().clone())
            }
            None => Which::All,
        };
        let equip =
            move |layout: &Layout| equipment.options(layout).map_err(|error| error.body().message);
        let listener = Arc::new(outbox.listener());
        let supervisor = Supervisor::spawn(home, which, Arc::new(equip), listener);
        let failed = |error| CliError::io("cannot start the dispatchers", &error);
        Ok(Self { team: Team::Working(supervisor.map_err(failed)?), outbox })
    }

    /// The boards that have a dispatcher; nothing while that is not known, or no more so.
    pub(super) fn boards(&self) -> Option<Vec<Layout>> {
        match &self.team {
            Team::Working(supervisor) => supervisor.served(),
            Team::Stopping(_) | Team::Over => None,
        }
    }

    /// Whether they were told to stop.
    pub(super) fn is_stopping(&self) -> bool {
        matches!(self.team, Team::Stopping(_) | Team::Over)
    }

    /// Tells them to stop.
    pub(super) fn stop(&mut self, wish: Stop) {
        let outbox = self.outbox.clone();
        self.team = match std::mem::replace(&mut self.team, Team::Over) {
            Team::Working(supervisor) => {
                supervisor.stop(wish);
                Team::Stopping(std::thread::spawn(move || {
                    let ended = supervisor.join().map_err(CliError::from);
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
            Team::Working(supervisor) => supervisor.is_finished(),
            Team::Stopping(thread) => thread.is_finished(),
            Team::Over => return Some(Ok(())),
        };
        if !is_over {
            return None;
        }
        match std::mem::replace(&mut self.team, Team::Over) {
            Team::Working(supervisor) => Some(supervisor.join().map_err(CliError::from)),
            Team::Stopping(thread) => {
                let fault = |_| Err(CliError::internal("waiting for the dispatchers failed"));
                Some(thread.join().unwrap_or_else(fault))
            }
            Team::Over => None,
        }
    }
}

impl From<SuperviseError> for CliError {
    fn from(error: SuperviseError) -> Self {
        match error {
            SuperviseError::System(error) => Self::io("cannot supervise the boards", &error),
            SuperviseError::Dispatch(error) => error.into(),
        }
    }
}
