//! Claiming, and what may hold a claim back.

use super::{accepted, events, hold, kinds, outcome, refused, state};
use crate::command::claim::{Claim, Holder};
use crate::command::promote::Promote;
use crate::event::NewEvent;
use crate::policy::{CLAIM_TTL, CLAIM_TTL_MAX};
use crate::run::RunOutcome;
use crate::table::sample::{self, NOW, lock, process, task_id, view, waiting, with};
use crate::task::{Claim as Hold, PastParents, Status};
use crate::time::{Seconds, Timestamp};
use crate::transition::{Outcome, RunRef, Stage, Write};

fn claim() -> Claim {
    Claim { task: task_id(), lock: lock(), ttl: None, holder: Holder::Dispatcher(process(1)) }
}

#[test]
fn a_claim_opens_a_run_with_the_same_lock_and_lease() {
    let transition = accepted(&view(Status::Ready), claim());
    let expires = Some(NOW + CLAIM_TTL);
    let opened = transition.writes.iter().find_map(|write| match write {
        Write::OpenRun(run) => Some(&run.claim),
        _other => None,
    });
    assert_eq!(opened.and_then(|claim| claim.expires), expires);
    let Stage::Running { run, claim } = &state(&transition).stage else {
        unreachable!("a claimed task runs")
    };
    assert_eq!((*run, Some(claim)), (RunRef::New, opened));
}

#[test]
fn d20_the_first_start_is_kept() {
    let again = with(view(Status::Ready), |task| task.started_at = Some(Timestamp(5)));
    assert_eq!(state(&accepted(&again, claim())).started_at, Some(Timestamp(5)));
    assert_eq!(state(&accepted(&view(Status::Ready), claim())).started_at, Some(NOW));
}

#[test]
fn b21_a_claim_is_sent_back_with_an_event_only_from_ready() {
    let sent = accepted(&waiting(view(Status::Ready)), claim());
    assert_eq!(sent.outcome, Outcome::SentBack { task: task_id() });
    assert_eq!(kinds(&sent), ["claim_rejected"]);
    let not_claimable = [
        Status::Triage,
        Status::Todo,
        Status::Scheduled,
        Status::Running,
        Status::Blocked,
        Status::Done,
        Status::Archived,
    ];
    for status in not_claimable {
        assert_eq!(refused(&waiting(view(status)), claim()), "wrong_status", "{status}");
    }
}

#[test]
fn the_event_of_a_claim_says_that_it_is_a_review_and_no_more() {
    let source = |status| {
        let claimed = accepted(&view(status), claim());
        events(&claimed).into_iter().find_map(|event| match event {
            NewEvent::Claimed { source_status, .. } => Some(*source_status),
            _other => None,
        })
    };
    assert_eq!(source(Status::Ready), Some(None));
    assert_eq!(source(Status::Review), Some(Some(Status::Review)));
}

#[test]
fn d9_a_promotion_by_force_survives_the_claim() {
    let promote = Promote { task: task_id(), reason: None, parents: PastParents::Overruled };
    let promoted = accepted(&waiting(view(Status::Todo)), promote);
    let kept = hold(&promoted).expect("the promotion is remembered").clone();
    let ready = with(waiting(view(Status::Ready)), |task| task.hold = kept);
    let claimed = accepted(&ready, claim());
    assert!(matches!(claimed.outcome, Outcome::Claimed { .. }));
    let after = hold(&claimed).map_or(PastParents::Overruled, |hold| hold.past_parents);
    assert_eq!(after, PastParents::Overruled, "the next attempt is not sent back, either");
}

#[test]
fn a_person_need_not_wait_out_a_backoff_and_the_claim_ends_it() {
    let cooling =
        || with(view(Status::Ready), |task| task.hold.not_before = Some(NOW + Seconds(9)));
    assert_eq!(refused(&cooling(), claim()), "cooling_down");
    let by_hand = accepted(&cooling(), Claim { holder: Holder::Outside, ..claim() });
    assert_eq!(hold(&by_hand).map(|hold| hold.not_before), Some(None));
    let over = with(view(Status::Ready), |task| task.hold.not_before = Some(NOW));
    assert!(matches!(accepted(&over, claim()).outcome, Outcome::Claimed { .. }));
}

#[test]
fn s30_a_lease_has_a_least_and_a_greatest_length() {
    for ttl in [0, -1, CLAIM_TTL_MAX.0 + 1] {
        let command = Claim { ttl: Some(Seconds(ttl)), ..claim() };
        assert_eq!(refused(&view(Status::Ready), command), "invalid_field");
    }
    for ttl in [1, CLAIM_TTL_MAX.0] {
        let taken = accepted(&view(Status::Ready), Claim { ttl: Some(Seconds(ttl)), ..claim() });
        let Outcome::Claimed { claim, .. } = taken.outcome else { unreachable!("it is claimed") };
        assert_eq!(claim.expires, Some(NOW + Seconds(ttl)));
    }
}

#[test]
fn a_claim_that_another_program_left_on_a_resting_task_holds_until_it_lapses() {
    let left = |expires| {
        with(view(Status::Ready), |task| task.claim = Some(Hold { lock: lock(), expires }))
    };
    assert_eq!(refused(&left(Some(NOW)), claim()), "claimed");
    for lapsed in [Some(Timestamp(NOW.0 - 1)), None] {
        assert!(matches!(accepted(&left(lapsed), claim()).outcome, Outcome::Claimed { .. }));
    }
}

#[test]
fn a_run_left_open_by_another_program_is_closed_before_the_new_one() {
    let mut view = view(Status::Ready);
    view.run = sample::view(Status::Running).run;
    let transition = accepted(&view, claim());
    assert_eq!(outcome(&transition), Some(RunOutcome::Reclaimed));
    let place = |wanted: fn(&Write) -> bool| transition.writes.iter().position(wanted);
    let closed = place(|write| matches!(write, Write::CloseRun { .. }));
    assert!(closed < place(|write| matches!(write, Write::OpenRun(_))));
}
