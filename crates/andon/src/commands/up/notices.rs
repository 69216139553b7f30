//! What dispatchers tell, carried from their threads to the one that prints.

use crate::error::CliError;
use crate::when;
use andon_core::id::{BoardSlug, RunId, TaskId};
use andon_core::task::Status;
use andon_core::time::Timestamp;
use andon_daemon::dispatcher::{Notice, Observer, TickReport};
use andon_daemon::supervise::Change;
use rustix::event::{EventfdFlags, eventfd};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

/// Messages that may wait to be printed. A reader that falls so far behind misses some rather than
/// keep a dispatcher waiting: what counts is on the board.
const WAITING_MAX: usize = 10_000;

/// One thing that happened.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) board: Option<BoardSlug>,
    /// Stable name.
    pub(super) kind: &'static str,
    pub(super) task: Option<TaskId>,
    pub(super) run: Option<RunId>,
    pub(super) text: String,
}

/// Where messages arrive.
pub(super) struct Inbox {
    receiver: Receiver<Message>,
    bell: Arc<OwnedFd>,
}

/// Where dispatchers put them.
#[derive(Clone)]
pub(super) struct Outbox {
    sender: SyncSender<Message>,
    bell: Arc<OwnedFd>,
}

impl Inbox {
    /// A pair of ends.
    pub(super) fn open() -> Result<(Self, Outbox), CliError> {
        let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
            .map_err(|error| CliError::io("cannot make an event", &error.into()))?;
        let bell = Arc::new(bell);
        let (sender, receiver) = sync_channel(WAITING_MAX);
        Ok((Self { receiver, bell: Arc::clone(&bell) }, Outbox { sender, bell }))
    }

    /// What has arrived.
    pub(super) fn take(&self) -> Vec<Message> {
        self.receiver.try_iter().collect()
    }

    /// Readable when something has arrived.
    pub(super) fn wake(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }

    /// Forgets the ringing; to be called before [`Inbox::take`].
    pub(super) fn clear(&self) {
        rustix::io::read(&self.bell, &mut [0; 8]).ok();
    }
}

impl Outbox {
    /// Wakes the reader.
    pub(super) fn ring(&self) {
        // A counter that is full has been rung often enough.
        rustix::io::write(&self.bell, &1_u64.to_ne_bytes()).ok();
    }

    fn put(&self, message: Message) {
        match self.sender.try_send(message) {
            // A full box or a reader that has left: see WAITING_MAX.
            Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => self.ring(),
        }
    }

    /// Hears what becomes of boards.
    pub(super) fn listener(&self) -> impl Fn(&Change<'_>) + Send + Sync + 'static {
        let outbox = self.clone();
        move |change| {
            let (board, kind, text) = match change {
                Change::Added(board) => (Some(*board), "added", String::new()),
                Change::Removed(board) => {
                    (Some(*board), "removed", "its dispatcher has stopped".into())
                }
                Change::NotReloaded { board, why } => {
                    let text = format!("its new settings cannot be used, the old ones hold: {why}");
                    (Some(*board), "not_reloaded", text)
                }
                Change::Failed { board, why } => {
                    (Some(*board), "failed", format!("cannot be served: {why}"))
                }
                Change::Unlisted { why } => {
                    (None, "unlisted", format!("the boards cannot be listed: {why}"))
                }
            };
            outbox.put(Message { board: board.cloned(), kind, task: None, run: None, text });
        }
    }
}

impl Observer for Outbox {
    fn notice(&self, board: &BoardSlug, notice: &Notice<'_>) {
        let put = |kind, task: Option<&TaskId>, run: Option<RunId>, text: String| {
            let (board, task) = (Some(board.clone()), task.cloned());
            self.put(Message { board, kind, task, run, text });
        };
        match notice {
            Notice::StandingBy { holder } => {
                let which = holder.map(|pid| format!(" (process {pid})")).unwrap_or_default();
                let text = format!(
                    "another dispatcher serves it{which}; this one takes over when that one ends"
                );
                put("standing_by", None, None, text);
            }
            Notice::Leading { adopted: 0 } => put("leading", None, None, "served from here".into()),
            Notice::Leading { adopted } => {
                let text = format!("served from here; {adopted} running workers are adopted");
                put("leading", None, None, text);
            }
            Notice::Reloaded => {
                put("reloaded", None, None, "its new settings and profiles hold".into());
            }
            Notice::Started(spawned) => {
                let (task, run) = (&spawned.task, spawned.run);
                let at = spawned.workspace.display();
                let text = format!("started {task} (run {run}, {}) in {at}", spawned.assignee);
                put("started", Some(task), Some(run), text);
            }
            Notice::StartFailed { task, error, to } => {
                let to = to.map(|to: Status| format!("; it is {to} now")).unwrap_or_default();
                put(
                    "start_failed",
                    Some(task),
                    None,
                    format!("could not start {task}: {error}{to}"),
                );
            }
            Notice::RunnerEnded { task, run } => {
                put("ended", Some(task), Some(*run), format!("run {run} of {task} ended"));
            }
            Notice::Survivors { task, run, count } => {
                let text = format!("{count} processes of {task}, run {run} cannot be ended");
                put("survivors", Some(task), Some(*run), text);
            }
            Notice::Tick(report) => tick(report, &put),
            Notice::Trouble { phase, error } => {
                let at = phase.map(|phase| format!(" ({})", phase.name())).unwrap_or_default();
                put("trouble", None, None, format!("trouble{at}: {error}"));
            }
            Notice::Quarantined(record) => {
                let next = when::local(Timestamp(record.next));
                let reason = &record.reason;
                let text = format!("in quarantine: {reason}; looked at again at {next}");
                put("quarantined", None, None, text);
            }
            Notice::Cleared => put("cleared", None, None, "in order again".to_owned()),
            Notice::BackedUp { path } => {
                put("backed_up", None, None, format!("backed up to {}", path.display()));
            }
            Notice::NotBackedUp { error } => {
                let text = format!("not backed up, served as before: {error}");
                put("not_backed_up", None, None, text);
            }
            Notice::Stopped => put("stopped", None, None, String::new()),
        }
    }
}

/// Sends a message: its kind, what it is about, its text.
type Put<'a> = dyn Fn(&'static str, Option<&TaskId>, Option<RunId>, String) + 'a;

/// What a pass did beside starting workers, which is told when it happens.
fn tick(report: &TickReport, put: &Put<'_>) {
    for (kind, tasks, text) in [
        ("crashed", &report.crashed, "crashed"),
        ("timed_out", &report.timed_out, "ran too long"),
        ("stale", &report.stale, "gave no sign of life"),
        ("rate_limited", &report.rate_limited, "was throttled by its provider"),
        ("gave_up", &report.auto_blocked, "failed too often and is blocked now"),
        ("assigned", &report.auto_assigned_default, "was given to the default profile"),
        ("unassigned", &report.skipped_unassigned, "waits: it belongs to nobody"),
        (
            "not_startable",
            &report.skipped_nonspawnable,
            "waits: nothing is started for its profile",
        ),
    ] {
        tasks.iter().for_each(|task| put(kind, Some(task), None, format!("{task} {text}")));
    }
    for capped in &report.skipped_per_profile_capped {
        let text =
            format!("{} waits: {} of {} run already", capped.task, capped.current, capped.profile);
        put("profile_full", Some(&capped.task), None, text);
    }
    for waiting in &report.waiting {
        let (code, text) = super::super::dispatch::told(&waiting.why);
        put(code, Some(&waiting.task), None, format!("{} waits: {text}", waiting.task));
    }
    for failure in &report.errors {
        let text = format!("{} failed: {}", failure.phase.name(), failure.error);
        put("error", failure.task.as_ref(), None, text);
    }
    if let Some(pause) = &report.paused {
        put("paused", None, None, format!("paused by {}: nothing is started", pause.by));
    }
    put("tick", None, None, String::new());
}
