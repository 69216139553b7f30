//! How large the pages of a database are, where its header may be damaged.

use super::{Bytes, MAGIC, PAGE_SIZE_AT, RESERVED_AT};
use crate::salvage::page::{Page, u16_at};
use std::io;

/// SQLite's page size where nobody says otherwise.
const PAGE_USUAL: usize = 4_096;
/// Pages that are looked at to find out how large pages are.
const SAMPLE: u64 = 512;

/// How large pages are: what the header says, unless the file looks otherwise.
pub(super) fn likely_size(database: &dyn Bytes, bytes: u64, header: &[u8]) -> io::Result<usize> {
    let said = match u16_at(header, PAGE_SIZE_AT).map_or(0, usize::from) {
        1 => 65_536,
        other => other,
    };
    let sizes = [512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768, 65_536];
    let is_size = sizes.contains(&said);
    if header.starts_with(MAGIC) && is_size && bytes < said as u64 {
        return Ok(said);
    }
    // The one that the header names comes first, and others must look better than it.
    let first = if is_size { said } else { PAGE_USUAL };
    let others = sizes.into_iter().filter(|size| *size != first);
    let (mut best, mut most) = (first, 0);
    for size in [first].into_iter().chain(others) {
        let count = sampled(bytes, size);
        let tight = tight_pages(database, count, (size, size))?;
        if tight as u64 * SURE >= count && count > 0 {
            return Ok(size);
        }
        if tight * size > most {
            (best, most) = (size, tight * size);
        }
    }
    Ok(best)
}

/// How much of a page holds content: all of it, on every board, unless the header says otherwise
/// and the pages look so.
pub(super) fn likely_usable(
    database: &dyn Bytes,
    bytes: u64,
    header: &[u8],
    size: usize,
) -> io::Result<usize> {
    let reserved = usize::from(header[RESERVED_AT]);
    if !header.starts_with(MAGIC) || reserved == 0 || size - reserved < USABLE_MIN {
        return Ok(size);
    }
    let count = sampled(bytes, size);
    let with = tight_pages(database, count, (size, size - reserved))?;
    let without = tight_pages(database, count, (size, size))?;
    Ok(if with > without { size - reserved } else { size })
}

/// SQLite uses no page with less room.
const USABLE_MIN: usize = 480;

/// One page in so many is a page of a tree, where pages are taken to be as large as they are.
const SURE: u64 = 4;

/// Pages that are looked at, were they so large.
fn sampled(bytes: u64, size: usize) -> u64 {
    (bytes / size as u64).min(SAMPLE * PAGE_USUAL as u64 / size as u64)
}

/// How many of the first pages are pages of trees, were they and their content so large.
fn tight_pages(
    database: &dyn Bytes,
    count: u64,
    (size, usable): (usize, usize),
) -> io::Result<usize> {
    let mut tight = 0;
    let mut image = vec![0; size];
    for nth in 0..count {
        database.read_at(&mut image, nth * size as u64)?;
        let number = u32::try_from(nth + 1).unwrap_or(u32::MAX);
        let page = Page::parse(image.clone(), number, usable);
        tight += usize::from(page.is_some_and(|page| page.is_tight()));
    }
    Ok(tight)
}
