//! `guard`: holds the guard locks of all boards of the home, and does nothing else.
//!
//! For people who keep working with the peer: while this runs, no closing process can take a
//! board's log away from the others (design §4 rule 4).

use crate::app::Ctx;
use crate::equipment;
use crate::error::CliError;
use crate::open_files;
use crate::output::Format;
use crate::signals::Signals;
use crate::target;
use andon_core::id::BoardSlug;
use andon_core::policy::Policy;
use andon_daemon::boards::Boards;
use andon_daemon::home::{Home, Layout};
use andon_daemon::quarantine::{self, Fingerprint};
use andon_store::StoreError;
use andon_store_sqlite::{Guarding, Options, SqliteStore};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// Time between two looks for boards that are new or were replaced; each is one listing and a
/// `stat` for each board.
const LOOK: Duration = Duration::from_secs(5);

/// Arguments of `guard`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

#[derive(Debug, Serialize)]
struct GuardObject<'a> {
    /// Null, with its path, where the boards could not be listed or there is none.
    board: Option<&'a str>,
    db_path: Option<String>,
    guarded: bool,
    trouble: Option<&'a str>,
}

/// What is known of a board: which file is guarded, or why none is.
#[derive(Debug, PartialEq, Eq)]
enum Known {
    Guarded { inode: u64 },
    Refused(String),
}

/// Guards until a signal comes.
pub(crate) fn run(Args {}: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let home = equipment::existing_home(&ctx.target)?;
    let only = match ctx.target.named_board() {
        Some(_) => Some(ctx.target.choose(&home)?.layout),
        None => None,
    };
    open_files::raise();
    let mut signals = Signals::listen()?;
    let mut known: BTreeMap<BoardSlug, Known> = BTreeMap::new();
    if ctx.ui.format() == Format::Human {
        ctx.ui.err("Ctrl-C ends the guard.");
    }
    let mut told = None;
    loop {
        let trouble = match layouts(&home, only.as_ref()) {
            Ok(layouts) => {
                for layout in layouts {
                    look(ctx, &home, &layout, &mut known);
                }
                known.is_empty().then(|| {
                    let (home, every) = (home.path().display(), LOOK.as_secs());
                    format!("there is no board to guard in {home} yet; looking every {every} s")
                })
            }
            // Ending would give the locks of all boards back, so it goes on with those it has.
            Err(error) => Some(format!("the boards cannot be listed: {}", error.body().message)),
        };
        tell(ctx, trouble, &mut told);
        ctx.ui.flush()?;
        signals.wait(None, LOOK);
        if signals.take() > 0 {
            return Ok(());
        }
    }
}

fn layouts(home: &Home, only: Option<&Layout>) -> Result<Vec<Layout>, CliError> {
    Ok(match only {
        Some(layout) => vec![layout.clone()],
        None => Boards::new(home).list()?.into_iter().map(|entry| entry.layout).collect(),
    })
}

/// Says what is wrong with the home as a whole, when that is news.
fn tell(ctx: &mut Ctx, trouble: Option<String>, told: &mut Option<String>) {
    if let Some(text) = trouble.as_deref()
        && trouble != *told
    {
        match ctx.ui.format() {
            Format::Json => ctx.ui.json_line(&GuardObject {
                board: None,
                db_path: None,
                guarded: false,
                trouble: Some(text),
            }),
            Format::Human => ctx.ui.err(text),
        }
    }
    *told = trouble;
}

/// Guards a board that is not guarded yet, and says so when that is news.
fn look(ctx: &mut Ctx, home: &Home, layout: &Layout, known: &mut BTreeMap<BoardSlug, Known>) {
    let slug = layout.slug();
    let inode = Fingerprint::of(layout.database()).map(|print| print.inode);
    if let (Some(Known::Guarded { inode: held }), Some(inode)) = (known.get(slug), inode)
        && *held == inode
    {
        return;
    }
    let found = match (guard(home, layout), inode) {
        (Ok(()), Some(inode)) => Known::Guarded { inode },
        // Nobody has made it yet, or it went away between two looks.
        (Ok(()), None) | (Err(None), _) => return,
        (Err(Some(why)), _) => Known::Refused(why),
    };
    if known.get(slug) == Some(&found) {
        return;
    }
    let path = layout.database().display();
    let trouble = match &found {
        Known::Guarded { .. } => None,
        Known::Refused(why) => Some(why.as_str()),
    };
    match (ctx.ui.format(), trouble) {
        (Format::Json, _) => ctx.ui.json_line(&GuardObject {
            board: Some(slug.as_str()),
            db_path: Some(path.to_string()),
            guarded: trouble.is_none(),
            trouble,
        }),
        (Format::Human, None) => ctx.ui.out(format_args!("Guarding board {slug}: {path}")),
        (Format::Human, Some(why)) => ctx.ui.err(format_args!("Not guarding board {slug}: {why}")),
    }
    known.insert(slug.clone(), found);
}

/// Takes the locks. They stay when the store is closed, until this process ends. `Err` says why
/// not; nothing is wrong where there is no board.
fn guard(home: &Home, layout: &Layout) -> Result<(), Option<String>> {
    if let Some(record) = quarantine::in_force(home, layout, target::now()) {
        return Err(Some(format!("it is in quarantine: {}", record.reason)));
    }
    let options = Options { guard: Guarding::Hold, ..Options::default() };
    let environment = equipment::environment(Policy::default());
    match SqliteStore::open(layout.database(), options, environment) {
        Ok(_) => Ok(()),
        Err(StoreError::Missing { .. }) => Err(None),
        Err(error) => Err(Some(error.to_string())),
    }
}
