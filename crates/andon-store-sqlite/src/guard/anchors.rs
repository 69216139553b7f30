//! Descriptors of databases and indexes that stay open as long as the process. It must not close
//! one that anybody may still lock by, and not write.

use super::{ASKED, Found, INDEX_SWITCH, Inode, Pinned, Range, look, replaced};
use crate::filesystem;
use andon_store::{BusyHolder, StoreError};
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use rustix::fs::{AtFlags, Mode, OFlags, statx};
use rustix::io::Errno;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// A file of a board that this process has open until it ends.
pub(crate) type Forever = Arc<File>;

/// A descriptor that stays open until the process ends.
struct Anchor {
    descriptor: Forever,
    is_locked: bool,
}

/// All anchors of this process. They grow by two or three for each board that it opens, and never
/// shrink.
static ANCHORS: Mutex<Option<HashMap<Inode, Anchor>>> = Mutex::new(None);

pub(super) fn anchor(board: &Path, pinned: &Pinned, range: Range) -> Result<(), StoreError> {
    let mut anchors = ANCHORS.lock().unwrap_or_else(PoisonError::into_inner);
    let anchors = anchors.get_or_insert_default();
    if !anchors.contains_key(&pinned.inode) {
        // Whatever was opened stays open, also if it turns out to be another file than expected.
        open_forever(anchors, &pinned.path).map_err(|errno| match errno {
            Errno::NOENT => replaced(board, format!("{}: {errno}", pinned.path.display())),
            other => filesystem::denied(board, &pinned.path, other),
        })?;
    }
    let Some(anchor) = anchors.get_mut(&pinned.inode) else {
        return Err(replaced(board, format!("{} is another file now", pinned.path.display())));
    };
    if !anchor.is_locked {
        lock(&anchor.descriptor, range)?;
        anchor.is_locked = true;
    }
    Ok(())
}

/// Opens the database or the index of a board, to read its bytes until the process ends; nothing if
/// there is no such file.
pub(crate) fn forever(path: &Path) -> Result<Option<Forever>, StoreError> {
    let inode = match look(path) {
        Ok(found) => found.inode,
        Err(Errno::NOENT) => return Ok(None),
        Err(errno) => return Err(filesystem::denied(path, path, errno)),
    };
    let mut anchors = ANCHORS.lock().unwrap_or_else(PoisonError::into_inner);
    let anchors = anchors.get_or_insert_default();
    if let Some(anchor) = anchors.get(&inode) {
        return Ok(Some(Arc::clone(&anchor.descriptor)));
    }
    match open_forever(anchors, path) {
        Ok(descriptor) => Ok(Some(descriptor)),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(filesystem::denied(path, path, errno)),
    }
}

#[expect(clippy::disallowed_methods, reason = "these descriptors are never closed")]
fn open_forever(anchors: &mut HashMap<Inode, Anchor>, path: &Path) -> Result<Forever, Errno> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let opened = rustix::fs::open(path, flags, Mode::empty())?;
    let descriptor = Arc::new(File::from(opened));
    let found = match names(&descriptor) {
        Ok(found) => found,
        Err(errno) => {
            std::mem::forget(descriptor);
            return Err(errno);
        }
    };
    if anchors.len() >= SWEPT_FROM && anchors.len().is_power_of_two() {
        sweep(anchors);
    }
    match anchors.entry(found.inode) {
        Entry::Vacant(free) => {
            Ok(Arc::clone(&free.insert(Anchor { descriptor, is_locked: false }).descriptor))
        }
        Entry::Occupied(known) => {
            std::mem::forget(descriptor);
            Ok(Arc::clone(&known.get().descriptor))
        }
    }
}

/// Anchors from which on those are looked for that nobody needs.
const SWEPT_FROM: usize = 64;

/// Closes files that were deleted: whoever has one of those open has lost the board anyway, and a
/// process that opens thousands of boards, one after the other, does not run out of descriptors.
fn sweep(anchors: &mut HashMap<Inode, Anchor>) {
    anchors.retain(|_, anchor| {
        let is_deleted = names(&anchor.descriptor).is_ok_and(|found| found.names == 0);
        anchor.is_locked || !is_deleted || Arc::strong_count(&anchor.descriptor) > 1
    });
}

fn names(file: &File) -> Result<Found, Errno> {
    statx(file, "", AtFlags::EMPTY_PATH, ASKED).map(|found| Found::of(&found))
}

/// Whether anybody uses the index of a log, this process included.
pub(crate) fn is_index_in_use(index: &File) -> Result<bool, StoreError> {
    let mut asked = range_lock(libc::F_WRLCK, INDEX_SWITCH);
    fcntl(index, FcntlArg::F_OFD_GETLK(&mut asked)).map_err(|errno| StoreError::Unavailable {
        doing: "ask who uses the board",
        why: errno.to_string(),
        hint: None,
    })?;
    Ok(asked.l_type != libc::F_UNLCK as libc::c_short)
}

/// An open-file-description lock: closing other descriptors of the file does not cancel it.
fn lock(descriptor: &File, range: Range) -> Result<(), StoreError> {
    let doing = "guard the board against being taken away";
    let wanted = range_lock(libc::F_RDLCK, range);
    match fcntl(descriptor, FcntlArg::F_OFD_SETLK(&wanted)) {
        Ok(_) => Ok(()),
        // Somebody holds the board alone right now: switching its mode, or deleting its log.
        Err(nix::errno::Errno::EAGAIN | nix::errno::Errno::EACCES) => {
            Err(StoreError::Busy { doing, waited_ms: 0, holder: BusyHolder::default() })
        }
        Err(errno) => Err(StoreError::Unavailable { doing, why: errno.to_string(), hint: None }),
    }
}

fn range_lock(kind: libc::c_int, range: Range) -> libc::flock {
    libc::flock {
        l_type: kind as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: range.start,
        l_len: range.len,
        l_pid: 0,
    }
}

#[cfg(test)]
mod tests;
