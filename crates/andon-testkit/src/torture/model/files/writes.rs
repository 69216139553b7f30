//! How a process of ours writes.

use super::locks::bit;
use super::step::Writes;
use super::{Files, Handle, Holder, Mistake, Peer, Stage, State, Trio, Wrong};

impl State {
    /// A step of writing, if the process can take it now.
    pub(super) fn writes(&mut self, model: &Files, at: u8, does: Writes) -> Option<()> {
        let place = usize::from(at);
        let now = self.ours[place];
        let next = match (does, now.stage) {
            (Writes::Glances, Stage::Idle) if now.writer.is_none() => {
                return self.looks(model, at, Mistake::WriterBlind, Stage::Glimpsed);
            }
            (Writes::Connects, Stage::Glimpsed) => {
                if self.at.database.is_none() {
                    return self.fails(at);
                }
                self.connects(place)?;
                Stage::Connected
            }
            (Writes::Compares, Stage::Connected) => {
                return self.looks(model, at, Mistake::WriterBlind, Stage::Idle);
            }
            // Looked at before the turn, that is to say together with the wait for it.
            (Writes::Looks, Stage::Idle) if model.errs(Mistake::LookedEarly) => {
                now.writer?;
                return self.looks(model, at, Mistake::Unlooked, Stage::HasTurn);
            }
            (Writes::TakesTurn, Stage::HasTurn) if model.errs(Mistake::LookedEarly) => {
                self.takes_turn(model, at)?;
                Stage::Looked
            }
            (Writes::TakesTurn, Stage::Idle) => {
                now.writer?;
                self.takes_turn(model, at)?;
                Stage::HasTurn
            }
            (Writes::Looks, Stage::HasTurn) => {
                return self.looks(model, at, Mistake::Unlooked, Stage::Looked);
            }
            (Writes::Begins, Stage::Looked) => {
                self.begins(model, place, now.writer?)?;
                Stage::Writing
            }
            (Writes::Commits, Stage::Writing) => {
                if !now.writer?.is_in_place(&self.at) && !now.is_excused {
                    self.wrong = Some(Wrong::Elsewhere);
                }
                (self.ours[place].writing, self.ours[place].doubled) = (0, 0);
                Stage::Committed
            }
            (Writes::LooksAgain, Stage::Committed) => {
                self.ours[place].is_excused = false;
                if now.noted == self.at || model.errs(Mistake::CheckpointBlind) {
                    Stage::LookedAgain
                } else {
                    self.gives_back(Holder::Ours(at));
                    Stage::Idle
                }
            }
            (Writes::Checkpoints, Stage::LookedAgain) => {
                if !now.writer?.is_in_place(&self.at) && !now.is_excused {
                    self.wrong = Some(Wrong::Mixed);
                }
                self.gives_back(Holder::Ours(at));
                Stage::Idle
            }
            (Writes::GivesTurnBack, Stage::Committed) => {
                self.gives_back(Holder::Ours(at));
                Stage::Idle
            }
            _ => return None,
        };
        self.ours[place].stage = next;
        Some(())
    }

    /// Connections of a process to the same database share what SQLite keeps of it: its locks, and
    /// the index.
    fn connects(&mut self, place: usize) -> Option<()> {
        let (database, reader) = (self.at.database?, self.ours[place].reader?);
        if self.is_taken_alone(database) {
            return None;
        }
        let shares = reader.database == database;
        let index_at = self.at.index;
        if shares {
            // It is not looked for by its name.
            self.at.index = Some(reader.index);
        }
        let writer = self.reads(Some(place), database);
        if shares {
            self.at.index = index_at;
        } else {
            self.ours[place].shared |= bit(database);
            self.ours[place].switch |= bit(writer.index);
        }
        self.ours[place].writer = Some(writer);
        Some(())
    }

    fn takes_turn(&mut self, model: &Files, at: u8) -> Option<()> {
        if model.errs(Mistake::NoQueue) {
            return Some(());
        }
        self.turn.is_none().then(|| self.turn = Some(Holder::Ours(at)))
    }

    /// `Identity::verify`, unless it is left out.
    fn looks(&mut self, model: &Files, at: u8, left_out: Mistake, then: Stage) -> Option<()> {
        let me = &mut self.ours[usize::from(at)];
        if me.noted != self.at && !model.errs(left_out) {
            return self.fails(at);
        }
        (me.stage, me.is_excused, me.is_struck) = (then, false, false);
        Some(())
    }

    /// The writer's lock of the index, which SQLite takes beside our queue, and its double.
    fn begins(&mut self, model: &Files, place: usize, writer: Handle) -> Option<()> {
        let Trio { index, .. } = writer;
        let is_other = |at: &usize| *at != place;
        let others = || (0..self.ours.len()).filter(is_other);
        let peer = match self.peer {
            Peer::Writing(handle) if handle.index == index => Some(()),
            Peer::Away | Peer::Open(_) | Peer::Writing(_) | Peer::Closing(_) => None,
        };
        let locks = |at: usize| self.ours[at].writing | self.ours[at].doubled;
        if peer.is_some() || others().any(|at| locks(at) & bit(index) != 0) {
            return None;
        }
        if others().any(|at| self.ours[at].stage == Stage::Writing) {
            self.wrong = Some(Wrong::TwoWriters);
        }
        self.ours[place].writing |= bit(index);
        if !model.errs(Mistake::SingleLocks) {
            self.ours[place].doubled |= bit(index);
        }
        Some(())
    }
}
