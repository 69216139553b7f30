//! The environment of a worker: a short list of harmless names, what its profile asks for, and
//! the facts of its run. Nothing else of the dispatcher's environment gets through (D28).

use super::start::text_of;
use super::{Need, Preset, Profile, StartError, WorkerFacts, hermes};
use crate::env::Env;

/// Names that every worker inherits: who and where the user is, language, time, terminal.
const BASE: [&str; 9] =
    ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "TERM"];

/// Beginnings of further such names.
const BASE_PREFIXES: [&str; 2] = ["LC_", "XDG_"];

/// Makes the environment. `env` is the dispatcher's.
pub(super) fn environment(
    profile: &Profile,
    facts: &WorkerFacts<'_>,
    env: &Env,
) -> Result<Env, StartError> {
    let is_base = |name: &str| {
        BASE.contains(&name) || BASE_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    };
    let mut worker = Env::from_pairs(env.iter().filter(|(name, _)| is_base(name)));
    let fixed = |name: &str| profile.set.iter().any(|(fixed, _)| fixed == name);
    for wanted in &profile.env {
        match (env.raw(&wanted.name), wanted.need) {
            (Some(value), _) => worker.set(wanted.name.as_str(), value),
            (None, Need::Optional) => {}
            (None, Need::Required) if fixed(&wanted.name) => {}
            (None, Need::Required) => {
                let (profile, name) = (profile.name.clone(), wanted.name.clone());
                return Err(StartError::MissingVariable { profile, name });
            }
        }
    }
    profile.set.iter().for_each(|(name, value)| worker.set(name, value));
    contract(&mut worker, profile, facts)?;
    if profile.preset == Some(Preset::Hermes) {
        hermes::add_environment(&mut worker, profile, facts, env)?;
    }
    Ok(worker)
}

/// What every worker may rely on.
fn contract(
    worker: &mut Env,
    profile: &Profile,
    facts: &WorkerFacts<'_>,
) -> Result<(), StartError> {
    let always = [
        ("ANDON_HOME", text_of(facts.home.path())?),
        ("ANDON_BOARD", facts.board().to_string()),
        ("ANDON_DB", text_of(facts.layout.database())?),
        ("ANDON_TASK", facts.task.to_string()),
        ("ANDON_RUN_ID", facts.run.to_string()),
        ("ANDON_CLAIM_LOCK", facts.claim_lock.to_string()),
        ("ANDON_WORKSPACE", text_of(facts.workspace)?),
        ("ANDON_PROFILE", profile.name.to_string()),
    ];
    let sometimes = [
        ("ANDON_BRANCH", facts.branch),
        ("ANDON_TENANT", facts.tenant),
        ("ANDON_RUN_MARK", facts.run_mark),
    ];
    always.into_iter().for_each(|(name, value)| worker.set(name, value));
    for (name, value) in sometimes {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            worker.set(name, value);
        }
    }
    Ok(())
}
