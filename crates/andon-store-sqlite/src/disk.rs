//! Makes, syncs, names and removes files that no connection has open. It must never be given the
//! path of a board that may be in use: opening and closing it cancels SQLite's locks.

use crate::filesystem;
use andon_store::{Hint, StoreError};
use rustix::fs::{CWD, Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use std::fs::{File, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

/// Only the owner; boards hold prompts and results.
const PRIVATE_FILE: Mode = Mode::RUSR.union(Mode::WUSR);
/// The same for directories.
const PRIVATE_DIRECTORY: u32 = 0o700;

/// Whether a name could be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Published {
    /// The file has its name, durably.
    Done,
    /// Another file has that name; nothing was changed.
    Taken,
}

/// Makes the directory of a board, with all above it that are missing. Those that are made are
/// private, whatever the umask; those that exist stay as they are.
pub(crate) fn make_directory(board: &Path) -> Result<(), StoreError> {
    let directory = crate::exists::directory(board);
    let missing: Vec<&Path> = directory
        .ancestors()
        .take_while(|ancestor| !ancestor.as_os_str().is_empty() && !ancestor.exists())
        .collect();
    for made in missing.into_iter().rev() {
        let result = andon_faults::reach_at("disk.make-directory", made)
            .and_then(|()| std::fs::DirBuilder::new().mode(PRIVATE_DIRECTORY).create(made));
        match result {
            Ok(()) => {}
            // Somebody else makes the same board at the same time.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(unavailable("make the board's directory", made, &error)),
        }
        std::fs::set_permissions(made, Permissions::from_mode(PRIVATE_DIRECTORY))
            .map_err(|error| unavailable("make the board's directory", made, &error))?;
        sync_directory(crate::exists::directory(made))?;
    }
    Ok(())
}

/// Makes an empty private file for SQLite to fill.
#[expect(clippy::disallowed_methods, reason = "the file is new: no connection has it open")]
pub(crate) fn create_private(path: &Path) -> Result<(), StoreError> {
    let doing = "make a private file";
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let failed = |errno: Errno| unavailable(doing, path, &errno.into());
    andon_faults::reach_at("disk.create", path)
        .map_err(|error| unavailable(doing, path, &error))?;
    let file = rustix::fs::open(path, flags, PRIVATE_FILE).map_err(failed)?;
    // The umask may have taken bits away.
    rustix::fs::fchmod(&file, PRIVATE_FILE).map_err(failed)
}

/// Opens a file to read its bytes, if it is there. The caller has seen that no connection has it
/// open, neither in this process nor in another, and holds the locks of those who might.
#[expect(clippy::disallowed_methods, reason = "nobody has the file open, and nobody may open it")]
pub(crate) fn open_unused(path: &Path) -> Result<Option<File>, StoreError> {
    match andon_faults::reach_at("disk.read", path).and_then(|()| File::open(path)) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unavailable("read a file", path, &error)),
    }
}

/// Copies an open file, byte for byte, to a new private one.
#[expect(clippy::disallowed_methods, reason = "the file is new: no connection has it open")]
pub(crate) fn copy_private(mut from: File, to: &Path) -> Result<(), StoreError> {
    create_private(to)?;
    let opened = File::options().write(true).open(to);
    let copied = opened.and_then(|mut to| std::io::copy(&mut from, &mut to));
    copied
        .and_then(|_| andon_faults::reach_at("disk.copied", to))
        .map_err(|error| unavailable("copy a file", to, &error))
}

/// Writes a closed file through to the disk.
#[expect(clippy::disallowed_methods, reason = "a file under a temporary name: nobody has it open")]
pub(crate) fn sync_file(path: &Path) -> Result<(), StoreError> {
    if andon_faults::planted("create.unsynced") || andon_faults::planted("copy.unsynced") {
        return Ok(());
    }
    let file = andon_faults::reach_at("disk.sync", path).and_then(|()| std::fs::File::open(path));
    file.and_then(|file| file.sync_all()).map_err(|error| unavailable("sync a file", path, &error))
}

/// Writes names in a directory through to the disk.
#[expect(clippy::disallowed_methods, reason = "opens a directory, not a board")]
pub(crate) fn sync_directory(directory: &Path) -> Result<(), StoreError> {
    if andon_faults::planted("disk.sync-directory.skip") {
        return Ok(());
    }
    let opened = andon_faults::reach_at("disk.sync-directory", directory)
        .and_then(|()| std::fs::File::open(directory));
    opened
        .and_then(|directory| directory.sync_all())
        .map_err(|error| unavailable("sync the board's directory", directory, &error))
}

/// Gives a finished file its name, unless that is taken.
#[expect(
    clippy::disallowed_methods,
    reason = "the file is finished, and no connection has it open"
)]
pub(crate) fn publish(from: &Path, to: &Path) -> Result<Published, StoreError> {
    let failed = |error| unavailable("give a file its name", to, &error);
    andon_faults::reach_at("disk.rename", from).map_err(failed)?;
    let renamed = match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Some file systems only know the plain rename; a second name is refused if it is taken.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            rustix::fs::link(from, to).and_then(|()| rustix::fs::unlink(from))
        }
        renamed => renamed,
    };
    match renamed {
        Ok(()) => {
            andon_faults::reach_at("disk.renamed", to).map_err(failed)?;
            sync_directory(crate::exists::directory(to)).map(|()| Published::Done)
        }
        Err(Errno::EXIST) => Ok(Published::Taken),
        Err(errno) => Err(filesystem::denied(to, to, errno)),
    }
}

/// Removes a file that this program made, if it is there.
#[expect(
    clippy::disallowed_methods,
    reason = "only files that this program made under other names"
)]
pub(crate) fn remove_ours(path: &Path) -> Result<(), StoreError> {
    let removed =
        andon_faults::reach_at("disk.remove", path).and_then(|()| std::fs::remove_file(path));
    match removed {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(unavailable("remove a temporary file", path, &error)),
    }
}

fn unavailable(doing: &'static str, path: &Path, error: &std::io::Error) -> StoreError {
    let hint = match error.kind() {
        ErrorKind::StorageFull => Some("make room on the disk that holds the board"),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            Some("name a home that this user may write with `--home` or ANDON_HOME")
        }
        _ => None,
    };
    let hint = hint.map(|hint| Hint(hint.to_owned()));
    StoreError::Unavailable { doing, why: format!("{}: {error}", path.display()), hint }
}
