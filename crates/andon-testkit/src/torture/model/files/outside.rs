//! The peer, and people who move files.

use super::locks::bit;
use super::step::{PeerDoes, Strikes};
use super::{Files, Neighbour, Peer, Process, Restorer, Stage, State, Wrong};

impl State {
    /// A step of the peer, if it can take it now.
    pub(super) fn peer(&mut self, model: &Files, does: PeerDoes) -> Option<()> {
        let writes = model.peer == Neighbour::Writes;
        self.peer = match (does, self.peer) {
            (PeerDoes::Opens, Peer::Away) if model.peer != Neighbour::Absent => {
                let database = self.at.database?;
                Peer::Open(self.reads(None, database))
            }
            (PeerDoes::Reads, Peer::Open(handle)) => {
                self.meets_robbed_writer(None, handle.index)
                    .then(|| self.wrong = Some(Wrong::IndexAnew))?;
                Peer::Open(handle)
            }
            (PeerDoes::Begins, Peer::Open(handle)) if writes => {
                let index = handle.index;
                if self.ours.iter().any(|process| process.writing & bit(index) != 0) {
                    return None;
                }
                let is_writing = |stage| stage == Stage::Writing;
                if self.ours.iter().any(|process| is_writing(process.stage)) {
                    self.wrong = Some(Wrong::TwoWriters);
                }
                Peer::Writing(handle)
            }
            (PeerDoes::Commits, Peer::Writing(handle)) => Peer::Open(handle),
            (PeerDoes::Closes, Peer::Open(handle)) => {
                let database = bit(handle.database);
                let is_used = self
                    .ours
                    .iter()
                    .any(|process| (process.shared | process.anchors.0) & database != 0);
                if is_used { Peer::Away } else { Peer::Closing(handle) }
            }
            (PeerDoes::Deletes, Peer::Closing(_)) => {
                let log = self.at.log;
                let mut handles = self.ours.iter().flat_map(|process| process.handles());
                if handles.any(|handle| Some(handle.log) == log) {
                    self.wrong = Some(Wrong::LogTaken);
                }
                (self.at.log, self.at.index) = (None, None);
                Peer::Away
            }
            _ => return None,
        };
        Some(())
    }

    /// Somebody moves a file. Whoever looked before it could not know.
    pub(super) fn strikes(&mut self, what: Strikes) -> Option<()> {
        // A restore moves four files within milliseconds.
        let is_moving = !matches!(
            self.restorer,
            Restorer::Away | Restorer::SawNobody | Restorer::HasTurn | Restorer::SawNobodyAgain
        );
        if is_moving || !self.ours.iter().all(|process| process.can_be_struck(what)) {
            return None;
        }
        self.strikes = self.strikes.checked_sub(1)?;
        match what {
            Strikes::DatabaseGone => self.at.database = None,
            Strikes::DatabasePut(number) => self.at.database = Some(number),
            Strikes::LogGone => self.at.log = None,
        }
        for process in &mut self.ours {
            process.is_excused = true;
        }
        self.database_was_moved();
        Some(())
    }

    /// Whoever opens a connection right now may have the one database or the other.
    pub(super) fn database_was_moved(&mut self) {
        for process in &mut self.ours {
            process.is_struck = process.is_opening() || process.is_connecting();
        }
    }
}

impl Process {
    /// Between two looks of a process that opens a connection lie some hundred microseconds. Nobody
    /// moves a file away and back in these, nor a log that was made in them.
    fn can_be_struck(&self, what: Strikes) -> bool {
        let makes_log = self.is_opening() && self.noted.log.is_none();
        !(self.is_struck || makes_log && what == Strikes::LogGone)
    }

    fn is_opening(&self) -> bool {
        matches!(self.stage, Stage::Glanced | Stage::Opened | Stage::Read)
    }

    fn is_connecting(&self) -> bool {
        matches!(self.stage, Stage::Glimpsed | Stage::Connected)
    }
}
