//! Worktree: a checkout of its own for the task, never the one in which a person works (D36).

use super::git::{self, ADD_LIMIT, QUERY_LIMIT};
use super::{Resolved, Wanted, WorkspaceError, absolute, named_path};
use crate::env::Env;
use crate::private;
use andon_core::task::WorkspaceKind;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// Directory of worktrees inside a repository, as the peer names it.
const WORKTREES_DIR: &str = ".worktrees";

pub(super) fn resolve(wanted: &Wanted<'_>) -> Result<Resolved, WorkspaceError> {
    let (target, repository) = target(wanted)?;
    let branch = wanted.workspace.branch.as_deref().map(str::trim).filter(|name| !name.is_empty());
    if is_occupied(&target)? {
        let branch = accept(wanted.env, &target, repository.as_ref(), branch)?;
        return Ok(Resolved { path: target, branch: Some(branch) });
    }
    let repository = match repository {
        Some(repository) => repository,
        None => around(wanted.env, &target)?,
    };
    let branch = branch.map_or_else(|| format!("wt/{}", wanted.task), str::to_owned);
    add(wanted.env, &repository, &target, &branch)?;
    Ok(Resolved { path: target, branch: Some(branch) })
}

/// Where the worktree is to be, and its repository where that is known already.
fn target(wanted: &Wanted<'_>) -> Result<(PathBuf, Option<Checkout>), WorkspaceError> {
    let inside = |checkout: Checkout| {
        let path = checkout.toplevel.join(WORKTREES_DIR).join(wanted.task.as_str());
        (path, Some(checkout))
    };
    let Some(path) = named_path(wanted)? else {
        let base = wanted.default_workdir.ok_or(WorkspaceError::NoPath(WorkspaceKind::Worktree))?;
        let base = absolute(base, wanted.env)?;
        let checkout = Checkout::of(wanted.env, &base)?;
        return Ok(inside(checkout.ok_or(WorkspaceError::NoRepository(base))?));
    };
    if path.is_dir() {
        // The main checkout itself stands for "a worktree of this repository".
        let checkout = Checkout::of(wanted.env, &path)?;
        if let Some(main) = checkout.filter(|c| !c.is_linked() && c.is_rooted_at(&path)) {
            return Ok(inside(main));
        }
    }
    Ok((path, None))
}

/// Whether something is at the path. An empty directory is nothing: Git fills it.
fn is_occupied(path: &Path) -> Result<bool, WorkspaceError> {
    match fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(WorkspaceError::io("read workspace", path, source)),
    }
}

/// Accepts a worktree that is there: it must be one, of this repository, on the right branch.
fn accept(
    env: &Env,
    target: &Path,
    repository: Option<&Checkout>,
    wanted: Option<&str>,
) -> Result<String, WorkspaceError> {
    let found = Checkout::of(env, target)?
        .ok_or_else(|| WorkspaceError::NoRepository(target.to_owned()))?;
    let path = target.to_owned();
    if !found.is_linked() || !found.is_rooted_at(target) {
        return Err(WorkspaceError::NotAWorktree { path, checkout: found.toplevel });
    }
    if repository.is_some_and(|repository| repository.common_dir != found.common_dir) {
        return Err(WorkspaceError::OtherRepository { path, common_dir: found.common_dir });
    }
    let actual = query(env, target, &["branch", "--show-current"])?.unwrap_or_default();
    match (wanted, actual.as_str()) {
        (None, actual) if !actual.is_empty() => Ok(actual.to_owned()),
        (Some(wanted), actual) if wanted == actual => Ok(actual.to_owned()),
        (wanted, actual) => {
            let wanted = wanted.unwrap_or("of any name").to_owned();
            let actual =
                if actual.is_empty() { "no branch".to_owned() } else { format!("branch {actual}") };
            Err(WorkspaceError::OtherBranch { path, wanted, actual })
        }
    }
}

/// The repository around a path that does not exist yet.
fn around(env: &Env, target: &Path) -> Result<Checkout, WorkspaceError> {
    let none = || WorkspaceError::NoRepository(target.to_owned());
    let existing = target.ancestors().skip(1).find(|path| path.is_dir()).ok_or_else(none)?;
    Checkout::of(env, existing)?.ok_or_else(none)
}

fn add(
    env: &Env,
    repository: &Checkout,
    target: &Path,
    branch: &str,
) -> Result<(), WorkspaceError> {
    let full_name = format!("refs/heads/{branch}");
    let at = &repository.toplevel;
    // A name that begins with a dash would reach Git as an option (D36).
    if branch.starts_with('-') || query(env, at, &["check-ref-format", &full_name])?.is_none() {
        return Err(WorkspaceError::BadBranch(branch.to_owned()));
    }
    if let Some(parent) = target.parent() {
        private::make_dirs(parent)
            .map_err(|source| WorkspaceError::io("make directory", parent, source))?;
    }
    // A worktree whose directory was removed by hand stays registered and makes every attempt
    // fail. Only this one is forgotten: others may lie on a disk that is not mounted.
    let [worktree, dashes, target_arg] = ["worktree".as_ref(), "--".as_ref(), target.as_os_str()];
    let forget = [worktree, "remove".as_ref(), dashes, target_arg];
    git::run(env, at, &forget, QUERY_LIMIT)?;
    let exists = query(env, at, &["show-ref", "--verify", "--quiet", &full_name])?.is_some();
    let name = OsStr::new(branch);
    let args: Vec<&OsStr> = if exists {
        vec![worktree, "add".as_ref(), dashes, target_arg, name]
    } else {
        vec![worktree, "add".as_ref(), "-b".as_ref(), name, dashes, target_arg, "HEAD".as_ref()]
    };
    let answer = git::run(env, at, &args, ADD_LIMIT)?;
    match answer.text() {
        Some(_) => Ok(()),
        None => Err(WorkspaceError::Git {
            verb: "worktree add".to_owned(),
            path: at.clone(),
            said: answer.complaint(),
        }),
    }
}

/// What Git says of a directory inside a working tree.
#[derive(Debug, Clone)]
struct Checkout {
    toplevel: PathBuf,
    git_dir: PathBuf,
    common_dir: PathBuf,
}

impl Checkout {
    /// The checkout that a directory belongs to, if any.
    fn of(env: &Env, dir: &Path) -> Result<Option<Self>, WorkspaceError> {
        let ask = [
            "rev-parse",
            "--path-format=absolute",
            "--show-toplevel",
            "--git-dir",
            "--git-common-dir",
        ];
        let Some(text) = query(env, dir, &ask)? else { return Ok(None) };
        let lines: Vec<&str> = text.lines().collect();
        let [toplevel, git_dir, common_dir] = lines[..] else { return Ok(None) };
        Ok(Some(Self {
            toplevel: toplevel.into(),
            git_dir: resolved(Path::new(git_dir)),
            common_dir: resolved(Path::new(common_dir)),
        }))
    }

    /// Whether it is an additional worktree rather than the main checkout.
    fn is_linked(&self) -> bool {
        self.git_dir != self.common_dir
    }

    fn is_rooted_at(&self, path: &Path) -> bool {
        resolved(&self.toplevel) == resolved(path)
    }
}

fn resolved(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// What Git answers, nothing if it refuses.
fn query(env: &Env, at: &Path, args: &[&str]) -> Result<Option<String>, WorkspaceError> {
    let args: Vec<&OsStr> = args.iter().map(OsStr::new).collect();
    let answer = git::run(env, at, &args, QUERY_LIMIT)?;
    Ok(answer.text().map(str::to_owned))
}
