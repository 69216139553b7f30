//! Claims about who takes up a place.

use super::super::lost::tests::{BEFORE_BOOT, DEAD, FOREIGN, LIVING, liveness, run};
use super::*;

#[test]
fn only_what_may_still_run_on_this_host_takes_up_a_place() {
    let of = |runner| is_here(&run(LIVING, runner), &liveness);
    assert!(of(Some(LIVING)));
    assert!(of(Some(DEAD)), "what it kept is not ended yet");
    assert!(!of(Some(FOREIGN)));
    assert!(!of(Some(BEFORE_BOOT)));
    assert!(!of(None), "no worker was let go");
}
