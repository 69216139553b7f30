//! What a simulated process does with its life: it opens the board, sends commands, reads, watches,
//! closes, and may begin anew or die anywhere.

use super::history::{Came, Entry, History};
use super::sea::{Sea, Shared};
use super::turns::seat;
use crate::fixture::verbs;
use crate::torture::chance::Chance;
use andon_core::actor::Actor;
use andon_core::command::Command;
use andon_core::command::comment::Comment;
use andon_core::command::create::Create;
use andon_core::command::link::Link;
use andon_core::command::reclaim::Reclaim;
use andon_core::id::{OpId, TaskId};
use andon_core::transition::Outcome;
use andon_store::{EventFilter, ListFilter, Read, Request, Store, StoreError, Watch};
use andon_store_sqlite::{Guarding, Options, SqliteStore};
use rusqlite::{Connection, OpenFlags};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Processes that sit at one place one after the other, where each is killed.
const LIVES_MAX: usize = 3;
/// Times that one process opens the board.
const OPENINGS_MAX: usize = 3;
/// How long a lock of SQLite is waited for, on the simulated clock.
const BUSY: Duration = Duration::from_secs(10);

/// A thread's part of a schedule.
pub(super) fn live(sea: &Arc<Sea>, history: &History, at: usize, mut chance: Chance) {
    let shared = Shared(Arc::clone(sea));
    sea.turns.sit(at);
    let world = andon_sim_vfs::enter(Arc::new(shared.clone()));
    let hooks = andon_faults::interfere(Rc::new(shared));
    for _life in 0..LIVES_MAX {
        sea.begin_process(at);
        let is_stranger = at == 0 && sea.plan.has_stranger;
        let life = || {
            if is_stranger {
                stranger(sea, history, &mut chance);
            } else {
                process(sea, history, &mut chance);
            }
        };
        if catch_unwind(AssertUnwindSafe(life)).is_err() && !sea.turns.is_ended(at) {
            history.complain("a process panicked".to_owned());
        }
        if !sea.turns.is_ended(at) {
            break;
        }
        sea.bury(at);
    }
    drop((world, hooks));
    sea.turns.leave(at);
}

fn is_dead(sea: &Sea) -> bool {
    seat().is_some_and(|seat| sea.turns.is_ended(seat))
}

/// One of ours.
fn process(sea: &Sea, history: &History, chance: &mut Chance) {
    let guard = chance.below(10) < sea.plan.guards_in_ten;
    let options = Options {
        busy: BUSY,
        checkpoint_pages: sea.plan.checkpoint_pages,
        writer_lock: sea.plan.writer_lock,
        guard: if guard { Guarding::Hold } else { Guarding::None },
    };
    for _opening in 0..OPENINGS_MAX {
        let environment = sea.outside.environment();
        let makes = !sea.plan.begins_with_board;
        let opened = if makes {
            SqliteStore::create(&sea.board(), options.clone(), environment)
        } else {
            SqliteStore::open(&sea.board(), options.clone(), environment)
        };
        if is_dead(sea) {
            return;
        }
        match opened {
            Ok(store) => {
                let begun = sea.turns.steps();
                let at_desk = Desk { sea, history, store: &store, opened: begun, newest: None };
                if !at_desk.work(chance) {
                    return;
                }
            }
            Err(error) => history.judge(sea, "open", &error),
        }
        if is_dead(sea) {
            return;
        }
    }
}

struct Desk<'d> {
    sea: &'d Sea,
    history: &'d History,
    store: &'d SqliteStore,
    opened: u64,
    /// The watch, and when it last looked.
    newest: Option<(Box<dyn Watch>, u64)>,
}

impl Desk<'_> {
    /// Works for a while; tells whether the board should be opened anew.
    fn work(mut self, chance: &mut Chance) -> bool {
        for _nth in 0..self.sea.plan.commands {
            let went_on = match chance.below(12) {
                0 | 1 => self.read(),
                2 => self.watch(),
                _ => self.command(chance),
            };
            if is_dead(self.sea) {
                return false;
            }
            if let Err(error) = went_on {
                self.history.judge(self.sea, "work", &error);
                // A handle whose files were replaced is dead for good.
                if matches!(error, StoreError::Replaced { .. }) {
                    return true;
                }
            }
        }
        chance.once_in(4)
    }

    fn command(&mut self, chance: &mut Chance) -> Result<(), StoreError> {
        let command = self.history.with_tasks(|tasks| draw(tasks, chance));
        let nth = self.history.next_op();
        let op = OpId::new(nth, [0x5C; 10]);
        let mut entry = Entry::new(op, &command, self.opened, self.sea.turns.steps());
        let request = Request { op, actor: Actor::human("process"), command };
        let answer = self.store.apply(request);
        entry.ended = self.sea.turns.steps();
        let mut failed = Ok(());
        entry.came = match answer {
            // Nobody hears the answer of a dead process.
            _ if is_dead(self.sea) => Came::Unknown,
            Ok(applied) => {
                if let Outcome::Created { task, .. } = &applied.outcome {
                    self.history.with_tasks(|tasks| tasks.push(task.clone()));
                    entry.task = Some(task.clone());
                }
                entry.claims = matches!(applied.outcome, Outcome::Claimed { .. });
                Came::Done { event: applied.event.map(|event| event.0) }
            }
            Err(StoreError::Rejected(_)) => Came::Refused,
            Err(error @ StoreError::Unknown { .. }) => {
                failed = Err(error);
                Came::Unknown
            }
            Err(error) => {
                failed = Err(error);
                Came::Refused
            }
        };
        self.sea.trace.add(|| format!("   {entry:?}"));
        self.sea.turns.take_note(entry.came.number());
        self.history.put(entry);
        failed
    }

    /// What was acknowledged before must be seen.
    fn read(&self) -> Result<(), StoreError> {
        let newest = self.history.newest_event();
        let seen = self.store.event_last()?;
        let filter = EventFilter { limit: 50, ..EventFilter::default() };
        let events = self.store.event_list(&filter)?;
        self.store.task_list(&ListFilter::default())?;
        if is_dead(self.sea) || self.sea.is_lossy() {
            return Ok(());
        }
        if seen.map(|event| event.0) < newest {
            self.history.complain(format!("a read saw {seen:?} after {newest:?} was acknowledged"));
        }
        if !events.is_sorted_by_key(|event| event.id) {
            self.history.complain("events were read out of order".to_owned());
        }
        Ok(())
    }

    /// A watch that looks must notice what was committed since it last did.
    fn watch(&mut self) -> Result<(), StoreError> {
        let Some((watch, since)) = &mut self.newest else {
            let watch = self.store.watch()?;
            self.newest = Some((watch, self.sea.turns.steps()));
            return Ok(());
        };
        let must = self.history.committed_between(*since, self.sea.turns.steps());
        let noticed = watch.changed()?;
        *since = self.sea.turns.steps();
        if must && !noticed && !is_dead(self.sea) && !self.sea.is_lossy() {
            self.history.complain("a watch did not notice a commit".to_owned());
        }
        Ok(())
    }
}

/// Any command, about tasks that there are.
fn draw(tasks: &[TaskId], chance: &mut Chance) -> Command {
    let create = |parents| Create { title: "a task".to_owned(), parents, ..Create::default() };
    let Some(task) = tasks.get(chance.below(tasks.len())).cloned() else {
        return create(Vec::new()).into();
    };
    let other = tasks[chance.below(tasks.len())].clone();
    match chance.below(10) {
        0 | 1 => create(vec![task]).into(),
        2 => create(Vec::new()).into(),
        3 | 4 => verbs::claim(&task).into(),
        5 => verbs::complete(&task).into(),
        6 => Reclaim { task, reason: None }.into(),
        7 => Link { parent: task, child: other }.into(),
        8 => verbs::heartbeat(&task, None).into(),
        _ => {
            let (author, body) = ("process".to_owned(), "x".repeat(20 + chance.below(3_000)));
            Comment { task, author, body }.into()
        }
    }
}

/// A program that knows nothing of us: it writes under SQLite's locks alone, and when it closes as
/// the last one it takes the log away.
fn stranger(sea: &Sea, history: &History, chance: &mut Chance) {
    for _nth in 0..sea.plan.commands {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let wrote = Connection::open_with_flags(sea.board(), flags).and_then(|db| {
            db.busy_timeout(BUSY)?;
            let body = "y".repeat(10 + chance.below(2_000));
            let insert = "INSERT INTO task_comments (task_id, author, body, created_at) \
                          SELECT id, 'stranger', ?1, 1 FROM tasks LIMIT 1";
            db.execute(insert, [body])?;
            db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
        });
        if is_dead(sea) {
            return;
        }
        if let Err(error) = wrote {
            history.judge_stranger(sea, &error);
        }
    }
}
