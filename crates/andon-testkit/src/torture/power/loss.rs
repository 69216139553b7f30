//! What happens to a board so that it has to be brought back. The disk is changed while nobody uses
//! it, as another program or a bad cable does.

use super::teller::BOARD;
use super::volume::Image;
use crate::disk::content::PAGE;
use crate::torture::Failure;
use crate::torture::bench::Bench;
use crate::torture::chance::Chance;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    /// Its files were removed.
    Removed,
    /// The database was removed; its log is there.
    DatabaseRemoved,
    /// The database was made empty.
    Emptied,
    /// The beginning of the database is garbage.
    Header,
    /// A page of an index is garbage.
    Page,
    /// The database ends within a page.
    Ragged,
    /// An index lacks what is in its table.
    Index,
}

/// The files of a board that is there.
const FILES: [&str; 3] = [BOARD, "kanban.db-wal", "kanban.db-shm"];
/// Bytes of a database's header.
const HEADER: usize = 100;

/// Moves the log into the database, so that what is damaged there stands nowhere else.
pub(super) fn settle(bench: &Bench) -> Result<(), Failure> {
    let db = bench.plain(BOARD)?;
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

impl Loss {
    /// What a restore finds; nothing is a board in order.
    pub(super) fn of_restored(chance: &mut Chance) -> Option<Self> {
        let all = [Self::Removed, Self::DatabaseRemoved, Self::Emptied, Self::Header];
        // As often as all losses together: that is the only one that must not be lost itself.
        if chance.once_in(2) { None } else { chance.pick(&all).copied() }
    }

    /// What a repair finds. None of it costs a row: what can be read of one that does is another
    /// engine's matter.
    pub(super) fn of_repaired(chance: &mut Chance) -> Self {
        [Self::Header, Self::Page, Self::Ragged, Self::Index][chance.below(4)]
    }

    /// Lets it happen.
    pub(super) fn befall(self, bench: &Bench, chance: &mut Chance) -> Result<(), Failure> {
        let page = match self {
            Self::Page => page_of_an_index(bench, chance)?,
            Self::Index => return lose_index_rows(bench),
            Self::Removed | Self::DatabaseRemoved | Self::Emptied | Self::Header | Self::Ragged => {
                1
            }
        };
        let mut image: Image = bench.disk.image();
        let database = image.iter_mut().find(|(name, _)| name == BOARD);
        let (_, content) = database.ok_or("there is no board to damage")?;
        match self {
            Self::Removed => image.retain(|(name, _)| !FILES.iter().any(|file| name == file)),
            Self::DatabaseRemoved => image.retain(|(name, _)| name != BOARD),
            Self::Emptied => content.truncate(0),
            Self::Header => content.write(&garbage(HEADER, chance), 0),
            Self::Page => content.write(&garbage(PAGE, chance), (page - 1) * PAGE as u64),
            Self::Ragged => content.write(&garbage(PAGE / 2, chance), content.size()),
            Self::Index => {}
        }
        bench.disk.load(image.iter().map(|(name, content)| (name.as_os_str(), content)))?;
        Ok(())
    }
}

fn garbage(bytes: usize, chance: &mut Chance) -> Vec<u8> {
    (0..bytes).map(|_| chance.draw() as u8).collect()
}

/// Takes an index out of the list, changes its table, and puts it back.
fn lose_index_rows(bench: &Bench) -> Result<(), Failure> {
    let steps = [
        "PRAGMA writable_schema = ON;
         CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name = 'idx_tasks_tenant';
         DELETE FROM sqlite_schema WHERE name = 'idx_tasks_tenant';",
        "UPDATE tasks SET tenant = 'another'",
        "PRAGMA writable_schema = ON;
         INSERT INTO sqlite_schema SELECT * FROM kept;
         DROP TABLE kept;",
    ];
    // Each connection reads the list anew.
    steps.into_iter().try_for_each(|step| Ok(bench.plain(BOARD)?.execute_batch(step)?))
}

/// A page that holds nothing that is not in its table, too.
fn page_of_an_index(bench: &Bench, chance: &mut Chance) -> Result<u64, Failure> {
    let db = bench.plain(BOARD)?;
    let sql = "SELECT pageno FROM dbstat WHERE name IN
               (SELECT name FROM sqlite_schema WHERE type = 'index') ORDER BY pageno";
    let mut statement = db.prepare(sql)?;
    let pages: Vec<u64> = statement
        .query_map([], |row| row.get::<_, u32>(0).map(u64::from))?
        .collect::<Result<_, _>>()?;
    chance.pick(&pages).copied().ok_or_else(|| "the board has no index".into())
}
