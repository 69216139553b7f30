//! A dispatcher's side of quarantine: judges its board's failures, keeps the record that others
//! see, and tells when the board may be opened again.

use super::Options;
use super::observer::Notice;
use crate::quarantine::{self, Circumstances, Finding, Fingerprint, State};
use andon_store::StoreError;
use std::sync::Arc;

/// The state of one board.
pub(super) struct Ward {
    options: Arc<Options>,
    state: State,
}

impl Ward {
    /// Begins with what an earlier dispatcher found out.
    pub(super) fn new(options: Arc<Options>) -> Self {
        let record = quarantine::in_force(&options.home, &options.layout, options.clock.now());
        Self { options, state: record.map_or(State::Clear, State::Confirmed) }
    }

    /// Works with these surroundings of the same board from now on.
    pub(super) fn reload(&mut self, options: Arc<Options>) {
        self.options = options;
    }

    /// Whether the board is in quarantine, even if its time has come.
    pub(super) fn is_closed(&self) -> bool {
        matches!(self.state, State::Confirmed(_))
    }

    /// Whether the board is to be left alone: its time has not come and its file is as it was.
    pub(super) fn is_holding(&self) -> bool {
        match &self.state {
            State::Confirmed(record) => {
                record.holds(self.options.clock.now(), self.fingerprint().as_ref())
            }
            State::Clear | State::Suspect { .. } => false,
        }
    }

    /// A full pass went well.
    pub(super) fn good(&mut self) {
        self.find(&Finding::Good);
    }

    /// The board failed. Asks the probe whether the board itself is at fault.
    pub(super) fn trouble(&mut self, error: &StoreError) {
        let finding = match (self.options.probe)() {
            Err(found) if found.is_board_trouble() => Finding::Bad(found.to_string()),
            Ok(()) | Err(_) => Finding::Doubtful(error.to_string()),
        };
        self.find(&finding);
    }

    /// The program failed at this board. Whatever it is, it would fail again at once.
    pub(super) fn fault(&mut self, what: &str) {
        self.find(&Finding::Bad(format!("its dispatcher failed: {what}")));
    }

    fn fingerprint(&self) -> Option<Fingerprint> {
        Fingerprint::of(self.options.layout.database())
    }

    /// Takes a finding in, and tells everybody what follows.
    fn find(&mut self, finding: &Finding) {
        let at = Circumstances {
            now: self.options.clock.now(),
            random: (self.options.random)(),
            fingerprint: self.fingerprint(),
        };
        let next = quarantine::follow(&self.state, finding, at);
        if next == self.state {
            return;
        }
        let options = &self.options;
        if let Err(error) = quarantine::store(&options.home, options.slug(), &next) {
            let error = error.to_string();
            options.notice(&Notice::Trouble { phase: None, error: &error });
        }
        match (&self.state, &next) {
            (_, State::Confirmed(record)) => options.notice(&Notice::Quarantined(record)),
            (State::Confirmed(_), State::Clear | State::Suspect { .. }) => {
                options.notice(&Notice::Cleared);
            }
            (State::Clear | State::Suspect { .. }, State::Clear | State::Suspect { .. }) => {}
        }
        self.state = next;
    }
}
