//! What the commands of a batch add to the ends of the tables is written together. Each is told its
//! own event all the same, and whoever looks within the transaction finds what it has added so far.

use super::*;
use andon_core::command::claim::{Claim, Holder};
use andon_core::command::complete::Complete;
use andon_core::command::schedule::Schedule;
use andon_core::id::{ClaimLock, EventId};
use andon_core::time::Timestamp;
use andon_store::Clock;

/// More commands than one statement has rows, and a number that needs every statement.
const COMMANDS: usize = 2 * 16 + 4 + 1;

fn events(office: &Office, batch: &[Request]) -> Vec<Option<EventId>> {
    let answers = carry_out(&office.desk, &mut batch.iter().collect(), &nobody);
    answers.into_iter().map(|answer| answer.unwrap().event).collect()
}

/// Kind and task of an event.
fn event(office: &Office, id: EventId) -> (String, String) {
    let sql = "SELECT kind, task_id FROM task_events WHERE id = ?1";
    office.desk.db.query_row(sql, [id.0], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

fn noted(office: &Office, request: &Request) -> Option<i64> {
    let sql = "SELECT event_id FROM andon_ops WHERE op = ?1";
    office.desk.db.query_row(sql, [request.op.0], |row| row.get(0)).unwrap()
}

#[test]
fn each_command_of_a_batch_is_told_its_own_event() {
    let office = Office::new();
    let tasks: Vec<TaskId> = (0..5).map(|_| office.task()).collect();
    let turn = |nth: usize| match nth / 7 % 2 {
        0 => request(SetPause { turn: Turn::Pause { reason: None } }),
        _ => request(SetPause { turn: Turn::Resume }),
    };
    let batch: Vec<Request> = (0..COMMANDS)
        .map(|nth| if nth % 7 == 3 { turn(nth) } else { comment(&tasks[nth % tasks.len()]) })
        .collect();
    let before = office.count("task_events");
    let (turns, counting) = Turns::fail(None);
    let told = events(&office, &batch);
    assert_eq!(turns.get(), 1, "the first try is the last");
    drop(counting);
    let mut last = EventId(before);
    for (nth, (asked, told)) in batch.iter().zip(&told).enumerate() {
        assert_eq!(noted(&office, asked), told.map(|id| id.0), "command {nth}");
        let Some(id) = *told else {
            assert_eq!(nth % 7, 3, "only a turn of the pause writes no event");
            continue;
        };
        let task = tasks[nth % tasks.len()].to_string();
        assert_eq!(event(&office, id), ("commented".to_owned(), task), "command {nth}");
        assert!(id.0 == last.0 + 1, "the order is that of the commands");
        last = id;
    }
    assert_eq!(office.count("task_events"), last.0);
}

#[test]
fn a_command_with_more_events_than_wait_is_told_the_last_one() {
    const CHILDREN: usize = 600;
    let office = Office::new();
    let parent = office.task();
    let child = || {
        let parents = vec![parent.clone()];
        request(Create { title: "b".to_owned(), parents, ..Create::default() })
    };
    let children: Vec<Request> = (0..CHILDREN).map(|_| child()).collect();
    for some in children.chunks(BATCH_MAX) {
        events(&office, some);
    }
    let complete = request(Complete {
        task: parent.clone(),
        handoff: Default::default(),
        created_cards: Vec::new(),
        expected_run: None,
    });
    let said = comment(&parent);
    let told = events(&office, &[complete.clone(), said.clone()]);
    let sql = "SELECT count(*), max(id) FROM task_events WHERE kind = 'promoted'";
    let (ready, newest): (i64, i64) =
        office.desk.db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(usize::try_from(ready), Ok(CHILDREN));
    assert_eq!(told[0], Some(EventId(newest)));
    assert_eq!(
        (noted(&office, &complete), noted(&office, &said)),
        (Some(newest), Some(newest + 1))
    );
}

#[test]
fn a_due_time_in_the_midst_of_a_batch_knows_its_event() {
    let office = Office::new();
    let (first, second) = (office.task(), office.task());
    let due = request(Schedule {
        task: second.clone(),
        reason: None,
        due_at: Some(Timestamp(SystemClock.now().0 + 60)),
        expected_run: None,
    });
    let told = events(&office, &[comment(&first), due, comment(&first)]);
    let sql = "SELECT due_event FROM andon_tasks WHERE task_id = ?1";
    let due_event: i64 =
        office.desk.db.query_row(sql, [second.as_str()], |row| row.get(0)).unwrap();
    assert_eq!(Some(EventId(due_event)), told[1]);
    assert_eq!(event(&office, EventId(due_event)).0, "scheduled");
    assert_eq!(told[2], Some(EventId(due_event + 1)));
}

#[test]
fn an_operation_that_comes_twice_in_one_batch_is_carried_out_once() {
    let office = Office::new();
    let task = office.task();
    // The second one would be refused: the task is claimed.
    let claim = request(Claim {
        task: task.clone(),
        lock: ClaimLock::new("here", 1, 1),
        ttl: None,
        holder: Holder::Outside,
    });
    let (turns, counting) = Turns::fail(None);
    let answers = office.answers(&[claim.clone(), claim]);
    assert!(matches!(answers[..], [Ok(_), Ok(Outcome::Unchanged)]), "{answers:?}");
    assert_eq!((turns.get(), office.count("task_runs")), (1, 1));
    drop(counting);
    // This one would not be.
    let said = comment(&task);
    let answers = office.answers(&[said.clone(), comment(&task), said]);
    assert!(matches!(answers[..], [Ok(_), Ok(_), Ok(Outcome::Unchanged)]), "{answers:?}");
    assert_eq!(office.count("task_comments"), 2);
}

#[test]
fn whoever_fails_alone_leaves_no_event_to_the_next_one() {
    let office = Office::new();
    let (parent, child, other) = (office.task(), office.task(), office.task());
    assert!(office.answers(&[link(&parent, &child)])[0].is_ok());
    office.refuse_links();
    let before = office.count("task_events");
    let (said, failing) = (comment(&child), link(&parent, &other));
    let batch = [comment(&parent), failing.clone(), said.clone()];
    let answers = carry_out(&office.desk, &mut batch.iter().collect(), &nobody);
    let [Ok(_), Err(_), Ok(last)] = &answers[..] else { panic!("{answers:?}") };
    assert_eq!(office.count("task_events"), before + 2);
    let told = last.event.unwrap();
    assert_eq!(event(&office, told), ("commented".to_owned(), child.to_string()));
    assert_eq!(noted(&office, &said), Some(told.0));
    let sql = "SELECT count(*) FROM andon_ops WHERE op = ?1";
    let kept: i64 = office.desk.db.query_row(sql, [failing.op.0], |row| row.get(0)).unwrap();
    assert_eq!(kept, 0);
}
