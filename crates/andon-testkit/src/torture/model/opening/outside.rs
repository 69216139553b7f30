//! The peer, deaths, and power cuts.

use super::{
    Content, File, Holder, Log, Lost, Mistake, OPENERS, Opener, Opening, Peer, PeerDoes, State,
    Wrong,
};

impl State {
    /// A step of the peer, if it can take it now.
    pub(super) fn peer(&mut self, does: PeerDoes) -> Option<()> {
        self.peer = match (does, self.peer) {
            (PeerDoes::Begins, Peer::Away) => {
                // If it has to wait, it goes on without the lock in the end.
                self.init.get_or_insert(Holder::Peer);
                Peer::Began
            }
            (PeerDoes::Opens, Peer::Began) => {
                let empty = File { content: Content::Empty, is_synced: false, is_named: false };
                self.file.get_or_insert(empty);
                Peer::Opened
            }
            (PeerDoes::Writes, Peer::Opened) => {
                if self.is_being_adopted() {
                    return None;
                }
                let file = self.file.as_mut()?;
                file.content = match file.content {
                    Content::Empty => Content::HalfPeers,
                    Content::HalfPeers => Content::Peers,
                    // `IF NOT EXISTS`: it adds nothing that is there.
                    done @ (Content::Peers
                    | Content::HalfOurs
                    | Content::Marked
                    | Content::Ours) => done,
                };
                (file.is_synced, file.is_named) = (true, true);
                Peer::Opened
            }
            (PeerDoes::Ends, Peer::Opened) => {
                let is_whole =
                    |file: File| !matches!(file.content, Content::Empty | Content::HalfPeers);
                if !self.file.is_some_and(is_whole) {
                    return None;
                }
                self.frees(Holder::Peer, None);
                Peer::Away
            }
            _ => return None,
        };
        Some(())
    }

    fn frees(&mut self, holder: Holder, then: Option<Holder>) {
        if self.init == Some(holder) {
            self.init = then;
        }
    }

    /// An opener is killed: the kernel frees its lock, SQLite rolls its transaction back.
    pub(super) fn dies(&mut self, model: &Opening, at: u8) -> Option<()> {
        let opener = &mut self.openers[usize::from(at)];
        if matches!(opener, Opener::Dead | Opener::Away) {
            return None;
        }
        self.deaths = self.deaths.checked_sub(1)?;
        *opener = Opener::Dead;
        let outlives = model.errs(Mistake::LockOutlives).then_some(Holder::Nobody);
        self.frees(Holder::Opener(at), outlives);
        Some(())
    }

    pub(super) fn peer_dies(&mut self, model: &Opening) -> Option<()> {
        if matches!(self.peer, Peer::Dead | Peer::Away) {
            return None;
        }
        self.deaths = self.deaths.checked_sub(1)?;
        self.peer = Peer::Dead;
        let outlives = model.errs(Mistake::LockOutlives).then_some(Holder::Nobody);
        self.frees(Holder::Peer, outlives);
        Some(())
    }

    /// The machine starts again, and with it everybody.
    pub(super) fn cut(&mut self, lost: Lost) -> Option<()> {
        self.cuts = self.cuts.checked_sub(1)?;
        (self.openers, self.peer, self.init) = ([Opener::Away; OPENERS], Peer::Away, None);
        match lost {
            Lost::Nothing => {}
            Lost::Contents => {
                for file in [&mut self.file, &mut self.unfinished].into_iter().flatten() {
                    if !file.is_synced {
                        file.content = Content::Empty;
                    }
                }
            }
            Lost::Names => {
                let renamed = self.file.take_if(|file| !file.is_named);
                // What was renamed has its old name again; what the peer made has none.
                let was_ours = |file: &File| matches!(file.content, Content::Ours);
                self.unfinished = self.unfinished.or(renamed.filter(was_ours));
            }
            Lost::LogName => {
                let is_unnamed = |log: &mut Log| !matches!(log, Log::Used { is_named: true });
                self.log.take_if(is_unnamed);
            }
        }
        let file = self.file.as_mut().filter(|file| file.content == Content::Ours);
        let has_commits = file.is_some() && matches!(self.log, Some(Log::Used { .. }));
        if self.is_promised && !has_commits {
            self.wrong = Some(Wrong::Lost);
        }
        // What is there after a cut is on the disk.
        for file in [&mut self.file, &mut self.unfinished].into_iter().flatten() {
            (file.is_synced, file.is_named) = (true, true);
        }
        if let Some(Log::Used { is_named }) = &mut self.log {
            *is_named = true;
        }
        Some(())
    }
}
