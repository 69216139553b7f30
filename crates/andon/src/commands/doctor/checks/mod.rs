//! The checks. Each only looks; what it says for one state of the world is tested by making that
//! state. `docs/doctor.md` has a row for each, which a test compares with this table.

mod claims;
mod clock;
mod disk;
mod dispatcher;
mod file;
mod holders;
mod log;
mod peer;
mod permissions;
mod profiles;
mod quarantine;
mod rows;
pub(super) mod schema;
mod settings;
mod sqlite;
mod structure;

use super::case::{BoardCase, HomeCase};
use super::finding::Finding;

/// One check.
pub(super) struct Check {
    /// Stable name, for programs.
    pub(super) name: &'static str,
    /// What it looks at, as the documentation tells it.
    #[cfg_attr(not(test), expect(dead_code, reason = "printed into the documentation by a test"))]
    pub(super) about: &'static str,
    /// What `--fix` mends, if anything.
    #[cfg_attr(not(test), expect(dead_code, reason = "printed into the documentation by a test"))]
    pub(super) mends: &'static str,
    /// The look itself.
    pub(super) look: Look,
}

/// Where a check looks. It finds at least one thing, if only that all is well.
pub(super) enum Look {
    /// Once for the home.
    AtHome(fn(&HomeCase) -> Vec<Finding>),
    /// At every board.
    AtBoard(fn(&BoardCase<'_>) -> Vec<Finding>),
}

/// No word on `--fix`.
const NOTHING: &str = "";

const fn home(
    name: &'static str,
    about: &'static str,
    mends: &'static str,
    look: fn(&HomeCase) -> Vec<Finding>,
) -> Check {
    Check { name, about, mends, look: Look::AtHome(look) }
}

const fn board(
    name: &'static str,
    about: &'static str,
    mends: &'static str,
    look: fn(&BoardCase<'_>) -> Vec<Finding>,
) -> Check {
    Check { name, about, mends, look: Look::AtBoard(look) }
}

#[rustfmt::skip] // One check, a few lines: name, what it looks at, what is mended.
/// Every check, in the order in which they are made.
pub(super) const CHECKS: &[Check] = &[
    home("sqlite", "the version and source id of the SQLite inside, and that it is the only one in the process",
        NOTHING, sqlite::look),
    home("home", "owner and rights of the home and of its files, and the links on the way to it",
        "rights of other users on what Andon made", permissions::of_home),
    home("settings", "files and variables of settings: that they can be read, and what in them has no effect",
        NOTHING, settings::of_home),
    home("profiles", "profiles of this home that cannot start",
        NOTHING, profiles::look),
    home("peer", "installed and running copies of the peer whose releases are known to damage boards",
        NOTHING, peer::look),
    board("file", "that there is a database where the board's should be",
        NOTHING, file::look),
    board("quarantine", "whether the board is in quarantine, since when, why, and until when",
        NOTHING, quarantine::look),
    board("filesystem", "that the board lies on a disk of this host",
        NOTHING, disk::filesystem),
    board("space", "room and free inodes on the board's disk",
        NOTHING, disk::space),
    board("permissions", "owner and rights of the board's files and directories, and of its backups",
        "rights of other users on what Andon made", permissions::of_board),
    board("deleted_files", "processes that write into a database or a log that was deleted under them",
        NOTHING, holders::deleted_files),
    board("open_files", "other programs that have the board's files open",
        NOTHING, holders::open_files),
    board("schema", "whose schema the file has, and of which version",
        NOTHING, schema::schema),
    board("journal_mode", "that the file is in WAL mode, as read back",
        NOTHING, schema::journal_mode),
    board("connection", "that SQLite keeps every setting of a connection, synchronous writes first of all",
        NOTHING, schema::connection),
    board("structure", "pages and rows, by SQLite's own check of everything",
        NOTHING, structure::structure),
    board("indexes", "that each index has the rows of its table",
        "the indexes, if nothing else is damaged", structure::indexes),
    board("rows", "rows that cannot be read",
        NOTHING, rows::rows),
    board("orphans", "rows whose task or run does not exist",
        "rows of Andon's own tables", rows::orphans),
    board("invariants", "the rules that hold on every board",
        NOTHING, rows::invariants),
    board("claims", "leases that ran out, and running tasks without a living runner",
        "claims that ran out and whose holder is gone", claims::look),
    board("dispatcher", "whether somebody dispatches the board, when its last pass was, and whether it stands still",
        NOTHING, dispatcher::look),
    board("locks", "who holds the locks of first opens and of writers, and whether that process stands still",
        NOTHING, dispatcher::locks),
    board("log", "how long the log is, and which readers keep it from beginning anew",
        NOTHING, log::look),
    board("clock", "whether the clock went back behind what the board has stored",
        NOTHING, clock::look),
    board("board_settings", "settings that hold for this board",
        NOTHING, settings::of_board),
];
