//! `backup`: copies a board while it is in use, and lists the copies. What a copy is and which ones
//! stay is the store's business; this only asks and tells.

use crate::app::Ctx;
use crate::error::CliError;
use crate::output::{self, Format};
use crate::{equipment, target, when};
use andon_core::time::Timestamp;
use andon_daemon::home::{BoardChoice, Home};
use andon_store_sqlite::{BackedUp, Backup, Keep, back_up, backups};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Arguments of `backup`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Directory for the copy, instead of the board's own. Nothing in it is ever removed.
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// List the backups of the board, newest first.
    #[command(visible_alias = "ls")]
    List(ListArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Directory to look into, instead of the board's own.
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

/// A backup, for programs.
#[derive(Debug, Serialize)]
struct BackupObject<'a> {
    board: &'a str,
    path: String,
    at: i64,
    bytes: u64,
}

/// A backup that was made now.
#[derive(Debug, Serialize)]
struct BackedUpObject<'a> {
    #[serde(flatten)]
    backup: BackupObject<'a>,
    tasks: u64,
    /// Older ones that were removed for it.
    removed: Vec<String>,
}

/// Backs the board up, or lists its backups.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let home = equipment::existing_home(&ctx.target)?;
    let choice = ctx.target.choose(&home)?;
    match args.verb {
        None => make(args.to.as_deref(), &home, &choice, ctx),
        Some(Verb::List(ListArgs { to })) => list(to.as_deref(), &choice, ctx),
    }
}

fn make(
    to: Option<&Path>,
    home: &Home,
    choice: &BoardChoice,
    ctx: &mut Ctx,
) -> Result<(), CliError> {
    target::require_free(home, choice)?;
    let keep = match to {
        Some(_) => Keep::All,
        None => Keep::Newest(ctx.target.config(home, choice)?.backup_count),
    };
    let directory = to.unwrap_or(choice.layout.backups());
    let made = back_up(choice.layout.database(), directory, keep, target::now())?;
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&BackedUpObject {
            backup: object(choice, &made.backup),
            tasks: made.tasks,
            removed: made.removed.iter().map(|path| path.display().to_string()).collect(),
        }),
        Format::Human => write(choice, &made, ctx),
    }
    Ok(())
}

fn write(choice: &BoardChoice, made: &BackedUp, ctx: &mut Ctx) {
    let (slug, path, bytes) = (choice.layout.slug(), made.backup.path.display(), made.backup.bytes);
    let tasks = output::counted(made.tasks, "task");
    ctx.ui.out(format_args!("Backed up board {slug}, {tasks}, {bytes} bytes: {path}"));
    for removed in &made.removed {
        ctx.ui.out(format_args!("Removed the oldest one: {}", removed.display()));
    }
}

fn list(to: Option<&Path>, choice: &BoardChoice, ctx: &mut Ctx) -> Result<(), CliError> {
    let directory = to.unwrap_or(choice.layout.backups());
    let found = backups(choice.layout.database(), directory)?;
    match ctx.ui.format() {
        Format::Json => {
            let objects: Vec<_> = found.iter().map(|backup| object(choice, backup)).collect();
            ctx.ui.json(&objects);
        }
        Format::Human if found.is_empty() => {
            ctx.ui.err(format_args!("no backup in {}", directory.display()));
        }
        Format::Human => found.iter().for_each(|backup| ctx.ui.out(line(backup))),
    }
    Ok(())
}

fn object<'a>(choice: &'a BoardChoice, backup: &Backup) -> BackupObject<'a> {
    BackupObject {
        board: choice.layout.slug().as_str(),
        path: backup.path.display().to_string(),
        at: backup.at.0,
        bytes: backup.bytes,
    }
}

fn line(backup: &Backup) -> String {
    let at = when::local(Timestamp(backup.at.0));
    format!("{at}  {:>12} bytes  {}", backup.bytes, backup.path.display())
}
