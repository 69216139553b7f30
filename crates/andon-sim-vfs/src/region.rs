//! A piece of the index of a log, shared by everybody who has the database open.

use std::cell::UnsafeCell;
use std::sync::Arc;

/// Bytes of a region; SQLite asks for no other size.
pub const REGION_BYTES: usize = 32 << 10;
const WORDS: usize = REGION_BYTES / size_of::<u64>();

/// Memory that SQLite shares between the connections to a database, as processes share a mapping.
pub struct Region(Box<UnsafeCell<[u64; WORDS]>>);

// SAFETY: SQLite keeps order in it with its own locks and barriers, as between processes. The
// methods below copy words one by one and never hand out a reference.
unsafe impl Send for Region {}
// SAFETY: as above.
unsafe impl Sync for Region {}

impl Default for Region {
    fn default() -> Self {
        Self(Box::new(UnsafeCell::new([0; WORDS])))
    }
}

impl std::fmt::Debug for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Region")
    }
}

impl Region {
    /// A region of zeros.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Where it lies, for SQLite.
    pub(crate) fn address(&self) -> *mut u64 {
        self.0.get().cast()
    }

    /// A word of it; 0 beyond its end.
    pub fn word(&self, nth: usize) -> u64 {
        // SAFETY: the place is within the region.
        if nth < WORDS { unsafe { self.address().add(nth).read_volatile() } } else { 0 }
    }

    /// What stands in it, at a moment when nobody writes to it.
    pub fn words(&self) -> Vec<u64> {
        (0..WORDS).map(|nth| self.word(nth)).collect()
    }

    /// Overwrites it, at a moment when nobody uses it. What is missing becomes zero.
    pub fn set_words(&self, words: &[u64]) {
        let words = words.iter().copied().chain(std::iter::repeat(0));
        for (place, word) in words.take(WORDS).enumerate() {
            // SAFETY: the place is within the region.
            unsafe { self.address().add(place).write_volatile(word) };
        }
    }
}
