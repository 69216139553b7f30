//! Waiting for a wish, or for boards that come and go.

use super::Shared;
use crate::home::Home;
use rustix::event::{PollFd, PollFlags};
use rustix::fs::inotify;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

/// Whether the directory of boards changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noticed {
    /// It did.
    Change,
    /// Not as far as can be told.
    Nothing,
}

/// Watches the directory of boards for entries that come and go.
pub(super) fn watch_boards(home: &Home) -> io::Result<OwnedFd> {
    let notices = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)?;
    let changes = inotify::WatchFlags::CREATE
        | inotify::WatchFlags::DELETE
        | inotify::WatchFlags::MOVED_FROM
        | inotify::WatchFlags::MOVED_TO
        | inotify::WatchFlags::ONLYDIR;
    inotify::add_watch(&notices, home.boards_dir(), changes)?;
    Ok(notices)
}

pub(super) fn wait(
    shared: &Shared,
    notices: Option<&OwnedFd>,
    wait_max: Duration,
) -> io::Result<Noticed> {
    let mut fds = vec![PollFd::new(&shared.wake, PollFlags::IN)];
    fds.extend(notices.map(|fd| PollFd::from_borrowed_fd(fd.as_fd(), PollFlags::IN)));
    andon_runner::wait::until(&mut fds, Some(Instant::now() + wait_max))?;
    // What rang does not matter: every look is a whole one.
    rustix::io::read(&shared.wake, &mut [0; 8]).ok();
    let mut noticed = Noticed::Nothing;
    if let Some(notices) = notices {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(notices, &mut buffer);
        while reader.next().is_ok() {
            noticed = Noticed::Change;
        }
    }
    Ok(noticed)
}
