//! `settings` and `board_settings`: whether settings can be read, and what in them has no effect.

use crate::commands::doctor::case::{BoardCase, HomeCase};
use crate::commands::doctor::finding::Finding;
use crate::error::CliError;
use andon_daemon::config::{self, Ignored, Whose};

pub(super) fn of_home(case: &HomeCase) -> Vec<Finding> {
    let loaded = config::load(&case.home, None, &case.env, &[]);
    if let Err(error) = loaded {
        return vec![unreadable(error.into())];
    }
    match config::ignored(&case.home, &case.env) {
        Ok(ignored) if ignored.is_empty() => vec![Finding::ok("every setting has an effect")],
        Ok(ignored) => ignored.iter().map(without_effect).collect(),
        Err(error) => vec![Finding::not_made(error)],
    }
}

pub(super) fn of_board(case: &BoardCase<'_>) -> Vec<Finding> {
    let loaded = config::load(&case.home.home, Some(case.layout.slug()), &case.home.env, &[]);
    vec![match loaded {
        Ok(config) if config.writer_lock => Finding::ok("the settings of the board can be read"),
        Ok(_) => Finding::warning(
            "writers do not queue: writer_lock is off",
            "switch writer_lock on again; off is for measuring",
        ),
        Err(error) => unreadable(error.into()),
    }]
}

fn unreadable(error: CliError) -> Finding {
    let body = error.body();
    let remedy = body.hint.unwrap_or_else(|| "correct what the message names".to_owned());
    Finding::problem(body.message, remedy)
}

fn without_effect(ignored: &Ignored) -> Finding {
    let Ignored { what, origin, meant, whose } = ignored;
    match (whose, meant) {
        (Whose::Peers, _) => Finding::note(format!("{what} in {origin} has no effect on Andon")),
        (Whose::Ours, Some(meant)) => {
            Finding::warning(format!("{what} has no effect"), format!("did you mean {meant}?"))
        }
        (Whose::Ours, None) => {
            Finding::warning(format!("{what} has no effect ({origin})"), "remove or correct it")
        }
    }
}
