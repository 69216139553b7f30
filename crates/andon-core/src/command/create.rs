//! `create`: makes a task (board reference §9.1, surfaces reference §3.2).

use super::Context;
use crate::event::NewEvent;
use crate::id::{Assignee, TaskId};
use crate::policy::SPAN_MAX;
use crate::rejected::Rejected;
use crate::task::{BlockMemory, GoalMode, Hold, Workspace, WorkspaceKind};
use crate::text;
use crate::time::{Seconds, Timestamp};
use crate::transition::{NewTask, Outcome, Resting, RunRef, Transition, Write};
use crate::view::{Needs, View};

/// The verb.
pub const VERB: &str = "create";

/// Where a new task begins, before its parents are looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Begin {
    /// Ready, or waiting for its parents.
    #[default]
    Normal,
    /// To be made actionable first.
    Triage,
    /// Parked for a person; nothing promotes it (B14, S2).
    Blocked,
    /// Parked until a time.
    At(Timestamp),
}

/// Makes a task, or finds the one made earlier with the same key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are those of `Task`")]
pub struct Create {
    pub title: String,
    pub body: Option<String>,
    pub assignee: Option<Assignee>,
    pub created_by: Option<String>,
    pub parents: Vec<TaskId>,
    pub workspace: Option<Workspace>,
    pub project_id: Option<String>,
    pub tenant: Option<String>,
    pub priority: i64,
    pub begin: Begin,
    pub idempotency_key: Option<String>,
    pub max_runtime: Option<Seconds>,
    pub skills: Option<Vec<String>>,
    pub model_override: Option<String>,
    pub max_retries: Option<i64>,
    pub goal_mode: GoalMode,
    pub goal_max_turns: Option<i64>,
    pub session_id: Option<String>,
}

impl Create {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs {
            known: self.parents.clone(),
            idempotency_key: self
                .idempotency_key
                .as_deref()
                .map(str::trim)
                .filter(|key| !key.is_empty()),
            fresh_id: true,
            ..Needs::default()
        }
    }

    pub(super) fn decide(&self, view: &View, ctx: Context<'_>) -> Result<Transition, Rejected> {
        let title = text::title(&self.title)?;
        let body = text::optional_prose("body", self.body.as_deref(), text::BODY_BYTES_MAX)?;
        let workspace = self.checked_workspace()?;
        let skills = self.checked_skills()?;
        self.check_numbers(ctx.at)?;
        // Looked up in this very transaction, so that two creators cannot both insert (B11).
        if let Some((task, status)) = view.same_key.clone() {
            let outcome = Outcome::Existing { task, status };
            return Ok(Transition { writes: Vec::new(), outcome });
        }
        let parents = self.checked_parents(view)?;
        let id = view.fresh_id.clone().expect("the store gives a fresh id when asked for one");
        let status = self.first_status(&parents, view);
        let tenant = text::optional_line("tenant", self.tenant.as_deref())?;
        let task = NewTask {
            id: id.clone(),
            title,
            body,
            assignee: self.assignee.clone(),
            status,
            priority: self.priority,
            created_by: text::optional_line("created by", self.created_by.as_deref())?,
            workspace: workspace.clone(),
            project_id: text::optional_line("project", self.project_id.as_deref())?,
            tenant: tenant.clone(),
            idempotency_key: text::optional_line("key", self.idempotency_key.as_deref())?,
            max_runtime: self.max_runtime,
            skills: skills.clone(),
            model_override: text::optional_line("model", self.model_override.as_deref())?,
            max_retries: self.max_retries,
            goal_mode: self.goal_mode,
            goal_max_turns: self.goal_max_turns,
            session_id: text::optional_line("session", self.session_id.as_deref())?,
            block: BlockMemory::default(),
        };
        let created = NewEvent::Created {
            assignee: self.assignee.clone(),
            status: status.status(),
            parents: parents.clone(),
            tenant,
            branch_name: workspace.branch,
            skills: skills.unwrap_or_default(),
            goal_mode: self.goal_mode == GoalMode::On,
        };
        Ok(self.transition(task, parents, created))
    }

    fn transition(&self, task: NewTask, parents: Vec<TaskId>, created: NewEvent) -> Transition {
        let (id, status) = (task.id.clone(), task.status.status());
        let add = |event| Write::AddEvent { task: id.clone(), run: NO_RUN, event: Box::new(event) };
        let mut writes = vec![Write::InsertTask(Box::new(task))];
        for parent in parents {
            writes.push(Write::AddLink { parent, child: id.clone() });
        }
        writes.push(add(created));
        match self.begin {
            Begin::Normal | Begin::Triage => {}
            Begin::Blocked => {
                let event = NewEvent::Blocked { reason: None, kind: None, recurrences: 0 };
                writes.push(add(event));
            }
            Begin::At(due_at) => {
                let hold = Hold { due_at: Some(due_at), ..Hold::default() };
                writes.push(Write::SetHold { task: id.clone(), hold });
                writes.push(add(NewEvent::Scheduled { reason: None, due_at: Some(due_at) }));
            }
        }
        Transition { writes, outcome: Outcome::Created { task: id.clone(), status } }
    }

    fn first_status(&self, parents: &[TaskId], view: &View) -> Resting {
        let open = |id: &TaskId| view.known(id).is_some_and(|parent| !parent.releases_children());
        match self.begin {
            Begin::Blocked => Resting::Blocked,
            Begin::Triage => Resting::Triage,
            Begin::At(_) => Resting::Scheduled,
            Begin::Normal if parents.iter().any(open) => Resting::Todo,
            Begin::Normal => Resting::Ready,
        }
    }

    fn checked_parents(&self, view: &View) -> Result<Vec<TaskId>, Rejected> {
        if self.parents.len() > text::PARENTS_MAX {
            let why = format!("{} named, at most {}", self.parents.len(), text::PARENTS_MAX);
            return Err(Rejected::invalid("parents", why));
        }
        let mut parents: Vec<TaskId> = Vec::new();
        for parent in &self.parents {
            if !parents.contains(parent) {
                parents.push(parent.clone());
            }
        }
        let ids: Vec<TaskId> =
            parents.iter().filter(|id| view.known(id).is_none()).cloned().collect();
        if ids.is_empty() {
            Ok(parents)
        } else {
            Err(Rejected::UnknownTasks { role: "parent task(s)", ids })
        }
    }

    fn checked_workspace(&self) -> Result<Workspace, Rejected> {
        let scratch = Workspace { kind: WorkspaceKind::Scratch, path: None, branch: None };
        let workspace = self.workspace.clone().unwrap_or(scratch);
        check_workspace(&workspace)?;
        Ok(workspace)
    }

    fn checked_skills(&self) -> Result<Option<Vec<String>>, Rejected> {
        self.skills.as_deref().map(normal_skills).transpose()
    }

    fn check_numbers(&self, at: Timestamp) -> Result<(), Rejected> {
        check_max_runtime(self.max_runtime)?;
        check_max_retries(self.max_retries)?;
        if let Some(turns) = self.goal_max_turns.filter(|n| !(1..=TURNS_MAX).contains(n)) {
            let why = format!("{turns} is outside 1 to {TURNS_MAX}");
            return Err(Rejected::invalid("goal turns", why));
        }
        match self.begin {
            Begin::At(due) => check_due(due, at),
            Begin::Normal | Begin::Triage | Begin::Blocked => Ok(()),
        }
    }
}

/// Events of a task's beginning belong to no run.
const NO_RUN: Option<RunRef> = None;

/// Refuses a workspace that no worker could be given.
pub(super) fn check_workspace(workspace: &Workspace) -> Result<(), Rejected> {
    if let Some(path) = &workspace.path {
        text::one_line("workspace", path, PATH_BYTES_MAX)?;
        if !path.starts_with('/') {
            let why = format!("{path:?} is relative; give an absolute path");
            return Err(Rejected::invalid("workspace", why));
        }
    } else if workspace.kind == WorkspaceKind::Dir {
        return Err(Rejected::invalid("workspace", "`dir` needs a path: `dir:/path`"));
    }
    let Some(branch) = &workspace.branch else { return Ok(()) };
    text::one_line("branch", branch, text::NAME_BYTES_MAX)?;
    let legal = !branch.is_empty()
        && !branch.starts_with('-')
        && !branch.chars().any(char::is_whitespace)
        && !branch.contains("..");
    match workspace.kind {
        WorkspaceKind::Worktree if legal => Ok(()),
        WorkspaceKind::Worktree => {
            Err(Rejected::invalid("branch", format!("{branch:?} is not a branch name")))
        }
        WorkspaceKind::Scratch | WorkspaceKind::Dir => {
            Err(Rejected::invalid("branch", "only a worktree workspace has a branch"))
        }
    }
}

/// Longest path that Linux opens.
pub(super) const PATH_BYTES_MAX: usize = 4_096;

/// Trims skills, drops blanks and repetitions, refuses commas: the peer joins them with commas.
pub(super) fn normal_skills(skills: &[String]) -> Result<Vec<String>, Rejected> {
    let mut names: Vec<String> = Vec::new();
    for skill in skills {
        let skill = text::one_line("skill", skill.trim(), text::NAME_BYTES_MAX)?;
        if skill.contains(',') {
            return Err(Rejected::invalid("skill", format!("{skill:?} has a comma in it")));
        }
        if !skill.is_empty() && !names.contains(&skill) {
            names.push(skill);
        }
    }
    if names.len() > text::SKILLS_MAX {
        let why = format!("{} named, at most {}", names.len(), text::SKILLS_MAX);
        return Err(Rejected::invalid("skills", why));
    }
    Ok(names)
}

pub(super) fn check_max_runtime(span: Option<Seconds>) -> Result<(), Rejected> {
    match span {
        Some(span) if span.0 < 1 || span > SPAN_MAX => {
            Err(Rejected::invalid("max runtime", format!("{span} is outside 1s to {SPAN_MAX}")))
        }
        Some(_) | None => Ok(()),
    }
}

pub(super) fn check_max_retries(retries: Option<i64>) -> Result<(), Rejected> {
    match retries {
        Some(n) if !(1..=RETRIES_MAX).contains(&n) => {
            Err(Rejected::invalid("max retries", format!("{n} is outside 1 to {RETRIES_MAX}")))
        }
        Some(_) | None => Ok(()),
    }
}

/// More attempts than this are a loop, not a retry.
pub(super) const RETRIES_MAX: i64 = 1_000;

/// A goal that takes more turns than this is not getting nearer.
pub(super) const TURNS_MAX: i64 = 10_000;

/// Refuses a due time in the past or absurdly far away.
pub(super) fn check_due(due: Timestamp, at: Timestamp) -> Result<(), Rejected> {
    if due <= at {
        return Err(Rejected::invalid("due time", "it is in the past"));
    }
    if due - at > SPAN_MAX {
        return Err(Rejected::invalid("due time", "it is more than a year away"));
    }
    Ok(())
}
