//! Rows as they stand in the pages of a database. No byte is believed before it was checked.

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

/// A value, with text as the bytes that were stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stored {
    Null,
    Integer(i64),
    Real(f64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

impl ToSql for Stored {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(bytes) => ValueRef::Text(bytes),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// The values of a row, or as many of its first ones as are there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    pub(super) values: Vec<Stored>,
    /// Columns behind them that could not be read.
    pub(super) lacking: usize,
}

/// SQLite's own limit (`SQLITE_MAX_COLUMN`).
const COLUMNS_MAX: usize = 2_000;

/// A number of one to nine bytes, and how many those are.
pub(super) fn number(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0;
    for (nth, byte) in bytes.iter().take(9).enumerate() {
        if nth == 8 {
            return Some((value << 8 | u64::from(*byte), 9));
        }
        value = value << 7 | u64::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            return Some((value, nth + 1));
        }
    }
    None
}

/// Reads a row of `total` bytes of which these are there. Nothing where they are no row.
pub(super) fn record(bytes: &[u8], total: usize) -> Option<Record> {
    let (head, mut at) = number(bytes)?;
    let head = usize::try_from(head).ok()?;
    if head > bytes.len() || head < at {
        return None;
    }
    let mut kinds = Vec::new();
    while at < head {
        let (kind, length) = number(&bytes[at..head])?;
        kinds.push((kind, size(kind)?));
        at += length;
        if kinds.len() > COLUMNS_MAX {
            return None;
        }
    }
    let body = kinds.iter().try_fold(head, |sum, (_, size)| sum.checked_add(*size))?;
    if body != total {
        return None;
    }
    let mut values = Vec::with_capacity(kinds.len());
    for (kind, size) in &kinds {
        let Some(stored) = bytes.get(at..at + size) else { break };
        values.push(value(*kind, stored));
        at += size;
    }
    Some(Record { lacking: kinds.len() - values.len(), values })
}

/// Bytes of a value of a kind; two kinds are kept for SQLite itself.
fn size(kind: u64) -> Option<usize> {
    match kind {
        0 | 8 | 9 => Some(0),
        1..=4 => usize::try_from(kind).ok(),
        5 => Some(6),
        6 | 7 => Some(8),
        10 | 11 => None,
        long => usize::try_from((long - 12) / 2).ok(),
    }
}

fn value(kind: u64, stored: &[u8]) -> Stored {
    match kind {
        0 => Stored::Null,
        1..=6 => Stored::Integer(integer(stored)),
        7 => Stored::Real(f64::from_bits(integer(stored).cast_unsigned())),
        8 => Stored::Integer(0),
        9 => Stored::Integer(1),
        long if long % 2 == 0 => Stored::Blob(stored.to_vec()),
        _ => Stored::Text(stored.to_vec()),
    }
}

/// The first byte carries the sign.
fn integer(bytes: &[u8]) -> i64 {
    let first = bytes.first().map_or(0, |byte| i64::from(byte.cast_signed()));
    bytes.iter().skip(1).fold(first, |sum, byte| sum << 8 | i64::from(*byte))
}
