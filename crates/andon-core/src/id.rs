//! Names of things: each kind of id is its own type, so that one cannot be taken for another.

use std::fmt;

/// A text that is not a well-formed id or name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {given:?} is not valid: {rule}")]
pub struct BadName {
    /// What was being read: `task id`, `board name`, …
    pub what: &'static str,
    /// The text as given, shortened for messages.
    pub given: String,
    /// The rule that it breaks.
    pub rule: &'static str,
}

/// Longest part of a refused text that is quoted back.
const QUOTED_CHARS: usize = 80;

impl BadName {
    fn new(what: &'static str, given: &str, rule: &'static str) -> Self {
        Self { what, given: given.chars().take(QUOTED_CHARS).collect(), rule }
    }
}

/// Longest task id accepted. The peer writes ten characters; longer ones must be tolerated
/// (board reference §8), a bound keeps file names legal.
const TASK_ID_LEN_MAX: usize = 64;

/// Longest step from one id to the next. Two neighbours mostly differ in three digits, which people
/// can tell apart; the range lasts for 16 million tasks before it begins anew, and an id that is
/// taken is passed over.
const ID_STEP_MAX: u32 = 512;

/// A task's id: `t_` and at least eight lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId(String);

impl TaskId {
    /// Reads an id. Because only `t_` and hex digits pass, an id is always safe as a file name.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let hex = text.strip_prefix("t_").unwrap_or("");
        let well_formed = (8..=TASK_ID_LEN_MAX).contains(&hex.len())
            && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadName::new("task id", text, "an id is `t_` and 8 or more of 0-9 a-f"))
        }
    }

    /// Makes an id of 32 random bits.
    pub fn from_random(bits: u32) -> Self {
        Self(format!("t_{bits:08x}"))
    }

    /// Makes the id of the task that comes after `newest`: a small random step further, around the
    /// end of the range to its beginning. So ids sort by age, which makes the last word of the fair
    /// order a just one, and tasks made one after the other lie together in every index: a commit
    /// then touches a few pages instead of one for each task.
    pub fn after(newest: Option<&Self>, random: u32) -> Self {
        let number = newest.and_then(|id| u32::from_str_radix(id.0.get(2..)?, 16).ok());
        match number {
            Some(number) => Self::from_random(number.wrapping_add(1 + random % ID_STEP_MAX)),
            None => Self::from_random(random),
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Finds the first task ids mentioned in prose, at most so many, in order, each once (board
/// reference §8). What comes behind them is not looked at.
pub fn mentions(text: &str, max: usize) -> Vec<TaskId> {
    let mut found = Vec::new();
    for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
        if found.len() >= max {
            break;
        }
        if let Ok(id) = TaskId::parse(word)
            && !found.contains(&id)
        {
            found.push(id);
        }
    }
    found
}

/// One attempt at a task. The number is the fencing token of everything written for the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(pub i64);

/// The place of an event in the board's history; grows with every event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId(pub i64);

/// Identity of one request to change a board: 16 bytes, the first six a millisecond count, so
/// that ids made later sort later. It is stored in the request's own transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OpId(pub [u8; 16]);

impl OpId {
    /// Builds an id from the time and ten random bytes.
    pub fn new(unix_millis: u64, random: [u8; 10]) -> Self {
        let mut bytes = [0; 16];
        bytes[..6].copy_from_slice(&unix_millis.to_be_bytes()[2..]);
        bytes[6..].copy_from_slice(&random);
        Self(bytes)
    }
}

impl fmt::Display for OpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A board's short name, also the name of its directory.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BoardSlug(String);

/// Longest slug (board reference §3.3).
const SLUG_LEN_MAX: usize = 64;

impl BoardSlug {
    /// Name of the board that always exists.
    pub const DEFAULT: &str = "default";

    /// Reads a slug: trimmed and lower-cased first, then held to the rule.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let slug = text.trim().to_ascii_lowercase();
        let first_ok =
            slug.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let rest_ok = slug
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
        if first_ok && rest_ok && slug.len() <= SLUG_LEN_MAX {
            Ok(Self(slug))
        } else {
            Err(BadName::new(
                "board name",
                text,
                "use 1 to 64 of a-z 0-9 - _, beginning with a letter or digit",
            ))
        }
    }

    /// The board named `default`.
    pub fn default_board() -> Self {
        Self(Self::DEFAULT.to_owned())
    }

    /// Whether this is the board that always exists.
    pub fn is_default(&self) -> bool {
        self.0 == Self::DEFAULT
    }

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who works on a task: the name of a profile, lower-case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Assignee(String);

/// Longest profile name; it becomes a directory name on a Hermes home.
const ASSIGNEE_LEN_MAX: usize = 64;

impl Assignee {
    /// Reads a profile name that a person or program gave: trimmed, lower-cased, then checked.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let name = text.trim().to_ascii_lowercase();
        let first_ok =
            name.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let rest_ok = name.bytes().all(|b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.')
        });
        if first_ok && rest_ok && name.len() <= ASSIGNEE_LEN_MAX {
            Ok(Self(name))
        } else {
            Err(BadName::new(
                "profile name",
                text,
                "use 1 to 64 of a-z 0-9 - _ ., beginning with a letter or digit",
            ))
        }
    }

    /// Takes a name from a stored row as it is; other programs write names freely.
    pub fn from_row(text: String) -> Self {
        Self(text)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text that proves who holds a task: `<host>:<pid>:<random>`. Unique per claim (B22).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClaimLock(String);

impl ClaimLock {
    /// Builds a lock from its parts; `random` makes it unlike every other lock.
    pub fn new(host: &str, pid: u32, random: u64) -> Self {
        Self(format!("{host}:{pid}:{random:016x}"))
    }

    /// Takes a lock as stored or as handed to a worker.
    pub fn from_text(text: String) -> Self {
        Self(text)
    }

    /// The lock as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! shown_as_inner {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

shown_as_inner!(TaskId, RunId, EventId, BoardSlug, Assignee, ClaimLock);

#[cfg(test)]
mod tests;
