//! Archiving, restoring and deleting boards.
//!
//! A board leaves by one rename of its directory, never file by file, and only while nobody
//! serves it or has it open (B5). What has been archived can be brought back until it is deleted.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use andon_core::id::BoardSlug;
use andon_core::time::Timestamp;

use super::{BoardError, BoardMetadata, Boards, WhoUses, lock, metadata, names_in, replace};
use crate::home::{DATABASE_FILE, Layout, METADATA_FILE};

/// Most boards of one name archived within one second.
const SAME_SECOND_MAX: u32 = 1_000;

/// Fewest digits of the time in an archived name (September 2001). A number with fewer digits
/// after it is a counter, so the two cannot be taken for each other.
const EPOCH_DIGITS_MIN: usize = 9;

/// A board in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedBoard {
    /// Its directory's name: `<slug>-<epoch>`, with `-<n>` when that was taken.
    pub name: String,
    /// The board's name when it was archived.
    pub slug: BoardSlug,
    /// When that was.
    pub archived_at: Timestamp,
    /// Its directory.
    pub path: PathBuf,
}

impl ArchivedBoard {
    /// Its database.
    pub fn database(&self) -> PathBuf {
        self.path.join(DATABASE_FILE)
    }

    /// Reads its metadata, as they were when it was archived.
    pub fn metadata(&self) -> Result<BoardMetadata, BoardError> {
        metadata::read_file(&self.path.join(METADATA_FILE), &self.slug)
    }
}

/// Proof that a person confirmed the loss of a board that is not archived. Made only where the
/// board's name was repeated.
#[derive(Debug)]
pub struct DeleteConfirmation(BoardSlug);

impl DeleteConfirmation {
    /// Confirms if `typed` names `slug`.
    pub fn of(slug: &BoardSlug, typed: &str) -> Option<Self> {
        (typed.trim() == slug.as_str()).then(|| Self(slug.clone()))
    }
}

impl Boards<'_> {
    /// Archives a board. If it is the current one, the default board takes its place.
    pub fn archive(
        &self,
        slug: &BoardSlug,
        now: Timestamp,
        who_uses: WhoUses<'_>,
    ) -> Result<ArchivedBoard, BoardError> {
        refuse_default(slug, "archived")?;
        let _lock = lock::boards(self.home)?;
        self.move_to_archive(slug, now, who_uses)
    }

    /// Lists the archived boards, by name and then by age.
    pub fn archived(&self) -> Result<Vec<ArchivedBoard>, BoardError> {
        let dir = self.home.archive_dir();
        let mut found: Vec<_> =
            names_in(&dir)?.into_iter().filter_map(|name| parse_name(&dir, name)).collect();
        found.sort_by(|a, b| {
            (&a.slug, a.archived_at, &a.name).cmp(&(&b.slug, b.archived_at, &b.name))
        });
        Ok(found)
    }

    /// Brings an archived board back under its old name; refused while a board of that name
    /// exists. `name` is the archived name, as [`Boards::archived`] lists it.
    pub fn restore(&self, name: &str) -> Result<BoardSlug, BoardError> {
        let _lock = lock::boards(self.home)?;
        let archived = self.find_archived(name)?;
        let layout = Layout::new(self.home, &archived.slug);
        match rename_to_free(&archived.path, layout.board_dir())? {
            Renamed::Done => {}
            Renamed::Taken => return Err(BoardError::Exists(archived.slug)),
        }
        replace::sync_dir(&self.home.boards_dir())?;
        replace::sync_dir(&self.home.archive_dir())?;
        Ok(archived.slug)
    }

    /// Deletes an archived board and everything in it; refused while somebody uses it.
    pub fn delete_archived(&self, name: &str, who_uses: WhoUses<'_>) -> Result<(), BoardError> {
        let _lock = lock::boards(self.home)?;
        let archived = self.find_archived(name)?;
        let layout = Layout::new(self.home, &archived.slug).with_database(archived.database());
        let _unused = lock::unused(&layout, who_uses)?;
        self.erase(&archived)
    }

    /// Deletes a board that is not archived. It goes through the archive: a deletion that is
    /// interrupted leaves rubbish there, never half a board.
    pub fn delete(
        &self,
        confirmed: DeleteConfirmation,
        now: Timestamp,
        who_uses: WhoUses<'_>,
    ) -> Result<(), BoardError> {
        refuse_default(&confirmed.0, "deleted")?;
        let _lock = lock::boards(self.home)?;
        let archived = self.move_to_archive(&confirmed.0, now, who_uses)?;
        self.erase(&archived)
    }

    fn move_to_archive(
        &self,
        slug: &BoardSlug,
        now: Timestamp,
        who_uses: WhoUses<'_>,
    ) -> Result<ArchivedBoard, BoardError> {
        let layout = self.existing(slug)?;
        let _unused = lock::unused(&layout, who_uses)?;
        let archive = self.home.archive_dir();
        replace::make_dirs(&archive)?;
        let name = self.rename_into(&layout, &archive, now)?;
        replace::sync_dir(&archive)?;
        replace::sync_dir(&self.home.boards_dir())?;
        self.clear_current(slug)?;
        let path = archive.join(&name);
        Ok(ArchivedBoard { name, slug: slug.clone(), archived_at: now, path })
    }

    /// Moves the board's directory to the first free name and returns that.
    fn rename_into(
        &self,
        layout: &Layout,
        archive: &Path,
        now: Timestamp,
    ) -> Result<String, BoardError> {
        let slug = layout.slug();
        for n in 0..SAME_SECOND_MAX {
            let name = match n {
                0 => format!("{slug}-{now}"),
                n => format!("{slug}-{now}-{n}"),
            };
            match rename_to_free(layout.board_dir(), &archive.join(&name))? {
                Renamed::Done => return Ok(name),
                Renamed::Taken => {}
            }
        }
        Err(BoardError::ArchiveFull(slug.clone()))
    }

    fn find_archived(&self, name: &str) -> Result<ArchivedBoard, BoardError> {
        self.archived()?
            .into_iter()
            .find(|archived| archived.name == name)
            .ok_or_else(|| BoardError::NoSuchArchive(name.to_owned()))
    }

    fn erase(&self, archived: &ArchivedBoard) -> Result<(), BoardError> {
        fs::remove_dir_all(&archived.path)
            .map_err(|source| BoardError::io("delete", &archived.path, source))?;
        replace::sync_dir(&self.home.archive_dir())
    }
}

enum Renamed {
    Done,
    Taken,
}

/// Renames a directory to a name that must be free. The kernel refuses to put a directory in the
/// place of one with contents, so nothing can be replaced even by a race.
fn rename_to_free(from: &Path, to: &Path) -> Result<Renamed, BoardError> {
    match fs::rename(from, to) {
        Ok(()) => Ok(Renamed::Done),
        Err(error) => match error.kind() {
            ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty | ErrorKind::NotADirectory => {
                Ok(Renamed::Taken)
            }
            _ => Err(BoardError::io("move", from, error)),
        },
    }
}

fn refuse_default(slug: &BoardSlug, what: &'static str) -> Result<(), BoardError> {
    if slug.is_default() { Err(BoardError::DefaultBoard(what)) } else { Ok(()) }
}

/// Reads `<slug>-<epoch>` or `<slug>-<epoch>-<n>`; other names are not archived boards.
fn parse_name(dir: &Path, name: String) -> Option<ArchivedBoard> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (mut front, mut last) = name.rsplit_once('-')?;
    if is_number(last) && last.len() < EPOCH_DIGITS_MIN {
        (front, last) = front.rsplit_once('-')?;
    }
    if !is_number(last) || last.len() < EPOCH_DIGITS_MIN {
        return None;
    }
    let archived_at = Timestamp(last.parse().ok()?);
    let slug = BoardSlug::parse(front).ok().filter(|slug| slug.as_str() == front)?;
    let path = dir.join(&name);
    Some(ArchivedBoard { name, slug, archived_at, path })
}
