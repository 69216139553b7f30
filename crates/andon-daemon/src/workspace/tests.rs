//! Claims about workspaces, with real directories and a real Git.

use super::*;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
use tempfile::TempDir;

struct Place {
    dir: TempDir,
    layout: Layout,
    env: Env,
    task: TaskId,
}

impl Place {
    /// Puts a script in the place of Git, which is looked up in the child's own search path.
    fn replace_git(&mut self, script: &str) {
        let bin = self.dir.path().join("bin");
        fs::create_dir(&bin).unwrap();
        fs::write(bin.join("git"), format!("#!/bin/sh\n{script}")).unwrap();
        fs::set_permissions(bin.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
        self.env.set("PATH", format!("{}:/usr/bin:/bin", bin.display()));
    }

    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut env = Env::from_pairs(std::env::vars_os().filter(|(name, _)| name == "PATH"));
        env.set("HOME", dir.path());
        env.set("GIT_CONFIG_GLOBAL", "/dev/null");
        let home = crate::home::Home::resolve(Some(&dir.path().join("home")), &env).unwrap();
        let layout = Layout::new(&home, &andon_core::id::BoardSlug::default_board());
        Self { dir, layout, env, task: TaskId::from_random(7) }
    }

    fn resolve(&self, workspace: &Workspace) -> Result<Resolved, WorkspaceError> {
        resolve(&Wanted {
            task: &self.task,
            workspace,
            layout: &self.layout,
            default_workdir: None,
            env: &self.env,
        })
    }

    fn git(&self, at: &Path, args: &[&str]) {
        let done = Command::new("git")
            .arg("-C")
            .arg(at)
            .args(["-c", "user.name=a", "-c", "user.email=a@b"])
            .args(args)
            .output()
            .unwrap();
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    fn repository(&self) -> PathBuf {
        let path = self.dir.path().join("repository");
        fs::create_dir_all(path.join("sub")).unwrap();
        fs::write(path.join("sub/file"), "text").unwrap();
        self.git(&path, &["init", "-q", "-b", "main"]);
        self.git(&path, &["add", "."]);
        self.git(&path, &["commit", "-q", "-m", "first"]);
        path
    }
}

fn kind(kind: WorkspaceKind, path: Option<&Path>) -> Workspace {
    let path = path.map(|path| path.to_str().unwrap().to_owned());
    Workspace { kind, path, branch: None }
}

fn worktree(path: &Path, branch: Option<&str>) -> Workspace {
    let branch = branch.map(str::to_owned);
    Workspace { branch, ..kind(WorkspaceKind::Worktree, Some(path)) }
}

#[test]
fn scratch_is_the_tasks_own_even_when_a_parents_path_was_copied() {
    let place = Place::new();
    let parent = place.layout.workspace(&TaskId::from_random(1));
    let resolved = place.resolve(&kind(WorkspaceKind::Scratch, Some(&parent))).unwrap();
    assert_eq!(resolved.path, place.layout.workspace(&place.task));
    let mode = fs::metadata(&resolved.path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o700);
    fs::write(resolved.path.join("kept"), "x").unwrap();
    let again = place.resolve(&kind(WorkspaceKind::Scratch, Some(&resolved.path))).unwrap();
    assert!(again.path.join("kept").exists());
}

#[test]
fn a_link_in_place_of_a_scratch_directory_is_refused() {
    let place = Place::new();
    fs::create_dir_all(place.layout.workspaces()).unwrap();
    symlink(place.dir.path(), place.layout.workspace(&place.task)).unwrap();
    let error = place.resolve(&kind(WorkspaceKind::Scratch, None)).unwrap_err();
    assert!(matches!(error, WorkspaceError::Occupied { found: "a symbolic link", .. }), "{error}");
}

#[test]
fn dir_is_the_path_given_and_never_a_relative_one() {
    let place = Place::new();
    let resolved = place.resolve(&kind(WorkspaceKind::Dir, Some(Path::new("~/work")))).unwrap();
    assert_eq!(resolved.path, place.dir.path().join("work"));
    assert!(resolved.path.is_dir());
    let relative = place.resolve(&kind(WorkspaceKind::Dir, Some(Path::new("work")))).unwrap_err();
    assert!(matches!(relative, WorkspaceError::Relative(_)), "{relative}");
    let none = place.resolve(&kind(WorkspaceKind::Dir, None)).unwrap_err();
    assert!(matches!(none, WorkspaceError::NoPath(_)), "{none}");
}

#[test]
fn a_worktree_of_the_main_checkout_lies_below_it_and_is_found_again() {
    let place = Place::new();
    let main = place.repository();
    let first = place.resolve(&worktree(&main, None)).unwrap();
    assert_eq!(first.path, main.join(".worktrees").join(place.task.as_str()));
    assert_eq!(first.branch, Some(format!("wt/{}", place.task)));
    assert!(first.path.join("sub/file").exists());
    let again = place.resolve(&worktree(&first.path, first.branch.as_deref())).unwrap();
    assert_eq!(again, first);
}

#[test]
fn a_plain_directory_of_the_checkout_is_not_a_worktree() {
    let place = Place::new();
    let main = place.repository();
    let error = place.resolve(&worktree(&main.join("sub"), None)).unwrap_err();
    assert!(matches!(error, WorkspaceError::NotAWorktree { .. }), "{error}");
}

#[test]
fn a_directory_inside_anothers_worktree_is_not_a_worktree() {
    let place = Place::new();
    let made = place.resolve(&worktree(&place.repository(), None)).unwrap();
    let error = place.resolve(&worktree(&made.path.join("sub"), None)).unwrap_err();
    assert!(matches!(error, WorkspaceError::NotAWorktree { .. }), "{error}");
}

#[test]
fn a_worktree_on_another_branch_is_refused() {
    let place = Place::new();
    let made = place.resolve(&worktree(&place.repository(), Some("one"))).unwrap();
    let error = place.resolve(&worktree(&made.path, Some("two"))).unwrap_err();
    assert!(matches!(error, WorkspaceError::OtherBranch { .. }), "{error}");
}

#[test]
fn a_branch_name_never_reaches_git_as_an_option() {
    let place = Place::new();
    for name in ["--detach", "-b", "a..b", "bad name"] {
        let error = place.resolve(&worktree(&place.repository_once(), Some(name))).unwrap_err();
        assert!(matches!(error, WorkspaceError::BadBranch(_)), "{name}: {error}");
    }
}

#[test]
fn a_worktree_removed_by_hand_is_made_again() {
    let place = Place::new();
    let main = place.repository();
    let first = place.resolve(&worktree(&main, None)).unwrap();
    fs::remove_dir_all(&first.path).unwrap();
    assert_eq!(place.resolve(&worktree(&main, None)).unwrap(), first);
}

#[test]
fn a_path_outside_every_repository_is_refused() {
    let place = Place::new();
    let error = place.resolve(&worktree(&place.dir.path().join("new"), None)).unwrap_err();
    assert!(matches!(error, WorkspaceError::NoRepository(_)), "{error}");
}

#[test]
fn a_git_that_hangs_is_ended_with_what_it_started() {
    let mut place = Place::new();
    place.replace_git("/bin/sleep 1000 &\nwait\n");
    let limit = std::time::Duration::from_millis(100);
    let run = git::run(&place.env, place.dir.path(), &["status".as_ref()], limit);
    assert!(matches!(run, Err(WorkspaceError::Slow { .. })), "{:?}", run.map(|a| a.complaint()));
}

#[test]
fn of_a_git_that_writes_without_end_little_is_kept() {
    let mut place = Place::new();
    place.replace_git("head -c 1000000 /dev/zero | tr '\\0' x\n");
    let answer =
        git::run(&place.env, place.dir.path(), &["status".as_ref()], git::QUERY_LIMIT).unwrap();
    assert_eq!(answer.text(), Some("x".repeat(16 << 10).as_str()));
}

#[test]
fn a_hook_of_a_hostile_repository_finds_no_secret_of_the_dispatcher() {
    let mut place = Place::new();
    let repository = place.repository();
    let hook = repository.join(".git/hooks/post-checkout");
    let told = place.dir.path().join("told");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, format!("#!/bin/sh\nenv >{}\n", told.display())).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["ANTHROPIC_API_KEY", "SSH_AUTH_SOCK", "GIT_DIR", "GIT_SSH_COMMAND", "LD_PRELOAD"] {
        place.env.set(name, "c4n4ry");
    }
    place.resolve(&worktree(&repository, None)).unwrap();
    let told = fs::read_to_string(told).unwrap();
    assert!(told.contains("PATH=") && !told.contains("c4n4ry"), "{told}");
}

impl Place {
    /// The repository, made by the first call.
    fn repository_once(&self) -> PathBuf {
        let path = self.dir.path().join("repository");
        if path.exists() { path } else { self.repository() }
    }
}
