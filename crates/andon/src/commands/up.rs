//! `up`: dispatches the boards of the home in the foreground, until a signal.
//!
//! Dispatchers tell what they do through `notices`; this thread alone prints. The first signal
//! stops starting work, the second one leaves at once. Workers belong to their runners and go on
//! either way.

mod banner;
mod idle;
mod notices;
mod printer;
mod serving;

use crate::app::Ctx;
use crate::equipment::{self, Equipment};
use crate::error::CliError;
use crate::open_files;
use crate::signals::Signals;
use andon_daemon::dispatcher::{StartMode, Stop};
use idle::Idle;
use notices::Inbox;
use printer::Printer;
use serving::Serving;
use std::sync::Arc;
use std::time::Duration;

/// Longest wait without a look around: for boards that become empty without a word, such as by a
/// pause.
const LOOK: Duration = Duration::from_secs(1);

/// Arguments of `up`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// When told to stop, wait for the workers that run.
    #[arg(long)]
    drain: bool,
    /// Stop as soon as nothing runs and nothing could start.
    #[arg(long)]
    once_empty: bool,
    /// Most workers on each board at once.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max: Option<u32>,
}

/// Serves until told to stop.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let home = equipment::existing_home(&ctx.target)?;
    let only = match ctx.target.named_board() {
        Some(_) => Some(ctx.target.choose(&home)?.layout),
        None => None,
    };
    let mut signals = Signals::listen()?;
    let (inbox, outbox) = Inbox::open()?;
    let equipment = Equipment {
        home: home.clone(),
        program: equipment::this_program()?,
        env: Arc::new(ctx.target.env().clone()),
        open_files: open_files::raise(),
        arguments: args.max.map(super::dispatch::limits).unwrap_or_default(),
        mode: StartMode::StandBy,
        observer: Arc::new(outbox.clone()),
    };
    banner::write(ctx, &equipment, only.as_ref())?;
    let mut idle = Idle::new(equipment.clone());
    let mut printer = Printer::new(home);
    let mut serving = Serving::start(equipment, only, outbox)?;
    let wish = if args.drain { Stop::Drain } else { Stop::Leave };
    loop {
        for message in inbox.take() {
            idle.hear(&message);
            printer.print(&mut ctx.ui, message);
        }
        ctx.ui.flush()?;
        match (signals.take(), serving.is_stopping()) {
            (0, _) => {}
            (1, false) => {
                // Whoever reads the line may rely on it.
                serving.stop(wish);
                ctx.ui.err(stopping(wish));
            }
            _ => {
                ctx.ui.err("leaving at once; workers go on under their runners");
                return Ok(());
            }
        }
        if args.once_empty && serving.boards().is_some_and(|boards| idle.is_empty(&boards)) {
            serving.stop(Stop::Drain);
        }
        if let Some(ended) = serving.ended() {
            for message in inbox.take() {
                idle.hear(&message);
                printer.print(&mut ctx.ui, message);
            }
            // Whoever asked for everything to be done is told if a board could not be served.
            let is_short = args.once_empty && idle.has_failures();
            return ended.and(if is_short { Err(CliError::told()) } else { Ok(()) });
        }
        signals.wait(Some(inbox.wake()), LOOK);
        inbox.clear();
    }
}

fn stopping(wish: Stop) -> &'static str {
    match wish {
        Stop::Leave => "stopping: nothing new is started, and workers go on under their runners",
        Stop::Drain => {
            "stopping: nothing new is started; waiting for the workers that run (again to leave)"
        }
    }
}
