//! Homes without a board: what refuses says what to do, and that can be done.

use crate::env::TestEnv;

#[test]
fn a_pass_without_a_board_leaves_nothing_that_keeps_one_from_being_made() {
    for pass in [&["dispatch"][..], &["dispatch", "--dry-run"]] {
        let env = TestEnv::new();
        let ran = env.run(pass);
        assert_eq!(ran.code, 1, "{pass:?}");
        assert!(ran.stderr.contains("andon init"), "{pass:?}: {}", ran.stderr);
        assert!(!env.home().exists(), "{pass:?}");

        // The home is there, and a board; the default one was never made.
        env.ok(&["boards", "create", "infra"]);
        let ran = env.run(pass);
        assert_eq!(ran.code, 1, "{pass:?}");
        assert!(ran.stderr.contains("andon init"), "{pass:?}: {}", ran.stderr);
        env.ok(&["init"]);
        env.create(&["A task"]);
    }
}
