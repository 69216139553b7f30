//! A worker's output: copied into the task's log while it runs, rotated while it runs (D37).
//!
//! One thread does it. It never stops reading: a full disk costs log lines, not the worker.

mod log;

pub use log::{Log, LogError, Rotation};

use crate::wait;
use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Bytes of the output's end kept for error messages: a page holds any sensible message, and a
/// board event is not the place for more.
pub const TAIL_BYTES: usize = 4096;

/// Bytes of a character after its first one, at most.
const CHARACTER_REST_MAX: usize = 3;

/// Bytes copied at a time: a quarter of a pipe's usual capacity.
const CHUNK_BYTES: usize = 16 * 1024;

/// Stack of the thread, which has a small depth and one heap buffer.
const STACK_BYTES: usize = 128 * 1024;

/// Time given to what is still in the pipe once the tree is gone: a pipe holds 64 KiB, and only a
/// process outside the tree that got hold of the writing end could keep it filled.
const DRAIN_WAIT: Duration = Duration::from_secs(2);

/// What the pump did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pumped {
    /// Bytes read from the worker.
    pub read: u64,
    /// Bytes that could not be written to the log.
    pub dropped: u64,
    /// Text of the first failure to write.
    pub first_error: Option<String>,
    /// The last [`TAIL_BYTES`], damaged characters replaced.
    pub tail: String,
}

/// The copying thread.
#[derive(Debug)]
pub struct Pump {
    shared: Arc<Shared>,
    stop: OwnedFd,
    thread: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    begun: Instant,
    /// Milliseconds from `begun` to the last output.
    last_output_ms: AtomicU64,
    pumped: Mutex<Totals>,
}

#[derive(Debug, Default)]
struct Totals {
    read: u64,
    dropped: u64,
    first_error: Option<String>,
    tail: VecDeque<u8>,
}

impl Pump {
    /// Starts copying from the reading end of a worker's output.
    pub fn start(output: OwnedFd, log: Log) -> io::Result<Self> {
        let stop = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let told = stop.try_clone()?;
        rustix::io::ioctl_fionbio(&output, true)?;
        let shared = Arc::new(Shared {
            begun: Instant::now(),
            last_output_ms: AtomicU64::new(0),
            pumped: Mutex::new(Totals::default()),
        });
        let for_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("output".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || copy(File::from(output), log, &told, &for_thread))?;
        Ok(Self { shared, stop, thread })
    }

    /// When the worker last wrote something; at first, when copying began.
    pub fn last_output(&self) -> Instant {
        let ms = self.shared.last_output_ms.load(Ordering::Relaxed);
        self.shared.begun + Duration::from_millis(ms)
    }

    /// Copies what is left and ends the thread. To be called once the tree is gone: from then on
    /// nobody is waited for who still holds the writing end.
    pub fn finish(self) -> Pumped {
        // The thread ends at the end of the output by itself; then this tells nobody.
        rustix::io::write(&self.stop, &1_u64.to_ne_bytes()).ok();
        let panicked = self.thread.join().is_err();
        let totals = self.shared.pumped.lock().unwrap_or_else(PoisonError::into_inner);
        // Where the beginning was cut off, the rest of a character that began before it goes, too.
        let was_cut = totals.read > totals.tail.len() as u64;
        let rest =
            totals.tail.iter().take(CHARACTER_REST_MAX).take_while(|byte| **byte >> 6 == 0b10);
        let skipped = if was_cut { rest.count() } else { 0 };
        let tail: Vec<u8> = totals.tail.iter().skip(skipped).copied().collect();
        Pumped {
            read: totals.read,
            dropped: totals.dropped,
            first_error: match &totals.first_error {
                None if panicked => Some("the copying thread panicked".to_owned()),
                first => first.clone(),
            },
            tail: String::from_utf8_lossy(&tail).into_owned(),
        }
    }
}

fn copy(mut output: File, mut log: Log, told: &OwnedFd, shared: &Shared) {
    copy_all(&mut output, &mut log, told, shared);
    // Where that cannot be written either, nothing but the disk knows better.
    log.tell_missing().ok();
}

fn copy_all(output: &mut File, log: &mut Log, told: &OwnedFd, shared: &Shared) {
    let mut chunk = vec![0; CHUNK_BYTES];
    // Set when told to stop: then only what is there already is copied.
    let mut drain_until: Option<Instant> = None;
    loop {
        match output.read(&mut chunk) {
            Ok(0) => return,
            Ok(bytes) => {
                shared.take(&chunk[..bytes], log);
                if drain_until.is_some_and(|at| Instant::now() >= at) {
                    return;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if drain_until.is_some() {
                    return;
                }
                let mut fds =
                    [PollFd::new(output, PollFlags::IN), PollFd::new(told, PollFlags::IN)];
                if wait::until(&mut fds, None).is_err() {
                    return;
                }
                if !fds[1].revents().is_empty() {
                    drain_until = Some(Instant::now() + DRAIN_WAIT);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

impl Shared {
    fn take(&self, bytes: &[u8], log: &mut Log) {
        let ms = self.begun.elapsed().as_millis();
        self.last_output_ms.store(u64::try_from(ms).unwrap_or(u64::MAX), Ordering::Relaxed);
        let written = log.append(bytes);
        let mut totals = self.pumped.lock().unwrap_or_else(PoisonError::into_inner);
        totals.read += bytes.len() as u64;
        if let Err((error, lost)) = written {
            totals.dropped += lost as u64;
            totals.first_error.get_or_insert_with(|| error.to_string());
        }
        let kept = &bytes[bytes.len().saturating_sub(TAIL_BYTES)..];
        let excess = (totals.tail.len() + kept.len()).saturating_sub(TAIL_BYTES);
        totals.tail.drain(..excess);
        totals.tail.extend(kept);
    }
}
