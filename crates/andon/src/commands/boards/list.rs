//! `boards list` and `boards show`: boards with their counts. A board that cannot be opened is
//! listed with the reason: its trouble hides neither it nor the others.

use crate::app::Ctx;
use crate::equipment;
use crate::error::CliError;
use crate::output::{Format, Ui};
use crate::{target, when};
use andon_core::id::BoardSlug;
use andon_core::time::Timestamp;
use andon_daemon::boards::{ArchivedBoard, BoardEntry, BoardError, BoardMetadata, Boards, Current};
use andon_daemon::home::{Home, Layout};
use andon_daemon::quarantine;
use andon_store::{Read, StoreError};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// Arguments of `boards list`.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct ListArgs {
    /// Archived boards, too.
    #[arg(long)]
    all: bool,
}

/// Arguments of `boards show`.
#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// The board.
    board: Option<String>,
}

/// A board in a list (surfaces reference §4); what follows `total` is ours.
#[derive(Debug, Serialize)]
pub(super) struct BoardObject {
    pub(super) slug: String,
    name: String,
    description: String,
    icon: String,
    color: String,
    default_workdir: Option<String>,
    created_at: Option<i64>,
    archived: bool,
    pub(super) db_path: String,
    is_current: bool,
    /// Status to number of tasks, archived ones included.
    counts: BTreeMap<&'static str, u64>,
    total: u64,
    /// `ok`, `missing` (no database yet), `quarantined`, `unreadable` or `archived`.
    state: &'static str,
    /// Why the board cannot be used.
    trouble: Option<String>,
    /// When a board in quarantine is looked at again.
    retry_at: Option<i64>,
    /// Name by which an archived board is restored or deleted.
    archive: Option<String>,
    /// When it was archived.
    archived_at: Option<i64>,
    /// Keys of `board.json` that Andon does not know.
    #[serde(skip_serializing_if = "Map::is_empty")]
    more: Map<String, Value>,
}

impl BoardObject {
    /// Display name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Where tasks without a directory of their own work.
    pub(super) fn default_workdir(&self) -> Option<&str> {
        self.default_workdir.as_deref()
    }
}

/// How a board's file stands.
struct Standing {
    state: &'static str,
    trouble: Option<String>,
    retry_at: Option<i64>,
    counts: BTreeMap<&'static str, u64>,
}

/// Lists the boards.
pub(super) fn list(args: ListArgs, ctx: &mut Ctx) -> Result<(), CliError> {
    let home = equipment::existing_home(&ctx.target)?;
    let boards = Boards::new(&home);
    // Who cannot say which board is meant still finds the names of all here.
    let chosen = ctx.target.choose(&home).ok().map(|choice| choice.layout);
    let mut objects: Vec<BoardObject> =
        boards.list()?.into_iter().map(|entry| of_entry(&home, entry, chosen.as_ref())).collect();
    if args.all {
        objects.extend(boards.archived()?.into_iter().map(of_archived));
    }
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&objects),
        Format::Human => objects.iter().for_each(|object| ctx.ui.out(line(object))),
    }
    Ok(())
}

/// Shows one board.
pub(super) fn show(args: &ShowArgs, ctx: &mut Ctx) -> Result<(), CliError> {
    let home = equipment::existing_home(&ctx.target)?;
    let object = match &args.board {
        Some(text) => one(&home, &super::slug(text)?)?,
        None => {
            let chosen = ctx.target.choose(&home)?.layout;
            of_entry(&home, entry(&home, chosen.slug())?, Some(&chosen))
        }
    };
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&object),
        Format::Human => write(&mut ctx.ui, &object),
    }
    Ok(())
}

/// One board as it stands now.
pub(super) fn one(home: &Home, slug: &BoardSlug) -> Result<BoardObject, CliError> {
    Ok(of_entry(home, entry(home, slug)?, None))
}

fn entry(home: &Home, slug: &BoardSlug) -> Result<BoardEntry, CliError> {
    let boards = Boards::new(home).list()?;
    let found = boards.into_iter().find(|entry| entry.layout.slug() == slug);
    found.ok_or_else(|| BoardError::NoSuchBoard(slug.clone()).into())
}

/// A board in the list. `chosen` is where the surroundings have it: a variable may pin its file.
fn of_entry(home: &Home, entry: BoardEntry, chosen: Option<&Layout>) -> BoardObject {
    let is_chosen = |layout: &&Layout| layout.slug() == entry.layout.slug();
    let layout = chosen.filter(is_chosen).unwrap_or(&entry.layout);
    let (slug, database) = (layout.slug(), layout.database());
    let standing = standing(home, layout);
    let is_current = entry.current == Current::Yes;
    BoardObject { is_current, ..object(slug, database, entry.metadata, standing) }
}

fn of_archived(board: ArchivedBoard) -> BoardObject {
    let standing =
        Standing { state: "archived", trouble: None, retry_at: None, counts: BTreeMap::new() };
    let database = board.database();
    BoardObject {
        archived: true,
        archive: Some(board.name.clone()),
        archived_at: Some(board.archived_at.0),
        ..object(&board.slug, &database, board.metadata(), standing)
    }
}

/// What a board says of itself and how its file stands.
fn object(
    slug: &BoardSlug,
    database: &Path,
    metadata: Result<BoardMetadata, BoardError>,
    standing: Standing,
) -> BoardObject {
    let (metadata, broken) = match metadata {
        Ok(metadata) => (Some(metadata), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let field = |read: fn(&BoardMetadata) -> &String| {
        metadata.as_ref().map(read).cloned().unwrap_or_default()
    };
    let workdir = metadata.as_ref().and_then(|metadata| metadata.default_workdir.as_ref());
    BoardObject {
        slug: slug.to_string(),
        name: metadata
            .as_ref()
            .map_or_else(|| andon_daemon::boards::display_name(slug), |known| known.name.clone()),
        description: field(|metadata| &metadata.description),
        icon: field(|metadata| &metadata.icon),
        color: field(|metadata| &metadata.color),
        default_workdir: workdir.map(|path| path.display().to_string()),
        created_at: metadata.as_ref().and_then(|known| known.created_at).map(|at| at.0),
        archived: metadata.as_ref().is_some_and(|known| known.archived),
        db_path: database.display().to_string(),
        is_current: false,
        total: standing.counts.values().sum(),
        counts: standing.counts,
        state: standing.state,
        trouble: standing.trouble.or(broken),
        retry_at: standing.retry_at,
        archive: None,
        archived_at: None,
        more: metadata.map(|known| known.unknown).unwrap_or_default(),
    }
}

fn standing(home: &Home, layout: &Layout) -> Standing {
    let now = target::now();
    let troubled = |state, trouble: String, retry_at| Standing {
        state,
        trouble: Some(trouble),
        retry_at,
        counts: BTreeMap::new(),
    };
    if let Some(record) = quarantine::in_force(home, layout, now) {
        return troubled("quarantined", record.reason, Some(record.next));
    }
    match equipment::open_to_look(home, layout, now).and_then(|store| counts(&store)) {
        Ok(counts) => Standing { state: "ok", trouble: None, retry_at: None, counts },
        Err(error @ StoreError::Missing { .. }) => troubled("missing", error.to_string(), None),
        Err(error) => troubled("unreadable", error.to_string(), None),
    }
}

/// Tasks by status, archived ones included as the peer has it.
fn counts(store: &dyn Read) -> Result<BTreeMap<&'static str, u64>, StoreError> {
    let counts = store.status_counts()?.into_iter();
    Ok(counts.map(|(status, count)| (status.word(), count)).collect())
}

fn line(board: &BoardObject) -> String {
    let mark = if board.is_current { '●' } else { ' ' };
    let (slug, name) = (&board.slug, &board.name);
    format!("{mark} {slug:20} {name:24} {}", told(board)).trim_end().to_owned()
}

/// What there is to say of a board in a few words.
fn told(board: &BoardObject) -> String {
    let trouble = board.trouble.as_deref().unwrap_or_default();
    match board.state {
        "archived" => {
            let at = board.archived_at.map(|at| when::local(Timestamp(at))).unwrap_or_default();
            format!("archived {at} as {}", board.archive.as_deref().unwrap_or_default())
        }
        "quarantined" => {
            let next = board.retry_at.map(|at| when::local(Timestamp(at))).unwrap_or_default();
            format!("in quarantine: {trouble} (looked at again at {next})")
        }
        "missing" => "no database yet".to_owned(),
        "unreadable" => format!("cannot be read: {trouble}"),
        _ if board.total == 0 => "no tasks".to_owned(),
        _ => {
            let counts = board.counts.iter().map(|(status, count)| format!("{status}={count}"));
            counts.collect::<Vec<_>>().join(" ")
        }
    }
}

fn write(ui: &mut Ui, board: &BoardObject) {
    let current = if board.is_current { " (current)" } else { "" };
    ui.out(format_args!("Board:       {}{current}", board.slug));
    ui.out(format_args!("Name:        {}", board.name));
    if !board.description.is_empty() {
        ui.out(format_args!("Description: {}", board.description));
    }
    if let Some(workdir) = &board.default_workdir {
        ui.out(format_args!("Workdir:     {workdir}"));
    }
    ui.out(format_args!("Database:    {}", board.db_path));
    ui.out(format_args!("Tasks:       {}", told(board)));
}
