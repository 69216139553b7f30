//! Git, as a bounded child process: a time limit, an end for all of it, little of its output kept.

use super::WorkspaceError;
use crate::env::Env;
use andon_runner::identity::Host;
use andon_runner::tree::{EndPolicy, Kinship, MARK_VARIABLE, Target, end_tree};
use andon_runner::wait;
use rustix::event::{PollFd, PollFlags};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::ffi::OsStr;
use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Limit of a query (dispatch reference §0.6). Queries read a few small files.
pub(super) const QUERY_LIMIT: Duration = Duration::from_secs(30);

/// Limit of `worktree add` (dispatch reference §0.6), which writes a whole checkout.
pub(super) const ADD_LIMIT: Duration = Duration::from_secs(60);

/// How an overdue Git is ended: it removes its lock files when asked.
const END: EndPolicy =
    EndPolicy { grace: Duration::from_secs(2), kill_wait: Duration::from_secs(5) };

/// Most kept of each stream. Paths and messages are short; hooks may write without end.
const OUTPUT_BYTES_MAX: usize = 16 << 10;

/// Variables that Git needs or that say how to reach a remote or a key. Those that would point it
/// at another repository, such as `GIT_DIR`, are not among them.
const INHERITED: [&str; 7] =
    ["PATH", "HOME", "USER", "XDG_CONFIG_HOME", "TMPDIR", "GIT_CONFIG_GLOBAL", "GIT_EXEC_PATH"];

/// Tells the calls of this process apart, so that ending one never ends another.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// What Git answered.
pub(super) struct Answer {
    status: ExitStatus,
    stdout: String,
    stderr: String,
}

impl Answer {
    /// What it wrote, if it succeeded.
    pub(super) fn text(&self) -> Option<&str> {
        self.status.success().then_some(self.stdout.trim_end_matches('\n'))
    }

    /// What it said about a failure.
    pub(super) fn complaint(&self) -> String {
        let said = if self.stderr.trim().is_empty() { &self.stdout } else { &self.stderr };
        said.trim().to_owned()
    }
}

/// Runs `git -C <at> <args>`. A refusal by Git is an answer; only a failure to run it, or its
/// time limit, is an error.
pub(super) fn run(
    env: &Env,
    at: &Path,
    args: &[&OsStr],
    limit: Duration,
) -> Result<Answer, WorkspaceError> {
    let mut command = Command::new("git");
    command.arg("-C").arg(at).args(args).env_clear();
    for name in INHERITED {
        if let Some(value) = env.raw(name) {
            command.env(name, value);
        }
    }
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mark = format!("git/{}/{number}", rustix::process::getpid().as_raw_pid());
    command
        .envs([("LC_ALL", "C"), ("GIT_TERMINAL_PROMPT", "0"), (MARK_VARIABLE, &mark)])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    let mut child = command.spawn().map_err(WorkspaceError::NoGit)?;
    let ended = Listening::to(&mut child).and_then(|listening| listening.until_end(limit));
    let verb =
        || args.iter().map(|arg| arg.to_string_lossy()).take(2).collect::<Vec<_>>().join(" ");
    match ended {
        Ok(Some([stdout, stderr])) => {
            let status = child.wait().map_err(WorkspaceError::NoGit)?;
            Ok(Answer { status, stdout, stderr })
        }
        Ok(None) => {
            end(&mut child, mark);
            let (path, seconds) = (at.to_owned(), limit.as_secs());
            Err(WorkspaceError::Slow { verb: verb(), path, seconds })
        }
        Err(error) => {
            end(&mut child, mark);
            Err(WorkspaceError::NoGit(error))
        }
    }
}

/// Ends Git with whatever it started, and reaps it.
fn end(child: &mut Child, mark: String) {
    let identified = Host::read().ok().and_then(|host| host.process(child.id().cast_signed()).ok());
    if let Some(worker) = identified {
        // What survives hangs in the kernel; nobody can do more about it.
        drop(end_tree(&Target { worker, mark, kinship: Kinship::Stranger }, &END));
    }
    // Both fail only if it has ended already.
    drop(child.kill());
    drop(child.try_wait());
}

/// A child whose output is read while it runs, so that it never waits for its reader.
struct Listening {
    ended: OwnedFd,
    streams: [Stream; 2],
}

struct Stream {
    source: Option<OwnedFd>,
    kept: Vec<u8>,
}

impl Listening {
    fn to(child: &mut Child) -> io::Result<Self> {
        let pid = Pid::from_raw(child.id().cast_signed()).ok_or(ErrorKind::NotFound)?;
        let ended = pidfd_open(pid, PidfdFlags::empty())?;
        let stream = |fd: Option<OwnedFd>| -> io::Result<Stream> {
            if let Some(fd) = &fd {
                rustix::io::ioctl_fionbio(fd, true)?;
            }
            Ok(Stream { source: fd, kept: Vec::new() })
        };
        let streams = [
            stream(child.stdout.take().map(OwnedFd::from))?,
            stream(child.stderr.take().map(OwnedFd::from))?,
        ];
        Ok(Self { ended, streams })
    }

    /// Both texts, or nothing if the time ran out. A hook's background process may keep the
    /// streams open; only Git's own end counts.
    fn until_end(mut self, limit: Duration) -> io::Result<Option<[String; 2]>> {
        let deadline = Instant::now() + limit;
        loop {
            let mut fds = vec![PollFd::new(&self.ended, PollFlags::IN)];
            let open = self.streams.iter().filter_map(|stream| stream.source.as_ref());
            fds.extend(open.map(|fd| PollFd::from_borrowed_fd(fd.as_fd(), PollFlags::IN)));
            if wait::until(&mut fds, Some(deadline))? == 0 {
                return Ok(None);
            }
            let has_ended = !fds[0].revents().is_empty();
            drop(fds);
            self.streams.iter_mut().for_each(Stream::drain);
            if has_ended {
                let text = |stream: &Stream| String::from_utf8_lossy(&stream.kept).into_owned();
                return Ok(Some([text(&self.streams[0]), text(&self.streams[1])]));
            }
        }
    }
}

impl Stream {
    /// Reads what is there; an end or an error closes the stream.
    fn drain(&mut self) {
        let mut buffer = [0; 4096];
        while let Some(source) = self.source.take() {
            let mut file = std::fs::File::from(source);
            match file.read(&mut buffer) {
                Ok(0) => return,
                Ok(bytes) => {
                    let room = OUTPUT_BYTES_MAX.saturating_sub(self.kept.len());
                    self.kept.extend_from_slice(&buffer[..bytes.min(room)]);
                    self.source = Some(file.into());
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.source = Some(file.into());
                    return;
                }
                Err(_) => return,
            }
        }
    }
}
