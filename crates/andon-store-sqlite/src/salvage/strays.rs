//! Pages to which nothing leads any more: those below a page that cannot be read. What they are is
//! told by their rows.

use super::Failed;
use super::page::{Kind, Page};
use super::record::record;
use super::shape::Shape;
use super::tree::{Reader, Row};

impl Reader<'_> {
    /// Hands over the rows of all pages that were not read yet and look like pages of one of these
    /// tables; pages of no table only if they may be of an unknown one.
    pub(super) fn strays(
        &mut self,
        shapes: &[Shape],
        unknown: Unknown,
        take: &mut Take<'_>,
    ) -> Result<(), Failed> {
        for number in 1..=self.pages.last() {
            if self.has_seen(number) {
                continue;
            }
            let Some(bytes) = self.pages.newest(number)? else { continue };
            let Some(page) = Page::parse(bytes, number, self.pages.usable) else { continue };
            let alike = shapes.iter().filter_map(|shape| Some((likeness(shape, &page)?, shape)));
            let shape = alike.max_by_key(|(likeness, _)| *likeness).map(|(_, shape)| shape);
            let may_be_unknown = unknown == Unknown::Taken && page.kind == Kind::TableLeaf;
            if page.kind == Kind::TableInterior || (shape.is_none() && !may_be_unknown) {
                continue;
            }
            self.forget([number]);
            for nth in 0..page.count {
                if let Ok(row) = self.row(number, &page, nth)? {
                    take(shape, row)?;
                }
            }
        }
        Ok(())
    }
}

/// Takes a row, and its table where that is known.
pub(super) type Take<'t> = dyn FnMut(Option<&Shape>, Row) -> Result<(), Failed> + 't;

/// What becomes of pages that fit no table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// Their rows are handed over without a table.
    Taken,
    /// They are left.
    Left,
}

/// How likely a page is one of a table, if most of its rows are such as the table has: the more the
/// table demands of a row, the likelier.
fn likeness(shape: &Shape, page: &Page) -> Option<usize> {
    let is_numbered = matches!(page.kind, Kind::TableLeaf | Kind::TableInterior);
    if is_numbered != shape.is_numbered || page.kind == Kind::TableInterior {
        return None;
    }
    let cells = (0..page.count).filter_map(|nth| page.cell(nth));
    let rows = cells.filter_map(|cell| record(page.bytes(cell.local), cell.total));
    let (mut fit, mut named, mut all) = (0, 0, 0);
    for row in rows {
        all += 1;
        let is_whole = row.values.len() + row.lacking == shape.columns.len();
        // The rows of an index look like the first columns of such a table.
        let is_alike = shape.is_numbered || is_whole;
        fit += usize::from(is_alike && shape.fits(&row.values, row.lacking));
        named += usize::from(shape.names_tasks(&row.values));
    }
    let demands = shape.columns.iter().filter(|column| column.is_required).count();
    (fit * 2 > all).then_some(if named * 2 > all { demands } else { 0 })
}
