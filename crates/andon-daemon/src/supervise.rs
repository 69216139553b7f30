//! All boards of a home: one dispatcher for each, none of which can stop another. Boards that
//! appear get a dispatcher, boards that disappear lose theirs.
//!
//! It starts and stops dispatchers and knows nothing of what they do.

use crate::boards::Boards;
use crate::dispatcher::{DispatchError, Dispatcher, Handle, Options, Stop};
use crate::home::{Home, Layout};
use andon_core::id::BoardSlug;
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::fs::inotify;
use std::collections::BTreeMap;
use std::error::Error;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Time between two looks at the boards' directory where it cannot be watched, and the longest that
/// a change can go unnoticed where it can.
const RESCAN: Duration = Duration::from_secs(5);

/// The same right after a change, and while dispatchers are stopping.
const RESCAN_EAGER: Duration = Duration::from_millis(20);

/// How long a change is followed so closely: a board's database appears after its directory.
const EAGER: Duration = Duration::from_secs(2);

/// Makes the surroundings of a board's dispatcher: reads its settings, knows how to open it. A
/// failure keeps this board without a dispatcher until the next look, and no other.
pub type Equip = Arc<dyn Fn(&Layout) -> Result<Options, String> + Send + Sync>;

/// Hears what becomes of boards.
pub type Listener = Arc<dyn Fn(&Change<'_>) + Send + Sync>;

/// What became of a board.
#[derive(Debug)]
pub enum Change<'a> {
    /// A dispatcher was started for it.
    Added(&'a BoardSlug),
    /// It is gone or archived; its dispatcher was stopped.
    Removed(&'a BoardSlug),
    /// It could not be given a dispatcher, or lost it.
    Failed {
        /// The board.
        board: &'a BoardSlug,
        /// Why.
        why: &'a str,
    },
    /// The boards could not be listed.
    Unlisted {
        /// Why.
        why: &'a str,
    },
}

/// Dispatchers for all boards of a home, until stopped.
#[derive(Debug)]
pub struct Supervisor {
    shared: Arc<Shared>,
    thread: JoinHandle<io::Result<()>>,
}

#[derive(Debug)]
struct Shared {
    stop: Mutex<Option<Stop>>,
    wake: OwnedFd,
}

impl Supervisor {
    /// Starts it on a thread of its own.
    pub fn spawn(home: Home, equip: Equip, listener: Listener) -> io::Result<Self> {
        let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let shared = Arc::new(Shared { stop: Mutex::new(None), wake });
        let its_shared = Arc::clone(&shared);
        let team = Team { home, equip, listener, dispatchers: BTreeMap::new() };
        let thread = std::thread::Builder::new()
            .name("andon-boards".to_owned())
            .spawn(move || team.supervise(&its_shared))?;
        Ok(Self { shared, thread })
    }

    /// Asks all dispatchers to stop. The last wish counts.
    pub fn stop(&self, stop: Stop) {
        *self.shared.stop.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop);
        // A counter that is full has been rung often enough.
        rustix::io::write(&self.shared.wake, &1_u64.to_ne_bytes()).ok();
    }

    /// Waits until all dispatchers have stopped.
    pub fn join(self) -> io::Result<()> {
        self.thread.join().map_err(|_| io::Error::other("the supervisor of boards failed"))?
    }
}

impl Shared {
    fn stop(&self) -> Option<Stop> {
        *self.stop.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Team {
    home: Home,
    equip: Equip,
    listener: Listener,
    dispatchers: BTreeMap<BoardSlug, Handle>,
}

impl Team {
    fn supervise(mut self, shared: &Shared) -> io::Result<()> {
        let mut notices = None;
        // A dispatcher that cannot even begin ends at once; that should not go unsaid for long.
        let mut eager_until = Instant::now() + EAGER;
        loop {
            // The directory may not be there yet; until it is, the boards are only looked at.
            notices = notices.or_else(|| watch_boards(&self.home).ok());
            match shared.stop() {
                None => self.rescan(),
                Some(stop) => {
                    self.dispatchers.values().for_each(|handle| handle.stop(stop));
                    self.bury();
                    if self.dispatchers.is_empty() {
                        return Ok(());
                    }
                }
            }
            let is_eager = shared.stop().is_some() || Instant::now() < eager_until;
            let until = if is_eager { RESCAN_EAGER } else { RESCAN };
            if wait(shared, notices.as_ref(), until)? == Noticed::Change {
                eager_until = Instant::now() + EAGER;
            }
        }
    }

    /// Gives every board a dispatcher, and takes it from those that are gone.
    fn rescan(&mut self) {
        self.bury();
        let boards = match Boards::new(&self.home).list() {
            Ok(boards) => boards,
            Err(error) => return (self.listener)(&Change::Unlisted { why: &error.to_string() }),
        };
        let is_served = |entry: &crate::boards::BoardEntry| {
            let is_archived = entry.metadata.as_ref().is_ok_and(|metadata| metadata.archived);
            !is_archived && entry.layout.database().exists()
        };
        let layouts: BTreeMap<BoardSlug, Layout> = boards
            .into_iter()
            .filter(is_served)
            .map(|entry| (entry.layout.slug().clone(), entry.layout))
            .collect();
        let gone = |slug: &&BoardSlug| !layouts.contains_key(*slug);
        let removed: Vec<BoardSlug> = self.dispatchers.keys().filter(gone).cloned().collect();
        for slug in removed {
            self.remove(&slug);
        }
        for (slug, layout) in layouts {
            if !self.dispatchers.contains_key(&slug) {
                self.add(slug, &layout);
            }
        }
    }

    fn add(&mut self, slug: BoardSlug, layout: &Layout) {
        let spawned = (self.equip)(layout)
            .and_then(|options| Dispatcher::spawn(options).map_err(|error| with_causes(&error)));
        match spawned {
            Ok(handle) => {
                (self.listener)(&Change::Added(&slug));
                self.dispatchers.insert(slug, handle);
            }
            Err(why) => (self.listener)(&Change::Failed { board: &slug, why: &why }),
        }
    }

    /// Lets a dispatcher go. It is not waited for: its board is gone, the others are not.
    fn remove(&mut self, slug: &BoardSlug) {
        if let Some(handle) = self.dispatchers.remove(slug) {
            handle.stop(Stop::Leave);
            (self.listener)(&Change::Removed(slug));
        }
    }

    /// Takes leave of dispatchers that have ended.
    fn bury(&mut self) {
        let over =
            |(slug, handle): (&BoardSlug, &Handle)| handle.is_finished().then(|| slug.clone());
        let ended: Vec<BoardSlug> = self.dispatchers.iter().filter_map(over).collect();
        for slug in ended {
            let Some(handle) = self.dispatchers.remove(&slug) else { continue };
            match handle.join() {
                Ok(()) => (self.listener)(&Change::Removed(&slug)),
                Err(error) => self.tell_failure(&slug, &error),
            }
        }
    }

    fn tell_failure(&self, board: &BoardSlug, error: &DispatchError) {
        (self.listener)(&Change::Failed { board, why: &with_causes(error) });
    }
}

/// An error's text with the texts of its causes.
fn with_causes(error: &DispatchError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let more = next.to_string();
        if !text.ends_with(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = next.source();
    }
    text
}

/// Whether the directory of boards changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Noticed {
    /// It did.
    Change,
    /// Not as far as can be told.
    Nothing,
}

/// Watches the directory of boards for entries that come and go.
fn watch_boards(home: &Home) -> io::Result<OwnedFd> {
    let notices = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)?;
    let changes = inotify::WatchFlags::CREATE
        | inotify::WatchFlags::DELETE
        | inotify::WatchFlags::MOVED_FROM
        | inotify::WatchFlags::MOVED_TO
        | inotify::WatchFlags::ONLYDIR;
    inotify::add_watch(&notices, home.boards_dir(), changes)?;
    Ok(notices)
}

fn wait(shared: &Shared, notices: Option<&OwnedFd>, until: Duration) -> io::Result<Noticed> {
    let mut fds = vec![PollFd::new(&shared.wake, PollFlags::IN)];
    fds.extend(notices.map(|fd| PollFd::from_borrowed_fd(fd.as_fd(), PollFlags::IN)));
    let timeout =
        Timespec { tv_sec: until.as_secs().cast_signed(), tv_nsec: until.subsec_nanos().into() };
    match poll(&mut fds, Some(&timeout)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
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
