//! Settings in the types that their users want. Values come checked; nothing is judged here but
//! how settings of one meaning combine.

use std::num::NonZeroU32;
use std::time::Duration;

use andon_core::id::Assignee;
use andon_core::policy::Policy;
use andon_core::policy::retry::{CauseRule, RetryPolicy};
use andon_core::time::Seconds;

use super::{Setting, Value};
use crate::origin::Origin;

/// The settings of one board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Time between two full passes of a dispatcher that nothing wakes.
    pub dispatch_interval: Seconds,
    /// Most workers at once on the board; none is no limit. `max_spawn` means the same, and
    /// the smaller of the two counts.
    pub max_in_progress: Option<NonZeroU32>,
    /// Most workers at once of one profile, unless the profile says.
    pub max_in_progress_per_profile: Option<NonZeroU32>,
    /// Who gets tasks that nobody was named for.
    pub default_assignee: Option<Assignee>,
    /// Claims, failures and waits.
    pub policy: Policy,
    /// Age of the last heartbeat at which a live worker no longer keeps an expired claim.
    pub heartbeat_max_stale: Seconds,
    /// How long a run may last without a heartbeat; none is for ever.
    pub stale_timeout: Option<Seconds>,
    /// How long after its start a worker is not judged dead.
    pub crash_grace: Seconds,
    /// Size at which a worker's log is rotated, in bytes.
    pub worker_log_rotate_bytes: u64,
    /// How many rotated logs are kept.
    pub worker_log_backup_count: u32,
    /// How long a statement waits for SQLite's lock.
    pub busy_timeout: Duration,
    /// Size of the write-ahead log, in pages, above which a writer checkpoints it.
    pub checkpoint_pages: u32,
    /// Whether writers queue on the fair lock.
    pub writer_lock: bool,
    /// Time between two backups that the dispatcher makes; none where it makes none.
    pub backup_interval: Option<Seconds>,
    /// How many backups are kept.
    pub backup_count: NonZeroU32,
    settings: Vec<Setting>,
}

impl Config {
    /// Every setting with its value and origin, in the order of [`super::KEYS`].
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }
}

/// Turns checked settings into the types their users want.
pub(super) fn config(settings: Vec<Setting>) -> Config {
    let get = Typed(&settings);
    let assignee = match get.setting("default_assignee").value {
        Value::Text(ref name) if !name.is_empty() => Some(Assignee::from_row(name.clone())),
        Value::Text(_) | Value::Unset | Value::Integer(_) | Value::Flag(_) => None,
    };
    Config {
        dispatch_interval: get.seconds("dispatch_interval_seconds"),
        max_in_progress: get.board_cap(),
        max_in_progress_per_profile: get.cap("max_in_progress_per_profile"),
        default_assignee: assignee,
        policy: get.policy(),
        heartbeat_max_stale: get.seconds("claim_heartbeat_max_stale_seconds"),
        stale_timeout: Some(get.seconds("dispatch_stale_timeout_seconds"))
            .filter(|timeout| timeout.0 > 0),
        crash_grace: get.seconds("crash_grace_seconds"),
        worker_log_rotate_bytes: get.number("worker_log_rotate_bytes"),
        worker_log_backup_count: get.number("worker_log_backup_count"),
        busy_timeout: Duration::from_millis(get.number("busy_timeout_ms")),
        checkpoint_pages: get.number("checkpoint_pages"),
        writer_lock: get.setting("writer_lock").value == Value::Flag(true),
        backup_interval: Some(get.seconds("backup_interval_seconds"))
            .filter(|interval| interval.0 > 0),
        backup_count: get.cap("backup_count").unwrap_or(NonZeroU32::MIN),
        settings,
    }
}

/// Typed access to checked settings.
struct Typed<'a>(&'a [Setting]);

impl Typed<'_> {
    fn setting(&self, name: &str) -> &Setting {
        self.0.iter().find(|setting| setting.name == name).expect("settings hold every key")
    }

    fn optional<T: TryFrom<i64>>(&self, name: &str) -> Option<T> {
        match self.setting(name).value {
            Value::Integer(number) => T::try_from(number).ok(),
            Value::Unset | Value::Flag(_) | Value::Text(_) => None,
        }
    }

    fn number<T: TryFrom<i64>>(&self, name: &str) -> T {
        self.optional(name).expect("ranges of the key table fit the types")
    }

    fn seconds(&self, name: &str) -> Seconds {
        Seconds(self.number(name))
    }

    fn cap(&self, name: &str) -> Option<NonZeroU32> {
        self.optional::<u32>(name).and_then(NonZeroU32::new)
    }

    /// The smaller of the two names of the board's cap. The built-in value counts only where
    /// nobody said anything: `max_spawn = 10` alone means ten.
    fn board_cap(&self) -> Option<NonZeroU32> {
        let named = |name| self.setting(name).origin != Origin::BuiltIn;
        let (ours, alias) = (self.cap("max_in_progress"), self.cap("max_spawn"));
        match alias {
            Some(alias) if !named("max_in_progress") => Some(alias),
            Some(alias) => Some(ours.map_or(alias, |ours| ours.min(alias))),
            None => ours,
        }
    }

    fn policy(&self) -> Policy {
        let common: u32 = self.number("failure_limit");
        let limit = |name| self.optional(name).unwrap_or(common);
        let wait_max = self.seconds("retry_wait_max_seconds");
        let rule = |limit, wait| CauseRule { limit, wait: self.seconds(wait), wait_max };
        Policy {
            claim_ttl: self.seconds("claim_ttl_seconds"),
            retry: RetryPolicy {
                spawn: rule(limit("spawn_limit"), "spawn_wait_seconds"),
                crash: rule(limit("crash_limit"), "retry_wait_seconds"),
                timeout: rule(limit("timeout_limit"), "retry_wait_seconds"),
                rate_limit: CauseRule {
                    limit: self.number("rate_limit_limit"),
                    wait: self.seconds("rate_limit_cooldown_seconds"),
                    wait_max: self.seconds("rate_limit_wait_max_seconds"),
                },
                protocol: rule(self.number("protocol_violation_limit"), "retry_wait_seconds"),
                stale: rule(self.number("stale_limit"), "retry_wait_seconds"),
                total_limit: self.number("total_limit"),
            },
        }
    }
}
