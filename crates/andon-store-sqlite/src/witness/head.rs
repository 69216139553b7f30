//! The header of a log's index.

use crate::salvage::log_sum;
use std::fs::File;
use std::os::unix::fs::FileExt;

/// Bytes of the header, of which there are two that are equal, and of what follows.
const HEADER: usize = 48;
const MOVED_AT: usize = 2 * HEADER;
/// Bytes of an index that anybody has used.
pub(super) const BYTES: u64 = MOVED_AT as u64 + 4;
/// SQLite's number for this form of the index.
const VERSION: u32 = 3_007_000;

/// How far a log counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// Frames that count.
    pub(super) frames: u32,
    /// Frames whose pages are in the database.
    moved: u32,
    /// What tells the log from others, and from its own former contents.
    pub(super) salts: [u8; 8],
    /// The sum over all of it.
    pub(super) sum: [u32; 2],
}

impl Head {
    /// Reads it; nothing if it is not whole, as while somebody writes it.
    pub(super) fn read(index: &File) -> Option<Self> {
        let mut bytes = [0; MOVED_AT + 4];
        index.read_exact_at(&mut bytes, 0).ok()?;
        let (one, other) = (&bytes[..HEADER], &bytes[HEADER..MOVED_AT]);
        let word = |at: usize| {
            let word = bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
            word.map_or(0, u32::from_ne_bytes)
        };
        let is_written = one == other && word(0) == VERSION && bytes[12] == 1;
        let sum = log_sum([0, 0], &bytes[..40], cfg!(target_endian = "big"));
        if !is_written || sum != [word(40), word(44)] {
            return None;
        }
        let salts = bytes[32..40].try_into().ok()?;
        let (frames, moved) = (word(16), word(MOVED_AT));
        Some(Self { frames, moved, salts, sum: [word(24), word(28)] })
    }

    /// Whether the log has anything that the database has not.
    pub(super) fn needs_log(&self) -> bool {
        self.frames > self.moved
    }

    /// Pages that only the log has.
    pub(super) fn unmoved(&self) -> u32 {
        self.frames.saturating_sub(self.moved)
    }
}
