//! One client, one command after the other: creating, and claiming and completing a single task.

use crate::answer::{self, Errors};
use crate::board::Client;
use crate::{Answer, Failure, gate};
use std::path::Path;
use std::time::{Duration, Instant};

/// Enough for the first calls' costs (page cache, statements) to be over.
const WARM_UP: usize = 20;
/// One sample is a number, three are the least that have a median.
const SAMPLES_MIN: usize = 3;

/// Creates tasks after the common start of many processes.
pub(crate) fn burst(board: &Path, tasks: usize) -> Answer {
    let client = Client::open(board)?;
    gate::wait_for_go()?;
    Ok(Some(create_tasks(&client, tasks)))
}

/// Creates tasks one by one.
pub(crate) fn create(board: &Path, tasks: usize) -> Answer {
    let client = Client::open_or_create(board)?;
    for number in 0..WARM_UP {
        client.create(format!("warm up {number}"))?;
    }
    Ok(Some(create_tasks(&client, tasks)))
}

fn create_tasks(client: &Client, tasks: usize) -> serde_json::Value {
    let mut errors = Errors::default();
    let started = Instant::now();
    for number in 0..tasks {
        if let Err(error) = client.create(format!("task {number}")) {
            errors.add(&error);
        }
    }
    let took = started.elapsed();
    answer::rate(tasks - errors.count, took, &errors, client.sync_mode())
}

/// Claims and completes single tasks on whatever board there is.
pub(crate) fn one(board: &Path, samples_max: usize, seconds_max: u64) -> Answer {
    let client = Client::open(board)?;
    for number in 0..WARM_UP {
        client.cycle(&client.create(format!("warm up {number}"))?)?;
    }
    let deadline = Instant::now() + Duration::from_secs(seconds_max);
    let mut spans = Vec::new();
    while spans.len() < samples_max && (spans.len() < SAMPLES_MIN || Instant::now() < deadline) {
        spans.push(one_cycle(&client, spans.len())?);
    }
    Ok(Some(answer::times(spans, client.sync_mode())))
}

fn one_cycle(client: &Client, number: usize) -> Result<f64, Failure> {
    let task = client.create(format!("task {number}"))?;
    let started = Instant::now();
    client.cycle(&task)?;
    Ok(answer::microseconds(started.elapsed()))
}
