//! Errors of stores, sorted by what the caller should do.

use andon_core::rejected::Rejected;
use std::path::PathBuf;

/// What a person may do about an error, beside its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint(pub String);

/// Who holds what the caller waited for, where that can be told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BusyHolder {
    /// Process number.
    pub pid: Option<i32>,
    /// Program name.
    pub program: Option<String>,
}

/// In what way a board is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CorruptWhat {
    /// The file is not a database, or its structure is damaged.
    File(String),
    /// A row holds what no version of the schema allows.
    Row {
        /// Table.
        table: &'static str,
        /// Row, as far as it can be named.
        row: String,
        /// Column.
        column: &'static str,
        /// What stands there.
        why: String,
    },
    /// A value is of another kind than its column; whose row it is cannot be told.
    Value(String),
}

impl std::fmt::Display for CorruptWhat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(why) | Self::Value(why) => f.write_str(why),
            Self::Row { table, row, column, why } => {
                write!(f, "{table} row {row}, column {column}: {why}")
            }
        }
    }
}

/// Why a store could not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The rules said no. Do not repeat it unchanged.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// There is no board there. Make one, or name another.
    #[error("no board at {}: {why}", .path.display())]
    Missing {
        /// Where.
        path: PathBuf,
        /// What was found.
        why: String,
    },
    /// The file is refused, with its bytes untouched.
    #[error("refusing to open {}: {why}", .path.display())]
    Refused {
        /// File.
        path: PathBuf,
        /// Why.
        why: String,
        /// What to do.
        hint: Option<Hint>,
    },
    /// Somebody else holds it. Try again later.
    #[error("the board is busy: waited {waited_ms} ms to {doing}{}", held_by(.holder))]
    Busy {
        /// What was attempted.
        doing: &'static str,
        /// How long it was waited, in milliseconds.
        waited_ms: u64,
        /// Who holds it.
        holder: BusyHolder,
    },
    /// The board is damaged. A board whose file is belongs into quarantine, and nothing more is
    /// written to it; one odd row or value is told of, and the rest goes on.
    #[error("the board is damaged: {0}")]
    Corrupt(CorruptWhat),
    /// The file was replaced or deleted under us. This handle is dead; open the board again.
    #[error("{} is no longer the board that was opened: {why}", .path.display())]
    Replaced {
        /// File.
        path: PathBuf,
        /// What changed.
        why: String,
    },
    /// The disk is full, read-only or broken. Nothing was changed.
    #[error("cannot {doing}: {why}")]
    Unavailable {
        /// What was attempted.
        doing: &'static str,
        /// First cause.
        why: String,
        /// What to do.
        hint: Option<Hint>,
    },
    /// The commit failed and whether it took effect could not be found out. Look before repeating;
    /// repeating with the same operation id is safe.
    #[error("the outcome of {verb} is unknown: {why}")]
    Unknown {
        /// Command.
        verb: &'static str,
        /// First cause.
        why: String,
    },
    /// A fault of this program.
    #[error("internal error: {0}")]
    Internal(String),
}

impl StoreError {
    /// Stable name, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rejected(rejected) => rejected.code(),
            Self::Missing { .. } => "no_board",
            Self::Refused { .. } => "board_refused",
            Self::Busy { .. } => "busy",
            Self::Corrupt(_) => "corrupt",
            Self::Replaced { .. } => "replaced",
            Self::Unavailable { .. } => "unavailable",
            Self::Unknown { .. } => "outcome_unknown",
            Self::Internal(_) => "internal",
        }
    }

    /// Whether the board itself is at fault, and should be left alone for a while. A single row
    /// that cannot be read is no reason (D31).
    pub fn is_board_trouble(&self) -> bool {
        match self {
            Self::Corrupt(CorruptWhat::File(_))
            | Self::Refused { .. }
            | Self::Replaced { .. }
            | Self::Missing { .. } => true,
            Self::Corrupt(CorruptWhat::Row { .. } | CorruptWhat::Value(_))
            | Self::Rejected(_)
            | Self::Busy { .. }
            | Self::Unavailable { .. }
            | Self::Unknown { .. }
            | Self::Internal(_) => false,
        }
    }
}

fn held_by(holder: &BusyHolder) -> String {
    match (holder.pid, &holder.program) {
        (Some(pid), Some(program)) => format!("; held by process {pid} ({program})"),
        (Some(pid), None) => format!("; held by process {pid}"),
        (None, _) => String::new(),
    }
}
