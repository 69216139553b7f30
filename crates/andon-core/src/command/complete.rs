//! `complete`: finishes a task. Its event, the failure counters and every child that becomes ready
//! are one transition (B26).

use super::draft::{Draft, require_run, require_status};
use super::{Context, subject};
use crate::event::NewEvent;
use crate::id::{RunId, TaskId, mentions};
use crate::rejected::Rejected;
use crate::run::{JsonText, RunOutcome};
use crate::task::{BlockMemory, Hold, Status, Task};
use crate::text;
use crate::transition::{Outcome, Resting, RunEnd, State, Transition};
use crate::view::{Needs, View};

/// The verb.
pub const VERB: &str = "complete";

const FROM: &[Status] = &[Status::Running, Status::Ready, Status::Blocked, Status::Review];

/// Task ids in prose that are looked up; a text that names more is not checked further.
pub(super) const MENTIONS_MAX: usize = 50;
/// Cards that one completion may claim to have made.
pub(super) const CARDS_MAX: usize = 200;
/// Preview in the event of a completion held back (board reference §9.13).
const PREVIEW_CHARS: usize = 200;

/// What a worker hands over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Handoff {
    /// What came out.
    pub result: Option<String>,
    /// What was done, for whoever comes next.
    pub summary: Option<String>,
    /// Data, a JSON object.
    pub metadata: Option<JsonText>,
    /// Files named in the data.
    pub artifacts: Vec<String>,
}

/// Finishes a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complete {
    /// Task.
    pub task: TaskId,
    /// Hand-off.
    pub handoff: Handoff,
    /// Tasks that the worker says it made.
    pub created_cards: Vec<TaskId>,
    /// Run that says so.
    pub expected_run: Option<RunId>,
}

impl Complete {
    pub(super) fn needs(&self) -> Needs<'_> {
        let prose = [self.handoff.summary.as_deref(), self.handoff.result.as_deref()];
        let text = prose.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let mut known: Vec<TaskId> = self.created_cards.iter().take(CARDS_MAX).cloned().collect();
        for id in named_in(&text) {
            if !known.contains(&id) {
                known.push(id);
            }
        }
        Needs { subject: Some(&self.task), children: true, known, ..Needs::default() }
    }

    pub(super) fn decide(&self, view: &View, ctx: Context<'_>) -> Result<Transition, Rejected> {
        let task = subject(view, &self.task)?;
        // The run is checked before the cards, so that a stale worker writes nothing (B23).
        require_status(VERB, task, FROM)?;
        require_run(task, self.expected_run)?;
        self.handoff.check()?;
        if self.created_cards.len() > CARDS_MAX {
            let why = format!("{} cards named, at most {CARDS_MAX}", self.created_cards.len());
            return Err(Rejected::invalid("created cards", why));
        }
        let (verified, phantoms) = self.sort_cards(task, view);
        let mut draft = Draft::new(task, view);
        if !phantoms.is_empty() {
            let preview =
                text::handoff_line(self.handoff.summary.as_deref(), self.handoff.result.as_deref());
            draft.event(
                None,
                NewEvent::CompletionBlocked {
                    phantom_cards: phantoms.clone(),
                    verified_cards: verified,
                    summary_preview: preview.map(|p| p.chars().take(PREVIEW_CHARS).collect()),
                },
            );
            return Ok(draft.done(Outcome::HeldBack { task: task.id.clone(), phantoms }));
        }
        finish(&mut draft, task, view, &self.handoff, verified, ctx);
        Ok(draft.moved(Status::Done))
    }

    /// Splits the cards into those with a trace on the board and those without.
    fn sort_cards(&self, task: &Task, view: &View) -> (Vec<TaskId>, Vec<TaskId>) {
        self.created_cards.iter().cloned().partition(|id| {
            view.known(id).is_some_and(|card| {
                let by = card.created_by.as_deref();
                card.child_of_subject
                    || by == Some(task.id.as_str())
                    || (by.is_some() && by == task.assignee.as_ref().map(|a| a.as_str()))
            })
        })
    }
}

impl Handoff {
    pub(super) fn check(&self) -> Result<(), Rejected> {
        text::optional_prose("result", self.result.as_deref(), text::NOTE_BYTES_MAX)?;
        text::optional_prose("summary", self.summary.as_deref(), text::NOTE_BYTES_MAX)?;
        match &self.metadata {
            Some(JsonText(json)) if json.len() > text::METADATA_BYTES_MAX => {
                Err(Rejected::TooLong {
                    field: "metadata",
                    bytes: json.len(),
                    bytes_max: text::METADATA_BYTES_MAX,
                })
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// Tasks named in prose, as far as they are looked up.
pub(super) fn named_in(text: &str) -> Vec<TaskId> {
    mentions(text, MENTIONS_MAX)
}

/// Everything that finishing a task means, for a worker's word and for a clean exit alike.
pub(super) fn finish(
    draft: &mut Draft<'_>,
    task: &Task,
    view: &View,
    handoff: &Handoff,
    verified_cards: Vec<TaskId>,
    ctx: Context<'_>,
) {
    let Handoff { result, summary, metadata, artifacts } = handoff;
    let run = draft.end_run(RunEnd {
        outcome: RunOutcome::Completed,
        summary: text::filled(summary.as_deref()).or(result.as_deref()).map(str::to_owned),
        metadata: metadata.clone(),
        error: None,
    });
    draft.state(State {
        completed_at: Some(ctx.at),
        result: result.clone(),
        failures: 0,
        last_error: None,
        block: BlockMemory::default(),
        ..State::resting(task, Resting::Done)
    });
    draft.hold(Hold::default());
    draft.event(
        run,
        NewEvent::Completed {
            result_len: result.as_deref().map_or(0, |r| r.chars().count()),
            summary: text::handoff_line(summary.as_deref(), result.as_deref()),
            verified_cards,
            artifacts: artifacts.clone(),
        },
    );
    let prose = [summary.as_deref(), result.as_deref()];
    let text = prose.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let phantom_refs: Vec<TaskId> = named_in(&text)
        .into_iter()
        .filter(|id| *id != task.id && view.known(id).is_none())
        .collect();
    if !phantom_refs.is_empty() {
        draft.event(run, NewEvent::SuspectedReferences { phantom_refs });
    }
    draft.release_children();
}
