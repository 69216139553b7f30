//! `profiles`: profiles of this home that cannot start; the built-in ones are for whoever has those
//! agents.

use crate::commands::doctor::case::HomeCase;
use crate::commands::doctor::finding::Finding;
use crate::error::CliError;
use andon_daemon::origin::Origin;
use andon_daemon::profile::{Action, Profile, Profiles, check};

pub(super) fn look(case: &HomeCase) -> Vec<Finding> {
    let profiles = match Profiles::load(&case.home) {
        Ok(profiles) => profiles,
        Err(error) => {
            let body = CliError::from(error).body();
            let remedy = body.hint.unwrap_or_else(|| "correct what the message names".to_owned());
            return vec![Finding::problem(body.message, remedy)];
        }
    };
    let is_own = |profile: &&Profile| {
        profile.origin != Origin::BuiltIn && matches!(profile.action, Action::Start(_))
    };
    let own: Vec<&Profile> = profiles.iter().filter(is_own).collect();
    let troubled = own.iter().flat_map(|profile| {
        check(profile, &case.env).into_iter().map(|problem| {
            let text = format!("profile {} cannot start: {problem}", profile.name);
            Finding::warning(text, problem.hint())
        })
    });
    let mut findings: Vec<Finding> = troubled.collect();
    if findings.is_empty() {
        findings.push(Finding::ok(match own.len() {
            0 => "the home defines no profile of its own".to_owned(),
            1 => "the home's own profile can start".to_owned(),
            several => format!("the home's own {several} profiles can start"),
        }));
    }
    findings
}
