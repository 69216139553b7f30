//! What an opener of ours does: `andon-store-sqlite`, `open.rs` and `open/`.

use super::{Content, Does, File, Holder, Log, Mistake, Opener, Opening, State, Wrong};

impl State {
    /// A step of an opener, if it can take it now.
    pub(super) fn opener(&mut self, model: &Opening, at: u8, does: Does) -> Option<()> {
        let me = Holder::Opener(at);
        let now = self.openers[usize::from(at)];
        let next = match (does, now) {
            (Does::Looks, Opener::Away) => match self.file {
                None => Opener::WaitsToMake,
                // Refused, if it is still empty under the lock.
                Some(File { content: Content::Empty, .. }) => Opener::WaitsToMake,
                Some(_) => Opener::Reads,
            },
            (Does::TakesLock, Opener::WaitsToMake | Opener::WaitsToAdopt) => {
                if !model.errs(Mistake::LockIgnored) {
                    self.init.is_none().then(|| self.init = Some(me))?;
                }
                held(now)
            }
            (Does::HasWaitedEnough, Opener::WaitsToMake | Opener::WaitsToAdopt) => {
                (self.init? != me && model.errs(Mistake::WaitedEnough)).then(|| held(now))?
            }
            (Does::ReadsHeader, Opener::Reads) => self.reads(me),
            (Does::LooksAgain, Opener::Makes) => match self.file {
                None => Opener::Discarded,
                // `exists::refuse`; the caller may ask again.
                Some(File { content: Content::Empty, .. }) => self.lets_go(me, Opener::Away),
                Some(_) => self.lets_go(me, Opener::Reads),
            },
            (Does::BeginsFile, Opener::Discarded) => self.begins_file(model),
            (Does::BeginsSchema, Opener::Begun) => self.writes(model, Content::HalfOurs),
            (Does::EndsSchema, Opener::Half) => self.writes(model, Content::Ours),
            (Does::SyncsFile, Opener::Written) => {
                if let Some(file) = &mut self.unfinished {
                    file.is_synced = !model.errs(Mistake::NamedUnsynced);
                }
                Opener::Synced
            }
            (Does::NamesFile, Opener::Synced) => self.publishes(model, me),
            (Does::SyncsName, Opener::Named) => {
                if let Some(file) = &mut self.file {
                    file.is_named = true;
                }
                Opener::Reads
            }
            (Does::BeginsAdoption, Opener::Adopts) => self.begins_adoption(model, me)?,
            (Does::EndsAdoption, Opener::Adopting { is_marked }) => {
                self.ends_adoption(model, is_marked)
            }
            (Does::Commits, Opener::Open) => {
                self.commits(model);
                Opener::Open
            }
            _ => return None,
        };
        self.openers[usize::from(at)] = next;
        Some(())
    }

    fn lets_go(&mut self, me: Holder, next: Opener) -> Opener {
        if self.init == Some(me) {
            self.init = None;
        }
        next
    }

    /// `read_header`. The first who gets this far makes the log.
    fn reads(&mut self, me: Holder) -> Opener {
        let Some(file) = self.file else { return self.lets_go(me, Opener::Away) };
        match file.content {
            Content::Empty | Content::HalfPeers | Content::Peers | Content::HalfOurs => {
                // `changed_meanwhile`, for who was sure to find it current.
                let next = if self.init == Some(me) { Opener::Away } else { Opener::WaitsToAdopt };
                self.lets_go(me, next)
            }
            Content::Marked | Content::Ours => {
                if file.content == Content::Marked {
                    self.wrong = Some(Wrong::HalfSeen);
                }
                self.log.get_or_insert(Log::New);
                self.lets_go(me, Opener::Open)
            }
        }
    }

    /// What stands under the temporary name was left by somebody who died.
    fn begins_file(&mut self, model: &Opening) -> Opener {
        if model.errs(Mistake::LeftoverTaken) && self.unfinished.is_some() {
            return Opener::Synced;
        }
        let empty = File { content: Content::Empty, is_synced: false, is_named: false };
        self.unfinished = Some(empty);
        Opener::Begun
    }

    fn writes(&mut self, model: &Opening, content: Content) -> Opener {
        let is_whole = content == Content::Ours;
        let made = File { content, is_synced: false, is_named: false };
        if model.errs(Mistake::MadeInPlace) {
            (self.file, self.unfinished) = (Some(made), None);
            return if is_whole { Opener::Named } else { Opener::Half };
        }
        // Somebody who makes one at the same time may have removed it.
        if let Some(unfinished) = &mut self.unfinished {
            *unfinished = made;
        }
        if is_whole { Opener::Written } else { Opener::Half }
    }

    fn publishes(&mut self, model: &Opening, me: Holder) -> Opener {
        // Removed by somebody who made one at the same time: an error of `renameat`.
        let Some(finished) = self.unfinished.take() else {
            return self.lets_go(me, Opener::Away);
        };
        if self.file.is_some() {
            if !model.errs(Mistake::RenamedOver) {
                // `Published::Taken`.
                return self.lets_go(me, Opener::Reads);
            }
            self.wrong = Some(Wrong::Replaced);
        }
        self.file = Some(finished);
        Opener::Named
    }

    /// Behind whoever writes: SQLite's lock, beside the writers' queue.
    fn begins_adoption(&mut self, model: &Opening, me: Holder) -> Option<Opener> {
        let Some(file) = self.file else { return Some(self.lets_go(me, Opener::Away)) };
        if self.is_being_adopted() {
            return None;
        }
        Some(match file.content {
            // `migrate::plan`: it holds no board.
            Content::Empty => self.lets_go(me, Opener::Away),
            Content::Marked | Content::Ours if !model.errs(Mistake::NotLookedAgain) => {
                Opener::Reads
            }
            Content::HalfPeers
            | Content::Peers
            | Content::HalfOurs
            | Content::Marked
            | Content::Ours => Opener::Adopting { is_marked: false },
        })
    }

    fn ends_adoption(&mut self, model: &Opening, is_marked: bool) -> Opener {
        let Some(file) = &mut self.file else { return Opener::Away };
        if !is_marked && model.errs(Mistake::MarkedFirst) {
            file.content = Content::Marked;
            return Opener::Adopting { is_marked: true };
        }
        if file.content == Content::Ours {
            self.wrong = Some(Wrong::AdoptedTwice);
        }
        *file = File { content: Content::Ours, is_synced: true, ..*file };
        Opener::Reads
    }

    /// Whether somebody is inside the transaction that adopts the file.
    pub(super) fn is_being_adopted(&self) -> bool {
        self.openers.iter().any(|opener| matches!(opener, Opener::Adopting { .. }))
    }

    /// SQLite syncs the directory with the first sync of each connection's log. That makes the
    /// log's name durable, and the board's, if who made that died before it came to it.
    fn commits(&mut self, model: &Opening) {
        let syncs = !model.errs(Mistake::NamesUnsynced);
        if self.log == Some(Log::New) {
            self.log = Some(Log::Used { is_named: syncs });
            if let Some(file) = &mut self.file {
                file.is_named |= syncs;
            }
        }
        self.is_promised = true;
    }
}

/// What a lock was waited for.
fn held(waited: Opener) -> Opener {
    if waited == Opener::WaitsToMake { Opener::Makes } else { Opener::Adopts }
}
