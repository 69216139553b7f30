//! Many threads of one process on one open board: claiming and completing, each task once.

use crate::Answer;
use crate::answer::{self, Errors};
use crate::board::Client;
use andon_core::id::TaskId;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Enough for each thread's first calls to be over.
const WARM_UP_EACH: usize = 4;

/// How much is done at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work {
    pub(crate) tasks: usize,
    pub(crate) threads: usize,
}

/// Creates the tasks, which is not timed, then claims and completes all of them.
pub(crate) fn run(board: &Path, tasks: usize, threads: usize) -> Answer {
    let client = Client::open_or_create(board)?;
    let warm_up = create(&client, Work { tasks: WARM_UP_EACH * threads, threads });
    cycle(&client, &warm_up, threads);
    let ready = create(&client, Work { tasks, threads });
    let (took, errors) = cycle(&client, &ready, threads);
    if ready.len() != tasks {
        return Err(format!("{} of {tasks} tasks were created", ready.len()).into());
    }
    Ok(Some(answer::rate(tasks - errors.count, took, &errors, client.sync_mode())))
}

/// Creates tasks with all threads; those that fail are missing in the answer.
pub(crate) fn create(client: &Client, work: Work) -> Vec<TaskId> {
    let created = Mutex::new(Vec::with_capacity(work.tasks));
    share(work, |number| {
        let task = client.create(format!("task {number}"))?;
        created.lock().unwrap_or_else(PoisonError::into_inner).push(task);
        Ok(())
    });
    created.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Claims and completes every task with all threads.
pub(crate) fn cycle(client: &Client, ready: &[TaskId], threads: usize) -> (Duration, Errors) {
    share(Work { tasks: ready.len(), threads }, |number| client.cycle(&ready[number]))
}

/// Does every number once, whichever thread comes first, and takes the time from a common start to
/// the last one's end.
fn share(
    work: Work,
    one: impl Fn(usize) -> Result<(), crate::Failure> + Sync,
) -> (Duration, Errors) {
    let next = AtomicUsize::new(0);
    let start = Barrier::new(work.threads + 1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..work.threads)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    let mut errors = Errors::default();
                    loop {
                        // Ends because the numbers run out.
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= work.tasks {
                            return errors;
                        }
                        if let Err(error) = one(number) {
                            errors.add(&error);
                        }
                    }
                })
            })
            .collect();
        start.wait();
        let started = Instant::now();
        let mut errors = Errors::default();
        for thread in threads {
            errors.merge(thread.join().expect("a thread of the bench does not panic"));
        }
        (started.elapsed(), errors)
    })
}
