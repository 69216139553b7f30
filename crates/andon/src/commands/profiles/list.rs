//! `profiles list` and `profiles show`.

use crate::app::Ctx;
use crate::error::CliError;
use crate::known_profiles;
use crate::output::{Format, Ui};
use andon_core::id::Assignee;
use andon_core::time::Seconds;
use andon_daemon::profile::{
    Action, Argument, Group, Need, OnExitZero, Preset, Profile, Profiles, Template, check,
};
use serde::Serialize;

/// Arguments of `profiles show`.
#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// The profile.
    profile: String,
}

/// A profile. Values of fixed variables may be secrets: only their names are told.
#[derive(Debug, Serialize)]
struct ProfileObject {
    name: String,
    description: String,
    /// `start` or `manual`.
    kind: &'static str,
    preset: Option<&'static str>,
    origin: String,
    command: Vec<String>,
    model_args: Vec<String>,
    skill_args: Vec<String>,
    goal_args: Vec<String>,
    /// Variables passed on; those with a question mark may be missing.
    env: Vec<String>,
    /// Names of variables with fixed values.
    set: Vec<String>,
    on_exit_zero: &'static str,
    limits: LimitsObject,
    problems: Vec<String>,
}

/// Limits of a run; null is no limit.
#[derive(Debug, Serialize)]
struct LimitsObject {
    time_seconds: Option<i64>,
    memory_bytes: Option<u64>,
    cpu_seconds: Option<i64>,
    idle_seconds: Option<i64>,
    grace_seconds: i64,
    concurrency: Option<u32>,
}

/// Lists the profiles.
pub(super) fn list(ctx: &mut Ctx) -> Result<(), CliError> {
    let home = ctx.target.home()?;
    let profiles = Profiles::load(&home)?;
    let objects: Vec<_> = profiles.iter().map(|profile| object(ctx, profile)).collect();
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&objects),
        Format::Human => objects.iter().for_each(|object| ctx.ui.out(line(object))),
    }
    Ok(())
}

/// Shows one profile.
pub(super) fn show(args: &ShowArgs, ctx: &mut Ctx) -> Result<(), CliError> {
    let name = Assignee::parse(&args.profile)?;
    let home = ctx.target.home()?;
    let profiles = Profiles::load(&home)?;
    let Some(profile) = profiles.get(&name) else {
        return known_profiles::require(&home, &name);
    };
    let object = object(ctx, profile);
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&object),
        Format::Human => write(&mut ctx.ui, &object),
    }
    Ok(())
}

fn object(ctx: &Ctx, profile: &Profile) -> ProfileObject {
    let texts = |templates: &[Template]| templates.iter().map(Template::to_string).collect();
    let none = Vec::new;
    let (kind, command, model_args, skill_args, goal_args) = match &profile.action {
        Action::Manual => ("manual", none(), none(), none(), none()),
        Action::Start(command) => (
            "start",
            command.argv.iter().map(argument).collect(),
            texts(&command.model_args),
            texts(&command.skill_args),
            texts(&command.goal_args),
        ),
    };
    let env = profile.env.iter().map(|wanted| match wanted.need {
        Need::Required => wanted.name.clone(),
        Need::Optional => format!("{}?", wanted.name),
    });
    let problems = check(profile, ctx.target.env());
    ProfileObject {
        name: profile.name.to_string(),
        description: profile.description.clone(),
        kind,
        preset: profile.preset.map(Preset::name),
        origin: profile.origin.to_string(),
        command,
        model_args,
        skill_args,
        goal_args,
        env: env.collect(),
        set: profile.set.iter().map(|(name, _)| name.to_owned()).collect(),
        on_exit_zero: match profile.on_exit_zero {
            OnExitZero::Completes => "completes",
            OnExitZero::Violates => "violates",
        },
        limits: limits(profile),
        problems: problems.iter().map(ToString::to_string).collect(),
    }
}

fn limits(profile: &Profile) -> LimitsObject {
    let seconds = |span: Option<Seconds>| span.map(|span| span.0);
    LimitsObject {
        time_seconds: seconds(profile.limits.time),
        memory_bytes: profile.limits.memory.map(|bytes| bytes.0),
        cpu_seconds: seconds(profile.limits.cpu),
        idle_seconds: seconds(profile.limits.idle),
        grace_seconds: profile.limits.grace.0,
        concurrency: profile.limits.concurrency.map(std::num::NonZeroU32::get),
    }
}

fn argument(argument: &Argument) -> String {
    match argument {
        Argument::One(template) => template.to_string(),
        Argument::Group(Group::Model) => "{model_args}".to_owned(),
        Argument::Group(Group::Skill) => "{skill_args}".to_owned(),
        Argument::Group(Group::Goal) => "{goal_args}".to_owned(),
    }
}

fn line(profile: &ProfileObject) -> String {
    let state = match (profile.kind, profile.problems.first()) {
        ("manual", _) => "manual: nothing is started for it".to_owned(),
        (_, Some(problem)) => format!("cannot start: {problem}"),
        (_, None) => profile.description.clone(),
    };
    let mark = if profile.problems.is_empty() { '✓' } else { '✗' };
    format!("{mark} {:16} {state}", profile.name)
}

fn write(ui: &mut Ui, profile: &ProfileObject) {
    let mut field = |name: &str, value: String| {
        if !value.is_empty() {
            ui.out(format_args!("{:14} {value}", format!("{name}:")));
        }
    };
    field("Profile", profile.name.clone());
    field("Description", profile.description.clone());
    field("From", profile.origin.clone());
    field("Kind", profile.kind.to_owned());
    field("Command", quoted(&profile.command));
    field("Model args", quoted(&profile.model_args));
    field("Skill args", quoted(&profile.skill_args));
    field("Goal args", quoted(&profile.goal_args));
    field("Inherits", profile.env.join(" "));
    field("Sets", profile.set.join(" "));
    field("On exit 0", profile.on_exit_zero.to_owned());
    let limits = &profile.limits;
    field("Limits", {
        let mut told = Vec::new();
        told.extend(limits.time_seconds.map(|limit| format!("time {limit}s")));
        told.extend(limits.memory_bytes.map(|limit| format!("memory {limit} bytes")));
        told.extend(limits.cpu_seconds.map(|limit| format!("cpu {limit}s")));
        told.extend(limits.idle_seconds.map(|limit| format!("idle {limit}s")));
        told.push(format!("grace {}s", limits.grace_seconds));
        told.extend(limits.concurrency.map(|limit| format!("{limit} at once")));
        told.join(", ")
    });
    for problem in &profile.problems {
        field("Problem", problem.clone());
    }
}

/// Arguments as in the file, so that they can be copied there.
fn quoted(arguments: &[String]) -> String {
    arguments.iter().map(|argument| format!("{argument:?}")).collect::<Vec<_>>().join(" ")
}
