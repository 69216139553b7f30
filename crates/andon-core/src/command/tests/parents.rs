//! Parents: who holds whom back, and for how long.

use super::{accepted, hold, kinds, refused, state, status};
use crate::command::archive::Archive;
use crate::command::due::Due;
use crate::command::link::Link;
use crate::command::promote::Promote;
use crate::command::settle::Settle;
use crate::command::unblock::Unblock;
use crate::command::unlink::Unlink;
use crate::policy::DEPENDENCY_WAITS_MAX;
use crate::policy::retry::FailureCounts;
use crate::table::sample::{NOW, beside, child_id, parent_id, task_id, view, waiting, with};
use crate::task::{BlockKind, BlockMemory, Hold, PastParents, Status};
use crate::time::Seconds;
use crate::transition::{Outcome, Resting, Transition, Write};
use crate::view::{LinkState, View};

fn link_to(parent: Status) -> Transition {
    let view = beside(view(Status::Ready), parent_id(), parent);
    let view = beside(view, task_id(), Status::Ready);
    accepted(&view, Link { parent: parent_id(), child: task_id() })
}

fn moves_subject(transition: &Transition, wanted: Resting) -> bool {
    transition.writes.iter().any(|write| {
        matches!(write, Write::SetStatus { task, to, .. } if *task == task_id() && *to == wanted)
    })
}

#[test]
fn b13_a_link_to_a_finished_or_archived_parent_leaves_the_child_ready() {
    for status in Status::ALL {
        let moved = moves_subject(&link_to(*status), Resting::Todo);
        assert_eq!(moved, !status.releases_children(), "{status}");
    }
}

#[test]
fn d13_s13_archiving_a_parent_releases_its_children() {
    for status in [Status::Triage, Status::Todo, Status::Blocked, Status::Ready] {
        let transition = accepted(&view(status), Archive { task: task_id() });
        let released = transition.writes.iter().any(|write| {
            matches!(write, Write::SetStatus { task, to: Resting::Ready, .. }
                if *task == child_id())
        });
        assert!(released, "{status}");
    }
}

#[test]
fn b30_a_link_that_is_there_is_not_written_again() {
    let mut view = beside(view(Status::Ready), parent_id(), Status::Ready);
    view = beside(view, task_id(), Status::Ready);
    view.link = LinkState::Present;
    let again = accepted(&view, Link { parent: parent_id(), child: task_id() });
    assert_eq!((again.outcome, again.writes.len()), (Outcome::Unchanged, 0));
}

#[test]
fn circles_and_links_to_oneself_are_refused() {
    let itself = Link { parent: task_id(), child: task_id() };
    assert_eq!(refused(&view(Status::Ready), itself), "self_link");
    let mut view = beside(view(Status::Ready), parent_id(), Status::Ready);
    view = beside(view, task_id(), Status::Ready);
    view.link = LinkState::WouldCycle;
    assert_eq!(refused(&view, Link { parent: parent_id(), child: task_id() }), "cycle");
}

#[test]
fn unlinking_one_of_two_open_parents_changes_nothing_else() {
    let mut view = beside(waiting(view(Status::Todo)), parent_id(), Status::Ready);
    view.link = LinkState::Present;
    view.open_parents.count = 2;
    let transition = accepted(&view, Unlink { parent: parent_id(), child: task_id() });
    assert_eq!(kinds(&transition), ["unlinked"]);
}

#[test]
fn unlinking_a_finished_parent_does_not_release_a_child_with_an_open_one() {
    let mut view = beside(waiting(view(Status::Todo)), parent_id(), Status::Done);
    view.link = LinkState::Present;
    let transition = accepted(&view, Unlink { parent: parent_id(), child: task_id() });
    assert_eq!(kinds(&transition), ["unlinked"]);
}

#[test]
fn a_new_open_parent_takes_a_promotion_by_force_back() {
    let overruled = |view: View| with(view, |task| task.hold.past_parents = PastParents::Overruled);
    let mut view = beside(overruled(view(Status::Running)), parent_id(), Status::Ready);
    view = beside(view, task_id(), Status::Running);
    let transition = accepted(&view, Link { parent: parent_id(), child: task_id() });
    assert_eq!(hold(&transition).map(|hold| hold.past_parents), Some(PastParents::Wait));
}

#[test]
fn a_task_promoted_past_its_parents_is_not_sent_back_behind_them() {
    let overruled = with(waiting(view(Status::Blocked)), |task| {
        task.hold.past_parents = PastParents::Overruled;
    });
    let released = accepted(&overruled, Unblock { task: task_id(), reason: None });
    assert_eq!(status(&released), Status::Ready);
}

#[test]
fn b14_b15_d1_settle_promotes_waiting_tasks_only_and_never_a_blocked_one() {
    let settle = || Settle { task: task_id() };
    let settled = accepted(&view(Status::Todo), settle());
    assert!(moves_subject(&settled, Resting::Ready));
    for status in Status::ALL.iter().filter(|status| **status != Status::Todo) {
        assert_eq!(refused(&view(*status), settle()), "wrong_status", "{status}");
    }
}

#[test]
fn d10_s7_a_wait_that_another_program_let_begin_for_nothing_comes_round_a_few_times_only() {
    let waited = |recurrences| {
        with(view(Status::Todo), |task| {
            task.block = BlockMemory { kind: Some(BlockKind::Dependency), recurrences };
        })
    };
    let settled = |recurrences| accepted(&waited(recurrences), Settle { task: task_id() });
    for before in 0..DEPENDENCY_WAITS_MAX - 1 {
        let transition = settled(before);
        assert_eq!(status(&transition), Status::Ready);
        assert_eq!(state(&transition).block.recurrences, before + 1);
    }
    for before in [DEPENDENCY_WAITS_MAX - 1, DEPENDENCY_WAITS_MAX, i64::MAX] {
        assert_eq!(status(&settled(before)), Status::Blocked);
    }
}

#[test]
fn a_persons_decision_begins_the_count_of_failures_anew() {
    let failed = |status| {
        with(view(status), |task| {
            task.consecutive_failures = 2;
            task.hold.failures = FailureCounts { crash: 2, ..FailureCounts::default() };
            task.hold.not_before = Some(NOW + Seconds(60));
        })
    };
    let promote = Promote { task: task_id(), reason: None, parents: PastParents::Wait };
    for transition in [
        accepted(&failed(Status::Blocked), promote),
        accepted(&failed(Status::Blocked), Unblock { task: task_id(), reason: None }),
    ] {
        assert_eq!(state(&transition).failures, 0);
        assert_eq!(hold(&transition), Some(&Hold::default()));
    }
}

#[test]
fn a_task_wakes_at_its_time_and_not_before() {
    let scheduled = |due| with(view(Status::Scheduled), |task| task.hold.due_at = Some(due));
    let wake = || Due { task: task_id() };
    assert_eq!(refused(&scheduled(NOW + Seconds(1)), wake()), "nothing_to_do");
    let woken = accepted(&scheduled(NOW), wake());
    assert_eq!(status(&woken), Status::Ready);
    assert_eq!(hold(&woken).map(|hold| hold.due_at), Some(None));
    assert_eq!(status(&accepted(&waiting(scheduled(NOW)), wake())), Status::Todo);
}
