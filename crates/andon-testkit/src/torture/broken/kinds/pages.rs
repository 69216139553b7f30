//! Damage to pages: those above others, those with rows, those with the rest of long rows, free
//! ones, those of indexes and those of the list of tables.

use super::Base::Settled;
use super::{Fate, Kind};
use crate::torture::Failure;
use crate::torture::broken::damage::Victim;

/// Where a page of a tree says what it is, and how many cells it has.
const TYPE_AT: usize = 0;
const COUNT_AT: usize = 3;
/// Where the number of the rightmost page stands.
const RIGHT_AT: usize = 8;

type Broken = Result<Fate, Failure>;

#[rustfmt::skip] // One kind, one line.
pub(super) const KINDS: &[Kind] = &[
    Kind { name: "inner page of events: a bit of its type flipped", base: Settled, damage: |v| { let page = v.some("task_events", "internal")?; v.flip(page, TYPE_AT, 1); Ok(Fate::Repaired) } },
    Kind { name: "inner page of events: rightmost page wrong", base: Settled, damage: |v| { let page = v.some("task_events", "internal")?; v.flip(page, RIGHT_AT + 3, 4); Ok(Fate::Repaired) } },
    Kind { name: "inner page of tasks zeroed", base: Settled, damage: |v| { let page = v.some("tasks", "internal")?; v.zero(page); Ok(Fate::Repaired) } },
    Kind { name: "inner page of comments scrambled", base: Settled, damage: |v| { let page = v.some("task_comments", "internal")?; v.scramble(page); Ok(Fate::Repaired) } },
    Kind { name: "inner page of a table without numbers scrambled", base: Settled, damage: |v| { let page = v.some("andon_ops", "internal")?; v.scramble(page); Ok(Fate::Repaired) } },
    Kind { name: "leaf of tasks: a pointer to a row flipped", base: Settled, damage: |v| { let page = v.some("tasks", "leaf")?; v.flip(page, 8, 3); Ok(Fate::Repaired) } },
    Kind { name: "leaf of events: number of its rows wrong", base: Settled, damage: |v| { let page = v.some("task_events", "leaf")?; v.flip(page, COUNT_AT + 1, 6); Ok(Fate::Repaired) } },
    Kind { name: "leaf of runs: twelve bits flipped", base: Settled, damage: |v| { let page = v.some("task_runs", "leaf")?; for _ in 0..12 { let at = v.chance.below(1 << 10); v.flip(page, 3 * at, 5); } v.flip(page, TYPE_AT, 7); Ok(Fate::Repaired) } },
    Kind { name: "leaf of comments zeroed", base: Settled, damage: |v| { let page = v.some("task_comments", "leaf")?; v.zero(page); Ok(Fate::Repaired) } },
    Kind { name: "leaf of tasks scrambled", base: Settled, damage: |v| { let page = v.some("tasks", "leaf")?; v.scramble(page); Ok(Fate::Repaired) } },
    Kind { name: "leaf of our runs: a sector of 512 bytes zeroed", base: Settled, damage: |v| { let page = v.some("andon_runs", "leaf")?; v.fill(page, 0..512, 0); Ok(Fate::Repaired) } },
    Kind { name: "leaf of a table of the user's zeroed", base: Settled, damage: |v| { let page = v.some("notes", "leaf")?; v.zero(page); Ok(Fate::Repaired) } },
    Kind { name: "leaf of a table without numbers zeroed", base: Settled, damage: |v| { let page = v.some("andon_ops", "leaf")?; v.zero(page); Ok(Fate::Repaired) } },
    Kind { name: "twenty pages zeroed", base: Settled, damage: twenty },
    Kind { name: "long row: next page flipped", base: Settled, damage: |v| { let page = v.some("tasks", "overflow")?; v.flip(page, 2, 1); Ok(Fate::Repaired) } },
    Kind { name: "long row: a page scrambled", base: Settled, damage: |v| { let page = v.some("tasks", "overflow")?; v.scramble(page); Ok(Fate::Repaired) } },
    Kind { name: "long row: a page in its middle zeroed", base: Settled, damage: middle },
    Kind { name: "free page: list of free pages scrambled", base: Settled, damage: |v| { let page = free(v)?; v.scramble(page); Ok(Fate::Repaired) } },
    Kind { name: "free page: a page in use is listed", base: Settled, damage: |v| { let (page, used) = (free(v)?, v.some("task_events", "leaf")?); v.set(page, 8, &used.to_be_bytes()); Ok(Fate::Repaired) } },
    Kind { name: "index: leaf zeroed", base: Settled, damage: |v| { let page = v.some("idx_events_task", "leaf")?; v.zero(page); Ok(Fate::Repaired) } },
    Kind { name: "index: root scrambled", base: Settled, damage: |v| { let page = v.root("sqlite_autoindex_tasks_1")?; v.scramble(page); Ok(Fate::Repaired) } },
    Kind { name: "index: a bit of a key flipped", base: Settled, damage: key },
    Kind { name: "list of tables: a leaf zeroed", base: Settled, damage: |v| { let page = v.some("sqlite_schema", "leaf")?; v.zero(page); Ok(Fate::Repaired) } },
    Kind { name: "list of tables: name of a column changed", base: Settled, damage: |v| replace(v, b"consecutive_failures INTEGER", b"consecutivE.failures INTEGER") },
    Kind { name: "list of tables: a table begins elsewhere", base: Settled, damage: elsewhere },
    Kind { name: "two leaves of one table swapped", base: Settled, damage: |v| { let (one, other) = v.some_two("task_events", "leaf")?; v.swap(one, other); v.hit.clear(); Ok(Fate::Repaired) } },
    Kind { name: "leaves of two tables swapped", base: Settled, damage: |v| { let (one, other) = (v.some("task_events", "leaf")?, v.some("task_comments", "leaf")?); v.swap(one, other); v.hit.clear(); Ok(Fate::Repaired) } },
    Kind { name: "inner page and leaf swapped", base: Settled, damage: |v| { let (one, other) = (v.some("task_events", "internal")?, v.some("tasks", "leaf")?); v.swap(one, other); v.hit.clear(); Ok(Fate::Repaired) } },
    Kind { name: "a leaf written over another one", base: Settled, damage: |v| { let (one, other) = v.some_two("task_events", "leaf")?; let bytes = v.files.page(one).to_vec(); v.set(other, 0, &bytes); Ok(Fate::Repaired) } },
    Kind { name: "a page of another board", base: Settled, damage: foreign },
];

/// Pages of every kind.
fn twenty(v: &mut Victim<'_>) -> Broken {
    for _ in 0..20 {
        let page = 2 + v.chance.below(v.files.pages() as usize - 1);
        v.zero(u32::try_from(page)?);
    }
    Ok(Fate::Repaired)
}

/// One that is followed by another one.
fn middle(v: &mut Victim<'_>) -> Broken {
    for _ in 0..1_000 {
        let page = v.some("tasks", "overflow")?;
        if v.files.page(page)[..4] != [0; 4] {
            v.zero(page);
            return Ok(Fate::Repaired);
        }
    }
    Err("no long row has three pages".into())
}

/// Changes the last key of a leaf of an index.
fn key(v: &mut Victim<'_>) -> Broken {
    let page = v.some("idx_events_task", "leaf")?;
    let found = v.files.page(page).windows(2).rposition(|part| part == b"t_");
    v.flip(page, found.ok_or("the page holds no key")? + 4, 0);
    Ok(Fate::Repaired)
}

/// The first page of the list of free ones.
fn free(v: &mut Victim<'_>) -> Result<u32, Failure> {
    let first: [u8; 4] = v.files.page(1)[32..36].try_into()?;
    match u32::from_be_bytes(first) {
        0 => Err("no page is free".into()),
        page => Ok(page),
    }
}

/// Changes a text in the list of tables.
fn replace(v: &mut Victim<'_>, old: &[u8], new: &[u8]) -> Broken {
    for page in 1..=v.files.pages() {
        let found = v.files.page(page).windows(old.len()).position(|part| part == old);
        if let Some(at) = found {
            v.set(page, at, new);
            v.hit.clear();
            return Ok(Fate::Repaired);
        }
    }
    Err("the text is nowhere".into())
}

/// Lets the list say that comments begin where events do.
fn elsewhere(v: &mut Victim<'_>) -> Broken {
    let (comments, events) = (v.root("task_comments")?, v.root("task_events")?);
    // The number stands before the text, which begins so.
    let text = b"CREATE TABLE task_comments";
    for page in 1..=v.files.pages() {
        let found = v.files.page(page).windows(text.len()).position(|part| part == text);
        if let Some(at) = found {
            if v.files.page(page)[at - 1] != u8::try_from(comments)? {
                return Err("the number of the page is not before the text".into());
            }
            v.set(page, at - 1, &[u8::try_from(events)?]);
            v.hit.clear();
            return Ok(Fate::Repaired);
        }
    }
    Err("the text is nowhere".into())
}

/// Takes a leaf of events from another board, into the place of one of comments.
fn foreign(v: &mut Victim<'_>) -> Broken {
    let is_one = |on: &&crate::rows::OnPage| on.tree == "task_events" && on.kind == "leaf";
    let other = &v.scene.other;
    let found = other.pages.iter().filter(|(_, on)| is_one(on)).nth(2);
    let (page, _) = found.ok_or("the other board has no such page")?;
    let mut files = other.files.clone();
    let bytes = files.page(*page).to_vec();
    let place = v.some("task_comments", "leaf")?;
    v.set(place, 0, &bytes);
    Ok(Fate::Repaired)
}
