//! The steps of a board's files.

use super::OURS;

/// A step. Numbers are those of processes of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A process opens the board.
    Opens(u8, Opens),
    /// A process writes.
    Writes(u8, Writes),
    /// Foreign code in a process opens and closes a file.
    Loses(u8, Loses),
    /// A process is killed.
    Dies(u8),
    /// The peer.
    Peer(PeerDoes),
    /// `restore`.
    Restores(Restores),
    /// Somebody moves a file by hand.
    Strikes(Strikes),
}

/// Opening: `andon-store-sqlite`, `open`, `guard`, `store`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opens {
    /// `Glance::at`, for a store that will guard the board.
    ToGuard,
    /// The same, for one that will not.
    Briefly,
    /// `connect::open_file`.
    Connects,
    /// `schema::recognise`: the first read opens log and index.
    Reads,
    /// `Identity::of`: the files must be those of the glance.
    Notes,
    /// `guard::anchor`, the database.
    AnchorsDatabase,
    /// `guard::anchor`, the index.
    AnchorsIndex,
    /// `Guard::hold`, its last look.
    Verifies,
    /// `Pool::with`: a later read.
    ReadsAgain,
    /// The store is dropped. `SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE`: nothing is deleted.
    Closes,
}

/// Writing: `store::writer`, `writer::Desk`, `writer::batch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writes {
    /// `Identity::connect`, its first look.
    Glances,
    /// `Identity::connect`: a connection of its own.
    Connects,
    /// `Identity::connect`, its second look.
    Compares,
    /// `WriterLock::lock`.
    TakesTurn,
    /// `Identity::verify`, in `Desk::carry_out`.
    Looks,
    /// `BEGIN IMMEDIATE`.
    Begins,
    /// `COMMIT`.
    Commits,
    /// `Identity::verify`, in `Desk::tidy_up`.
    LooksAgain,
    /// `LogLength::checkpoint`.
    Checkpoints,
    /// The turn is over; most commits have no checkpoint.
    GivesTurnBack,
}

/// Which locks a process loses: all that it has on the file at this path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loses {
    /// Those on the database.
    Database,
    /// Those on the index.
    Index,
}

/// What the peer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PeerDoes {
    /// It opens the board.
    Opens,
    /// It reads.
    Reads,
    /// It begins to write.
    Begins,
    /// It commits.
    Commits,
    /// It closes, and takes the database alone if nobody else has it.
    Closes,
    /// It deletes log and index.
    Deletes,
}

/// `restore::restore`, `replace::replace`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Restores {
    /// `users::require_unused`.
    LooksWhoUses,
    /// `WriterLock::lock_within`, behind the init lock.
    TakesTurn,
    /// `users::require_unused`, once more.
    LooksAgain,
    /// `replace::move_aside`, the database.
    MovesDatabase,
    /// `replace::move_belongings`, the log.
    MovesLog,
    /// The same, the index.
    MovesIndex,
    /// `disk::publish`, and the turn is given back.
    Publishes,
    /// It is killed.
    Dies,
}

/// What a person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strikes {
    /// The database is moved away.
    DatabaseGone,
    /// Another database is moved to its place.
    DatabasePut(u8),
    /// The log is moved away.
    LogGone,
}

impl Step {
    /// Whether it is sure to be taken, some time.
    pub(super) fn is_fair(self) -> bool {
        match self {
            Self::Opens(_, does) => does != Opens::Closes,
            Self::Writes(..) => true,
            // Whether they begin is their affair; what they began they end.
            Self::Peer(does) => !matches!(does, PeerDoes::Opens | PeerDoes::Begins),
            Self::Restores(does) => !matches!(does, Restores::LooksWhoUses | Restores::Dies),
            Self::Loses(..) | Self::Dies(_) | Self::Strikes(_) => false,
        }
    }

    /// Every step that there is.
    pub(super) fn all(steps: &mut Vec<Self>) {
        use {Opens as O, PeerDoes as P, Restores as R, Strikes as S, Writes as W};
        let opens = [O::ToGuard, O::Briefly, O::Connects, O::Reads, O::Notes];
        let guards = [O::AnchorsDatabase, O::AnchorsIndex, O::Verifies, O::ReadsAgain, O::Closes];
        let connects = [W::Glances, W::Connects, W::Compares];
        let writes = [W::TakesTurn, W::Looks, W::Begins, W::Commits];
        let tidies = [W::LooksAgain, W::Checkpoints, W::GivesTurnBack];
        for at in 0..OURS as u8 {
            let all = opens.into_iter().chain(guards);
            steps.extend(all.map(|does| Self::Opens(at, does)));
            let all = connects.into_iter().chain(writes).chain(tidies);
            steps.extend(all.map(|does| Self::Writes(at, does)));
            steps.extend([Loses::Database, Loses::Index].map(|what| Self::Loses(at, what)));
            steps.push(Self::Dies(at));
        }
        let peer = [P::Opens, P::Reads, P::Begins, P::Commits, P::Closes, P::Deletes];
        steps.extend(peer.map(Self::Peer));
        let looks = [R::LooksWhoUses, R::TakesTurn, R::LooksAgain, R::Dies];
        let moves = [R::MovesDatabase, R::MovesLog, R::MovesIndex, R::Publishes];
        steps.extend(looks.into_iter().chain(moves).map(Self::Restores));
        let strikes = [S::DatabaseGone, S::DatabasePut(0), S::DatabasePut(1), S::LogGone];
        steps.extend(strikes.map(Self::Strikes));
    }
}
