//! `assign`: says who shall do a task.

use crate::app::Ctx;
use crate::arguments;
use crate::batch::{self, Done};
use crate::error::CliError;
use crate::known_profiles;
use andon_core::command::assign::{Assign, Occasion};

/// Arguments of `assign`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task.
    task: String,
    /// Profile that shall do it; `none`, `-` or `null` for nobody.
    profile: String,
}

/// Assigns the task.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    arguments::task_id(&args.task)?;
    let nobody = ["none", "-", "null"].iter().any(|word| args.profile.eq_ignore_ascii_case(word));
    let assignee = if nobody { None } else { Some(arguments::assignee(&args.profile)?) };
    if let Some(name) = &assignee {
        known_profiles::require(&ctx.target.home()?, name)?;
    }
    let shown = assignee.as_ref().map_or("(unassigned)", |name| name.as_str()).to_owned();
    batch::each(ctx, &[args.task], |board, task, _| {
        let (assignee, occasion) = (assignee.clone(), Occasion::Asked);
        let applied = board.apply(Assign { task: task.clone(), assignee, occasion })?;
        Ok(Done::new(format!("Assigned {task} to {shown}"), task, &applied))
    })
}
