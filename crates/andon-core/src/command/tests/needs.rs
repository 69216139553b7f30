//! What each command looks at, written out. A store loads nothing else, so a need that is gone is a
//! rule that no longer sees what it is about.

use crate::command::Command;
use crate::command::create::{Begin, Create};
use crate::table::rows;
use crate::task::Status;
use crate::view::Needs;

#[test]
fn every_command_looks_at_what_is_written_here_and_at_nothing_else() {
    let mut told: Vec<(&str, String)> = Vec::new();
    for row in rows() {
        let command = (row.ask)(Status::Ready).command;
        let looks = (command.verb(), words(&command.needs()));
        if !told.contains(&looks) {
            told.push(looks);
        }
    }
    let told: Vec<_> = told.iter().map(|(verb, needs)| (*verb, needs.as_str())).collect();
    assert_eq!(told, EXPECTED);
}

#[test]
fn every_command_but_a_sign_of_life_is_recorded() {
    for row in rows() {
        let command = (row.ask)(Status::Running).command;
        let is_sign_of_life = matches!(command, Command::Heartbeat(_));
        assert_eq!(command.is_recorded(), !is_sign_of_life, "{}", row.verb);
    }
}

#[test]
fn a_blank_key_finds_no_task() {
    for key in ["", "  \t"] {
        let idempotency_key = Some(key.to_owned());
        let (title, begin) = ("a".to_owned(), Begin::Normal);
        let create = Create { title, begin, idempotency_key, ..Create::default() };
        assert_eq!(Command::from(create).needs().idempotency_key, None);
    }
}

fn words(needs: &Needs<'_>) -> String {
    let Needs {
        subject,
        run,
        last_completed,
        lingering,
        parents,
        children,
        known,
        idempotency_key,
        link,
        pause,
        fresh_id,
    } = needs;
    let looked_at = [
        ("subject", subject.is_some()),
        ("run", run.is_some()),
        ("last_completed", *last_completed),
        ("lingering", *lingering),
        ("parents", *parents),
        ("children", *children),
        ("known", !known.is_empty()),
        ("key", idempotency_key.is_some()),
        ("link", link.is_some()),
        ("pause", *pause),
        ("fresh_id", *fresh_id),
    ];
    let words = looked_at.iter().filter_map(|(word, is_looked_at)| is_looked_at.then_some(*word));
    words.collect::<Vec<_>>().join(" ")
}

const EXPECTED: &[(&str, &str)] = &[
    ("create", "known fresh_id"),
    ("comment", "subject"),
    ("assign", "subject"),
    ("edit", "subject"),
    ("edit", "subject last_completed"),
    ("pause", "pause"),
    ("complete", "subject children"),
    ("complete", "subject children known"),
    ("block", "subject parents"),
    ("schedule", "subject"),
    ("wake", "subject parents"),
    ("unblock", "subject parents"),
    ("promote", "subject parents"),
    ("settle", "subject parents"),
    ("archive", "subject children"),
    ("link", "subject known link"),
    ("unlink", "subject parents known link"),
    ("claim", "subject lingering parents pause"),
    ("register", "subject"),
    ("heartbeat", "subject"),
    ("cancel", "subject"),
    ("reclaim", "subject parents"),
    ("expire", "subject parents children"),
    ("finish-run", "subject run parents children"),
];
