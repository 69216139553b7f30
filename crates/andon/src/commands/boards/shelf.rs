//! `boards archive`, `restore` and `delete`. What is archived can be brought back; what is
//! deleted is gone, so that takes a plain yes. Neither befalls a board that a process has open.

use crate::app::Ctx;
use crate::equipment;
use crate::error::CliError;
use crate::output::Format;
use crate::target;
use andon_core::id::BoardSlug;
use andon_daemon::boards::{ArchivedBoard, BoardError, Boards, DeleteConfirmation};
use andon_daemon::home::{Home, Layout};
use andon_store_sqlite::users;
use serde::Serialize;

/// Arguments of `boards archive`.
#[derive(Debug, clap::Args)]
pub(crate) struct ArchiveArgs {
    /// The board.
    board: String,
    /// What the peer's `boards rm` takes; here deleting is a verb of its own.
    #[arg(long, hide = true)]
    delete: bool,
}

/// Arguments of `boards restore`.
#[derive(Debug, clap::Args)]
pub(crate) struct RestoreArgs {
    /// The archived board: its short name, or its name in `boards list --all`.
    board: String,
}

/// Arguments of `boards delete`.
#[derive(Debug, clap::Args)]
pub(crate) struct DeleteArgs {
    /// The archived board: its short name, or its name in `boards list --all`.
    board: String,
    /// Yes, delete it for good.
    #[arg(long)]
    yes: bool,
    /// Even though it is not archived; refused while a process has it open.
    #[arg(long)]
    force: bool,
}

/// What became of a board, for programs.
#[derive(Debug, Serialize)]
struct ShelfObject<'a> {
    slug: &'a str,
    /// `archived`, `restored` or `deleted`.
    change: &'static str,
    /// Its name in the archive.
    archive: Option<&'a str>,
    /// Its directory.
    path: String,
}

/// Puts a board away.
pub(super) fn archive(args: &ArchiveArgs, ctx: &mut Ctx) -> Result<(), CliError> {
    let slug = super::slug(&args.board)?;
    if args.delete {
        return Err(CliError::usage("this verb puts a board away and deletes nothing")
            .hint(format!("delete it for good with `andon boards delete {slug} --force --yes`")));
    }
    let home = equipment::existing_home(&ctx.target)?;
    let archived = Boards::new(&home).archive(&slug, target::now(), &users)?;
    let path = archived.path.display().to_string();
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&ShelfObject {
            slug: slug.as_str(),
            change: "archived",
            archive: Some(&archived.name),
            path,
        }),
        Format::Human => {
            ctx.ui.out(format_args!("Board '{slug}' archived → {path}"));
            ctx.ui.out(format_args!("Bring it back with `andon boards restore {}`", archived.name));
        }
    }
    Ok(())
}

/// Brings a board back.
pub(super) fn restore(args: &RestoreArgs, ctx: &mut Ctx) -> Result<(), CliError> {
    let home = equipment::existing_home(&ctx.target)?;
    let boards = Boards::new(&home);
    let archived = find(&boards, &args.board)?;
    let slug = boards.restore(&archived.name)?;
    let path = Layout::new(&home, &slug).board_dir().display().to_string();
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&ShelfObject {
            slug: slug.as_str(),
            change: "restored",
            archive: Some(&archived.name),
            path,
        }),
        Format::Human => ctx.ui.out(format_args!("Board '{slug}' restored → {path}")),
    }
    Ok(())
}

/// Deletes a board.
pub(super) fn delete(args: &DeleteArgs, ctx: &mut Ctx) -> Result<(), CliError> {
    let home = equipment::existing_home(&ctx.target)?;
    let boards = Boards::new(&home);
    let (slug, archive, path) = match living(&home, &args.board) {
        Some(slug) => {
            delete_living(args, &boards, &slug)?;
            let path = Layout::new(&home, &slug).board_dir().display().to_string();
            (slug, None, path)
        }
        None => {
            let archived = find(&boards, &args.board)?;
            require_yes(args, &format!("archived board {}", archived.name))?;
            boards.delete_archived(&archived.name, &users)?;
            let path = archived.path.display().to_string();
            (archived.slug, Some(archived.name), path)
        }
    };
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&ShelfObject {
            slug: slug.as_str(),
            change: "deleted",
            archive: archive.as_deref(),
            path,
        }),
        Format::Human => {
            let name = archive.as_deref().unwrap_or(slug.as_str());
            ctx.ui.out(format_args!("Board '{name}' deleted."));
        }
    }
    Ok(())
}

/// The board of this name that is not archived.
fn living(home: &Home, text: &str) -> Option<BoardSlug> {
    let slug = BoardSlug::parse(text).ok()?;
    Layout::new(home, &slug).exists().then_some(slug)
}

fn delete_living(args: &DeleteArgs, boards: &Boards<'_>, slug: &BoardSlug) -> Result<(), CliError> {
    if slug.is_default() {
        return Err(BoardError::DefaultBoard("deleted").into());
    }
    if !args.force {
        return Err(CliError::user("not_archived", format!("board {slug} is not archived"))
            .hint(format!("put it away with `andon boards archive {slug}`"))
            .hint("or delete it at once with --force --yes"));
    }
    require_yes(args, &format!("board {slug}, which is not archived"))?;
    let confirmed = DeleteConfirmation::of(slug, &args.board.to_ascii_lowercase())
        .ok_or_else(|| CliError::usage(format!("write the board's name as it is: {slug}")))?;
    Ok(boards.delete(confirmed, target::now(), &users)?)
}

fn require_yes(args: &DeleteArgs, what: &str) -> Result<(), CliError> {
    if args.yes {
        return Ok(());
    }
    let message = format!("{what} would be deleted for good, with its tasks and files");
    Err(CliError::user("unconfirmed", message).hint("add --yes if that is what you want"))
}

/// Finds an archived board by its archived name, or by a short name that only one of them has.
fn find(boards: &Boards<'_>, text: &str) -> Result<ArchivedBoard, CliError> {
    // Read like every other name of a board, of which the archive adds digits to the end.
    let text = text.trim().to_ascii_lowercase();
    let mut archived = boards.archived()?;
    if let Some(at) = archived.iter().position(|board| board.name == text) {
        return Ok(archived.swap_remove(at));
    }
    archived.retain(|board| board.slug.as_str() == text);
    match archived.len() {
        0 => Err(BoardError::NoSuchArchive(text).into()),
        1 => Ok(archived.swap_remove(0)),
        count => {
            let names: Vec<&str> = archived.iter().map(|board| board.name.as_str()).collect();
            let message = format!("{count} archived boards were called {text}");
            Err(CliError::user("ambiguous", message)
                .hint(format!("name one of them: {}", names.join(", "))))
        }
    }
}
