//! `init`: makes the home and its default board. Beside `boards create` and `demo` no verb makes
//! one, so that a mistyped home is an error and not an empty board.

use crate::app::Ctx;
use crate::equipment;
use crate::error::CliError;
use crate::missing;
use crate::output::Format;
use andon_core::id::BoardSlug;
use andon_daemon::home::{Home, HomeKind, Layout, hermes_root};
use andon_daemon::private::make_dirs;
use andon_daemon::profile::{Action, Profile, Profiles, check};
use andon_store_sqlite::SqliteStore;
use serde::Serialize;
use std::path::PathBuf;

/// Arguments of `init`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

#[derive(Debug, Serialize)]
struct InitObject {
    home: String,
    board: String,
    db_path: String,
    /// False if the board was there.
    created: bool,
    profiles: Vec<ProfileObject>,
    /// A Hermes home with a board that can be used as it stands.
    hermes_home: Option<String>,
}

#[derive(Debug, Serialize)]
struct ProfileObject {
    name: String,
    description: String,
    /// Whether its workers could be started here.
    usable: bool,
}

/// Makes the home and the default board; does nothing where they are.
pub(crate) fn run(Args {}: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    if let Some(named) = ctx.target.named_board()
        && BoardSlug::parse(named).ok().is_none_or(|slug| !slug.is_default())
    {
        return Err(CliError::usage("init makes the default board")
            .hint(format!("make another one with `andon boards create {named}`")));
    }
    let home = ctx.target.home_for_init()?;
    // A variable may pin the file; every other verb looks for the board there.
    let default = Layout::new(&home, &BoardSlug::default_board());
    let chosen = ctx.target.choose(&home).ok().map(|choice| choice.layout);
    let layout = chosen.filter(|layout| layout.slug().is_default()).unwrap_or(default);
    let existed = layout.database().exists();
    if home.path().is_symlink() && !home.path().exists() {
        return Err(missing::no_home(&home));
    }
    let made = SqliteStore::create(
        layout.database(),
        andon_store_sqlite::Options::default(),
        equipment::environment(andon_core::policy::Policy::default()),
    );
    drop(made.map_err(|error| missing::told(error, &home, &layout))?);
    if !home.exists() {
        // The board lies elsewhere; the home still holds settings, profiles and other boards.
        make_dirs(&home.boards_dir())
            .map_err(|error| CliError::io("cannot make the home", &error))?;
    }
    let profiles = Profiles::load(&home)?;
    let hermes_home = other_hermes_board(ctx, &home)?;
    let profiles = profiles.iter().map(|profile| object(ctx, profile)).collect();
    let made = InitObject {
        home: home.path().display().to_string(),
        board: layout.slug().to_string(),
        db_path: layout.database().display().to_string(),
        created: !existed,
        profiles,
        hermes_home: hermes_home.map(|path| path.display().to_string()),
    };
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&made),
        Format::Human => write(ctx, &home, &made),
    }
    Ok(())
}

fn object(ctx: &Ctx, profile: &Profile) -> ProfileObject {
    let starts = matches!(profile.action, Action::Start(_));
    ProfileObject {
        name: profile.name.to_string(),
        description: profile.description.clone(),
        usable: starts && check(profile, ctx.target.env()).is_empty(),
    }
}

/// A Hermes home elsewhere that has a board.
fn other_hermes_board(ctx: &Ctx, home: &Home) -> Result<Option<PathBuf>, CliError> {
    let root = hermes_root(ctx.target.env())?;
    Ok(root.filter(|root| root != home.path() && root.join("kanban.db").exists()))
}

fn write(ctx: &mut Ctx, home: &Home, made: &InitObject) {
    let ui = &mut ctx.ui;
    ui.out(format_args!("Kanban DB initialized at {}", made.db_path));
    if home.kind() == HomeKind::Hermes {
        ui.out("The home is a Hermes home: its settings and profiles are honoured.");
    }
    ui.out("\nProfiles (who can work on a task):");
    for profile in &made.profiles {
        let mark = if profile.usable { "✓" } else { " " };
        ui.out(format_args!("  {mark} {:12} {}", profile.name, profile.description));
    }
    ui.out(format_args!(
        "  (✓ can start here; `andon profiles check` says why others cannot; your own go into {})",
        home.profiles_file().display()
    ));
    ui.out("\nNext:");
    ui.out("  andon create \"Say hello\" --assignee shell --body 'echo hello'");
    ui.out("  andon up          # starts workers for ready tasks, until Ctrl-C");
    ui.out("  andon why <task>  # why a task is not running");
    if let Some(path) = &made.hermes_home {
        ui.out(format_args!("\nThere is a Hermes board, too. To use it as it stands:"));
        ui.out(format_args!("  andon --home {path} list"));
    }
}
