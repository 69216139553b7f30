//! The whole product of statuses and commands, written out: a change of a rule shows as a change of
//! this table.

use crate::table::{Cell, cell, rows, sample};
use crate::task::Status;
use std::collections::HashSet;
use std::mem::discriminant;

/// Commands there are. A new one needs a row in `table/situations`.
const COMMANDS: usize = 23;

#[test]
fn every_command_answers_every_status_as_written_here() {
    let mut expected = EXPECTED.iter();
    for row in rows() {
        let label = match row.situation {
            "" => row.verb.to_owned(),
            situation => format!("{}: {situation}", row.verb),
        };
        let cells: Vec<String> =
            Status::ALL.iter().map(|status| word(cell(row, *status))).collect();
        let asked = (label.as_str(), cells.join(" "));
        let (expected_label, expected_cells) = expected.next().expect("a row is missing here");
        assert_eq!(asked, (*expected_label, (*expected_cells).to_owned()));
    }
    assert_eq!(expected.next(), None, "a row is gone");
}

#[test]
fn no_command_is_missing_in_the_table() {
    let asked: HashSet<_> =
        rows().map(|row| discriminant(&(row.ask)(Status::Ready).command)).collect();
    assert_eq!(asked.len(), COMMANDS);
}

#[test]
fn every_command_but_create_and_pause_refuses_an_unknown_task() {
    use crate::actor::Actor;
    use crate::command::{Command, Context};
    use crate::policy::Policy;
    use crate::view::View;

    let (actor, policy) = (Actor::human("somebody"), Policy::default());
    for row in rows() {
        let command = (row.ask)(Status::Ready).command;
        if matches!(command, Command::Create(_) | Command::SetPause(_)) {
            continue;
        }
        let ctx = Context { actor: &actor, at: sample::NOW, policy: &policy };
        let refused = command.decide(&View::default(), ctx).expect_err(row.verb);
        assert!(matches!(refused.code(), "unknown_task" | "unknown_tasks"), "{}", row.verb);
    }
}

#[test]
fn the_page_has_a_line_for_every_row() {
    let page = crate::table::markdown();
    for row in rows() {
        assert!(page.contains(&format!("| `{}`", row.verb)));
        assert!(page.contains(row.situation));
    }
}

fn word(cell: Cell) -> String {
    match cell {
        Cell::Moved(status) => status.to_string(),
        Cell::Recorded => "stays".to_owned(),
        Cell::Stopping => "ending".to_owned(),
        Cell::Unchanged => "=".to_owned(),
        Cell::Refused("wrong_status") => "-".to_owned(),
        Cell::Refused(code) => code.to_owned(),
    }
}

// triage todo scheduled ready running blocked review done archived
const EXPECTED: &[(&str, &str)] = &[
    ("create: with one parent", "todo todo todo todo todo todo todo ready ready"),
    ("comment", "stays stays stays stays stays stays stays stays stays"),
    ("assign", "stays stays stays stays claimed stays stays stays stays"),
    ("edit", "stays stays stays stays stays stays stays stays nothing_to_do"),
    ("edit: the result", "- - - - - - - stays -"),
    ("pause", "stays stays stays stays stays stays stays stays stays"),
    ("complete", "- - - done done done done - -"),
    ("complete: naming cards that do not exist", "- - - stays stays stays stays - -"),
    ("block", "- - - blocked blocked - - - -"),
    ("block: a second time for the same reason", "- - - triage triage - - - -"),
    ("block: on a dependency, a parent is open", "- - - todo todo - - - -"),
    (
        "block: on a dependency, no parent is open",
        "- - - nothing_to_wait_for nothing_to_wait_for - - - -",
    ),
    ("schedule", "- scheduled - scheduled scheduled scheduled - - -"),
    ("wake: its time has come", "- - ready - - - - - -"),
    ("wake: its time has come, a parent is open", "- - todo - - - - - -"),
    ("wake: it has no time", "- - nothing_to_do - - - - - -"),
    ("unblock", "- - ready - - ready - - -"),
    ("unblock: a parent is open", "- - todo - - todo - - -"),
    ("promote", "- ready - - - ready - - -"),
    ("promote: a parent is open", "- open_parents - - - open_parents - - -"),
    ("promote: by force, a parent is open", "- ready - - - ready - - -"),
    ("settle", "- ready - - - - - - -"),
    ("settle: a parent is open", "- = - - - - - - -"),
    (
        "archive",
        "archived archived archived archived archived archived archived archived nothing_to_do",
    ),
    (
        "archive: a runner keeps its run",
        "archived archived archived archived ending archived archived archived nothing_to_do",
    ),
    ("link: to an open parent", "stays stays stays todo stays stays stays stays stays"),
    ("link: to a finished parent", "stays stays stays stays stays stays stays stays stays"),
    ("link: to an archived parent", "stays stays stays stays stays stays stays stays stays"),
    ("unlink: from the last open parent", "stays ready stays stays stays stays stays stays stays"),
    ("claim", "- - - running - - running - -"),
    ("claim: a parent is open", "- - - todo - - running - -"),
    ("claim: a parent is open, promoted by force", "- - - running - - running - -"),
    (
        "claim: by the dispatcher, while it waits after a failure",
        "- - - cooling_down - - cooling_down - -",
    ),
    ("claim: processes of an earlier run are ending", "- - - still_ending - - still_ending - -"),
    (
        "claim: the board is paused",
        "paused paused paused paused paused paused paused paused paused",
    ),
    (
        "register",
        "stale_run stale_run stale_run stale_run stays stale_run stale_run stale_run stale_run",
    ),
    ("heartbeat: of the current run", "- - - - stays - - - -"),
    (
        "heartbeat: of an earlier run",
        "stale_run stale_run stale_run stale_run stale_run stale_run stale_run stale_run stale_run",
    ),
    ("complete: by an earlier run", "- - - stale_run stale_run stale_run stale_run - -"),
    ("cancel", "- - - - blocked - - - -"),
    ("cancel: a runner keeps its run", "- - - - ending - - - -"),
    ("cancel: its end was asked for before", "- - - - already_stopping - - - -"),
    ("reclaim", "- - - - ready - - - -"),
    ("reclaim: a runner keeps its run", "- - - - ending - - - -"),
    ("reclaim: a parent was added meanwhile", "- - - - todo - - - -"),
    ("expire: the lease has not run out", "- - - - not_expired - - - -"),
    ("expire: the holder lives", "- - - - stays - - - -"),
    ("expire: the holder is gone", "- - - - ready - - - -"),
    ("expire: the holder of a review is gone", "- - - - review - - - -"),
    ("finish-run: exit 0 that completes", "stays stays stays stays done stays stays stays stays"),
    ("finish-run: a failure", "stays stays stays stays ready stays stays stays stays"),
    ("finish-run: a failure of a review", "stays stays stays stays review stays stays stays stays"),
    (
        "finish-run: the failure that opens the breaker",
        "stays stays stays stays blocked stays stays stays stays",
    ),
    ("finish-run: after a cancel", "stays stays stays stays blocked stays stays stays stays"),
    (
        "finish-run: after an archive",
        "archived archived archived archived archived archived archived archived stays",
    ),
];
