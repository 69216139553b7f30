//! The rows of the table: what is asked, in which situation.

mod of_runs;

use super::Row;
use super::sample::{self, Asked, beside, kept, parent_id, task_id, view, waiting, with};
use crate::command::{
    Command, archive, assign, block, comment, complete, create, due, edit, edit_result, link,
    pause, promote, schedule, settle, unblock, unlink,
};
use crate::id::TaskId;
use crate::task::{BlockKind, BlockMemory, PastParents, Status};
use crate::time::Seconds;
use crate::transition::Fields;
use crate::view::{LinkState, View};

/// All rows: first what people do to tasks, then what becomes of runs.
pub(super) const ALL: &[&[Row]] = &[MAKING, MOVING, LINKING, of_runs::HOLDING, of_runs::ENDING];

fn asked(view: View, command: impl Into<Command>) -> Asked {
    Asked { view, command: command.into() }
}

const MAKING: &[Row] = &[
    Row {
        verb: create::VERB,
        situation: "with one parent",
        ask: |status| {
            let view = View { fresh_id: Some(sample::fresh_id()), ..View::default() };
            let title = "a child".to_owned();
            let parents = vec![parent_id()];
            let create = create::Create { title, parents, ..create::Create::default() };
            asked(beside(view, parent_id(), status), create)
        },
    },
    Row {
        verb: comment::VERB,
        situation: "",
        ask: |status| {
            let (author, body) = ("somebody".to_owned(), "a remark".to_owned());
            asked(view(status), comment::Comment { task: task_id(), author, body })
        },
    },
    Row {
        verb: assign::VERB,
        situation: "",
        ask: |status| {
            let occasion = assign::Occasion::Asked;
            asked(view(status), assign::Assign { task: task_id(), assignee: None, occasion })
        },
    },
    Row {
        verb: edit::VERB,
        situation: "",
        ask: |status| {
            let fields = Fields { priority: Some(5), ..Fields::default() };
            asked(view(status), edit::Edit { task: task_id(), fields })
        },
    },
    Row {
        verb: edit_result::VERB,
        situation: "the result",
        ask: |status| {
            let result = Some("a result".to_owned());
            let handoff = complete::Handoff { result, ..complete::Handoff::default() };
            asked(view(status), edit_result::EditResult { task: task_id(), handoff })
        },
    },
    Row {
        verb: pause::VERB,
        situation: "",
        ask: |status| {
            asked(view(status), pause::SetPause { turn: pause::Turn::Pause { reason: None } })
        },
    },
];

pub(super) fn complete(created_cards: Vec<TaskId>) -> complete::Complete {
    complete::Complete {
        task: task_id(),
        handoff: complete::Handoff::default(),
        created_cards,
        expected_run: None,
    }
}

fn block(kind: BlockKind) -> block::Block {
    block::Block { task: task_id(), reason: None, kind: Some(kind), expected_run: None }
}

fn promote(parents: PastParents) -> promote::Promote {
    promote::Promote { task: task_id(), reason: None, parents }
}

const MOVING: &[Row] = &[
    Row {
        verb: complete::VERB,
        situation: "",
        ask: |status| asked(view(status), complete(Vec::new())),
    },
    Row {
        verb: complete::VERB,
        situation: "naming cards that do not exist",
        ask: |status| asked(view(status), complete(vec![sample::fresh_id()])),
    },
    Row {
        verb: block::VERB,
        situation: "",
        ask: |status| asked(view(status), block(BlockKind::NeedsInput)),
    },
    Row {
        verb: block::VERB,
        situation: "a second time for the same reason",
        ask: |status| {
            let block_memory = BlockMemory { kind: Some(BlockKind::NeedsInput), recurrences: 1 };
            let view = with(view(status), |task| task.block = block_memory);
            asked(view, block(BlockKind::NeedsInput))
        },
    },
    Row {
        verb: block::VERB,
        situation: "on a dependency, a parent is open",
        ask: |status| asked(waiting(view(status)), block(BlockKind::Dependency)),
    },
    Row {
        verb: block::VERB,
        situation: "on a dependency, no parent is open",
        ask: |status| asked(view(status), block(BlockKind::Dependency)),
    },
    Row {
        verb: schedule::VERB,
        situation: "",
        ask: |status| {
            let due_at = Some(sample::NOW + Seconds(60));
            let (task, reason, expected_run) = (task_id(), None, None);
            asked(view(status), schedule::Schedule { task, reason, due_at, expected_run })
        },
    },
    Row {
        verb: due::VERB,
        situation: "its time has come",
        ask: |status| asked(view(status), due::Due { task: task_id() }),
    },
    Row {
        verb: due::VERB,
        situation: "its time has come, a parent is open",
        ask: |status| asked(waiting(view(status)), due::Due { task: task_id() }),
    },
    Row {
        verb: due::VERB,
        situation: "it has no time",
        ask: |status| {
            let view = with(view(status), |task| task.hold.due_at = None);
            asked(view, due::Due { task: task_id() })
        },
    },
    Row {
        verb: unblock::VERB,
        situation: "",
        ask: |status| asked(view(status), unblock::Unblock { task: task_id(), reason: None }),
    },
    Row {
        verb: unblock::VERB,
        situation: "a parent is open",
        ask: |status| {
            let unblock = unblock::Unblock { task: task_id(), reason: None };
            asked(waiting(view(status)), unblock)
        },
    },
    Row {
        verb: promote::VERB,
        situation: "",
        ask: |status| asked(view(status), promote(PastParents::Wait)),
    },
    Row {
        verb: promote::VERB,
        situation: "a parent is open",
        ask: |status| asked(waiting(view(status)), promote(PastParents::Wait)),
    },
    Row {
        verb: promote::VERB,
        situation: "by force, a parent is open",
        ask: |status| asked(waiting(view(status)), promote(PastParents::Overruled)),
    },
    Row {
        verb: settle::VERB,
        situation: "",
        ask: |status| asked(view(status), settle::Settle { task: task_id() }),
    },
    Row {
        verb: settle::VERB,
        situation: "a parent is open",
        ask: |status| asked(waiting(view(status)), settle::Settle { task: task_id() }),
    },
    Row {
        verb: archive::VERB,
        situation: "",
        ask: |status| asked(view(status), archive::Archive { task: task_id() }),
    },
    Row {
        verb: archive::VERB,
        situation: "a runner keeps its run",
        ask: |status| {
            asked(kept(view(status), Status::Ready), archive::Archive { task: task_id() })
        },
    },
];

/// Asks for a link from a parent of that status.
fn link(status: Status, parent: Status) -> Asked {
    let view = beside(view(status), parent_id(), parent);
    asked(beside(view, task_id(), status), link::Link { parent: parent_id(), child: task_id() })
}

const LINKING: &[Row] = &[
    Row {
        verb: link::VERB,
        situation: "to an open parent",
        ask: |status| link(status, Status::Running),
    },
    Row {
        verb: link::VERB,
        situation: "to a finished parent",
        ask: |status| link(status, Status::Done),
    },
    Row {
        verb: link::VERB,
        situation: "to an archived parent",
        ask: |status| link(status, Status::Archived),
    },
    Row {
        verb: unlink::VERB,
        situation: "from the last open parent",
        ask: |status| {
            let mut view = beside(waiting(view(status)), parent_id(), Status::Ready);
            view.link = LinkState::Present;
            asked(view, unlink::Unlink { parent: parent_id(), child: task_id() })
        },
    },
];
