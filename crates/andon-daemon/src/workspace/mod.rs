//! Workspaces: the directory that a worker gets (dispatch reference §4).
//!
//! A directory is found or made here, before the worker starts and outside every transaction, for
//! Git may take its time (D41). Nothing is ever deleted here: what a worker left in its workspace
//! is the user's.

mod dir;
mod git;
mod scratch;
mod worktree;

use crate::env::{Env, NotUnicode};
use crate::home::{HomeError, Layout, expand_tilde};
use andon_core::id::TaskId;
use andon_core::task::{Workspace, WorkspaceKind};
use std::io;
use std::path::{Path, PathBuf};

/// What a workspace is needed for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Task.
    pub task: &'a TaskId,
    /// What the task says about it.
    pub workspace: &'a Workspace,
    /// The board's paths.
    pub layout: &'a Layout,
    /// The board's default directory, the repository of worktrees without a path.
    pub default_workdir: Option<&'a Path>,
    /// The dispatcher's environment: `HOME` for `~`, and what Git needs.
    pub env: &'a Env,
}

/// A directory that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// Absolute path.
    pub path: PathBuf,
    /// Branch that is checked out there, for a worktree.
    pub branch: Option<String>,
}

/// Why there is no workspace. Each text names the path and what is in the way.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// The task names no directory where one is needed.
    #[error("a `{0}` workspace needs a path, or a default directory of the board")]
    NoPath(WorkspaceKind),
    /// The path would mean another place in every directory.
    #[error("workspace {} is relative; give an absolute path", .0.display())]
    Relative(PathBuf),
    /// `~` could not be replaced.
    #[error(transparent)]
    Tilde(#[from] HomeError),
    /// A variable is not text.
    #[error(transparent)]
    NotUnicode(#[from] NotUnicode),
    /// The system refused.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is something else at the path.
    #[error("workspace {} is {found}, not a directory of its own", path.display())]
    Occupied {
        /// Where.
        path: PathBuf,
        /// What is there.
        found: &'static str,
    },
    /// There is no repository to make a worktree of.
    #[error("{} is not inside a Git repository", .0.display())]
    NoRepository(PathBuf),
    /// The directory belongs to a checkout, whose files the worker would change (D36).
    #[error("{} is a plain directory of the checkout {}, not a worktree", path.display(), checkout.display())]
    NotAWorktree {
        /// The path.
        path: PathBuf,
        /// The checkout around it.
        checkout: PathBuf,
    },
    /// The worktree belongs to another repository.
    #[error("{} is a worktree of another repository: {}", path.display(), common_dir.display())]
    OtherRepository {
        /// The path.
        path: PathBuf,
        /// That repository.
        common_dir: PathBuf,
    },
    /// Another branch is checked out than the task names (D36).
    #[error("worktree {} is on {actual}, the task wants branch {wanted}", path.display())]
    OtherBranch {
        /// The path.
        path: PathBuf,
        /// The branch that the task names.
        wanted: String,
        /// What is checked out.
        actual: String,
    },
    /// The name is no branch.
    #[error("{0:?} is not a branch name")]
    BadBranch(String),
    /// Git could not be started.
    #[error("cannot run git: {0}")]
    NoGit(io::Error),
    /// Git took too long and was ended.
    #[error("`git {verb}` in {} took longer than {seconds} s", path.display())]
    Slow {
        /// Its verb.
        verb: String,
        /// Where.
        path: PathBuf,
        /// The limit.
        seconds: u64,
    },
    /// Git refused.
    #[error("`git {verb}` in {} failed: {said}", path.display())]
    Git {
        /// Its verb.
        verb: String,
        /// Where.
        path: PathBuf,
        /// What it wrote to stderr.
        said: String,
    },
}

impl WorkspaceError {
    fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), source }
    }
}

/// Finds or makes a task's workspace. May take as long as Git does, which has a limit.
pub fn resolve(wanted: &Wanted<'_>) -> Result<Resolved, WorkspaceError> {
    match wanted.workspace.kind {
        WorkspaceKind::Scratch => scratch::resolve(wanted),
        WorkspaceKind::Dir => dir::resolve(wanted),
        WorkspaceKind::Worktree => worktree::resolve(wanted),
    }
}

/// The path that the task names, `~` replaced, absolute.
fn named_path(wanted: &Wanted<'_>) -> Result<Option<PathBuf>, WorkspaceError> {
    let named = wanted.workspace.path.as_deref().filter(|path| !path.is_empty());
    named.map(|path| absolute(Path::new(path), wanted.env)).transpose()
}

fn absolute(path: &Path, env: &Env) -> Result<PathBuf, WorkspaceError> {
    let path = expand_tilde(path, env)?;
    if path.is_absolute() { Ok(path) } else { Err(WorkspaceError::Relative(path)) }
}

#[cfg(test)]
mod tests;
