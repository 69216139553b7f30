//! Failures are counted by cause, bounded and spaced.

use super::*;

fn counts(cause: Cause, n: u32) -> FailureCounts {
    (0..n).fold(FailureCounts::default(), |counts, _| counts.plus(cause))
}

const NOW: Timestamp = Timestamp(1_000);

#[test]
fn every_cause_has_a_bound() {
    let policy = RetryPolicy::default();
    for cause in Cause::ALL {
        let limit = policy.rule(cause).limit;
        let before = judge(&counts(cause, limit - 1), cause, None, NOW, &policy);
        assert!(matches!(before, Verdict::Retry { .. }), "{cause:?}");
        let at = judge(&counts(cause, limit), cause, None, NOW, &policy);
        assert_eq!(at, Verdict::GiveUp { limit, source: "dispatcher" }, "{cause:?}");
    }
}

#[test]
fn throttling_does_not_use_up_the_bound_for_crashes() {
    let policy = RetryPolicy::default();
    let both = counts(Cause::RateLimit, 5).plus(Cause::Crash);
    assert!(matches!(judge(&both, Cause::Crash, None, NOW, &policy), Verdict::Retry { .. }));
}

#[test]
fn a_tasks_own_bound_replaces_the_configured_one() {
    let policy = RetryPolicy::default();
    let one = counts(Cause::Crash, 1);
    let verdict = judge(&one, Cause::Crash, Some(1), NOW, &policy);
    assert_eq!(verdict, Verdict::GiveUp { limit: 1, source: "task" });
    assert!(matches!(
        judge(&counts(Cause::Crash, 4), Cause::Crash, Some(5), NOW, &policy),
        Verdict::Retry { .. }
    ));
}

#[test]
fn mixed_failures_meet_the_total_bound() {
    let policy = RetryPolicy { total_limit: 3, ..RetryPolicy::default() };
    let mixed = counts(Cause::RateLimit, 2).plus(Cause::Stale);
    let verdict = judge(&mixed, Cause::Stale, None, NOW, &policy);
    assert_eq!(verdict, Verdict::GiveUp { limit: 3, source: "total" });
}

#[test]
fn waits_double_up_to_their_maximum() {
    let rule = CauseRule { limit: 99, wait: Seconds(2), wait_max: Seconds(10) };
    let waits: Vec<_> = (1..=5).map(|n| wait(rule, n).0).collect();
    assert_eq!(waits, [2, 4, 8, 10, 10]);
    assert_eq!(wait(rule, u32::MAX), Seconds(10));
}

#[test]
fn the_peer_counts_what_it_knows_spawns_crashes_and_timeouts() {
    let counted: Vec<Cause> =
        Cause::ALL.into_iter().filter(|cause| cause.counts_for_peer()).collect();
    assert_eq!(counted, [Cause::Spawn, Cause::Crash, Cause::Timeout]);
}
