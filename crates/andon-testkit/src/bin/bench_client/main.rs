//! The program that `cargo xtask bench` measures with: Andon's library as a client uses it, the
//! bare probes that say what the machine can do, and the smallest worker.
//!
//! `bench_client VERB ARGUMENTS…` answers with one line of JSON. It compares and prints nothing for
//! people; that is the bench's part.

#![expect(clippy::print_stdout, reason = "a program answers on its standard output")]
#![expect(clippy::print_stderr, reason = "a program complains on its standard error")]

mod answer;
mod bare_rows;
mod board;
mod bulk;
mod crowd;
mod disk;
mod gate;
mod latency;
mod probe;
mod single;
mod spin;
mod stamp;
mod tick;

use std::error::Error;
use std::process::ExitCode;
use std::time::SystemTime;

/// Whatever stops a measurement; there is nobody to handle it, so it is only shown.
type Failure = Box<dyn Error>;
/// What a verb comes to: a line of JSON, or nothing where the verb has written its own output.
type Answer = Result<Option<serde_json::Value>, Failure>;

fn main() -> ExitCode {
    // First of all, because the verb `stamp` records when a worker's first instruction ran.
    let started = SystemTime::now();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run(&words, started) {
        Ok(answer) => {
            if let Some(answer) = answer {
                println!("{answer}");
            }
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("bench_client {}: {failure}", words.join(" "));
            ExitCode::FAILURE
        }
    }
}

const USAGE: &str = "verbs:
  versions
  disk    DIRECTORY SAMPLES        one 4 KiB write and its sync, overwriting and appending
  probe   FILE TASKS PER_COMMIT    two bare tables: a task's row and an event's row for each step
  rows    BOARD TASKS PER_COMMIT   the same on a board: the rows of a task, a run and an event
  init    BOARD
  fill    BOARD TASKS              waiting tasks, by bulk statements
  audit   BOARD
  burst   BOARD TASKS              creates after a common start
  create  BOARD TASKS              creates one by one
  cycle   BOARD TASKS THREADS      claims and completes
  spin    BOARD TASKS THREADS ROUNDS
  one     BOARD SAMPLES_MAX SECONDS_MAX
  tick    BOARD SAMPLES_MAX SECONDS_MAX
  latency BOARD TASKS DIRECTORY PROFILE
  queue   BOARD PROFILE            makes one ready task
  stamp   FILE                     the worker of `latency`
  sleep   FILE STOP_FILE           a worker that waits";

fn run(words: &[&str], started: SystemTime) -> Answer {
    match words {
        ["versions"] => Ok(Some(probe::versions())),
        ["disk", directory, samples] => disk::run(directory.as_ref(), samples.parse()?),
        ["probe", file, tasks, each] => probe::run(file.as_ref(), tasks.parse()?, each.parse()?),
        ["rows", board, tasks, each] => {
            bare_rows::run(board.as_ref(), tasks.parse()?, each.parse()?)
        }
        ["init", board] => board::init(board.as_ref()),
        ["fill", board, tasks] => bulk::fill(board.as_ref(), tasks.parse()?),
        ["audit", board] => bulk::audit(board.as_ref()),
        ["burst", board, tasks] => single::burst(board.as_ref(), tasks.parse()?),
        ["create", board, tasks] => single::create(board.as_ref(), tasks.parse()?),
        ["cycle", board, tasks, threads] => {
            crowd::run(board.as_ref(), tasks.parse()?, threads.parse()?)
        }
        ["spin", board, tasks, threads, rounds] => {
            let work = crowd::Work { tasks: tasks.parse()?, threads: threads.parse()? };
            spin::run(board.as_ref(), work, rounds.parse()?)
        }
        ["one", board, samples, seconds] => {
            single::one(board.as_ref(), samples.parse()?, seconds.parse()?)
        }
        ["tick", board, samples, seconds] => {
            tick::run(board.as_ref(), samples.parse()?, seconds.parse()?)
        }
        ["latency", board, tasks, directory, profile] => {
            latency::run(board.as_ref(), tasks.parse()?, directory.as_ref(), profile)
        }
        ["queue", board, profile] => latency::queue(board.as_ref(), profile),
        ["stamp", file] => stamp::write(file.as_ref(), started).map(|()| None),
        ["sleep", file, stop] => stamp::sleep(file.as_ref(), stop.as_ref()).map(|()| None),
        _ => Err(USAGE.into()),
    }
}
