//! Work that passes from one program to the other.

use crate::home::SharedHome;
use crate::work::Program;

#[test]
#[ignore = "needs the peer: cargo xtask interop"]
fn what_one_created_the_other_completes_and_the_children_become_ready() {
    for (creates, completes) in Program::BOTH {
        let home = SharedHome::new();
        let parent = creates.create(&home, &["first", "--assignee", "alice"]);
        let second = creates.create(&home, &["another"]);
        let child = creates.create(&home, &["after the first", "--parent", &parent]);
        let of_both =
            creates.create(&home, &["after both", "--parent", &parent, "--parent", &second]);

        completes.call(&home, &["claim", &parent]);
        completes.call(&home, &["complete", &parent, "--summary", "done over there"]);

        let shown = creates.json(&home, &["show", &parent]);
        assert_eq!(shown["task"]["status"], "done");
        assert_eq!(shown["latest_summary"], "done over there");
        assert_eq!(creates.status(&home, &child), "ready");
        assert_eq!(creates.status(&home, &of_both), "todo");

        completes.call(&home, &["complete", &second]);
        assert_eq!(creates.status(&home, &of_both), "ready");
    }
}

#[test]
#[ignore = "needs the peer: cargo xtask interop"]
fn what_one_claimed_the_other_finishes_and_closes_the_run() {
    for (claims, finishes) in Program::BOTH {
        let home = SharedHome::new();
        let task = claims.create(&home, &["claimed here", "--assignee", "alice"]);
        claims.call(&home, &["claim", &task]);
        finishes.call(&home, &["complete", &task, "--result", "finished there"]);

        let shown = claims.json(&home, &["show", &task]);
        let runs = shown["runs"].as_array().unwrap();
        assert_eq!(runs.len(), 1, "{shown}");
        assert_eq!(runs[0]["outcome"], "completed");
        assert_eq!(shown["task"]["result"], "finished there");
    }
}
