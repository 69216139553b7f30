//! `boards create`, `switch`, `rename` and `set-default-workdir`.

use super::list::{BoardObject, one};
use crate::app::Ctx;
use crate::equipment;
use crate::error::CliError;
use crate::output::Format;
use crate::target;
use andon_core::policy::Policy;
use andon_daemon::boards::{Boards, Created, MetadataChange};
use andon_daemon::home::{Layout, expand_tilde};
use andon_store_sqlite::{Options, SqliteStore};
use serde::Serialize;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Arguments of `boards create`.
#[derive(Debug, clap::Args)]
pub(crate) struct CreateArgs {
    /// The board's short name: 1 to 64 of a-z 0-9 - _.
    board: String,
    /// Display name; made from the short name if absent.
    #[arg(long)]
    name: Option<String>,
    /// What the board is for.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// A character or short text shown beside the name.
    #[arg(long)]
    icon: Option<String>,
    /// A CSS colour.
    #[arg(long)]
    color: Option<String>,
    /// Make it the current board.
    #[arg(long)]
    switch: bool,
    /// Directory in which tasks without one of their own work.
    #[arg(long, value_name = "DIR")]
    default_workdir: Option<OsString>,
}

/// Arguments of `boards switch`.
#[derive(Debug, clap::Args)]
pub(crate) struct SwitchArgs {
    /// The board.
    board: String,
}

/// Arguments of `boards rename`.
#[derive(Debug, clap::Args)]
pub(crate) struct RenameArgs {
    /// The board. Its short name stays.
    board: String,
    /// New display name.
    #[arg(required = true)]
    name: Vec<String>,
}

/// Arguments of `boards set-default-workdir`.
#[derive(Debug, clap::Args)]
pub(crate) struct WorkdirArgs {
    /// The board.
    board: String,
    /// The directory; without one, or with an empty one, none is the default.
    path: Option<OsString>,
}

#[derive(Debug, Serialize)]
struct CreatedObject {
    #[serde(flatten)]
    board: BoardObject,
    /// False if the board was there.
    created: bool,
}

/// Makes a board, its database included.
pub(super) fn create(args: CreateArgs, ctx: &mut Ctx) -> Result<(), CliError> {
    let slug = super::slug(&args.board)?;
    let home = ctx.target.home()?;
    let boards = Boards::new(&home);
    let change = MetadataChange {
        name: args.name,
        description: args.description,
        icon: args.icon,
        color: args.color,
        default_workdir: workdir(args.default_workdir, ctx)?.map(Some),
    };
    let (made, _) = boards.create(&slug, &change, target::now())?;
    let layout = Layout::new(&home, &slug);
    let environment = equipment::environment(Policy::default());
    drop(SqliteStore::create(layout.database(), Options::default(), environment)?);
    if args.switch {
        boards.switch(&slug)?;
    }
    let created = made == Created::New;
    let board = one(&home, &slug)?;
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&CreatedObject { board, created }),
        Format::Human => {
            let what = if created { "created" } else { "already exists" };
            ctx.ui.out(format_args!("Board '{slug}' {what}."));
            ctx.ui.out(format_args!("  Display name: {}", board.name()));
            ctx.ui.out(format_args!("  DB path:      {}", board.db_path));
            if args.switch {
                ctx.ui.out(format_args!("  Switched to '{slug}'."));
                warn_if_overruled(ctx, slug.as_str());
            } else {
                ctx.ui.out(format_args!("  Use `andon boards switch {slug}` to make it current."));
            }
        }
    }
    Ok(())
}

/// Makes a board the current one.
pub(super) fn switch(args: &SwitchArgs, ctx: &mut Ctx) -> Result<(), CliError> {
    let slug = super::slug(&args.board)?;
    let home = equipment::existing_home(&ctx.target)?;
    Boards::new(&home).switch(&slug)?;
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&one(&home, &slug)?),
        Format::Human => {
            ctx.ui.out(format_args!("Active board is now '{slug}'."));
            warn_if_overruled(ctx, slug.as_str());
        }
    }
    Ok(())
}

/// Warns where a variable names another board all the same (S23).
fn warn_if_overruled(ctx: &mut Ctx, slug: &str) {
    for name in ["ANDON_BOARD", "HERMES_KANBAN_BOARD", "ANDON_DB", "HERMES_KANBAN_DB"] {
        if let Ok(Some(value)) = ctx.target.env().text(name)
            && value != slug
        {
            let warning = format!("warning: {name} is set, and stronger than the current board");
            ctx.ui.err(warning);
        }
    }
}

/// Changes a board's display name.
pub(super) fn rename(args: RenameArgs, ctx: &mut Ctx) -> Result<(), CliError> {
    let name = args.name.join(" ");
    let change = MetadataChange { name: Some(name), ..MetadataChange::default() };
    apply(ctx, &args.board, &change, |board| {
        format!("Board '{}' renamed to '{}'.", board.slug, board.name())
    })
}

/// The directory that was named; an empty name is none.
fn workdir(named: Option<OsString>, ctx: &Ctx) -> Result<Option<PathBuf>, CliError> {
    let named = named.filter(|path| !path.is_empty());
    named.map(|path| absolute(Path::new(&path), ctx)).transpose()
}

/// Sets or clears a board's default directory.
pub(super) fn set_workdir(args: WorkdirArgs, ctx: &mut Ctx) -> Result<(), CliError> {
    let path = workdir(args.path, ctx)?;
    let change = MetadataChange { default_workdir: Some(path), ..MetadataChange::default() };
    apply(ctx, &args.board, &change, |board| match board.default_workdir() {
        Some(path) => format!("Board '{}' default workdir set to '{path}'.", board.slug),
        None => format!("Board '{}' default workdir cleared.", board.slug),
    })
}

fn apply(
    ctx: &mut Ctx,
    board: &str,
    change: &MetadataChange,
    told: impl FnOnce(&BoardObject) -> String,
) -> Result<(), CliError> {
    let slug = super::slug(board)?;
    let home = equipment::existing_home(&ctx.target)?;
    Boards::new(&home).change(&slug, change, target::now())?;
    let object = one(&home, &slug)?;
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&object),
        Format::Human => ctx.ui.out(told(&object)),
    }
    Ok(())
}

/// A relative path would mean another place for every worker. The shell replaces no `~` that stands
/// behind an `=` or in quotes.
fn absolute(path: &Path, ctx: &Ctx) -> Result<PathBuf, CliError> {
    let failed = |error| CliError::io(format!("cannot use {}", path.display()), &error);
    std::path::absolute(expand_tilde(path, ctx.target.env())?).map_err(failed)
}
