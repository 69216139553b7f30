//! Writes that continue each other, not yet passed on.

/// Bytes collected at most: what SQLite's interface for Unix takes in one write, which masks longer
/// ones (`seekAndWriteFd` in its `os_unix.c`). 31 pages.
const PENDING_BYTES_MAX: usize = 0x1_ffff;

/// Bytes for one place of the file.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    start: i64,
    bytes: Vec<u8>,
}

/// Whether a write was taken up.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It waits with the others.
    Yes,
    /// What waits has to be passed on first.
    No,
}

impl Pending {
    /// Takes a write up if it continues what waits, or if nothing waits.
    pub(crate) fn take(&mut self, at: i64, bytes: &[u8]) -> Taken {
        if self.bytes.is_empty() {
            self.start = at;
        } else if at != self.end() || self.bytes.len() + bytes.len() > PENDING_BYTES_MAX {
            return Taken::No;
        }
        self.bytes.extend_from_slice(bytes);
        Taken::Yes
    }

    /// Takes out what waits: where it belongs, and the bytes. The caller gives the bytes back with
    /// [`Pending::reuse`].
    pub(crate) fn drain(&mut self) -> Option<(i64, Vec<u8>)> {
        (!self.bytes.is_empty()).then(|| (self.start, std::mem::take(&mut self.bytes)))
    }

    /// Keeps the memory of bytes that were passed on.
    pub(crate) fn reuse(&mut self, mut bytes: Vec<u8>) {
        bytes.clear();
        self.bytes = bytes;
    }

    fn end(&self) -> i64 {
        self.start.saturating_add_unsigned(self.bytes.len() as u64)
    }
}

#[cfg(test)]
mod tests;
