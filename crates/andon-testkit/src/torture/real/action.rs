//! What a client does next: mostly what real ones do, at times what only confused ones do.

use super::client::Client;
use super::home::{GREEDY, RECORDER};
use crate::torture::Failure;
use andon_core::command::archive::Archive;
use andon_core::command::assign::{Assign, Occasion};
use andon_core::command::block::Block;
use andon_core::command::cancel::Cancel;
use andon_core::command::claim::{Claim, Holder};
use andon_core::command::comment::Comment;
use andon_core::command::complete::{Complete, Handoff};
use andon_core::command::create::{Begin, Create};
use andon_core::command::edit::Edit;
use andon_core::command::heartbeat::{Heartbeat, Sign};
use andon_core::command::link::Link;
use andon_core::command::promote::Promote;
use andon_core::command::reclaim::Reclaim;
use andon_core::command::unblock::Unblock;
use andon_core::command::unlink::Unlink;
use andon_core::id::{Assignee, ClaimLock, RunId, TaskId};
use andon_core::task::{BlockKind, PastParents, Status};
use andon_core::time::Timestamp;
use andon_core::transition::{Fields, Outcome};
use andon_store::{Clock, ListFilter, QueueEntry, Read, SortOrder, SystemClock};

/// Tasks that a client remembers. The fewer, the more often two of them mean the same one.
const KNOWN_MAX: usize = 40;
/// Runs of its own that it remembers after they ended.
const PAST_MAX: usize = 20;
/// Tasks that it holds at once before it finishes one.
const HELD_MAX: usize = 6;
/// Heads of each queue among which it chooses: all clients see the same few.
const HEADS: usize = 3;
/// One task in so many is for a dispatcher's worker; one of those in so many is a greedy one.
const DISPATCHED_EVERY: usize = 10;
/// Clients leave such tasks to the dispatchers, but for one claim in so many.
const POACHED_EVERY: usize = 8;
const GREEDY_EVERY: usize = 12;

/// Does one thing.
pub(super) fn next(client: &mut Client) -> Result<(), Failure> {
    match client.chance.below(100) {
        0..14 => create(client),
        14..34 => claim(client),
        34..52 => beat(client),
        52..72 => complete(client),
        72..75 => block(client),
        75..79 => late(client),
        79..86 => comment(client),
        86..89 => link(client),
        89..92 => edit(client),
        92..95 => unblock(client),
        95..98 => intervene(client),
        _ => look(client),
    }
}

fn create(client: &mut Client) -> Result<(), Failure> {
    let dispatched = client.chance.once_in(DISPATCHED_EVERY);
    let greedy = dispatched && client.chance.once_in(GREEDY_EVERY);
    let assignee = dispatched.then_some(if greedy { GREEDY } else { RECORDER });
    let endings: &[&str] = if greedy { &["greedy"] } else { &["exit", "report"] };
    let parent = client.chance.once_in(3).then(|| pick(client)).flatten();
    let begin = match client.chance.below(30) {
        0 => Begin::Blocked,
        1 => Begin::Triage,
        2 => Begin::At(Timestamp(SystemClock.now().0 + 4_500)),
        _ => Begin::Normal,
    };
    let create = Create {
        title: format!("task of {}", std::process::id()),
        body: client.chance.pick(endings).map(|ending| (*ending).to_owned()),
        assignee: assignee.map(|name| Assignee::parse(name).expect("profiles have legal names")),
        parents: parent.into_iter().collect(),
        priority: i64::try_from(client.chance.below(4)).unwrap_or(0),
        max_retries: greedy.then_some(1),
        begin,
        ..Create::default()
    };
    if let Ok(applied) = client.ask(create)?
        && let Outcome::Created { task, .. } = applied.outcome
    {
        remember(client, task);
    }
    Ok(())
}

fn claim(client: &mut Client) -> Result<(), Failure> {
    if client.held.len() >= HELD_MAX {
        return complete(client);
    }
    let Ok(heads) = client.store.queue_heads(SystemClock.now(), HEADS) else { return Ok(()) };
    let poaches = client.chance.once_in(POACHED_EVERY);
    let for_worker = |head: &QueueEntry| {
        head.assignee.as_ref().is_some_and(|name| [RECORDER, GREEDY].contains(&name.as_str()))
    };
    let heads: Vec<_> = heads.into_iter().filter(|head| poaches || !for_worker(head)).collect();
    let Some(task) = client.chance.pick(&heads).map(|head| head.task.clone()) else {
        return create(client);
    };
    let lock = ClaimLock::new("torture", std::process::id(), client.chance.draw());
    let claim = Claim { task: task.clone(), lock, ttl: None, holder: Holder::Outside };
    if let Ok(applied) = client.ask(claim)?
        && let (Outcome::Claimed { .. }, Some(run)) = (applied.outcome, applied.run)
    {
        client.held.push((task, run));
    }
    Ok(())
}

fn beat(client: &mut Client) -> Result<(), Failure> {
    let Some((task, run)) = client.chance.pick(&client.held).cloned() else {
        return comment(client);
    };
    let note = client.chance.once_in(2).then(|| "at work".to_owned());
    let sign = Sign::Worker { note };
    let answer = client.ask(Heartbeat { task, expected_run: Some(run), lock: None, sign })?;
    if answer.is_err() {
        release(client, run);
    }
    Ok(())
}

fn complete(client: &mut Client) -> Result<(), Failure> {
    let Some((task, run)) = client.chance.pick(&client.held).cloned() else { return claim(client) };
    complete_as(client, task, run)
}

fn complete_as(client: &mut Client, task: TaskId, run: RunId) -> Result<(), Failure> {
    let handoff = Handoff { summary: Some("it is done".to_owned()), ..Handoff::default() };
    let created_cards = Vec::new();
    let _answer = client.ask(Complete { task, handoff, created_cards, expected_run: Some(run) })?;
    release(client, run);
    Ok(())
}

fn block(client: &mut Client) -> Result<(), Failure> {
    let Some((task, run)) = client.chance.pick(&client.held).cloned() else { return Ok(()) };
    let kind = client.chance.pick(BlockKind::ALL).copied();
    let reason = Some("it must wait".to_owned());
    let _answer = client.ask(Block { task, reason, kind, expected_run: Some(run) })?;
    release(client, run);
    Ok(())
}

/// Writes for a run that ended long ago: each such write must be refused.
fn late(client: &mut Client) -> Result<(), Failure> {
    let Some((task, run)) = client.chance.pick(&client.past).cloned() else { return Ok(()) };
    if client.chance.once_in(2) {
        return complete_as(client, task, run);
    }
    let sign = Sign::Worker { note: Some("still here".to_owned()) };
    let _answer = client.ask(Heartbeat { task, expected_run: Some(run), lock: None, sign })?;
    Ok(())
}

fn comment(client: &mut Client) -> Result<(), Failure> {
    let Some(task) = pick(client) else { return create(client) };
    let body = "a remark that takes some room ".repeat(1 + client.chance.below(6));
    let _answer = client.ask(Comment { task, author: "client".to_owned(), body })?;
    Ok(())
}

fn link(client: &mut Client) -> Result<(), Failure> {
    let (Some(parent), Some(child)) = (pick(client), pick(client)) else { return Ok(()) };
    let _answer = if client.chance.once_in(3) {
        client.ask(Unlink { parent, child })?
    } else {
        client.ask(Link { parent, child })?
    };
    Ok(())
}

fn edit(client: &mut Client) -> Result<(), Failure> {
    let Some(task) = pick(client) else { return Ok(()) };
    let _answer = if client.chance.once_in(3) {
        let assignee = client.chance.once_in(2).then_some("somebody");
        let assignee = assignee.map(|name| Assignee::parse(name).expect("a legal name"));
        client.ask(Assign { task, assignee, occasion: Occasion::Asked })?
    } else {
        let priority = Some(i64::try_from(client.chance.below(4)).unwrap_or(0));
        client.ask(Edit { task, fields: Fields { priority, ..Fields::default() } })?
    };
    Ok(())
}

fn unblock(client: &mut Client) -> Result<(), Failure> {
    let statuses = vec![Status::Blocked, Status::Triage, Status::Scheduled];
    let sort = SortOrder::CreatedDesc;
    let filter = ListFilter { statuses, sort, limit: Some(KNOWN_MAX), ..ListFilter::default() };
    let Ok(tasks) = client.store.task_list(&filter) else { return Ok(()) };
    let Some(task) = client.chance.pick(&tasks).map(|task| task.id.clone()) else { return Ok(()) };
    let _answer = client.ask(Unblock { task, reason: None })?;
    Ok(())
}

/// What a person does to tasks that go wrong.
fn intervene(client: &mut Client) -> Result<(), Failure> {
    let Some(task) = pick(client) else { return Ok(()) };
    let reason = None;
    let _answer = match client.chance.below(4) {
        0 => client.ask(Archive { task })?,
        1 => client.ask(Cancel { task, reason })?,
        2 => client.ask(Reclaim { task, reason })?,
        _ => {
            let parents =
                if client.chance.once_in(4) { PastParents::Overruled } else { PastParents::Wait };
            client.ask(Promote { task, reason, parents })?
        }
    };
    Ok(())
}

/// Reads, and learns of tasks of others.
fn look(client: &mut Client) -> Result<(), Failure> {
    let Ok(running) = client.store.run_open_list() else { return Ok(()) };
    if let Some(task) = client.chance.pick(&running).map(|row| row.task.clone()) {
        remember(client, task);
    }
    Ok(())
}

fn pick(client: &mut Client) -> Option<TaskId> {
    client.chance.pick(&client.known).cloned()
}

fn remember(client: &mut Client, task: TaskId) {
    if client.known.len() >= KNOWN_MAX {
        let place = client.chance.below(KNOWN_MAX);
        client.known[place] = task;
    } else {
        client.known.push(task);
    }
}

fn release(client: &mut Client, run: RunId) {
    let Some(place) = client.held.iter().position(|(_, held)| *held == run) else { return };
    let ended = client.held.swap_remove(place);
    if client.past.len() >= PAST_MAX {
        client.past.remove(0);
    }
    client.past.push(ended);
}
