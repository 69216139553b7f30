//! Walks the trees of a database, around everything that cannot be read.

use super::Failed;
use super::page::{Kind, Page, u32_at};
use super::pages::Pages;
use super::record::{Stored, record};
use super::shape::Shape;
use std::collections::HashSet;

/// A row that was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// The page that it begins on.
    pub(super) page: u32,
    /// Its number in its table.
    pub(super) rowid: Option<i64>,
    /// Its values; the first ones, where the rest is lacking.
    pub(super) values: Vec<Stored>,
    /// Columns that could not be read, and why.
    pub(super) lacking: Option<(usize, &'static str)>,
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The table, where that is known.
    pub table: Option<String>,
    /// The page.
    pub page: u32,
    /// The rows that belong there: those with numbers above the first and up to the second.
    pub rows: Option<(i64, i64)>,
    /// Why.
    pub why: String,
}

/// Where a row may be numbered: above the first, up to the second.
type Bounds = (i64, i64);

const ANY: Bounds = (i64::MIN, i64::MAX);

/// Deeper than any tree of a billion rows.
const DEPTH_MAX: usize = 32;

/// Reads trees, and keeps in mind what was read.
#[derive(Debug)]
pub(super) struct Reader<'p> {
    pub(super) pages: &'p Pages,
    /// Pages that have been read as what they are, each with which of its images.
    seen: HashSet<(u32, usize)>,
    pub(super) unread: Vec<Unread>,
}

/// A page that is to be read.
struct Place {
    page: u32,
    bounds: Bounds,
    depth: usize,
}

impl<'p> Reader<'p> {
    pub(super) fn new(pages: &'p Pages) -> Self {
        Self { pages, seen: HashSet::new(), unread: Vec::new() }
    }

    /// Whether a page has been read as what it is.
    pub(super) fn has_seen(&self, page: u32) -> bool {
        (0..self.pages.images(page)).any(|nth| self.seen.contains(&(page, nth)))
    }

    /// Notes that pages hold nothing.
    pub(super) fn forget(&mut self, pages: impl IntoIterator<Item = u32>) {
        self.seen.extend(pages.into_iter().map(|page| (page, 0)));
    }

    /// Hands over every row of a table that can be reached from its root.
    pub(super) fn table(
        &mut self,
        shape: &Shape,
        root: u32,
        take: &mut dyn FnMut(Row) -> Result<(), Failed>,
    ) -> Result<(), Failed> {
        let mut to_read = vec![Place { page: root, bounds: ANY, depth: 0 }];
        while let Some(place) = to_read.pop() {
            match self.open(shape, &place)? {
                Ok((page, nth)) => {
                    self.seen.insert((place.page, nth));
                    if nth > 0 {
                        self.lose(shape, &place, "its newest state is none of this table's");
                    }
                    self.rows(shape, &place, &page, take)?;
                    // The last one is taken first.
                    to_read.extend(self.children(shape, &place, &page).into_iter().rev());
                }
                Err(why) => self.lose(shape, &place, why),
            }
        }
        Ok(())
    }

    /// The newest image of a page that may be where it is, and which one that is.
    fn open(
        &self,
        shape: &Shape,
        place: &Place,
    ) -> Result<Result<(Page, usize), &'static str>, Failed> {
        if place.page == 0 || place.page > self.pages.last() {
            return Ok(Err("there is no such page"));
        }
        if place.depth > DEPTH_MAX {
            return Ok(Err("it lies deeper than any tree reaches"));
        }
        let mut why = "there is no such page";
        let mut nth = 0;
        while let Some(bytes) = self.pages.image(place.page, nth)? {
            match self.judge(shape, place, bytes) {
                // A state of a page that is another tree's may have an older one that is ours.
                Ok(_) if self.seen.contains(&(place.page, nth)) => {
                    why = "another place in the file names the same page";
                }
                Ok(page) => return Ok(Ok((page, nth))),
                Err(first) if nth == 0 => why = first,
                Err(_) => {}
            }
            nth += 1;
        }
        Ok(Err(why))
    }

    fn judge(&self, shape: &Shape, place: &Place, bytes: Vec<u8>) -> Result<Page, &'static str> {
        if bytes.iter().all(|byte| *byte == 0) {
            return Err("it holds nothing but zeros");
        }
        let page = Page::parse(bytes, place.page, self.pages.usable);
        let page = page.ok_or("it is no page of a tree")?;
        let is_numbered = matches!(page.kind, Kind::TableLeaf | Kind::TableInterior);
        if is_numbered != shape.is_numbered {
            return Err("it is a page of another kind of tree");
        }
        if page.kind == Kind::TableInterior || page.count == 0 {
            return Ok(page);
        }
        let cells = || (0..page.count).filter_map(|nth| page.cell(nth));
        let is_within = |rowid: i64| rowid > place.bounds.0 && rowid <= place.bounds.1;
        let (count, within) = cells().fold((0, 0), |(count, within), cell| {
            (count + 1, within + usize::from(cell.rowid.is_none_or(is_within)))
        });
        if within * 2 <= count || count == 0 {
            return Err("hardly any of its rows belongs there");
        }
        // A row may hold what nobody expects; a page on which most of them do is not this table's.
        let rows = cells().filter_map(|cell| record(page.bytes(cell.local), cell.total));
        let (count, fit) = rows.fold((0, 0), |(count, fit), row| {
            (count + 1, fit + usize::from(shape.fits(&row.values, row.lacking)))
        });
        if count > 0 && fit * 2 < count {
            return Err("it is a page of another table");
        }
        Ok(page)
    }

    fn children(&mut self, shape: &Shape, place: &Place, page: &Page) -> Vec<Place> {
        let mut children = Vec::new();
        if !matches!(page.kind, Kind::TableInterior | Kind::IndexInterior) {
            return children;
        }
        let mut below = place.bounds.0;
        for nth in 0..=page.count {
            let is_last = nth == page.count;
            let above = if is_last { Some(place.bounds.1) } else { page.key(nth) };
            let bounds = match (page.kind, above) {
                (Kind::TableInterior, Some(above)) if above >= below => (below, above),
                (Kind::TableInterior, _) => (below, place.bounds.1),
                _ => ANY,
            };
            let depth = place.depth + 1;
            match page.child(nth) {
                Some(child) => children.push(Place { page: child, bounds, depth }),
                None => {
                    let lost = Place { page: place.page, bounds, depth };
                    self.lose(shape, &lost, "one of its cells does not lie within it");
                }
            }
            if page.kind == Kind::TableInterior && bounds.1 < place.bounds.1 {
                below = bounds.1;
            }
        }
        children
    }

    fn rows(
        &mut self,
        shape: &Shape,
        place: &Place,
        page: &Page,
        take: &mut dyn FnMut(Row) -> Result<(), Failed>,
    ) -> Result<(), Failed> {
        if page.kind == Kind::TableInterior {
            return Ok(());
        }
        for nth in 0..page.count {
            let found = self.row(place.page, page, nth)?;
            let broken = match &found {
                Ok(row) => row.lacking.map(|(_, why)| (row.rowid, why)),
                Err(broken) => Some(*broken),
            };
            if let Some((rowid, why)) = broken {
                let rows = rowid.map(|rowid| (rowid.saturating_sub(1), rowid));
                let (table, why) = (Some(shape.table.clone()), why.to_owned());
                self.unread.push(Unread { table, page: place.page, rows, why });
            }
            if let Ok(row) = found {
                take(row)?;
            }
        }
        Ok(())
    }

    /// The row in a cell, or its number, if that is known, and why it cannot be read.
    pub(super) fn row(
        &self,
        number: u32,
        page: &Page,
        nth: usize,
    ) -> Result<Result<Row, (Option<i64>, &'static str)>, Failed> {
        let Some(cell) = page.cell(nth) else {
            return Ok(Err((None, "a row does not lie within its page")));
        };
        let mut bytes = page.bytes(cell.local.clone()).to_vec();
        let broken = match cell.rest {
            Some(rest) => self.rest(rest, cell.total, &mut bytes)?,
            None => None,
        };
        let Some(row) = record(&bytes, cell.total) else {
            return Ok(Err((cell.rowid, "a row is not what a row looks like")));
        };
        let lacking = broken.map(|why| (row.lacking, why));
        Ok(Ok(Row { page: number, rowid: cell.rowid, values: row.values, lacking }))
    }

    /// Reads where a long row goes on, page by page; says why, if not to its end.
    fn rest(
        &self,
        first: u32,
        total: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<Option<&'static str>, Failed> {
        let begin = bytes.len();
        let mut next = first;
        let mut passed = HashSet::new();
        let each = self.pages.usable - 4;
        while bytes.len() < total {
            if !passed.insert(next) {
                bytes.truncate(begin);
                return Ok(Some("the pages on which a row goes on lead in a circle"));
            }
            let image = match next {
                0 => None,
                next if self.has_seen(next) => None,
                next => self.pages.newest(next)?,
            };
            // Text never goes on with a page of zeros; a page that was lost does.
            let Some(image) = image.filter(|image| image.iter().any(|byte| *byte != 0)) else {
                bytes.truncate(begin);
                return Ok(Some("a page on which a row goes on cannot be found"));
            };
            let here = each.min(total - bytes.len());
            bytes.extend_from_slice(&image[4..4 + here]);
            next = u32_at(&image, 0).unwrap_or(0);
        }
        if next == 0 {
            return Ok(None);
        }
        // Nothing tells which of the pages is the wrong one.
        bytes.truncate(begin);
        Ok(Some("the pages on which a row goes on do not end where it does"))
    }

    fn lose(&mut self, shape: &Shape, place: &Place, why: &str) {
        let rows = shape.is_numbered.then_some(place.bounds);
        let (table, why) = (Some(shape.table.clone()), why.to_owned());
        self.unread.push(Unread { table, page: place.page, rows, why });
    }
}
