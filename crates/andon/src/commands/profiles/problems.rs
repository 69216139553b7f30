//! `profiles check`: what keeps profiles from starting, before a task has to find out.

use crate::app::Ctx;
use crate::error::CliError;
use crate::known_profiles;
use crate::output::Format;
use andon_core::id::Assignee;
use andon_daemon::origin::Origin;
use andon_daemon::profile::{Action, Profile, Profiles, check as problems_of};
use serde::Serialize;

/// Arguments of `profiles check`.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// The profiles; all of them if none is named. A built-in one that is not named counts as a
    /// problem only where the home itself defines a profile of that name: nobody has every agent.
    profiles: Vec<String>,
}

#[derive(Debug, Serialize)]
struct CheckObject {
    name: String,
    /// Whether its workers can be started here.
    ok: bool,
    /// Whether a problem of it makes the check fail.
    counts: bool,
    problems: Vec<ProblemObject>,
}

#[derive(Debug, Serialize)]
struct ProblemObject {
    problem: String,
    hint: String,
}

/// Checks.
pub(super) fn check(args: &CheckArgs, ctx: &mut Ctx) -> Result<(), CliError> {
    let home = ctx.target.home()?;
    let profiles = Profiles::load(&home)?;
    let named: Vec<Assignee> = args
        .profiles
        .iter()
        .map(|text| {
            let name = Assignee::parse(text)?;
            known_profiles::require(&home, &name).map(|()| name)
        })
        .collect::<Result<_, CliError>>()?;
    let is_asked = |profile: &&Profile| named.is_empty() || named.contains(&profile.name);
    let objects: Vec<CheckObject> =
        profiles.iter().filter(is_asked).map(|profile| object(ctx, profile, &named)).collect();
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&objects),
        Format::Human => objects.iter().for_each(|object| write(ctx, object)),
    }
    let failed = objects.iter().any(|object| object.counts && !object.ok);
    if failed { Err(CliError::told()) } else { Ok(()) }
}

fn object(ctx: &Ctx, profile: &Profile, named: &[Assignee]) -> CheckObject {
    let problems = match profile.action {
        Action::Manual => Vec::new(),
        Action::Start(_) => problems_of(profile, ctx.target.env()),
    };
    CheckObject {
        name: profile.name.to_string(),
        ok: problems.is_empty(),
        counts: !named.is_empty() || profile.origin != Origin::BuiltIn,
        problems: problems
            .iter()
            .map(|problem| ProblemObject { problem: problem.to_string(), hint: problem.hint() })
            .collect(),
    }
}

fn write(ctx: &mut Ctx, object: &CheckObject) {
    let name = &object.name;
    match (object.ok, object.counts) {
        (true, _) => ctx.ui.out(format_args!("{name}: ok")),
        (false, true) => ctx.ui.out(format_args!("{name}: cannot start")),
        (false, false) => ctx.ui.out(format_args!("{name}: built in, not usable here")),
    }
    for ProblemObject { problem, hint } in &object.problems {
        ctx.ui.out(format_args!("  {problem}"));
        if object.counts {
            ctx.ui.out(format_args!("  hint: {hint}"));
        }
    }
}
