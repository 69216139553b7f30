//! `repair`: brings a broken board back to use. What is wrong, and how it is repaired, is the
//! store's business; this only asks and tells.

use crate::app::Ctx;
use crate::error::CliError;
use crate::output::{self, Format};
use crate::target;
use andon_store_sqlite::{LogUse, Missing, Repair, Repaired, Salvage, Unread, repair};
use serde::Serialize;

/// Arguments of `repair`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// A repaired board, for programs.
#[derive(Debug, Serialize)]
struct RepairedObject<'a> {
    board: &'a str,
    db_path: String,
    /// What was wrong, the first of it.
    finding: &'a str,
    /// `reindexed`, or `salvaged` into a new file.
    how: &'static str,
    /// Whether every row is known to be there.
    complete: bool,
    tasks: u64,
    /// Rows that were brought over, by table.
    tables: Vec<TableObject<'a>>,
    /// Rows in `andon_salvage`: not whole, or without a place.
    set_aside: u64,
    unread: Vec<UnreadObject<'a>>,
    /// Things that could not be read and are not listed.
    unread_more: usize,
    missing: Vec<MissingObject<'a>>,
    /// What became of the log: `none`, `whole`, `damaged` or `foreign`.
    log: &'static str,
    /// A copy of the board as it was.
    copy: String,
    /// The broken files themselves.
    aside: Option<String>,
}

#[derive(Debug, Serialize)]
struct TableObject<'a> {
    table: &'a str,
    rows: u64,
}

/// Something that could not be read.
#[derive(Debug, Serialize)]
struct UnreadObject<'a> {
    table: Option<&'a str>,
    page: u32,
    /// The rows that belong there have numbers above this one; absent where there is no bound.
    above: Option<i64>,
    /// And none above this one.
    up_to: Option<i64>,
    why: &'a str,
}

/// Rows that an index knows of.
#[derive(Debug, Serialize)]
struct MissingObject<'a> {
    table: &'a str,
    index: &'a str,
    rows: u64,
    named: &'a [String],
}

/// Things that could not be read and are told to people; all are in `--json`.
const TOLD_MAX: usize = 20;

/// Repairs the board. It may be in quarantine, or gone but for its log.
pub(crate) fn run(_: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let home = ctx.target.home()?;
    let layout = ctx.target.choose(&home)?.layout;
    let repaired = repair(layout.database(), target::now())?;
    let slug = layout.slug().as_str();
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&object(slug, &repaired)),
        Format::Human => write(slug, &repaired, ctx),
    }
    Ok(())
}

fn write(slug: &str, repaired: &Repaired, ctx: &mut Ctx) {
    let tasks = output::counted(repaired.tasks, "task");
    let copy = repaired.copy.display();
    ctx.ui.out(format_args!("What was wrong: {}", repaired.finding.replace('\n', "; ")));
    let (aside, found) = match &repaired.how {
        Repair::Reindexed => {
            let anew = "its indexes were written anew, no row was changed";
            ctx.ui.out(format_args!("Repaired board {slug} with {tasks}: {anew}"));
            ctx.ui.out(format_args!("A copy of the board as it was: {copy}"));
            return;
        }
        Repair::Salvaged { aside, found } => (aside, found),
    };
    let rows = output::counted(found.tables.iter().map(|table| table.rows).sum(), "row");
    let how_much = if is_complete(found) { "every row is there" } else { "not every row" };
    ctx.ui.out(format_args!("Repaired board {slug} with {tasks}, {rows} in all: {how_much}"));
    found.unread.iter().take(TOLD_MAX).for_each(|unread| ctx.ui.out(line(unread)));
    let more = found.unread.len().saturating_sub(TOLD_MAX) + found.unread_more;
    if more > 0 {
        ctx.ui.out(format_args!("  and {more} more, see --json"));
    }
    for missing in &found.missing {
        ctx.ui.out(told(missing));
    }
    if found.set_aside > 0 {
        let rows = output::counted(found.set_aside, "row");
        ctx.ui
            .out(format_args!("Kept in table andon_salvage, as far as they could be read: {rows}"));
    }
    if found.log == LogUse::Foreign {
        ctx.ui.out(format_args!("The log belongs to another database, and was left out"));
    }
    ctx.ui.out(format_args!("What was there before: {}", aside.display()));
    ctx.ui.out(format_args!("A copy of it: {copy}"));
}

/// Whether nothing is known to be lost: all was read, or an index vouches for each table of which
/// something was not.
fn is_complete(found: &Salvage) -> bool {
    let has_all = |unread: &Unread| {
        let mut of_it = found.missing.iter().filter(|it| Some(&it.table) == unread.table.as_ref());
        of_it.next().is_some_and(|missing| missing.rows == 0)
    };
    found.set_aside == 0 && found.unread_more == 0 && found.unread.iter().all(has_all)
}

fn line(unread: &Unread) -> String {
    let table = unread.table.as_deref().unwrap_or("a table that is not known");
    let rows = match unread.rows.map(bounds) {
        None | Some((None, None)) => String::new(),
        Some((Some(above), Some(up_to))) if up_to == above + 1 => format!(", row {up_to}"),
        Some((Some(above), Some(up_to))) => format!(", rows {} to {up_to}", above + 1),
        Some((Some(above), None)) => format!(", rows from {} on", above + 1),
        Some((None, Some(up_to))) => format!(", rows up to {up_to}"),
    };
    format!("  not read: {table}, page {}{rows}: {}", unread.page, unread.why)
}

/// Bounds that are some.
fn bounds((above, up_to): (i64, i64)) -> (Option<i64>, Option<i64>) {
    (Some(above).filter(|it| *it != i64::MIN), Some(up_to).filter(|it| *it != i64::MAX))
}

fn told(missing: &Missing) -> String {
    let Missing { table, index, rows, named } = missing;
    match rows {
        0 => format!("  nothing is missing from {table}: index {index} tells of no other row"),
        rows => {
            let more = if named.len() as u64 == *rows { "" } else { ", and more" };
            let rows = output::counted(*rows, "row");
            format!(
                "  missing from {table}, as index {index} tells: {rows}: {}{more}",
                named.join(", ")
            )
        }
    }
}

fn object<'a>(slug: &'a str, repaired: &'a Repaired) -> RepairedObject<'a> {
    let mut object = RepairedObject {
        board: slug,
        db_path: repaired.board.display().to_string(),
        finding: &repaired.finding,
        how: "reindexed",
        complete: true,
        tasks: repaired.tasks,
        tables: Vec::new(),
        set_aside: 0,
        unread: Vec::new(),
        unread_more: 0,
        missing: Vec::new(),
        log: "whole",
        copy: repaired.copy.display().to_string(),
        aside: None,
    };
    let Repair::Salvaged { aside, found } = &repaired.how else { return object };
    object.how = "salvaged";
    object.complete = is_complete(found);
    let table = |it: &'a andon_store_sqlite::Rows| TableObject { table: &it.table, rows: it.rows };
    object.tables = found.tables.iter().map(table).collect();
    object.set_aside = found.set_aside;
    object.unread = found.unread.iter().map(unread).collect();
    object.unread_more = found.unread_more;
    let missing = |it: &'a Missing| MissingObject {
        table: &it.table,
        index: &it.index,
        rows: it.rows,
        named: &it.named,
    };
    object.missing = found.missing.iter().map(missing).collect();
    object.log = match found.log {
        LogUse::Nothing => "none",
        LogUse::Whole { .. } => "whole",
        LogUse::Damaged { .. } => "damaged",
        LogUse::Foreign => "foreign",
    };
    object.aside = Some(aside.display().to_string());
    object
}

fn unread(unread: &Unread) -> UnreadObject<'_> {
    let (above, up_to) = unread.rows.map_or((None, None), bounds);
    let table = unread.table.as_deref();
    UnreadObject { table, page: unread.page, above, up_to, why: &unread.why }
}
