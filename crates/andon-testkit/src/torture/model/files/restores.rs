//! How a backup is put into the board's place.

use super::step::Restores;
use super::{Files, Handle, Holder, Mistake, Restorer, State};

impl State {
    /// A step of `restore`, if it can be taken now.
    pub(super) fn restores(&mut self, model: &Files, does: Restores) -> Option<()> {
        if does == Restores::Dies {
            return self.restorer_dies();
        }
        self.restorer = match (does, self.restorer) {
            (Restores::LooksWhoUses, Restorer::Away) => {
                self.restores = self.restores.checked_sub(1)?;
                if self.is_used() { Restorer::Away } else { Restorer::SawNobody }
            }
            (Restores::TakesTurn, Restorer::SawNobody) => {
                if !model.errs(Mistake::RestoredUnqueued) {
                    self.turn.is_none().then(|| self.turn = Some(Holder::Restorer))?;
                }
                Restorer::HasTurn
            }
            (Restores::LooksAgain, Restorer::HasTurn) if self.is_used() => self.ends(),
            (Restores::LooksAgain, Restorer::HasTurn) => Restorer::SawNobodyAgain,
            (Restores::MovesDatabase, Restorer::SawNobodyAgain) => {
                self.at.database = None;
                self.database_was_moved();
                Restorer::MovedDatabase
            }
            (Restores::MovesLog, Restorer::MovedDatabase) => {
                self.at.log = None;
                Restorer::MovedLog
            }
            (Restores::MovesIndex, Restorer::MovedLog) => {
                self.at.index = None;
                Restorer::MovedIndex
            }
            (Restores::Publishes, Restorer::MovedIndex) => {
                // `Published::Taken`, if somebody put one there.
                let backup = self.fresh_database();
                self.at.database.get_or_insert(backup);
                self.ends()
            }
            _ => return None,
        };
        Some(())
    }

    fn ends(&mut self) -> Restorer {
        self.gives_back(Holder::Restorer);
        Restorer::Away
    }

    fn restorer_dies(&mut self) -> Option<()> {
        (self.restorer != Restorer::Away).then_some(())?;
        self.kills = self.kills.checked_sub(1)?;
        self.restorer = self.ends();
        Some(())
    }

    /// `users::find`: whoever has a file open that one of the paths leads to.
    fn is_used(&self) -> bool {
        let at = &self.at;
        let uses = |handle: Handle| {
            at.database == Some(handle.database)
                || at.log == Some(handle.log)
                || at.index == Some(handle.index)
        };
        let ours = self.ours.iter().any(|process| {
            let has_database = process.opened.is_some() && process.opened == at.database;
            has_database || process.handles().any(uses)
        });
        ours || self.peer.handle().is_some_and(uses)
    }
}
