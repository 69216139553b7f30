//! Random commands of ours with the peer's own writes in between, on one file: a small part of what
//! `cargo xtask torture sequence --with-peer` plays.

use andon_testkit::torture::ENGINES;

/// Ten seconds of work; each sequence has up to sixty turns. The rarest of what has to be met comes
/// about eight times.
const SEQUENCES: &str = "200";

/// What a hunt must meet, or it has not been everywhere.
const MET: &[&str] = &[
    " claimed",
    " done",
    " still_ending",
    " stale_run",
    " wrong_status",
    " peer claim_task: did",
    " peer complete_task: did",
    " peer block_task: did",
    " peer archive_task: did",
    " peer delete_task: did",
    " peer dispatch: did",
    " peer move_card: did",
    " peer release_stale_claims: did",
];

#[test]
#[ignore = "needs the peer: cargo xtask interop"]
fn no_sequence_with_the_peers_writes_in_between_breaks_a_board() {
    let python = std::env::var("ANDON_PEER_PYTHON").unwrap();
    let engine = ENGINES.iter().find(|engine| engine.name == "sequence").unwrap();
    let words = ["--sequences", SEQUENCES, "--jobs", "1", "--peer", &python];
    let report = (engine.run)(&words.map(str::to_owned)).unwrap();
    let missed: Vec<_> = MET.iter().filter(|answer| !report.contains(*answer)).collect();
    assert!(missed.is_empty(), "the sequences never met {missed:?}: {report}");
}
