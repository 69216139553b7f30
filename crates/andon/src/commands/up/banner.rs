//! What `up` says when it begins: boards, limits, profiles, and how to stop it.

use crate::app::Ctx;
use crate::equipment::{self, Equipment};
use crate::error::CliError;
use crate::output::{Format, Ui};
use crate::{missing, target, when};
use andon_core::id::BoardSlug;
use andon_core::time::Timestamp;
use andon_daemon::boards::Boards;
use andon_daemon::home::Layout;
use andon_daemon::profile::{Action, Profiles, check};
use andon_daemon::quarantine;
use andon_store::Read;
use serde_json::json;

/// Writes it.
pub(super) fn write(
    ctx: &mut Ctx,
    equipment: &Equipment,
    only: Option<&Layout>,
) -> Result<(), CliError> {
    let layouts = match only {
        Some(layout) => vec![layout.clone()],
        None => Boards::new(&equipment.home).to_serve()?,
    };
    let usable = usable_profiles(equipment)?;
    if !layouts.iter().any(|layout| layout.database().exists()) {
        let standard = Layout::new(&equipment.home, &BoardSlug::default_board());
        return Err(missing::nothing_to_serve(&equipment.home, only.unwrap_or(&standard)));
    }
    let version = env!("CARGO_PKG_VERSION");
    if ctx.ui.format() == Format::Json {
        // One that cannot be served is told by a line of its own.
        let served = layouts.iter().filter(|layout| equipment.options(layout).is_ok());
        let boards: Vec<&str> = served.clone().map(|layout| layout.slug().as_str()).collect();
        let quarantined = served.filter_map(|layout| {
            let record = quarantine::in_force(&equipment.home, layout, target::now())?;
            let board = layout.slug().as_str();
            Some(json!({ "board": board, "reason": record.reason, "retry_at": record.next }))
        });
        let quarantined: Vec<_> = quarantined.collect();
        ctx.ui.json_line(&json!({
            "at": target::now().0,
            "board": null,
            "kind": "up",
            "task_id": null,
            "run_id": null,
            "text": format!("andon {version} serves {}", equipment.home.path().display()),
            "boards": boards,
            "profiles": usable,
            "quarantined": quarantined,
        }));
        return Ok(());
    }
    let ui = &mut ctx.ui;
    ui.err(format_args!("andon {version} serves {}", equipment.home.path().display()));
    layouts.iter().for_each(|layout| board(ui, equipment, layout));
    ui.err(format_args!("  profiles that can start here: {}", listed(&usable)));
    ui.err("Ctrl-C stops it; workers go on under their runners.");
    Ok(())
}

fn board(ui: &mut Ui, equipment: &Equipment, layout: &Layout) {
    let (slug, now) = (layout.slug(), target::now());
    if let Some(record) = quarantine::in_force(&equipment.home, layout, now) {
        let next = when::local(Timestamp(record.next));
        let reason = &record.reason;
        ui.err(format_args!("  board {slug}: in quarantine until {next}: {reason}"));
        return;
    }
    let config = match equipment.options(layout) {
        Ok(options) => options.config,
        Err(error) => {
            ui.err(format_args!("  board {slug}: cannot be served: {}", error.message));
            return;
        }
    };
    let counts = equipment::open_to_look(&equipment.home, layout, now)
        .and_then(|store| store.stats())
        .map(|stats| {
            let counts = stats.by_status.iter().map(|(status, count)| format!("{count} {status}"));
            counts.collect::<Vec<_>>().join(", ")
        });
    let counts = match counts {
        Ok(counts) if counts.is_empty() => "no tasks".to_owned(),
        Ok(counts) => counts,
        Err(error) => format!("cannot be read: {error}"),
    };
    let limit = match config.max_in_progress {
        Some(limit) => format!("at most {limit} workers"),
        None => "any number of workers".to_owned(),
    };
    ui.err(format_args!("  board {slug}: {limit}; {counts}"));
}

fn usable_profiles(equipment: &Equipment) -> Result<Vec<String>, CliError> {
    let profiles = Profiles::load(&equipment.home)?;
    let usable = profiles.iter().filter(|profile| {
        matches!(profile.action, Action::Start(_)) && check(profile, &equipment.env).is_empty()
    });
    Ok(usable.map(|profile| profile.name.to_string()).collect())
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
