//! Damage to the header of the database, to its first page, and to its length.

use super::Base::Settled;
use super::{Fate, Kind};
use crate::torture::broken::files::PAGE;

#[rustfmt::skip] // One kind, one line.
pub(super) const KINDS: &[Kind] = &[
    Kind { name: "header: a bit of the magic flipped", base: Settled, damage: |v| { v.flip(1, 3, 2); v.hit.clear(); Ok(Fate::Repaired) } },
    Kind { name: "header: page size 8192", base: Settled, damage: |v| { v.set(1, 16, &[0x20, 0]); v.hit.clear(); Ok(Fate::Repaired) } },
    Kind { name: "header: page size 3", base: Settled, damage: |v| { v.set(1, 16, &[0, 3]); v.hit.clear(); Ok(Fate::Repaired) } },
    Kind { name: "header: reserved bytes 200", base: Settled, damage: |v| { v.set(1, 20, &[200]); v.hit.clear(); Ok(Fate::Repaired) } },
    Kind { name: "header: more pages than there are", base: Settled, damage: |v| { v.set(1, 28, &[0, 1, 0, 0]); v.hit.clear(); Ok(Fate::Repaired) } },
    Kind { name: "header: fewer pages than there are", base: Settled, damage: |v| { v.set(1, 28, &[0, 0, 0, 40]); v.hit.clear(); Ok(Fate::Repaired) } },
    Kind { name: "header: unknown file format version", base: Settled, damage: |v| { v.set(1, 18, &[9, 9]); v.hit.clear(); Ok(Fate::Repaired) } },
    Kind { name: "header: a bit of the schema format flipped", base: Settled, damage: |v| { v.flip(1, 47, 5); v.hit.clear(); Ok(Fate::Repaired) } },
    Kind { name: "header: a bit of the encoding flipped", base: Settled, damage: |v| { v.flip(1, 59, 1); v.hit.clear(); Ok(Fate::Repaired) } },
    Kind { name: "header: a bit of the application id flipped", base: Settled, damage: |v| { v.flip(1, 70, 4); v.hit.clear(); Ok(Fate::Repaired) } },
    Kind { name: "header: first free page out of the file", base: Settled, damage: |v| { v.set(1, 32, &[0, 9, 9, 9]); v.hit.clear(); Ok(Fate::Repaired) } },
    Kind { name: "header: number of free pages wrong", base: Settled, damage: |v| { v.flip(1, 39, 3); v.hit.clear(); Ok(Fate::Repaired) } },
    Kind { name: "header: the first 512 bytes zeroed", base: Settled, damage: |v| { v.fill(1, 0..512, 0); Ok(Fate::Repaired) } },
    Kind { name: "first page zeroed", base: Settled, damage: |v| { v.zero(1); Ok(Fate::Repaired) } },
    Kind { name: "first page scrambled", base: Settled, damage: |v| { v.scramble(1); Ok(Fate::Repaired) } },
    Kind { name: "newer schema", base: Settled, damage: |v| { v.set(1, 60, &[0, 0, 0, 9]); Ok(Fate::Refused) } },
    Kind { name: "cut within the last page", base: Settled, damage: |v| { let all = v.files.database().len(); v.cut(all - 1_000); Ok(Fate::Repaired) } },
    Kind { name: "cut by one page", base: Settled, damage: |v| { let all = v.files.database().len(); v.cut(all - PAGE); Ok(Fate::Repaired) } },
    Kind { name: "cut to a half", base: Settled, damage: |v| { let pages = v.files.pages() as usize; v.cut(pages / 2 * PAGE); Ok(Fate::Repaired) } },
    Kind { name: "cut to one page", base: Settled, damage: |v| { v.cut(PAGE); Ok(Fate::Refused) } },
    Kind { name: "cut to 100 bytes", base: Settled, damage: |v| { v.cut(100); Ok(Fate::Refused) } },
    Kind { name: "cut to nothing", base: Settled, damage: |v| { v.cut(0); Ok(Fate::Refused) } },
    Kind { name: "a text file", base: Settled, damage: |v| { let text = "this was a board\n".repeat(4_000); v.files.database = Some(text.into_bytes()); Ok(Fate::Refused) } },
    Kind { name: "encrypted, from the first byte to the last", base: Settled, damage: |v| { for page in 1..=v.files.pages() { v.scramble(page); } Ok(Fate::Refused) } },
];
