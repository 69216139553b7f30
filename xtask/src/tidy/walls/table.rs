//! The table of crates in `ARCHITECTURE.md`: what people read is what the check knows.

use super::{ALL, BINARY, Only, RESERVED, WALLS, Wall, Without};
use crate::tidy::Finding;
use std::collections::BTreeSet;

/// The document.
pub(super) const PATH: &str = "ARCHITECTURE.md";

/// First words of the table, and of each of its rows.
const HEAD: &str = "| crate | holds | may depend on |";
const ROW: &str = "| `";

/// Compares each row with the wall of its crate, and each wall with the rows.
pub(super) fn check(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut named = BTreeSet::new();
    let mut is_table = false;
    for (index, line) in text.lines().enumerate() {
        is_table = line.starts_with(HEAD) || (is_table && line.starts_with('|'));
        let Some(row) = line.strip_prefix(ROW).filter(|_| is_table) else { continue };
        let mut cells = row.split(" | ");
        let name = cells.next().unwrap_or("").trim_end_matches('`');
        let said = cells.nth(1).unwrap_or("").trim();
        named.insert(name);
        let what = match WALLS.iter().find(|wall| wall.name == name) {
            Some(wall) if dependencies(said) == allowed(wall) => continue,
            Some(wall) => {
                let allowed = Vec::from_iter(allowed(wall)).join(", ");
                format!("`{name}` may depend on {allowed}, not on {said}")
            }
            None => format!("`{name}` has no wall"),
        };
        let instead = "make the table and xtask/src/tidy/walls.rs say the same";
        findings.push(Finding::at(PATH, index + 1, what, instead));
    }
    let is_missing = |wall: &&Wall| !named.contains(wall.name) && !RESERVED.contains(&wall.name);
    findings.extend(WALLS.iter().filter(is_missing).map(|wall| {
        let what = format!("`{}` has no row in the table of crates", wall.name);
        Finding::file(PATH, what, "add it, with what it holds")
    }));
    findings
}

/// The words of a cell.
fn dependencies(cell: &str) -> BTreeSet<&str> {
    cell.split(", ").collect()
}

/// The same of a wall: crates of ours without the prefix, and foreign ones where they are counted.
fn allowed(wall: &Wall) -> BTreeSet<&'static str> {
    if wall.inside == ALL {
        return BTreeSet::from([if wall.name == BINARY { "all of the above" } else { "anything" }]);
    }
    let inside = wall.inside.iter().map(|name| name.strip_prefix("andon-").unwrap_or(name));
    match wall.outside {
        Only(outside) => inside.chain(outside.iter().copied()).collect(),
        Without(_) => inside.collect(),
    }
}
