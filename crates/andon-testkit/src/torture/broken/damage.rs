//! Means of damaging a board's files.

use super::files::{FRAME, Files, LOG_HEADER, PAGE};
use super::scene::{Scene, Whole};
use crate::rows::Rows;
use crate::torture::Failure;
use crate::torture::chance::Chance;
use std::collections::BTreeSet;
use std::ops::Range;

/// A board that is being broken.
pub(super) struct Victim<'s> {
    pub(super) files: Files,
    pub(super) whole: &'s Whole,
    pub(super) scene: &'s Scene,
    pub(super) chance: Chance,
    /// Pages that are not what they were.
    pub(super) hit: BTreeSet<u32>,
    /// What is on the board now, where that is not what was.
    pub(super) now: Option<Rows>,
}

impl<'s> Victim<'s> {
    /// A board before anything happened to it.
    pub(super) fn new(whole: &'s Whole, scene: &'s Scene, seed: u64) -> Self {
        let (files, chance) = (whole.files.clone(), Chance::new(seed));
        Self { files, whole, scene, chance, hit: BTreeSet::new(), now: None }
    }

    /// One of the pages of a tree, of a kind: `leaf`, `internal` or `overflow`.
    pub(super) fn some(&mut self, tree: &str, kind: &str) -> Result<u32, Failure> {
        let is_one = |on: &&crate::rows::OnPage| on.tree == tree && on.kind == kind;
        let pages = self.whole.pages.iter().filter(|(_, on)| is_one(on)).map(|(page, _)| *page);
        let pages: Vec<u32> = pages.filter(|page| *page > 1).collect();
        let page = self.chance.pick(&pages).copied();
        page.ok_or_else(|| format!("no page of {tree} is {kind}").into())
    }

    /// Two different ones.
    pub(super) fn some_two(&mut self, tree: &str, kind: &str) -> Result<(u32, u32), Failure> {
        let one = self.some(tree, kind)?;
        for _ in 0..100 {
            let other = self.some(tree, kind)?;
            if other != one {
                return Ok((one, other));
            }
        }
        Err(format!("only one page of {tree} is {kind}").into())
    }

    /// The page on which a tree begins.
    pub(super) fn root(&self, tree: &str) -> Result<u32, Failure> {
        let mut file = tempfile::NamedTempFile::new_in(super::scene::PLACE)?;
        let bytes = self.whole.files.database.clone().unwrap_or_default();
        std::io::Write::write_all(&mut file, &bytes)?;
        let db = rusqlite::Connection::open(file.path())?;
        let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
        Ok(db.query_row(sql, [tree], |row| row.get(0))?)
    }

    /// Overwrites a part of a page.
    pub(super) fn set(&mut self, page: u32, at: usize, bytes: &[u8]) {
        self.hit.insert(page);
        self.files.page(page)[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// Flips a bit of a page.
    pub(super) fn flip(&mut self, page: u32, at: usize, bit: u8) {
        self.hit.insert(page);
        self.files.page(page)[at] ^= 1 << bit;
    }

    /// Fills a part of a page.
    pub(super) fn fill(&mut self, page: u32, part: Range<usize>, byte: u8) {
        self.hit.insert(page);
        self.files.page(page)[part].fill(byte);
    }

    /// Fills a page with zeros.
    pub(super) fn zero(&mut self, page: u32) {
        self.fill(page, 0..PAGE, 0);
    }

    /// Fills a page with anything.
    pub(super) fn scramble(&mut self, page: u32) {
        let bytes: Vec<u8> = (0..PAGE).map(|_| self.chance.draw() as u8).collect();
        self.set(page, 0, &bytes);
    }

    /// Exchanges two pages.
    pub(super) fn swap(&mut self, one: u32, other: u32) {
        let bytes = self.files.page(one).to_vec();
        let others = self.files.page(other).to_vec();
        self.set(one, 0, &others);
        self.set(other, 0, &bytes);
    }

    /// Cuts the database, and notes which pages are gone.
    pub(super) fn cut(&mut self, bytes: usize) {
        let pages = self.files.pages();
        self.files.database().truncate(bytes);
        let first = u32::try_from(bytes / PAGE).unwrap_or(u32::MAX) + 1;
        self.hit.extend(first..=pages);
    }

    /// Writes into a frame of the log, and notes the page if nothing newer of it follows.
    pub(super) fn set_in_frame(&mut self, frame: usize, at: usize, bytes: &[u8]) {
        let begin = LOG_HEADER + frame * FRAME;
        self.files.log()[begin + at..begin + at + bytes.len()].copy_from_slice(bytes);
    }

    /// The page in a frame of the log.
    pub(super) fn page_in(&self, frame: usize) -> u32 {
        self.word_of(frame, 0)
    }

    /// Whether a frame ends a commit.
    pub(super) fn is_commit(&self, frame: usize) -> bool {
        self.word_of(frame, 4) > 0
    }

    fn word_of(&self, frame: usize, at: usize) -> u32 {
        let begin = LOG_HEADER + frame * FRAME + at;
        let log = self.whole.files.log.as_deref().unwrap_or_default();
        let word = log.get(begin..begin + 4).and_then(|bytes| bytes.try_into().ok());
        word.map_or(0, u32::from_be_bytes)
    }

    /// Notes that a frame is not what it was: its page is then as it was before, unless a later
    /// frame has it again.
    pub(super) fn hit_frame(&mut self, frame: usize) {
        let page = self.page_in(frame);
        let is_newest = (frame + 1..self.files.frames()).all(|later| self.page_in(later) != page);
        if is_newest {
            self.hit.insert(page);
        }
    }

    /// A frame with at least so many commits behind it that begins none.
    pub(super) fn frame_before_commits(&self, commits: usize) -> Result<usize, Failure> {
        let frames = self.files.frames();
        let behind = |frame| (frame + 1..frames).filter(|later| self.is_commit(*later)).count();
        let found =
            (1..frames).rev().find(|frame| behind(*frame) >= commits && !self.is_commit(*frame));
        found.ok_or_else(|| "the log is too short".into())
    }
}
