//! How a process of ours opens the board, and leaves it.

use super::locks::bit;
use super::step::{Loses, Opens};
use super::{Files, Holder, Index, Kinds, Mistake, Names, Stage, State, Wrong};

impl State {
    /// A step of opening, if the process can take it now.
    pub(super) fn opens(&mut self, model: &Files, at: u8, does: Opens) -> Option<()> {
        let place = usize::from(at);
        let now = self.ours[place];
        let next = match (does, now.stage) {
            (Opens::ToGuard | Opens::Briefly, Stage::Closed) => {
                let guards = does == Opens::ToGuard;
                if model.kinds == Kinds::OneOfEach && guards != (at == 0) {
                    return None;
                }
                // Where there is no board: `exists::refuse`.
                self.at.database?;
                let me = &mut self.ours[place];
                (me.guards, me.noted, me.is_struck) = (guards, self.at, false);
                Stage::Glanced
            }
            (Opens::Connects, Stage::Glanced) => {
                let Some(database) = self.at.database else { return self.fails(at) };
                self.ours[place].opened = Some(database);
                Stage::Opened
            }
            (Opens::Reads, Stage::Opened) => {
                let database = now.opened?;
                if self.is_taken_alone(database) {
                    return None;
                }
                let handle = self.reads(Some(place), database);
                let me = &mut self.ours[place];
                (me.opened, me.reader) = (None, Some(handle));
                me.shared |= bit(database);
                me.switch |= bit(handle.index);
                Stage::Read
            }
            (Opens::Notes, Stage::Read) => {
                let is_same = now.noted.is_part_of(&self.at) || model.errs(Mistake::NotedBlindly);
                if !is_whole(&self.at) || !is_same {
                    return self.fails(at);
                }
                (self.ours[place].noted, self.ours[place].is_struck) = (self.at, false);
                let guards = now.guards && !model.errs(Mistake::Unguarded);
                if guards { Stage::Noted } else { Stage::Idle }
            }
            (Opens::ReadsAgain, Stage::Idle) => {
                let index = now.reader?.index;
                self.meets_robbed_writer(Some(place), index)
                    .then(|| self.wrong = Some(Wrong::IndexAnew))?;
                Stage::Idle
            }
            (Opens::Closes, Stage::Idle) => return self.fails(at),
            _ => return self.guards(model, at, does),
        };
        self.ours[place].stage = next;
        Some(())
    }

    /// `Guard::hold`.
    fn guards(&mut self, model: &Files, at: u8, does: Opens) -> Option<()> {
        let place = usize::from(at);
        let now = self.ours[place];
        let next = match (does, now.stage) {
            (Opens::AnchorsDatabase, Stage::Noted) => {
                let database = now.noted.database?;
                if self.at.database != Some(database) || self.is_taken_alone(database) {
                    return self.fails(at);
                }
                self.ours[place].anchors.0 |= bit(database);
                Stage::Anchored
            }
            (Opens::AnchorsIndex, Stage::Anchored) => {
                let index = now.noted.index?;
                if self.at.index != Some(index) {
                    return self.fails(at);
                }
                if !model.errs(Mistake::IndexUnguarded) {
                    self.ours[place].anchors.1 |= bit(index);
                }
                Stage::Guarded
            }
            (Opens::Verifies, Stage::Guarded) => {
                if now.noted != self.at {
                    return self.fails(at);
                }
                Stage::Idle
            }
            _ => return None,
        };
        self.ours[place].stage = next;
        Some(())
    }

    /// The store is dropped, with or without an error; its turn, if it has one, is over.
    pub(super) fn fails(&mut self, at: u8) -> Option<()> {
        self.ours[usize::from(at)].closes();
        self.gives_back(Holder::Ours(at));
        Some(())
    }

    pub(super) fn gives_back(&mut self, holder: Holder) {
        self.turn.take_if(|has_it| *has_it == holder);
    }

    /// A process of ours is killed.
    pub(super) fn dies(&mut self, model: &Files, at: u8) -> Option<()> {
        self.kills = self.kills.checked_sub(1)?;
        self.ours[usize::from(at)] = super::FRESH;
        if !model.errs(Mistake::TurnOutlives) {
            self.gives_back(Holder::Ours(at));
        }
        Some(())
    }

    /// Foreign code in a process that lives long, and so has a guard, opens and closes a file of
    /// the board: the kernel drops all locks of the process on it.
    pub(super) fn loses(&mut self, model: &Files, at: u8, what: Loses) -> Option<()> {
        let (database, index) = (bit(self.at.database?), bit(self.at.index?));
        let me = &mut self.ours[usize::from(at)];
        let is_guarded = !matches!(
            me.stage,
            Stage::Closed
                | Stage::Glanced
                | Stage::Opened
                | Stage::Read
                | Stage::Noted
                | Stage::Anchored
                | Stage::Guarded
        );
        if !me.guards || !is_guarded {
            return None;
        }
        self.lost = self.lost.checked_sub(1)?;
        let is_lost = model.errs(Mistake::GuardLost);
        match what {
            Loses::Database => {
                me.shared &= !database;
                me.anchors.0 &= if is_lost { !database } else { !0 };
            }
            Loses::Index if model.index == Index::Loses => {
                me.switch &= !index;
                me.writing &= !index;
                me.anchors.1 &= if is_lost { !index } else { !0 };
            }
            Loses::Index => return None,
        }
        Some(())
    }
}

/// Whether all files are there.
fn is_whole(at: &Names) -> bool {
    at.database.is_some() && at.log.is_some() && at.index.is_some()
}
