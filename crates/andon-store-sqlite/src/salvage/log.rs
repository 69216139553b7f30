//! The write-ahead log, read as far as SQLite reads it, and beyond where it was damaged after it
//! was complete.
//!
//! Each frame carries a sum over itself and all before it, so SQLite ends at the first bad one. The
//! sum of a frame can be checked from the one that stands in the frame before, though, whatever
//! became of that one's page. Frames behind a bad one count if they hold two commits: the second
//! was only written after the first was on the disk, and with it the bad frame as it was then. One
//! commit alone is what a power cut leaves of a change that nobody was told of.

use super::page::u32_at;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Bytes before the frames, and before the page in each frame.
const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The first four bytes; the lowest bit says in which order of bytes sums are taken.
const MAGIC: u32 = 0x377F_0682;
/// Commits behind a bad frame that prove that it was whole once.
const COMMITS_MIN: usize = 2;

/// The pages in a log.
#[derive(Debug)]
pub(super) struct Log {
    file: File,
    /// Bytes of a page.
    pub(super) page: usize,
    /// Where the images of a page begin, oldest first.
    images: HashMap<u32, Vec<u64>>,
    /// Commits that are used.
    pub(super) commits: usize,
    /// Frames before the last of these that are not what was written.
    pub(super) bad: usize,
}

/// How a log is read.
#[derive(Debug, Clone, Copy)]
struct Reading {
    page: usize,
    salts: [u8; 8],
    is_big_endian: bool,
    /// The sum before the first frame, where the log's header is whole.
    seed: Option<[u32; 2]>,
}

#[derive(Debug, Clone, Copy)]
struct Frame {
    is_good: bool,
    page: u32,
    /// Pages of the database if it ends a change; else 0.
    commit: u32,
    image: u64,
}

impl Log {
    /// Reads a log; nothing if there is no frame in it that counts. `page` is how large pages are
    /// if the log itself does not say.
    pub(super) fn read(file: File, page: usize) -> io::Result<Option<Self>> {
        let bytes = file.metadata()?.len();
        let mut header = [0; HEADER];
        if bytes < HEADER as u64 {
            return Ok(None);
        }
        file.read_exact_at(&mut header, 0)?;
        let (reading, frames) = match Reading::of(&header) {
            Some(reading) => (reading, reading.frames(&file, bytes)?),
            None => match Reading::without_header(&file, bytes, page)? {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        Ok(Self::of(file, reading.page, &frames))
    }

    fn of(file: File, page: usize, frames: &[Frame]) -> Option<Self> {
        let (end, commits) = end(frames);
        let used = &frames[..end];
        let mut images: HashMap<u32, Vec<u64>> = HashMap::new();
        for frame in used.iter().filter(|frame| frame.is_good) {
            images.entry(frame.page).or_default().push(frame.image);
        }
        let bad = used.iter().filter(|frame| !frame.is_good).count();
        (commits > 0).then_some(Self { file, page, images, commits, bad })
    }

    /// Pages that are in the log.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.images.keys().copied()
    }

    /// An image of a page, the newest one first.
    pub(super) fn image(&self, page: u32, nth: usize) -> io::Result<Option<Vec<u8>>> {
        let Some(images) = self.images.get(&page) else { return Ok(None) };
        let Some(at) = images.iter().rev().nth(nth) else { return Ok(None) };
        let mut bytes = vec![0; self.page];
        self.file.read_exact_at(&mut bytes, *at)?;
        Ok(Some(bytes))
    }

    /// How many images of a page there are.
    pub(super) fn images(&self, page: u32) -> usize {
        self.images.get(&page).map_or(0, Vec::len)
    }
}

/// How many frames count, and how many commits are among them.
fn end(frames: &[Frame]) -> (usize, usize) {
    let (mut end, mut commits) = (0, 0);
    let mut begin = 0;
    while begin < frames.len() {
        let length = frames[begin..].iter().take_while(|frame| frame.is_good).count();
        let run = &frames[begin..begin + length];
        let in_run = run.iter().filter(|frame| frame.commit > 0).count();
        let is_first = begin == 0;
        if in_run >= COMMITS_MIN || (is_first && in_run > 0) {
            let last = run.iter().rposition(|frame| frame.commit > 0).unwrap_or(0);
            end = begin + last + 1;
            commits += in_run;
        }
        begin += length.max(1);
    }
    (end, commits)
}

impl Reading {
    fn of(header: &[u8; HEADER]) -> Option<Self> {
        let magic = u32_at(header, 0)?;
        let page = usize::try_from(u32_at(header, 8)?).ok()?;
        let is_page = page.is_power_of_two() && (512..=65_536).contains(&page);
        if magic & !1 != MAGIC || !is_page {
            return None;
        }
        let is_big_endian = magic & 1 == 1;
        let seed = sum([0, 0], &header[..24], is_big_endian);
        let stored = [u32_at(header, 24)?, u32_at(header, 28)?];
        let salts = header[16..24].try_into().ok()?;
        (seed == stored).then_some(Self { page, salts, is_big_endian, seed: Some(seed) })
    }

    /// Without a header, the first frame tells whose frames these are, and the one order of bytes
    /// in which sums are right is the one in which they were taken.
    fn without_header(
        file: &File,
        bytes: u64,
        page: usize,
    ) -> io::Result<Option<(Self, Vec<Frame>)>> {
        if bytes < (HEADER + FRAME_HEADER + page) as u64 {
            return Ok(None);
        }
        let mut salts = [0; 8];
        file.read_exact_at(&mut salts, HEADER as u64 + 8)?;
        let good = |frames: &[Frame]| frames.iter().filter(|frame| frame.is_good).count();
        let reading = |is_big_endian| Self { page, salts, is_big_endian, seed: None };
        let little = reading(false).frames(file, bytes)?;
        let big = reading(true).frames(file, bytes)?;
        Ok(Some(if good(&big) > good(&little) {
            (reading(true), big)
        } else {
            (reading(false), little)
        }))
    }

    fn frames(&self, file: &File, bytes: u64) -> io::Result<Vec<Frame>> {
        let size = FRAME_HEADER + self.page;
        let count = (bytes - HEADER as u64) / size as u64;
        let mut frames = Vec::new();
        let (mut frame, mut before) = (vec![0; size], self.seed);
        for nth in 0..count {
            let at = HEADER as u64 + nth * size as u64;
            file.read_exact_at(&mut frame, at)?;
            let word = |at| u32_at(&frame, at).unwrap_or(0);
            let stored = [word(16), word(20)];
            let is_ours = frame[8..16] == self.salts && word(0) != 0;
            let is_good = is_ours
                && before.is_some_and(|before| {
                    let headed = sum(before, &frame[..8], self.is_big_endian);
                    sum(headed, &frame[FRAME_HEADER..], self.is_big_endian) == stored
                });
            before = Some(stored);
            let image = at + FRAME_HEADER as u64;
            frames.push(Frame { is_good, page: word(0), commit: word(4), image });
        }
        Ok(frames)
    }
}

/// SQLite's sum over bytes, eight at a time.
fn sum(before: [u32; 2], bytes: &[u8], is_big_endian: bool) -> [u32; 2] {
    let word = |bytes: &[u8; 4]| {
        if is_big_endian { u32::from_be_bytes(*bytes) } else { u32::from_le_bytes(*bytes) }
    };
    let pairs = bytes.as_chunks::<4>().0.as_chunks::<2>().0;
    pairs.iter().fold(before, |[first, second], [left, right]| {
        let first = first.wrapping_add(word(left)).wrapping_add(second);
        [first, second.wrapping_add(word(right)).wrapping_add(first)]
    })
}
