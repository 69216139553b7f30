//! Damage to the log and its index, to what they belong to, and unfinished changes.

use super::Base::{Journalled, Logged};
use super::{Fate, Kind};
use crate::rows::{self, Rows};
use crate::torture::Failure;
use crate::torture::broken::damage::Victim;
use crate::torture::broken::files::{FRAME, LOG_HEADER};
use crate::torture::broken::scene::PLACE;
use rusqlite::Connection;

/// Where the page begins in a frame, and where its salt stands.
const IN_PAGE: usize = 24 + 3_500;
const SALT_AT: usize = 8;

type Broken = Result<Fate, Failure>;

#[rustfmt::skip] // One kind, one line.
pub(super) const KINDS: &[Kind] = &[
    Kind { name: "log lost, its index left", base: Logged, damage: |v| { v.files.log = None; older(v) } },
    Kind { name: "log emptied, its index left", base: Logged, damage: |v| { v.files.log = Some(Vec::new()); older(v) } },
    Kind { name: "log and index lost", base: Logged, damage: |v| { v.files.log = None; v.files.index = None; Ok(Fate::Unseen(Some(v.scene.unlogged.rows.clone()))) } },
    Kind { name: "log cut within its last frame", base: Logged, damage: |v| { let all = v.files.log().len(); v.files.log().truncate(all - 1_000); as_read(v).map(Fate::State) } },
    Kind { name: "log cut to a half", base: Logged, damage: |v| { let all = v.files.log().len(); v.files.log().truncate(all / 2); as_read(v).map(Fate::State) } },
    Kind { name: "log cut within its header", base: Logged, damage: |v| { v.files.log().truncate(20); older(v) } },
    Kind { name: "log cut within its last frame, index lost", base: Logged, damage: |v| { let all = v.files.log().len(); v.files.log().truncate(all - 1_000); v.files.index = None; as_read(v).map(|rows| Fate::Unseen(Some(rows))) } },
    Kind { name: "log: a page in the middle is not what its sum says", base: Logged, damage: |v| middle(v, IN_PAGE, &[0xA5; 40]) },
    Kind { name: "log: the same, index lost", base: Logged, damage: |v| { v.files.index = None; middle(v, IN_PAGE, &[0xA5; 40]) } },
    Kind { name: "log: a sum in the middle is wrong", base: Logged, damage: |v| { let frame = v.frame_before_commits(4)?; v.hit_frame(frame + 1); middle(v, 16, &[1, 2, 3, 4]) } },
    Kind { name: "log: the mark of a frame in the middle is wrong", base: Logged, damage: |v| middle(v, SALT_AT, &[9; 4]) },
    Kind { name: "log: a sector in the middle zeroed", base: Logged, damage: |v| middle(v, IN_PAGE, &[0; 512]) },
    Kind { name: "log: a page of its last commit is wrong", base: Logged, damage: |v| { let last = v.files.frames() - 1; v.set_in_frame(last, IN_PAGE, &[0xA5; 40]); as_read(v).map(Fate::State) } },
    Kind { name: "log: header scrambled", base: Logged, damage: |v| { v.files.log()[..LOG_HEADER].fill(0x5A); v.hit_frame(0); Ok(Fate::Repaired) } },
    Kind { name: "log: header scrambled, index lost", base: Logged, damage: |v| { v.files.log()[..LOG_HEADER].fill(0x5A); v.files.index = None; v.hit_frame(0); Ok(Fate::Repaired) } },
    Kind { name: "log of another board, our index left", base: Logged, damage: |v| { v.files.log = v.scene.other.files.log.clone(); older(v) } },
    Kind { name: "log of another board, no index", base: Logged, damage: |v| { v.files.log = v.scene.other.files.log.clone(); v.files.index = None; older(v) } },
    Kind { name: "log and index of another board", base: Logged, damage: |v| { v.files.log = v.scene.other.files.log.clone(); v.files.index = v.scene.other.files.index.clone(); older(v) } },
    Kind { name: "database lost, log left", base: Logged, damage: |v| { v.files.database = None; in_log(v); Ok(Fate::Repaired) } },
    Kind { name: "database emptied, log left", base: Logged, damage: |v| { v.files.database = Some(Vec::new()); in_log(v); Ok(Fate::Repaired) } },
    Kind { name: "index lost", base: Logged, damage: |v| { v.files.index = None; Ok(Fate::Harmless) } },
    Kind { name: "index of an earlier moment", base: Logged, damage: |v| { v.files.index = v.scene.earlier.clone(); Ok(Fate::Harmless) } },
    Kind { name: "index of another board", base: Logged, damage: |v| { v.files.index = v.scene.other.files.index.clone(); Ok(Fate::Harmless) } },
    Kind { name: "index scrambled", base: Logged, damage: |v| { let bytes = (0..32_768).map(|_| v.chance.draw() as u8).collect(); v.files.index = Some(bytes); Ok(Fate::Harmless) } },
    Kind { name: "a change that was not finished, in a rollback journal", base: Journalled, damage: |_| Ok(Fate::Harmless) },
];

/// What was only in the log is gone.
fn older(v: &mut Victim<'_>) -> Broken {
    Ok(Fate::State(v.scene.unlogged.rows.clone()))
}

/// What SQLite reads from the files as they are.
fn as_read(v: &Victim<'_>) -> Result<Rows, Failure> {
    let directory = tempfile::tempdir_in(PLACE)?;
    let path = directory.path().join("kanban.db");
    v.files.write(&path)?;
    Ok(rows::rows(&Connection::open(&path)?)?)
}

/// Damages a frame that has commits behind it.
fn middle(v: &mut Victim<'_>, at: usize, bytes: &[u8]) -> Broken {
    let frame = v.frame_before_commits(4)?;
    v.set_in_frame(frame, at, bytes);
    v.hit_frame(frame);
    Ok(Fate::Repaired)
}

/// Of the database, only what is in the log is left.
fn in_log(v: &mut Victim<'_>) {
    let frames = v.files.log().len().saturating_sub(LOG_HEADER) / FRAME;
    let there: Vec<u32> = (0..frames).map(|frame| v.page_in(frame)).collect();
    let pages = v.whole.pages.keys().copied();
    v.hit.extend(pages.filter(|page| !there.contains(page)));
}
