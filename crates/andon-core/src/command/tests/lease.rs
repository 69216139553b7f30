//! Leases: who renews one, for how long, and what happens when one runs out.

use super::{accepted, closed, decide_with, events, hold, kinds, outcome, refused, state, status};
use crate::command::expire::{Evidence, Expire};
use crate::command::heartbeat::{Heartbeat, Sign};
use crate::event::NewEvent;
use crate::policy::{CLAIM_TTL, Policy};
use crate::run::{HostReach, Means, RunOutcome, Termination};
use crate::table::sample::{NOW, RUN, kept, lapsed, lock, task_id, view, with};
use crate::task::Status;
use crate::time::{Seconds, Timestamp};
use crate::transition::{Outcome, Resting, RunRef, Transition, Write};

fn beat(sign: Sign) -> Heartbeat {
    Heartbeat { task: task_id(), expected_run: Some(RUN), lock: Some(lock()), sign }
}

fn note(note: &str) -> Sign {
    Sign::Worker { note: Some(note.to_owned()) }
}

fn expire(evidence: Evidence) -> Expire {
    Expire { task: task_id(), run: Some(RUN), evidence }
}

fn lease(transition: &Transition) -> Option<(Timestamp, Option<Timestamp>)> {
    transition.writes.iter().find_map(|write| match write {
        Write::SetLease { run: Some(RUN), expires, heartbeat, .. } => Some((*expires, *heartbeat)),
        _other => None,
    })
}

#[test]
fn s30_a_sign_of_life_renews_the_lease_for_as_long_as_the_policy_says() {
    let running = view(Status::Running);
    let worker = accepted(&running, beat(Sign::Worker { note: None }));
    assert_eq!(lease(&worker), Some((NOW + CLAIM_TTL, Some(NOW))));
    let policy = Policy { claim_ttl: Seconds(60), ..Policy::default() };
    let keeper = decide_with(&running, beat(Sign::Keeper), &policy).expect("it is current");
    assert_eq!(lease(&keeper), Some((NOW + Seconds(60), None)), "its own life is no sign of work");
    assert_eq!(keeper.outcome, Outcome::Recorded { task: task_id() });
}

#[test]
fn s30_a_sign_of_life_shortens_no_claim_that_was_made_for_longer() {
    for (end, renewed) in [(NOW + Seconds(7_200), NOW + Seconds(7_200)), (NOW, NOW + CLAIM_TTL)] {
        let running = with(view(Status::Running), |task| {
            task.claim.as_mut().expect("it is claimed").expires = Some(end);
        });
        let beat = accepted(&running, beat(Sign::Worker { note: None }));
        assert_eq!(lease(&beat), Some((renewed, Some(NOW))));
    }
    let endless = with(view(Status::Running), |task| {
        task.claim.as_mut().expect("it is claimed").expires = None;
    });
    let beat = accepted(&endless, beat(Sign::Worker { note: None }));
    assert_eq!(lease(&beat), Some((NOW + CLAIM_TTL, Some(NOW))));
}

#[test]
fn d22_only_a_note_becomes_an_event() {
    let running = view(Status::Running);
    for silent in [Sign::Keeper, Sign::Worker { note: None }, note(" \n")] {
        assert!(events(&accepted(&running, beat(silent.clone()))).is_empty(), "{silent:?}");
    }
    let told = accepted(&running, beat(note("half done")));
    let told = events(&told);
    assert_eq!(told, [&NewEvent::Heartbeat { note: Some("half done".into()) }]);
}

#[test]
fn a_lease_that_runs_still_is_nobodys_to_take() {
    for evidence in [Evidence::Alive, Evidence::Gone(Termination::default())] {
        let until = |expires| {
            with(view(Status::Running), |task| {
                task.claim.as_mut().expect("it is claimed").expires = Some(expires);
            })
        };
        assert_eq!(refused(&until(NOW), expire(evidence)), "not_expired");
        let last = Timestamp(NOW.0 - 1);
        assert!(decide_with(&until(last), expire(evidence), &Policy::default()).is_ok());
    }
    let unclaimed = with(view(Status::Running), |task| task.claim = None);
    assert_eq!(refused(&unclaimed, expire(Evidence::Alive)), "not_expired");
}

#[test]
fn a_holder_that_lives_has_its_lease_extended_and_the_history_says_so() {
    let transition =
        accepted(&lapsed(kept(view(Status::Running), Status::Ready)), expire(Evidence::Alive));
    assert_eq!(lease(&transition), Some((NOW + CLAIM_TTL, None)));
    assert_eq!(transition.outcome, Outcome::Moved { task: task_id(), to: Status::Running });
    let extended = NewEvent::ClaimExtended {
        worker_pid: Some(3),
        claim_lock: lock(),
        claim_expires_was: Some(Timestamp(NOW.0 - 1)),
        claim_expires_now: NOW + CLAIM_TTL,
        last_heartbeat_at: None,
    };
    let run = Some(RunRef::Known(RUN));
    let event = Write::AddEvent { task: task_id(), run, event: Box::new(extended) };
    assert_eq!(transition.writes.last(), Some(&event));
}

#[test]
fn a_holder_that_is_gone_gives_the_task_back_without_a_failure() {
    let termination = Termination { pid: Some(3), host: HostReach::Local, means: Means::Killed };
    let running = with(lapsed(kept(view(Status::Running), Status::Ready)), |task| {
        task.consecutive_failures = 1;
    });
    let transition = accepted(&running, expire(Evidence::Gone(termination)));
    assert_eq!(status(&transition), Status::Ready);
    assert_eq!(transition.outcome, Outcome::Moved { task: task_id(), to: Status::Ready });
    assert_eq!((state(&transition).failures, hold(&transition)), (1, None), "nothing is counted");
    assert_eq!(outcome(&transition), Some(RunOutcome::Reclaimed));
    let error = closed(&transition).and_then(|end| end.error.clone());
    assert_eq!(error, Some(format!("stale_lock={}", lock())));
    assert_eq!(kinds(&transition), ["reclaimed"]);
    let expired = NewEvent::ReclaimedExpired {
        stale_lock: Some(lock()),
        worker_pid: Some(3),
        claim_expires: Some(Timestamp(NOW.0 - 1)),
        last_heartbeat_at: None,
        now: NOW,
        termination,
    };
    assert_eq!(events(&transition), [&expired]);
    let gone = transition.writes.iter().any(|write| matches!(write, Write::TreeGone { .. }));
    assert!(gone, "its processes are written off");
}

#[test]
fn a_task_that_runs_without_a_claim_is_taken_back_too() {
    let unclaimed = with(view(Status::Running), |task| task.claim = None);
    let transition = accepted(&unclaimed, expire(Evidence::Gone(Termination::default())));
    let error = closed(&transition).and_then(|end| end.error.as_deref());
    assert_eq!(error, Some("stale_lock=nobody"));
    assert_eq!(state(&transition).stage, crate::transition::Stage::Resting(Resting::Ready));
}
