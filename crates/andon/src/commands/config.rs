//! `config`: the settings in force for the board, and where each comes from.

use crate::app::Ctx;
use crate::error::CliError;
use crate::output::Format;
use andon_daemon::config::{Setting, Value, find};
use andon_daemon::origin::Origin;
use serde::Serialize;

/// Arguments of `config`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Show the settings that hold for the board.
    Show(Show),
}

#[derive(Debug, clap::Args)]
struct Show {
    /// Say where each value comes from.
    #[arg(long)]
    origin: bool,
}

/// A setting, for programs.
#[derive(Debug, Serialize)]
struct SettingObject<'a> {
    name: &'a str,
    section: &'a str,
    value: serde_json::Value,
    unit: &'a str,
    /// `built_in`, `file`, `environment` or `argument`.
    origin: &'static str,
    /// The origin for people: which file and section, which variable.
    origin_text: String,
}

/// Shows the settings.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let Verb::Show(show) = args.verb;
    let home = ctx.target.home()?;
    let choice = ctx.target.choose(&home)?;
    let config = ctx.target.config(&home, &choice)?;
    match ctx.ui.format() {
        Format::Json => {
            ctx.ui.json(&config.settings().iter().map(object).collect::<Vec<_>>());
        }
        Format::Human => write(ctx, config.settings(), &show),
    }
    Ok(())
}

/// Writes the settings in the form of the file that could set them.
fn write(ctx: &mut Ctx, settings: &[Setting], show: &Show) {
    let mut section = "";
    for setting in settings {
        if setting.section != section {
            let gap = if section.is_empty() { "" } else { "\n" };
            ctx.ui.out(format_args!("{gap}[{}]", setting.section));
            section = setting.section;
        }
        let unset = matches!(setting.value, Value::Unset);
        let value = if unset { "\"none\"".to_owned() } else { setting.value.to_string() };
        let line = format!("{} = {value}", setting.name);
        if show.origin {
            ctx.ui.out(format_args!("{line:44} # {}", setting.origin));
        } else {
            ctx.ui.out(line);
        }
    }
}

fn object(setting: &Setting) -> SettingObject<'_> {
    SettingObject {
        name: setting.name,
        section: setting.section,
        value: match &setting.value {
            Value::Unset => serde_json::Value::Null,
            Value::Integer(number) => (*number).into(),
            Value::Flag(flag) => (*flag).into(),
            Value::Text(text) => text.as_str().into(),
        },
        unit: find(setting.name).map_or("", |key| key.unit),
        origin: match setting.origin {
            Origin::BuiltIn => "built_in",
            Origin::File { .. } => "file",
            Origin::Environment(_) => "environment",
            Origin::Argument(_) => "argument",
        },
        origin_text: setting.origin.to_string(),
    }
}
