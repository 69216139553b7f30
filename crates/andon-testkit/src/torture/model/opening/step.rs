//! The steps of opening, by whose they are.

use super::OPENERS;

/// A step. Numbers are those of openers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// An opener takes its next step, as far as it can.
    Opener(u8, Does),
    /// The peer.
    Peer(PeerDoes),
    /// An opener is killed.
    Dies(u8),
    /// The peer is killed.
    PeerDies,
    /// The power is cut; what is not durable is lost, or not.
    Cut(Lost),
}

/// What an opener does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// `exists::look`, without a lock.
    Looks,
    /// `InitLock::acquire`.
    TakesLock,
    /// The wait is over. Ours then fails, and its caller asks again.
    HasWaitedEnough,
    /// `open::read_header`: `schema::recognise`.
    ReadsHeader,
    /// `exists::look`, under the lock.
    LooksAgain,
    /// `create::discard`, `disk::create_private`.
    BeginsFile,
    /// `create::write`, inside its transaction.
    BeginsSchema,
    /// `create::write`, when it has closed.
    EndsSchema,
    /// `disk::sync_file`.
    SyncsFile,
    /// `disk::publish`, as far as `renameat`.
    NamesFile,
    /// `disk::publish`, `disk::sync_directory`.
    SyncsName,
    /// `adopt::adopt`, as far as `BEGIN IMMEDIATE`.
    BeginsAdoption,
    /// `adopt::migrate`, its `COMMIT`.
    EndsAdoption,
    /// `Writer::apply`: a commit that is acknowledged.
    Commits,
}

/// What the peer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PeerDoes {
    /// It takes the lock, or goes on without it.
    Begins,
    /// It opens the file, or makes an empty one.
    Opens,
    /// It makes tables where there are none.
    Writes,
    /// It lets go of the lock.
    Ends,
}

/// What a power cut takes of what is not durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    /// Nothing.
    Nothing,
    /// Contents.
    Contents,
    /// Names.
    Names,
    /// The log's name.
    LogName,
}

impl Step {
    /// Whether it is sure to be taken, some time.
    pub(super) fn is_fair(self) -> bool {
        match self {
            Self::Opener(..) => true,
            // Whether it comes at all is its own affair; once there, it goes on.
            Self::Peer(does) => does != PeerDoes::Begins,
            Self::Dies(_) | Self::PeerDies | Self::Cut(_) => false,
        }
    }

    /// Every step that there is.
    pub(super) fn all(steps: &mut Vec<Self>) {
        let tries = [Does::Looks, Does::TakesLock, Does::HasWaitedEnough, Does::ReadsHeader];
        let makes = [Does::LooksAgain, Does::BeginsFile, Does::BeginsSchema, Does::EndsSchema];
        let names = [Does::SyncsFile, Does::NamesFile, Does::SyncsName];
        let adopts = [Does::BeginsAdoption, Does::EndsAdoption, Does::Commits];
        for at in 0..OPENERS as u8 {
            let all = tries.into_iter().chain(makes).chain(names).chain(adopts);
            steps.extend(all.map(|does| Self::Opener(at, does)).chain([Self::Dies(at)]));
        }
        let peer = [PeerDoes::Begins, PeerDoes::Opens, PeerDoes::Writes, PeerDoes::Ends];
        steps.extend(peer.map(Self::Peer));
        let cuts = [Lost::Nothing, Lost::Contents, Lost::Names, Lost::LogName];
        steps.extend(cuts.map(Self::Cut).into_iter().chain([Self::PeerDies]));
    }
}
