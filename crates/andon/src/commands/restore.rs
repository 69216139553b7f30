//! `restore`: puts a backup into the board's place. What may be replaced, and how, is the store's
//! business; this only asks and tells.

use crate::app::Ctx;
use crate::error::CliError;
use crate::output::{self, Format};
use crate::target;
use andon_store_sqlite::{GoodBoard, Restored, find_backup, restore};
use serde::Serialize;
use std::ffi::OsString;

/// Arguments of `restore`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The backup: `latest`, a name in `andon backup list`, or a file.
    backup: OsString,
    /// Even if the board that is there is in order; it is moved aside, not deleted.
    #[arg(long)]
    replace: bool,
}

/// A restored board, for programs.
#[derive(Debug, Serialize)]
struct RestoredObject<'a> {
    board: &'a str,
    db_path: String,
    from: String,
    tasks: u64,
    /// What was there before.
    aside: Option<String>,
}

/// Restores the board. It need not be there, and may be in quarantine.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let home = ctx.target.home()?;
    let layout = ctx.target.choose(&home)?.layout;
    let backup = find_backup(layout.database(), layout.backups(), &args.backup)?;
    let good = if args.replace { GoodBoard::GoesAside } else { GoodBoard::Stays };
    let restored = restore(layout.database(), &backup, good, target::now())?;
    let slug = layout.slug().as_str();
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&object(slug, &restored)),
        Format::Human => {
            let tasks = output::counted(restored.tasks, "task");
            let from = restored.from.display();
            ctx.ui.out(format_args!("Restored board {slug} with {tasks} from {from}"));
            if let Some(aside) = &restored.aside {
                ctx.ui.out(format_args!("What was there before: {}", aside.display()));
            }
        }
    }
    Ok(())
}

fn object<'a>(slug: &'a str, restored: &Restored) -> RestoredObject<'a> {
    RestoredObject {
        board: slug,
        db_path: restored.board.display().to_string(),
        from: restored.from.display().to_string(),
        tasks: restored.tasks,
        aside: restored.aside.as_ref().map(|path| path.display().to_string()),
    }
}
