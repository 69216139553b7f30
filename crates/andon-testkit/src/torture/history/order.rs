//! The places of acknowledged operations in the board's history: each its own, and in the order in
//! which the operations followed each other.

use super::{Claim, Operation, Outcome, Verdict};

/// An acknowledged operation with a place.
struct Placed<'o> {
    operation: &'o Operation,
    event: i64,
    end: u64,
}

/// Compares each operation with all that stand later in the history: none of them may have ended
/// before it began. Going backwards, the earliest end of those is enough to know.
pub(super) fn check(operations: &[Operation], verdict: &mut Verdict) {
    let placed = operations.iter().filter_map(|operation| match &operation.outcome {
        Outcome::Done(answer) => {
            Some(Placed { operation, event: answer.event?, end: operation.end? })
        }
        Outcome::Failed(_) | Outcome::Unknown(_) => None,
    });
    let mut placed: Vec<Placed<'_>> = placed.collect();
    placed.sort_by_key(|one| one.event);
    for pair in placed.windows(2) {
        let same = pair[0].event == pair[1].event;
        verdict.judge(Claim::Unique, same.then(|| both(&pair[0], &pair[1])));
    }
    let mut earliest: Option<&Placed<'_>> = None;
    for one in placed.iter().rev() {
        let before = earliest.filter(|later| later.end < one.operation.start);
        verdict.judge(Claim::Ordered, before.map(|later| both(later, one)));
        if earliest.is_none_or(|later| one.end < later.end) {
            earliest = Some(one);
        }
    }
}

fn both(one: &Placed<'_>, other: &Placed<'_>) -> String {
    let name = |placed: &Placed<'_>| {
        let Operation { who, verb, start, id, .. } = placed.operation;
        let (event, end) = (placed.event, placed.end);
        format!("event {event} ({verb} by {who} from {start} to {end}, operation {id})")
    };
    format!("{} and {}", name(one), name(other))
}
