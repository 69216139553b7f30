//! The model does what it is told; what it must do is the suite of every store.

use super::*;
use crate::SystemClock;
use crate::read::Read;
use andon_core::actor::Actor;
use andon_core::command::Command;
use andon_core::command::claim::{Claim, Holder};
use andon_core::command::create::Create;
use andon_core::id::{ClaimLock, OpId};
use andon_core::task::Status;

#[test]
fn a_claim_puts_every_column_of_the_state_into_the_task() {
    let (clock, random, policy) = (Arc::new(SystemClock), Arc::new(|| 7), Arc::default());
    let store = MemStore::new(Environment { clock, random, policy });
    let ask = |op: u64, command: Command| {
        let request = Request { op: OpId::new(op, [0; 10]), actor: Actor::human("me"), command };
        store.apply(request).unwrap()
    };
    let create = Create { title: "a".to_owned(), ..Create::default() };
    let Outcome::Created { task, .. } = ask(1, create.into()).outcome else {
        unreachable!("it is made")
    };
    let lock = ClaimLock::new("host", 1, 2);
    let claim =
        Claim { task: task.clone(), lock: lock.clone(), ttl: None, holder: Holder::Outside };
    let claimed = ask(2, claim.into());
    let stored = store.task_get(&task).unwrap().unwrap();
    assert_eq!((stored.status, stored.current_run), (Status::Running, claimed.run));
    assert_eq!(stored.claim.map(|claim| claim.lock), Some(lock));
    assert_eq!(stored.started_at, Some(claimed.at));
}
