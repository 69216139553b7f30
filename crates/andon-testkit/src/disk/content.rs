//! The bytes of a file, in pages that copies of it share until one is written to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of a page; what file systems share and tear.
pub const PAGE: usize = 4096;

/// A page, and what its bytes add up to once somebody has asked.
#[derive(Debug)]
struct Page {
    bytes: [u8; PAGE],
    /// 0 where nobody has asked.
    digest: AtomicU64,
}

impl Clone for Page {
    fn clone(&self) -> Self {
        Self { bytes: self.bytes, digest: AtomicU64::new(0) }
    }
}

/// The content of a file. A page that was never written holds zeros.
#[derive(Debug, Clone, Default)]
pub struct Content {
    size: u64,
    pages: Vec<Option<Arc<Page>>>,
}

impl Content {
    /// Bytes in it.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Reads what is there, and tells how many bytes that were.
    pub fn read(&self, into: &mut [u8], at: u64) -> usize {
        let there = self.size.saturating_sub(at).min(into.len() as u64) as usize;
        let mut done = 0;
        while done < there {
            let (nth, from) = place(at + done as u64);
            let length = (PAGE - from).min(there - done);
            let part = &mut into[done..done + length];
            match self.pages.get(nth).and_then(Option::as_ref) {
                Some(page) => part.copy_from_slice(&page.bytes[from..from + length]),
                None => part.fill(0),
            }
            done += length;
        }
        there
    }

    /// Writes bytes at a place; a gap before it holds zeros.
    pub fn write(&mut self, bytes: &[u8], at: u64) {
        let end = at + bytes.len() as u64;
        self.size = self.size.max(end);
        self.pages.resize(self.pages.len().max(pages_of(self.size)), None);
        let mut done = 0;
        while done < bytes.len() {
            let (nth, from) = place(at + done as u64);
            let length = (PAGE - from).min(bytes.len() - done);
            let empty = || Arc::new(Page { bytes: [0; PAGE], digest: AtomicU64::new(0) });
            let page = Arc::make_mut(self.pages[nth].get_or_insert_with(empty));
            page.bytes[from..from + length].copy_from_slice(&bytes[done..done + length]);
            *page.digest.get_mut() = 0;
            done += length;
        }
    }

    /// Cuts it, or makes it longer by zeros.
    pub fn truncate(&mut self, size: u64) {
        let kept = size.min(self.size);
        self.pages.truncate(pages_of(kept));
        let (nth, from) = place(kept);
        if let Some(Some(page)) = self.pages.get_mut(nth) {
            let page = Arc::make_mut(page);
            page.bytes[from..].fill(0);
            *page.digest.get_mut() = 0;
        }
        self.size = size;
        self.pages.resize(pages_of(size), None);
    }

    /// What it adds up to: equal contents give equal numbers, others hardly ever.
    pub fn digest(&self) -> u64 {
        let mut sum = mix(0x5851_F42D_4C95_7F2D, self.size);
        for page in &self.pages {
            sum = mix(sum, page.as_ref().map_or(0, |page| page.digest()));
        }
        sum
    }
}

impl Page {
    fn digest(&self) -> u64 {
        let known = self.digest.load(Ordering::Relaxed);
        if known != 0 {
            return known;
        }
        // A page of zeros counts like one that was never written.
        let is_zero = self.bytes.iter().all(|byte| *byte == 0);
        if is_zero {
            return 0;
        }
        let found = digest(&self.bytes) | 1;
        self.digest.store(found, Ordering::Relaxed);
        found
    }
}

/// What bytes add up to.
pub fn digest(bytes: &[u8]) -> u64 {
    // Four sums side by side, because each step of one waits for the step before.
    let mut sums = [1_u64, 2, 3, 4];
    let chunks = bytes.chunks_exact(32);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (sum, word) in sums.iter_mut().zip(chunk.as_chunks::<8>().0) {
            *sum = mix(*sum, u64::from_le_bytes(*word));
        }
    }
    for byte in rest {
        sums[0] = mix(sums[0], u64::from(*byte) + 1);
    }
    let all = sums.into_iter().fold(bytes.len() as u64, mix);
    all ^ (all >> 29)
}

/// Takes a number into a sum, so that order counts.
pub fn mix(sum: u64, number: u64) -> u64 {
    (sum ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
}

fn place(at: u64) -> (usize, usize) {
    ((at / PAGE as u64) as usize, (at % PAGE as u64) as usize)
}

fn pages_of(size: u64) -> usize {
    size.div_ceil(PAGE as u64) as usize
}

#[cfg(test)]
mod tests;
