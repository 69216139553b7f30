//! One page of a tree, as SQLite's file format describes it. What a page says of itself is checked
//! cell by cell, so that one bad cell does not hide the others.

use super::record::number;
use std::ops::Range;

/// What a page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    TableLeaf,
    TableInterior,
    IndexLeaf,
    IndexInterior,
}

/// A page of a tree.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) kind: Kind,
    /// Cells.
    pub(super) count: usize,
    bytes: Vec<u8>,
    usable: usize,
    /// Where its own header begins: on the first page, after that of the database.
    head: usize,
}

/// A row in a cell, as far as it lies on this page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// The number of the row in its table; none in an index.
    pub(super) rowid: Option<i64>,
    /// Bytes of the whole row.
    pub(super) total: usize,
    /// Those on this page.
    pub(super) local: Range<usize>,
    /// The page on which it goes on.
    pub(super) rest: Option<u32>,
    /// Where the cell lies.
    place: Range<usize>,
}

/// Header of the database, which takes the beginning of the first page.
pub(super) const DATABASE_HEADER: usize = 100;

/// Longest row that SQLite stores (`SQLITE_MAX_LENGTH`).
const ROW_MAX: u64 = 1_000_000_000;

/// The smallest cell takes so many bytes of a page.
const CELL_MIN: usize = 4;

impl Page {
    /// Takes bytes as a page of a tree; nothing if they are none.
    pub(super) fn parse(bytes: Vec<u8>, page: u32, usable: usize) -> Option<Self> {
        let head = if page == 1 { DATABASE_HEADER } else { 0 };
        let kind = match bytes.get(head)? {
            0x0D => Kind::TableLeaf,
            0x05 => Kind::TableInterior,
            0x0A => Kind::IndexLeaf,
            0x02 => Kind::IndexInterior,
            _ => return None,
        };
        let count = usize::from(u16_at(&bytes, head + 3)?);
        let parsed = Self { kind, count, bytes, usable, head };
        (parsed.pointers().end <= usable.min(parsed.bytes.len())).then_some(parsed)
    }

    /// The bytes of a range of this page.
    pub(super) fn bytes(&self, range: Range<usize>) -> &[u8] {
        &self.bytes[range]
    }

    fn is_interior(&self) -> bool {
        matches!(self.kind, Kind::TableInterior | Kind::IndexInterior)
    }

    fn pointers(&self) -> Range<usize> {
        let begin = self.head + if self.is_interior() { 12 } else { 8 };
        begin..begin + 2 * self.count
    }

    /// Where a cell begins; nothing if not within the page.
    fn cell_at(&self, nth: usize) -> Option<usize> {
        let at = usize::from(u16_at(&self.bytes, self.pointers().start + 2 * nth)?);
        (self.pointers().end..self.usable).contains(&at).then_some(at)
    }

    /// A child of an interior page: those of its cells, then the rightmost one.
    pub(super) fn child(&self, nth: usize) -> Option<u32> {
        match nth {
            nth if nth < self.count => u32_at(&self.bytes, self.cell_at(nth)?),
            _ => u32_at(&self.bytes, self.head + 8),
        }
    }

    /// The largest row number below a child of a table's interior page.
    pub(super) fn key(&self, nth: usize) -> Option<i64> {
        let at = self.cell_at(nth)? + 4;
        let (key, _) = number(self.bytes.get(at..self.usable)?)?;
        Some(key.cast_signed())
    }

    /// The row in a cell of any page that holds rows.
    pub(super) fn cell(&self, nth: usize) -> Option<Cell> {
        let begin = self.cell_at(nth)?;
        let mut at = begin + if self.kind == Kind::IndexInterior { 4 } else { 0 };
        let (total, length) = number(self.bytes.get(at..self.usable)?)?;
        at += length;
        let rowid = match self.kind {
            Kind::TableLeaf => {
                let (rowid, length) = number(self.bytes.get(at..self.usable)?)?;
                at += length;
                Some(rowid.cast_signed())
            }
            Kind::TableInterior => return None,
            Kind::IndexLeaf | Kind::IndexInterior => None,
        };
        let total = usize::try_from(total).ok().filter(|_| total <= ROW_MAX)?;
        let here = self.local(total);
        let (local, mut end) = (at..at + here, at + here);
        let rest = if here < total {
            end += 4;
            Some(u32_at(&self.bytes, local.end)?)
        } else {
            None
        };
        (end <= self.usable).then_some(Cell { rowid, total, local, rest, place: begin..end })
    }

    /// Bytes of a row that stay on the page; the others go to pages of their own.
    fn local(&self, total: usize) -> usize {
        let most = match self.kind {
            Kind::TableLeaf | Kind::TableInterior => self.usable - 35,
            Kind::IndexLeaf | Kind::IndexInterior => (self.usable - 12) * 64 / 255 - 23,
        };
        if total <= most {
            return total;
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let wanted = least + (total - least) % (self.usable - 4);
        if wanted <= most { wanted } else { least }
    }

    /// Whether every byte of the page is accounted for: bytes that are no page of a tree of this
    /// size pass hardly ever.
    pub(super) fn is_tight(&self) -> bool {
        self.accounted() == Some(self.usable)
    }

    fn accounted(&self) -> Option<usize> {
        let content = match usize::from(u16_at(&self.bytes, self.head + 5)?) {
            0 => 65_536,
            other => other,
        };
        if content < self.pointers().end || content > self.usable {
            return None;
        }
        let mut sum = content + usize::from(*self.bytes.get(self.head + 7)?);
        for nth in 0..self.count {
            let place = match self.kind {
                Kind::TableInterior => {
                    let at = self.cell_at(nth)?;
                    let (_, length) = number(self.bytes.get(at + 4..self.usable)?)?;
                    at..at + 4 + length
                }
                Kind::TableLeaf | Kind::IndexLeaf | Kind::IndexInterior => self.cell(nth)?.place,
            };
            sum += place.len().max(CELL_MIN);
        }
        let mut free = usize::from(u16_at(&self.bytes, self.head + 1)?);
        // Each free block stands behind the one before, so there cannot be more than bytes.
        while free != 0 {
            let next = usize::from(u16_at(&self.bytes, free)?);
            sum += usize::from(u16_at(&self.bytes, free + 2)?);
            if next != 0 && next <= free {
                return None;
            }
            free = next;
        }
        Some(sum)
    }
}

/// Two bytes of a page as a number.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

/// Four bytes of a page as a number.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
