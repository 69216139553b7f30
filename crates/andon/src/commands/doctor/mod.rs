//! `doctor`: looks at the home and its boards as they stand, says what is wrong and what to do, and
//! mends what is safe to mend when it is asked to.
//!
//! `checks` look and change nothing; each is a file or a small group. `fix` mends. This file only
//! asks, tells and counts.

mod case;
mod checks;
mod finding;
mod fix;
pub(super) mod program;
mod render;

use crate::app::Ctx;
use crate::equipment;
use crate::error::CliError;
use crate::output::Format;
use andon_daemon::boards::Boards;
use andon_daemon::home::{Home, Layout};
use andon_wire::{FindingObject, Severity};
use case::{BoardCase, HomeCase};
use checks::{CHECKS, Look};
use finding::Finding;
use std::fs::DirEntry;

/// Arguments of `doctor`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Mend what can be mended without loss; a board is copied before it is changed.
    #[arg(long)]
    fix: bool,
    /// Show what is in order, too.
    #[arg(long)]
    all: bool,
}

/// What one check found, and where.
struct Found {
    /// The board; none for what concerns the home.
    board: Option<String>,
    /// The check.
    check: &'static str,
    /// What it found.
    finding: Finding,
}

impl Found {
    /// Whether it makes the call fail.
    fn counts(&self) -> bool {
        self.finding.severity == Severity::Problem && !self.finding.is_fixed
    }

    fn object(&self) -> FindingObject<'_> {
        FindingObject {
            board: self.board.as_deref(),
            check: self.check,
            severity: self.finding.severity,
            finding: &self.finding.text,
            remedy: self.finding.remedy.as_deref(),
            fixable: self.finding.fix.is_some(),
            fixed: self.finding.is_fixed,
        }
    }
}

/// Looks, mends if asked to, and tells.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let home = home(ctx)?;
    let layouts = layouts(ctx, &home)?;
    let mending = if args.fix { Mending::Wanted } else { Mending::No };
    let case = HomeCase::new(home, ctx.target.env().clone(), layouts);
    let mut found = of_home(&case, mending);
    for layout in &case.layouts {
        found.extend(of_board(&BoardCase::new(&case, layout.clone()), mending));
    }
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&found.iter().map(Found::object).collect::<Vec<_>>()),
        Format::Human => render::write(&mut ctx.ui, &case, &found, args.all),
    }
    if found.iter().any(Found::counts) { Err(CliError::told()) } else { Ok(()) }
}

/// The home, also one from which the database has gone.
fn home(ctx: &Ctx) -> Result<Home, CliError> {
    let home = ctx.target.home()?;
    let mut entries = std::fs::read_dir(home.path()).into_iter().flatten().filter_map(Result::ok);
    let is_trace = |entry: DirEntry| entry.file_name().as_encoded_bytes().starts_with(TRACE);
    if entries.any(is_trace) {
        return Ok(home);
    }
    equipment::existing_home(&ctx.target)
}

/// How the names of all files of the default board begin.
const TRACE: &[u8] = b"kanban.db";

/// Whether to mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mending {
    /// Look only.
    No,
    /// Mend what can be.
    Wanted,
}

/// The boards to look at: the one that is named, or all of the home.
fn layouts(ctx: &Ctx, home: &Home) -> Result<Vec<Layout>, CliError> {
    let chosen = ctx.target.choose(home);
    if ctx.target.named_board().is_some() {
        return Ok(vec![chosen?.layout]);
    }
    let mut layouts: Vec<Layout> =
        Boards::new(home).list()?.into_iter().map(|entry| entry.layout).collect();
    // A variable may put a board's database elsewhere. A choice that cannot be made is reported by
    // every other verb.
    if let Ok(choice) = chosen
        && let Some(layout) =
            layouts.iter_mut().find(|layout| layout.slug() == choice.layout.slug())
    {
        *layout = choice.layout;
    }
    Ok(layouts)
}

fn of_home(case: &HomeCase, mending: Mending) -> Vec<Found> {
    let mut all = Vec::new();
    for check in CHECKS {
        let Look::AtHome(look) = check.look else { continue };
        let findings = match mending {
            Mending::No => look(case),
            Mending::Wanted => fix::mend(look(case), fix::mode_only, || look(case)),
        };
        let found = |finding| Found { board: None, check: check.name, finding };
        all.extend(findings.into_iter().map(found));
    }
    all
}

fn of_board(case: &BoardCase<'_>, mending: Mending) -> Vec<Found> {
    let mut all = Vec::new();
    for check in CHECKS {
        let Look::AtBoard(look) = check.look else { continue };
        let findings = match mending {
            Mending::No => look(case),
            Mending::Wanted => {
                let again = || look(&BoardCase::new(case.home, case.layout.clone()));
                fix::mend(look(case), |fix| fix::carry_out(case, fix), again)
            }
        };
        let board = || Some(case.layout.slug().to_string());
        let found = |finding| Found { board: board(), check: check.name, finding };
        all.extend(findings.into_iter().map(found));
    }
    all
}

#[cfg(test)]
mod tests;
