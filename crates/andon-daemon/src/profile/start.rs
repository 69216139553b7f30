//! A profile and a task make an argument list.

use std::path::Path;

use andon_core::id::{BoardSlug, ClaimLock, RunId, TaskId};
use andon_core::time::Seconds;

use super::check::find_program;
use super::{
    Action, Argument, Command, Group, Placeholder, Preset, Profile, StartError, Template,
    environment, hermes,
};
use crate::env::Env;
use crate::home::{Home, Layout};

/// Largest argument that Linux takes, in bytes: `MAX_ARG_STRLEN` less the closing NUL.
pub const ARGUMENT_BYTES_MAX: usize = (128 << 10) - 1;

/// What agents are told. It names the task and does not quote it: the worker reads it itself,
/// whole and in its latest state.
const PROMPT: &str = "You are the worker of task {task} on board {board}. Begin by reading the \
    task: run `{andon} context {task}`. Work in {workspace} and leave other directories alone. \
    On long work, run `{andon} heartbeat {task}` now and then. Do not ask questions: nobody is \
    there to answer. You must end in one of two ways. When the work is done, run \
    `{andon} complete {task} --summary \"what you did\"`. When you cannot go on, run \
    `{andon} block {task} \"what you need\"`. Ending without one of them counts as a failure.";

/// Everything about a run that its worker is told.
#[derive(Debug, Clone, Copy)]
pub struct WorkerFacts<'a> {
    /// The home.
    pub home: &'a Home,
    /// The board's paths.
    pub layout: &'a Layout,
    /// The task.
    pub task: &'a TaskId,
    /// The task's title.
    pub title: &'a str,
    /// The task's body.
    pub body: Option<&'a str>,
    /// The run.
    pub run: RunId,
    /// The claim that the run holds.
    pub claim_lock: &'a ClaimLock,
    /// The mark by which the runner finds the run's processes.
    pub run_mark: Option<&'a str>,
    /// The directory to work in.
    pub workspace: &'a Path,
    /// The branch of a worktree.
    pub branch: Option<&'a str>,
    /// The task's tenant.
    pub tenant: Option<&'a str>,
    /// The model that the task asks for.
    pub model: Option<&'a str>,
    /// The skills that the task asks for.
    pub skills: &'a [String],
    /// Goal mode, if the task is in it.
    pub goal: Option<Goal>,
    /// How long the run may last.
    pub max_runtime: Option<Seconds>,
    /// The `andon` program.
    pub andon: &'a Path,
}

/// Goal mode of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Goal {
    /// Most turns, if the task says.
    pub turns_max: Option<i64>,
}

impl WorkerFacts<'_> {
    /// The board.
    pub fn board(&self) -> &BoardSlug {
        self.layout.slug()
    }
}

/// What is executed for a run.
#[derive(Clone, PartialEq, Eq)]
pub struct CommandLine {
    /// Program and arguments. The program is an absolute path, or one that begins in the workspace
    /// because the profile says so.
    pub argv: Vec<String>,
    /// The complete environment, beside the mark. Values may be secrets.
    pub env: Vec<(String, String)>,
}

/// Makes what is executed for a run; `env` is the dispatcher's.
///
/// A program without a path is looked up here and not when the worker stands in its workspace:
/// whoever writes to a workspace must not choose the program.
pub fn command_line(
    profile: &Profile,
    facts: &WorkerFacts<'_>,
    env: &Env,
) -> Result<CommandLine, StartError> {
    let mut argv = argv(profile, facts, env)?;
    let worker_env = environment(profile, facts, env)?;
    let program = find_program(&argv[0], &worker_env).map_err(|problem| {
        let profile = profile.name.clone();
        StartError::NoProgram { profile, problem }
    })?;
    argv[0] = text_of(&program)?;
    Ok(CommandLine { argv, env: worker_env.into_text_pairs()? })
}

/// Makes the argument list, the program first. `env` is the dispatcher's: the program of the
/// Hermes preset is found by it.
pub(super) fn argv(
    profile: &Profile,
    facts: &WorkerFacts<'_>,
    env: &Env,
) -> Result<Vec<String>, StartError> {
    let command = match &profile.action {
        Action::Start(command) => command,
        Action::Manual => return Err(StartError::Manual(profile.name.clone())),
    };
    let filler = Filler { profile, facts };
    let mut argv = Vec::new();
    for argument in &command.argv {
        match argument {
            Argument::One(template) => argv.push(filler.argument(template, None)?),
            Argument::Group(group) => filler.group(command, *group, &mut argv)?,
        }
    }
    for (_, group) in Group::NAMES {
        if !command.argv.contains(&Argument::Group(group)) {
            filler.group(command, group, &mut argv)?;
        }
    }
    if profile.preset == Some(Preset::Hermes) && argv[0] == hermes::PROGRAM {
        argv[0] = text_of(&hermes::executable(env)?)?;
    }
    Ok(argv)
}

/// Puts the values of one run into the templates of one profile.
struct Filler<'a> {
    profile: &'a Profile,
    facts: &'a WorkerFacts<'a>,
}

impl Filler<'_> {
    fn group(
        &self,
        command: &Command,
        group: Group,
        argv: &mut Vec<String>,
    ) -> Result<(), StartError> {
        let present = match group {
            Group::Model => (&command.model_args, self.facts.model.is_some()),
            Group::Goal => (&command.goal_args, self.facts.goal.is_some()),
            Group::Skill => {
                for skill in self.facts.skills.iter().filter(|skill| !skill.is_empty()) {
                    for template in &command.skill_args {
                        argv.push(self.argument(template, Some(skill))?);
                    }
                }
                return Ok(());
            }
        };
        if let (templates, true) = present {
            for template in templates {
                argv.push(self.argument(template, None)?);
            }
        }
        Ok(())
    }

    fn argument(&self, template: &Template, skill: Option<&str>) -> Result<String, StartError> {
        let (profile, task) = (self.profile.name.clone(), self.facts.task.clone());
        if template.is_only(Placeholder::Body)
            && self.facts.body.is_none_or(|body| body.trim().is_empty())
        {
            return Err(StartError::EmptyBody { profile, task });
        }
        let filled = template.fill(|placeholder| self.value(placeholder, skill))?;
        if filled.contains('\0') {
            return Err(StartError::Nul { profile, task, template: template.to_string() });
        }
        if filled.len() > ARGUMENT_BYTES_MAX {
            let (template, bytes) = (template.to_string(), filled.len());
            return Err(StartError::TooLong { profile, task, template, bytes });
        }
        Ok(filled)
    }

    fn value(&self, placeholder: Placeholder, skill: Option<&str>) -> Result<String, StartError> {
        let facts = self.facts;
        Ok(match placeholder {
            Placeholder::Task => facts.task.to_string(),
            Placeholder::Title => facts.title.to_owned(),
            Placeholder::Body => facts.body.unwrap_or_default().to_owned(),
            Placeholder::Prompt => Template::parse(PROMPT)
                .expect("a test fills the built-in instruction")
                .fill(|placeholder| self.value(placeholder, None))?,
            Placeholder::Workspace => text_of(facts.workspace)?,
            Placeholder::Board => facts.board().to_string(),
            Placeholder::Home => text_of(facts.home.path())?,
            Placeholder::Andon => text_of(facts.andon)?,
            Placeholder::Model => match facts.model {
                Some(model) => model.to_owned(),
                None => {
                    let (profile, task) = (self.profile.name.clone(), facts.task.clone());
                    return Err(StartError::NoModel { profile, task });
                }
            },
            Placeholder::Skill => {
                skill.expect("{skill} is refused outside `skill_args`").to_owned()
            }
            Placeholder::Profile => self.profile.name.to_string(),
        })
    }
}

/// A path as the text that arguments and variables are made of.
pub(super) fn text_of(path: &Path) -> Result<String, StartError> {
    path.to_str().map(str::to_owned).ok_or_else(|| StartError::BadPath { path: path.to_owned() })
}
