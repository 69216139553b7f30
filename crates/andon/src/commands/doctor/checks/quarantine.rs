//! `quarantine`: the record that dispatchers keep of a board in trouble.

use crate::commands::doctor::case::BoardCase;
use crate::commands::doctor::finding::Finding;
use crate::when;
use andon_core::time::Timestamp;
use andon_daemon::quarantine::{self, Fingerprint};

pub(super) fn look(case: &BoardCase<'_>) -> Vec<Finding> {
    let record = match quarantine::read(&case.home.home, case.layout.slug()) {
        Ok(Some(record)) => record,
        Ok(None) => return vec![Finding::ok("the board is not in quarantine")],
        Err(error) => {
            let file = quarantine::record_file(&case.home.home, case.layout.slug());
            let remedy = format!("remove {}; nobody heeds it", file.display());
            return vec![Finding::warning(error.to_string(), remedy)];
        }
    };
    let since = when::local(Timestamp(record.since));
    let next = when::local(Timestamp(record.next));
    let (reason, attempts) = (&record.reason, record.attempts);
    if !record.holds(case.now, Fingerprint::of(case.layout.database()).as_ref()) {
        let text = format!(
            "the board was in quarantine since {since} ({reason}), and is looked at again at the \
             next dispatch"
        );
        return vec![Finding::note(text)];
    }
    vec![Finding::problem(
        format!(
            "in quarantine since {since}, {attempts} looks failed, looked at again at {next}: \
             {reason}"
        ),
        "mend what the other findings name, or restore the board; a changed file is looked at at \
         once",
    )]
}
