//! Bytes that the store reads and writes itself, without SQLite: those of broken boards, which
//! SQLite would refuse. A placeholder holds a file's bytes while the store reads it, and gives back
//! those that the store has put into it.

use super::content::Content;
use super::{FileId, Op, State};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

/// Bytes that are written at once where a file is copied; a cut may fall between two writes.
const CHUNK: usize = 1 << 16;

/// The store is about to read a file.
pub(super) fn show(state: &mut State, path: &Path) -> io::Result<()> {
    let Some(file) = id(path) else { return Ok(()) };
    let Some(content) = state.files.get(&file).map(|file| &file.content) else { return Ok(()) };
    state.shown.insert(file);
    let placeholder = std::fs::File::options().write(true).open(path)?;
    placeholder.set_len(content.size())?;
    placeholder.write_all_at(&bytes_of(content), 0)
}

/// The store has written a new file.
pub(super) fn take(state: &mut State, path: &Path) -> io::Result<()> {
    let Some(file) = id(path) else { return Ok(()) };
    let bytes = std::fs::read(path)?;
    state.shown.insert(file);
    for (nth, part) in bytes.chunks(CHUNK).enumerate() {
        let at = (nth * CHUNK) as u64;
        state.files.entry(file).or_default().content.write(part, at);
        state.record(|| Op::Write { file, at, bytes: part.into() });
    }
    Ok(())
}

fn bytes_of(content: &Content) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(content.size()).unwrap_or(usize::MAX)];
    content.read(&mut bytes, 0);
    bytes
}

fn id(path: &Path) -> Option<FileId> {
    path.metadata().ok().map(|found| found.ino())
}
