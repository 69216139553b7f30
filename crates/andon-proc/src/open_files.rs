//! Which processes have a file open, by the links in `/proc/<pid>/fd`. It must not open the files
//! themselves: closing one again would cancel this process's locks on it.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What the kernel writes behind the path of a file that has no name any more.
const DELETED: &[u8] = b" (deleted)";

/// A file that a process has open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenFile {
    /// The process.
    pub pid: i32,
    /// The path under which it was opened.
    pub path: PathBuf,
    /// Whether the file still has a name.
    pub name: Name,
}

/// Whether an open file has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// It has.
    Kept,
    /// It was deleted, or another file was put in its place.
    Deleted,
}

/// What a look at all processes found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OpenFiles {
    /// One entry for each process, path and name, by process.
    pub found: Vec<OpenFile>,
    /// Processes that this user may not look into.
    pub out_of_sight: usize,
}

/// Looks which processes have files open whose paths are wanted. Paths are those that the kernel
/// knows: absolute, with all links followed. A process in another mount namespace may know the same
/// file by another path, and is then not seen.
pub fn find(is_wanted: impl Fn(&Path) -> bool) -> io::Result<OpenFiles> {
    let mut files = OpenFiles::default();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
        match of_process(pid, &is_wanted) {
            Ok(found) => files.found.extend(found),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => files.out_of_sight += 1,
            // It has ended meanwhile.
            Err(_) => {}
        }
    }
    files.found.sort_by(|a, b| (a.pid, &a.path).cmp(&(b.pid, &b.path)));
    files.found.dedup();
    Ok(files)
}

fn of_process(pid: i32, is_wanted: &impl Fn(&Path) -> bool) -> io::Result<Vec<OpenFile>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(format!("/proc/{pid}/fd"))? {
        // A descriptor may be closed between the listing and the look.
        let Ok(link) = entry.and_then(|entry| fs::read_link(entry.path())) else { continue };
        let (path, name) = parse(&link);
        if is_wanted(path) {
            found.push(OpenFile { pid, path: path.to_owned(), name });
        }
    }
    Ok(found)
}

fn parse(link: &Path) -> (&Path, Name) {
    match link.as_os_str().as_bytes().strip_suffix(DELETED) {
        Some(path) => (Path::new(OsStr::from_bytes(path)), Name::Deleted),
        None => (link, Name::Kept),
    }
}

#[cfg(test)]
mod tests;
