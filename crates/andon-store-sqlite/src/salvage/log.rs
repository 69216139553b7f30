//! The write-ahead log, read as far as SQLite reads it, and beyond where it was damaged after it
//! was complete.
//!
//! Each frame carries a sum over itself and all before it, so SQLite ends at the first bad one. The
//! sum of a frame can be checked from the one that stands in the frame before, though, whatever
//! became of that one's page. Frames behind a bad one count if they hold two commits: the second
//! was only written after the first was on the disk, and with it the bad frame as it was then. One
//! commit alone is what a power cut leaves of a change that nobody was told of.

use super::page::u32_at;
use crate::exists;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Bytes before the frames, and before the page in each frame.
pub(crate) const HEADER: usize = 32;
pub(crate) const FRAME_HEADER: usize = 24;
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
    /// The sum that stands in it.
    sum: [u32; 2],
    page: u32,
    /// Pages of the database if it ends a change; else 0.
    commit: u32,
    image: u64,
}

impl Log {
    /// Reads a log; nothing if there is no frame in it that counts. `page` is how large pages are
    /// if the log itself does not say.
    pub(super) fn read(file: File, page: usize) -> io::Result<Option<Self>> {
        let bytes = exists::size_of(&file)?;
        if bytes < HEADER as u64 {
            return Ok(None);
        }
        let (reading, frames) = match Reading::in_file(&file, bytes)? {
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

/// How far a log goes by its own sums.
#[derive(Debug)]
pub(crate) struct Extent {
    reading: Reading,
    frames: Vec<Frame>,
}

impl Extent {
    /// Reads all of a log; nothing if it does not begin as one.
    pub(crate) fn of(log: &File) -> io::Result<Option<Self>> {
        let bytes = exists::size_of(log)?;
        let Some(reading) = Reading::in_file(log, bytes)? else { return Ok(None) };
        Ok(Some(Self { reading, frames: reading.frames(log, bytes)? }))
    }

    /// What tells the log from others, and from its own former contents.
    pub(crate) fn salts(&self) -> [u8; 8] {
        self.reading.salts
    }

    /// Bytes of a page.
    pub(crate) fn page(&self) -> usize {
        self.reading.page
    }

    /// Whole frames, good or not.
    pub(crate) fn frames(&self) -> usize {
        self.frames.len()
    }

    /// Whether the first frames are what was written, and end with this sum.
    pub(crate) fn is_good_up_to(&self, frames: usize, sum: [u32; 2]) -> bool {
        let counted = self.frames.get(..frames).unwrap_or_default();
        let is_good = counted.iter().all(|frame| frame.is_good);
        is_good && counted.last().is_some_and(|last| last.sum == sum)
    }

    /// Frames that count by their own sums, as SQLite takes them.
    pub(crate) fn counted(&self) -> usize {
        let good = self.frames.iter().take_while(|frame| frame.is_good).count();
        let last = self.frames[..good].iter().rposition(|frame| frame.commit > 0);
        last.map_or(0, |last| last + 1)
    }

    /// Whether there are frames behind damage that were written after what is damaged.
    pub(crate) fn goes_on(&self) -> bool {
        end(&self.frames).0 > self.counted()
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
    /// By the header of a log, if it is whole.
    fn in_file(log: &File, bytes: u64) -> io::Result<Option<Self>> {
        let mut header = [0; HEADER];
        if bytes < HEADER as u64 {
            return Ok(None);
        }
        log.read_exact_at(&mut header, 0)?;
        Ok(Self::of(&header))
    }

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
        let (mut frames, mut before) = (Vec::new(), self.seed);
        let (mut part, mut first) = (Vec::new(), 0);
        while first < count {
            let at = HEADER as u64 + first * size as u64;
            let taken = usize::try_from(count - first).map_or(AT_ONCE, |left| left.min(AT_ONCE));
            part.resize(taken * size, 0);
            file.read_exact_at(&mut part, at)?;
            for (nth, bytes) in part.chunks_exact(size).enumerate() {
                let image = at + (nth * size + FRAME_HEADER) as u64;
                let frame = self.frame(bytes, before, image);
                before = Some(frame.sum);
                frames.push(frame);
            }
            first += taken as u64;
        }
        Ok(frames)
    }

    fn frame(&self, bytes: &[u8], before: Option<[u32; 2]>, image: u64) -> Frame {
        let word = |at| u32_at(bytes, at).unwrap_or(0);
        let stored = [word(16), word(20)];
        let is_ours = bytes[8..16] == self.salts && word(0) != 0;
        let is_good = is_ours
            && before.is_some_and(|before| {
                let headed = sum(before, &bytes[..8], self.is_big_endian);
                sum(headed, &bytes[FRAME_HEADER..], self.is_big_endian) == stored
            });
        Frame { is_good, sum: stored, page: word(0), commit: word(4), image }
    }
}

/// Frames that are read at once: as many as stay in the processor's cache.
const AT_ONCE: usize = 16;

/// SQLite's sum over bytes, eight at a time.
pub(crate) fn sum(before: [u32; 2], bytes: &[u8], is_big_endian: bool) -> [u32; 2] {
    // Told apart here, not within the loop: all of a log goes through it.
    if is_big_endian {
        sum_of(before, bytes, u32::from_be_bytes)
    } else {
        sum_of(before, bytes, u32::from_le_bytes)
    }
}

fn sum_of(before: [u32; 2], bytes: &[u8], word: impl Fn([u8; 4]) -> u32) -> [u32; 2] {
    let pairs = bytes.as_chunks::<4>().0.as_chunks::<2>().0;
    pairs.iter().fold(before, |[first, second], [left, right]| {
        let first = first.wrapping_add(word(*left)).wrapping_add(second);
        [first, second.wrapping_add(word(*right)).wrapping_add(first)]
    })
}
