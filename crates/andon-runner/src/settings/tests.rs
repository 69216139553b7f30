//! What a runner is told of its board.

use super::*;

#[test]
fn a_policy_arrives_as_it_was_sent() {
    let mut policy = Policy { claim_ttl: Seconds(7), ..Policy::default() };
    policy.retry.crash = CauseRule { limit: 9, wait: Seconds(1), wait_max: Seconds(2) };
    let sent = BoardSettings {
        busy_ms: 1,
        checkpoint_pages: 2,
        writer_lock: true,
        claim_ttl_s: policy.claim_ttl.0,
        retry: (&policy.retry).into(),
    };
    let text = serde_json::to_string(&sent).unwrap();
    let arrived: BoardSettings = serde_json::from_str(&text).unwrap();
    assert_eq!(arrived.policy(), policy);
}
