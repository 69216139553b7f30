//! Where each thing of a board lies (board reference §3.2): the same files as the peer uses, so
//! that both work on one home.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use andon_core::id::{BoardSlug, TaskId};

use super::Home;

/// The file of a board's tasks, in its directory; that of the default board lies in the home.
pub(crate) const DATABASE_FILE: &str = "kanban.db";

/// The file of a board's metadata, in its directory.
pub(crate) const METADATA_FILE: &str = "board.json";

/// The paths of one board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    slug: BoardSlug,
    database: PathBuf,
    board_dir: PathBuf,
    workspaces: PathBuf,
    attachments: PathBuf,
    logs: PathBuf,
    backups: PathBuf,
}

impl Layout {
    /// The paths of board `slug` in `home`. The default board's files lie higher than those of
    /// other boards, for it is older than boards are.
    pub fn new(home: &Home, slug: &BoardSlug) -> Self {
        let board_dir = home.boards_dir().join(slug.as_str());
        let (database, contents) = if slug.is_default() {
            (home.path().join(DATABASE_FILE), home.path().join("kanban"))
        } else {
            (board_dir.join(DATABASE_FILE), board_dir.clone())
        };
        Self {
            slug: slug.clone(),
            database,
            board_dir,
            workspaces: contents.join("workspaces"),
            attachments: contents.join("attachments"),
            logs: contents.join("logs"),
            backups: contents.join("backups"),
        }
    }

    /// The same board with its database elsewhere.
    #[must_use]
    pub fn with_database(self, database: PathBuf) -> Self {
        Self { database, ..self }
    }

    /// The same board with its workspaces elsewhere.
    #[must_use]
    pub fn with_workspaces(self, workspaces: PathBuf) -> Self {
        Self { workspaces, ..self }
    }

    /// The same board with its attachments elsewhere.
    #[must_use]
    pub fn with_attachments(self, attachments: PathBuf) -> Self {
        Self { attachments, ..self }
    }

    /// The board.
    pub fn slug(&self) -> &BoardSlug {
        &self.slug
    }

    /// The database file.
    pub fn database(&self) -> &Path {
        &self.database
    }

    /// The directory of the board's metadata, and of the whole board unless it is the default.
    pub fn board_dir(&self) -> &Path {
        &self.board_dir
    }

    /// `board.json`.
    pub fn metadata_file(&self) -> PathBuf {
        self.board_dir.join(METADATA_FILE)
    }

    /// The directory of scratch workspaces.
    pub fn workspaces(&self) -> &Path {
        &self.workspaces
    }

    /// The scratch workspace of a task.
    pub fn workspace(&self, task: &TaskId) -> PathBuf {
        self.workspaces.join(task.as_str())
    }

    /// The directory of attachments.
    pub fn attachments(&self) -> &Path {
        &self.attachments
    }

    /// The directory of worker logs.
    pub fn logs(&self) -> &Path {
        &self.logs
    }

    /// The directory of the board's backups.
    pub fn backups(&self) -> &Path {
        &self.backups
    }

    /// The log of a task's workers.
    pub fn log_of(&self, task: &TaskId) -> PathBuf {
        self.logs.join(format!("{task}.log"))
    }

    /// The lock that the board's dispatcher holds while it runs.
    pub fn dispatch_lock_file(&self) -> PathBuf {
        beside(&self.database, ".dispatch.lock")
    }

    /// The lock that a write transaction holds.
    pub fn writer_lock_file(&self) -> PathBuf {
        beside(&self.database, ".writer.lock")
    }

    /// Whether the board exists: the default one always does, another one when its directory
    /// has metadata or a database.
    pub fn exists(&self) -> bool {
        self.slug.is_default() || self.metadata_file().exists() || self.database.exists()
    }
}

/// A file named like `path` with more at the end.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}
