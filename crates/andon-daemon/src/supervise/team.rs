//! The dispatchers of a home's boards: who gets one, who loses it, who gets another.

use super::notices::{Noticed, wait, watch_boards};
use super::stamp::Stamp;
use super::{Change, Equip, Listener, Shared, SuperviseError, Which};
use crate::boards::Boards;
use crate::dispatcher::{DispatchError, Dispatcher, Handle, Options, Stop};
use crate::home::{Home, Layout};
use andon_core::id::BoardSlug;
use andon_core::text::with_causes;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Time between two looks at the boards' directory where it cannot be watched, and the longest that
/// a change can go unnoticed where it can.
const RESCAN: Duration = Duration::from_secs(5);

/// The same right after a change, and while dispatchers are stopping.
const RESCAN_EAGER: Duration = Duration::from_millis(20);

/// How long a change is followed so closely: a board's database appears after its directory.
const EAGER: Duration = Duration::from_secs(2);

pub(super) struct Team {
    home: Home,
    which: Which,
    equip: Equip,
    listener: Listener,
    dispatchers: BTreeMap<BoardSlug, Member>,
    /// How the dispatcher of the only board ended, if it did so by itself.
    ended: Option<Result<(), DispatchError>>,
}

/// A board's dispatcher.
struct Member {
    handle: Handle,
    /// The files that its settings come from, as they were when these were read.
    stamp: Stamp,
}

impl Team {
    pub(super) fn new(home: Home, which: Which, equip: Equip, listener: Listener) -> Self {
        Self { home, which, equip, listener, dispatchers: BTreeMap::new(), ended: None }
    }

    /// Looks after the boards until the last dispatcher has left.
    pub(super) fn supervise(mut self, shared: &Shared) -> Result<(), SuperviseError> {
        let mut notices = None;
        // A dispatcher that cannot even begin ends at once; that should not go unsaid for long.
        let mut eager_until = Instant::now() + EAGER;
        loop {
            // The directory may not be there yet; until it is, the boards are only looked at.
            notices = notices.or_else(|| watch_boards(&self.home).ok());
            match shared.stop() {
                None => self.rescan(shared),
                Some(stop) => {
                    self.dispatchers.values().for_each(|member| member.handle.stop(stop));
                    self.bury();
                    if self.dispatchers.is_empty() {
                        return Ok(());
                    }
                }
            }
            if let Some(ended) = self.ended.take() {
                return Ok(ended?);
            }
            let is_eager = shared.stop().is_some() || Instant::now() < eager_until;
            let until = if is_eager { RESCAN_EAGER } else { RESCAN };
            if wait(shared, notices.as_ref(), until)? == Noticed::Change {
                eager_until = Instant::now() + EAGER;
            }
        }
    }

    /// Gives every board a dispatcher, and takes it from those that are gone.
    fn rescan(&mut self, shared: &Shared) {
        self.bury();
        let boards = match Boards::new(&self.home).to_serve() {
            Ok(boards) => boards,
            Err(error) => return (self.listener)(&Change::Unlisted { why: &error.to_string() }),
        };
        let is_wanted = |layout: &Layout| match &self.which {
            Which::All => true,
            Which::Only(slug) => slug == layout.slug(),
        };
        let mut layouts: BTreeMap<BoardSlug, Layout> = boards
            .into_iter()
            .filter(is_wanted)
            .map(|layout| (layout.slug().clone(), layout))
            .collect();
        let gone = |slug: &&BoardSlug| !layouts.contains_key(*slug);
        let removed: Vec<BoardSlug> = self.dispatchers.keys().filter(gone).cloned().collect();
        for slug in removed {
            self.remove(&slug);
        }
        for (slug, layout) in &layouts {
            // Taken before the files are read: a change in between is then seen the next time.
            let stamp = Stamp::of(&self.home, layout);
            match self.dispatchers.get_mut(slug) {
                None => self.add(slug.clone(), layout, stamp),
                Some(member) if member.stamp == stamp => {}
                Some(member) => {
                    member.stamp = stamp;
                    match (self.equip)(layout) {
                        Ok(options) => member.handle.reload(options),
                        Err(why) => {
                            (self.listener)(&Change::NotReloaded { board: slug, why: &why });
                        }
                    }
                }
            }
        }
        layouts.retain(|slug, _| self.dispatchers.contains_key(slug));
        shared.serves(layouts.into_values().collect());
    }

    fn add(&mut self, slug: BoardSlug, layout: &Layout, stamp: Stamp) {
        match (self.equip)(layout) {
            Ok(options) => self.spawn(slug, options, stamp),
            Err(why) => (self.listener)(&Change::Failed { board: &slug, why: &why }),
        }
    }

    fn spawn(&mut self, slug: BoardSlug, options: Options, stamp: Stamp) {
        match Dispatcher::spawn(options) {
            Ok(handle) => {
                (self.listener)(&Change::Added(&slug));
                self.dispatchers.insert(slug, Member { handle, stamp });
            }
            Err(error) => self.note_end(&slug, Err(error)),
        }
    }

    /// Lets a dispatcher go. It is not waited for: its board is gone, the others are not.
    fn remove(&mut self, slug: &BoardSlug) {
        if let Some(member) = self.dispatchers.remove(slug) {
            member.handle.stop(Stop::Leave);
            (self.listener)(&Change::Removed(slug));
            if self.which != Which::All {
                self.ended = Some(Ok(()));
            }
        }
    }

    /// Takes leave of dispatchers that have ended.
    fn bury(&mut self) {
        let over = |(slug, member): (&BoardSlug, &Member)| {
            member.handle.is_finished().then(|| slug.clone())
        };
        let ended: Vec<BoardSlug> = self.dispatchers.iter().filter_map(over).collect();
        for slug in ended {
            if let Some(Member { handle, .. }) = self.dispatchers.remove(&slug) {
                self.note_end(&slug, handle.join());
            }
        }
    }

    /// A dispatcher ended that nobody had sent away.
    fn note_end(&mut self, board: &BoardSlug, ended: Result<(), DispatchError>) {
        match (&self.which, ended) {
            (Which::Only(_), ended) => self.ended = Some(ended),
            (Which::All, Ok(())) => (self.listener)(&Change::Removed(board)),
            (Which::All, Err(error)) => {
                (self.listener)(&Change::Failed { board, why: &with_causes(&error) });
            }
        }
    }
}
