//! Commands that only write something down about a task: what is the same is not written again.

use super::{accepted, events, hold, kinds};
use crate::command::assign::{Assign, Occasion};
use crate::command::comment::Comment;
use crate::event::NewEvent;
use crate::id::Assignee;
use crate::policy::retry::FailureCounts;
use crate::table::sample::{NOW, task_id, view, with};
use crate::task::{Hold, PastParents, Status};
use crate::transition::{Outcome, Write};

fn named(name: &str) -> Option<Assignee> {
    Some(Assignee::parse(name).expect("a legal name"))
}

fn assign(to: &str, occasion: Occasion) -> Assign {
    Assign { task: task_id(), assignee: named(to), occasion }
}

#[test]
fn b30_an_assignment_that_changes_nothing_writes_nothing() {
    let same = accepted(&view(Status::Ready), assign("worker", Occasion::Asked));
    assert_eq!((same.outcome, same.writes.len()), (Outcome::Unchanged, 0));
    let other = accepted(&view(Status::Ready), assign("other", Occasion::Asked));
    assert_eq!(kinds(&other), ["assigned"]);
}

#[test]
fn d46_the_default_is_given_to_nobodys_task_only() {
    let taken = accepted(&view(Status::Ready), assign("other", Occasion::Default));
    assert_eq!((taken.outcome, taken.writes.len()), (Outcome::Unchanged, 0));
    let free = with(view(Status::Ready), |task| task.assignee = None);
    let given = accepted(&free, assign(" Other ", Occasion::Default));
    assert!(
        given.writes.contains(&Write::SetAssignee { task: task_id(), assignee: named("other") })
    );
    assert_eq!(kinds(&given), ["assigned"]);
}

#[test]
fn a_new_assignee_begins_with_a_clean_record_and_nothing_else_is_forgotten() {
    let past_parents = PastParents::Overruled;
    let failed = with(view(Status::Ready), |task| {
        let failures = FailureCounts { crash: 1, ..FailureCounts::default() };
        task.hold = Hold { failures, not_before: Some(NOW), due_at: None, past_parents };
    });
    let given = accepted(&failed, assign("other", Occasion::Asked));
    assert_eq!(hold(&given), Some(&Hold { past_parents, ..Hold::default() }));
}

#[test]
fn b30_the_event_of_a_comment_tells_of_the_text_as_it_is_stored() {
    let comment =
        Comment { task: task_id(), author: " me ".to_owned(), body: "\n three \n".to_owned() };
    let written = accepted(&view(Status::Ready), comment);
    let stored = written.writes.iter().find_map(|write| match write {
        Write::AddComment { author, body, .. } => Some((author.as_str(), body.as_str())),
        _other => None,
    });
    assert_eq!(stored, Some(("me", "three")));
    let told = NewEvent::Commented { author: "me".to_owned(), len: 5 };
    assert_eq!(events(&written), [&told]);
}
