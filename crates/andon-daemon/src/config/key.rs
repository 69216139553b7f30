//! The table of all settings: names, sections, ranges, units. Files, variables and arguments
//! are read by it, and `docs/configuration.md` is checked against it.

use std::fmt;

/// A day and a year, as bounds of spans that are not mistakes.
const DAY: i64 = 86_400;
const YEAR: i64 = 366 * DAY;

/// Most workers, and most failures of one kind, that a setting may allow.
const WORKERS_MAX: i64 = 10_000;
const FAILURES_MAX: i64 = 1_000;

/// Most backups of a board. Each is as large as the board.
const BACKUPS_MAX: i64 = 1_000;

/// Longest text of a setting: a profile name and some room.
pub(super) const TEXT_BYTES_MAX: usize = 200;

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name, the same in every layer.
    pub name: &'static str,
    /// The section of `config.toml` it stands in.
    pub section: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// The unit of a number.
    pub unit: &'static str,
    /// Whether a Hermes home's `config.yaml` can set it.
    pub in_hermes: InHermes,
    /// The release that brought it.
    pub since: &'static str,
}

/// Whether the peer has a setting of the same name and meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InHermes {
    /// `kanban.<name>` of its settings file is honoured.
    Yes,
    /// The name is ours alone.
    No,
}

/// What values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number from `min` to `max`.
    Integer {
        /// Least value.
        min: i64,
        /// Greatest value.
        max: i64,
    },
    /// The same, or `none`.
    OptionalInteger {
        /// Least value.
        min: i64,
        /// Greatest value.
        max: i64,
    },
    /// True or false.
    Flag,
    /// The name of a profile, or nothing.
    Profile,
}

/// The value of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// No value.
    Unset,
    /// A number.
    Integer(i64),
    /// True or false.
    Flag(bool),
    /// A text.
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unset => f.write_str("none"),
            Self::Integer(number) => number.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}

/// Says which values are taken: `1 to 86400, or "none"`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer { min, max } => write!(f, "{min} to {max}"),
            Self::OptionalInteger { min, max } => write!(f, "{min} to {max}, or \"none\""),
            Self::Flag => f.write_str("true or false"),
            Self::Profile => f.write_str("a profile name, or \"\""),
        }
    }
}

/// Finds a setting by its name.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

impl Key {
    /// The environment variable of the setting.
    pub fn variable(&self) -> String {
        format!("ANDON_{}", self.name.to_ascii_uppercase())
    }

    /// The peer's variable of the same meaning, which ranks just below.
    pub fn twin(&self) -> String {
        format!("HERMES_KANBAN_{}", self.name.to_ascii_uppercase())
    }
}

const fn key(section: &'static str, name: &'static str, unit: &'static str, kind: Kind) -> Key {
    Key { name, section, kind, unit, in_hermes: InHermes::No, since: "0.1" }
}

const fn shared(section: &'static str, name: &'static str, unit: &'static str, kind: Kind) -> Key {
    Key { name, section, kind, unit, in_hermes: InHermes::Yes, since: "0.1" }
}

const fn from_to(min: i64, max: i64) -> Kind {
    Kind::Integer { min, max }
}

const fn limit(max: i64) -> Kind {
    Kind::OptionalInteger { min: 1, max }
}

/// All settings, in the order in which they are shown.
pub const KEYS: &[Key] = &[
    shared("dispatch", "dispatch_interval_seconds", "seconds", from_to(1, DAY)),
    shared("dispatch", "max_in_progress", "workers", limit(WORKERS_MAX)),
    shared("dispatch", "max_in_progress_per_profile", "workers", limit(WORKERS_MAX)),
    shared("dispatch", "max_spawn", "workers", limit(WORKERS_MAX)),
    shared("dispatch", "default_assignee", "", Kind::Profile),
    key("dispatch", "claim_ttl_seconds", "seconds", from_to(1, 7 * DAY)),
    key("dispatch", "claim_heartbeat_max_stale_seconds", "seconds", from_to(1, 7 * DAY)),
    shared("dispatch", "dispatch_stale_timeout_seconds", "seconds", from_to(0, YEAR)),
    key("dispatch", "crash_grace_seconds", "seconds", from_to(0, DAY)),
    shared("retry", "failure_limit", "failures", from_to(1, FAILURES_MAX)),
    key("retry", "spawn_limit", "failures", limit(FAILURES_MAX)),
    key("retry", "crash_limit", "failures", limit(FAILURES_MAX)),
    key("retry", "timeout_limit", "failures", limit(FAILURES_MAX)),
    key("retry", "rate_limit_limit", "failures", from_to(1, FAILURES_MAX)),
    key("retry", "protocol_violation_limit", "failures", from_to(1, FAILURES_MAX)),
    key("retry", "stale_limit", "failures", from_to(1, FAILURES_MAX)),
    key("retry", "total_limit", "failures", from_to(1, FAILURES_MAX)),
    key("retry", "retry_wait_seconds", "seconds", from_to(0, DAY)),
    key("retry", "spawn_wait_seconds", "seconds", from_to(0, DAY)),
    key("retry", "retry_wait_max_seconds", "seconds", from_to(0, 7 * DAY)),
    key("retry", "rate_limit_cooldown_seconds", "seconds", from_to(0, DAY)),
    key("retry", "rate_limit_wait_max_seconds", "seconds", from_to(0, 7 * DAY)),
    shared("worker", "worker_log_rotate_bytes", "bytes", from_to(1, 1 << 40)),
    shared("worker", "worker_log_backup_count", "files", from_to(0, 100)),
    key("store", "busy_timeout_ms", "milliseconds", from_to(1, 600_000)),
    key("store", "checkpoint_pages", "pages", from_to(1, 1_000_000)),
    key("store", "writer_lock", "", Kind::Flag),
    key("backup", "backup_interval_seconds", "seconds", from_to(0, YEAR)),
    key("backup", "backup_count", "files", from_to(1, BACKUPS_MAX)),
];
