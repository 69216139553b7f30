//! `file`: whether there is a database, told without opening it where there is none.

use crate::commands::doctor::case::BoardCase;
use crate::commands::doctor::finding::Finding;
use andon_store::StoreError;
use andon_store_sqlite::beside;

pub(super) fn look(case: &BoardCase<'_>) -> Vec<Finding> {
    let path = case.layout.database();
    let journal = beside(&case.database, "-journal");
    if journal.metadata().is_ok_and(|found| found.len() > 0) {
        return vec![Finding::warning(
            format!("{} holds a change that was not finished", journal.display()),
            "leave it where it is: the next ordinary open takes the change back; looking does not",
        )];
    }
    vec![match case.inspection() {
        Ok(_) => match path.metadata() {
            Ok(found) => Finding::ok(format!("{} bytes", found.len())),
            Err(error) => Finding::warning(
                format!("{} cannot be looked at: {error}", path.display()),
                "look again",
            ),
        },
        Err(StoreError::Missing { .. }) if case.layout.slug().is_default() => {
            Finding::note("there is no database yet").remedy("make one with `andon init`")
        }
        Err(error @ StoreError::Missing { .. }) => {
            let remedy = "make it with `andon boards create`, or archive what is left of the board";
            Finding::warning(error.to_string(), remedy)
        }
        Err(error) => {
            let told = crate::error::CliError::from(error.clone()).body();
            let remedy = told.hint.unwrap_or_else(|| {
                "restore it with `andon restore latest`, or save what is readable into a new file \
                 with `andon repair`"
                    .to_owned()
            });
            Finding::problem(told.message, remedy)
        }
    }]
}
