//! Claims about links: a graph without circles between tasks that exist.

use super::{Board, Grade, Invariant};
use crate::id::TaskId;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "links_end_at_tasks",
        sentence: "Both ends of a link exist.",
        grade: Grade::Broken,
        check: |board| {
            let links = board.snapshot.links.iter();
            let exists = |id: &TaskId| board.tasks.contains_key(id);
            let loose = links.filter(|(parent, child)| !exists(parent) || !exists(child));
            loose.map(|(parent, child)| format!("link {parent} -> {child} ends nowhere")).collect()
        },
    },
    Invariant {
        name: "links_differ",
        sentence: "No link is there twice.",
        grade: Grade::Broken,
        check: |board| {
            let mut seen = BTreeSet::new();
            let repeated = board.snapshot.links.iter().filter(|link| !seen.insert(*link));
            repeated.map(|(parent, child)| format!("link {parent} -> {child} is twice")).collect()
        },
    },
    Invariant {
        name: "links_have_no_circle",
        sentence: "No task waits for itself, directly or through others.",
        grade: Grade::Broken,
        check: circles,
    },
];

/// Takes away tasks that wait for nobody until none is left; what remains is in a circle, or waits
/// for one.
fn circles(board: &Board<'_>) -> Vec<String> {
    let mut waiting: BTreeMap<&TaskId, usize> = BTreeMap::new();
    let mut children: BTreeMap<&TaskId, Vec<&TaskId>> = BTreeMap::new();
    for (parent, child) in &board.snapshot.links {
        waiting.entry(parent).or_default();
        *waiting.entry(child).or_default() += 1;
        children.entry(parent).or_default().push(child);
    }
    let mut free: Vec<&TaskId> =
        waiting.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
    while let Some(id) = free.pop() {
        waiting.remove(id);
        for child in children.remove(id).into_iter().flatten() {
            let count = waiting.get_mut(child).expect("every child was counted above");
            *count -= 1;
            if *count == 0 {
                free.push(child);
            }
        }
    }
    waiting.into_keys().map(|id| format!("task {id} waits for a circle")).collect()
}
