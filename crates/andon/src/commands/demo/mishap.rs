//! The planned misfortune: the worker that says it is half way is killed, once.

use crate::demo_step::HALF_WAY;
use crate::error::CliError;
use andon_core::id::EventId;
use andon_runner::identity::Host;
use andon_store::{EventFilter, Read};
use andon_store_sqlite::SqliteStore;
use rustix::process::Signal;

/// Signs of life read at once.
const EVENTS_MAX: usize = 100;

/// Kills one worker.
pub(super) struct Killer {
    host: Host,
    after: Option<EventId>,
    is_done: bool,
}

impl Killer {
    pub(super) fn new() -> Result<Self, CliError> {
        let host = Host::read().map_err(|error| CliError::user("host", error.to_string()))?;
        Ok(Self { host, after: None, is_done: false })
    }

    /// Looks for the sign, and strikes.
    pub(super) fn look(&mut self, store: &SqliteStore) -> Result<(), CliError> {
        if self.is_done {
            return Ok(());
        }
        let events = store.event_list(&EventFilter {
            after: self.after,
            kinds: vec!["heartbeat".to_owned()],
            limit: EVENTS_MAX,
            ..EventFilter::default()
        })?;
        for event in events {
            self.after = Some(event.id);
            let is_sign = event.payload.is_some_and(|payload| payload.0.contains(HALF_WAY));
            let run = match event.run {
                Some(run) if is_sign => store.run_get(run)?,
                Some(_) | None => None,
            };
            let worker = run.and_then(|run| run.keeper).and_then(|keeper| keeper.worker);
            if let Some(worker) = worker.and_then(|worker| self.host.open(&worker)) {
                let failed = |error| CliError::io("cannot kill the demo's worker", &error);
                worker.signal(Signal::KILL).map_err(failed)?;
                self.is_done = true;
            }
        }
        Ok(())
    }
}
