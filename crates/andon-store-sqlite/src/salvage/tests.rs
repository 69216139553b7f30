//! What is read is compared with what SQLite reads: all of it, where nothing is damaged, and all
//! but what lies there, where a page is.

#![expect(clippy::disallowed_methods, reason = "makes, damages and opens files as bytes")]

use super::*;
use crate::open::tests::{Home, options};
use andon_testkit::rows::{self, Key, OnPage, Rows as Content};
use andon_testkit::torture::chance::Chance;
use std::collections::BTreeMap;
use std::os::unix::fs::FileExt;

const NOW: Timestamp = Timestamp(1_800_000_000);

/// Rows of every table, so many that each tree has a page above others, with long ones among them.
const CONTENT: &str = "
    CREATE TEMP TABLE n (i INTEGER PRIMARY KEY);
    WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 110) INSERT INTO n SELECT i FROM c;
    INSERT INTO tasks (id, title, body, status, created_at, result)
        SELECT printf('t_%08x', i * 7919 % 65536), 'task ' || i,
               printf('%.*c', CASE WHEN i % 20 = 0 THEN 9000 ELSE i END, 'b'),
               'todo', i, CASE WHEN i % 30 = 0 THEN printf('%.*c', 5000, 'r') END FROM n;
    INSERT INTO task_links SELECT printf('t_%08x', i * 7919 % 65536), printf('t_%08x', (i + 1) * 7919 % 65536) FROM n;
    INSERT INTO task_comments (task_id, author, body, created_at)
        SELECT printf('t_%08x', i * 7919 % 65536), 'me', printf('%.*c', 100, 'c'), i FROM n;
    INSERT INTO task_events (task_id, run_id, kind, payload, created_at)
        SELECT printf('t_%08x', i * 7919 % 65536), NULL, 'created', '{\"a\":' || i || '}', i FROM n, (SELECT 1 UNION ALL SELECT 2);
    INSERT INTO task_runs (task_id, status, started_at, summary)
        SELECT printf('t_%08x', i * 7919 % 65536), 'done', i, printf('%.*c', 90, 's') FROM n;
    INSERT INTO task_attachments (task_id, filename, stored_path, created_at)
        SELECT printf('t_%08x', i * 7919 % 65536), 'f' || i, '/x/' || i, i FROM n WHERE i < 80;
    INSERT INTO kanban_notify_subs (task_id, platform, chat_id, created_at)
        SELECT printf('t_%08x', i * 7919 % 65536), 'p', 'c' || i, i FROM n WHERE i < 80;
    INSERT INTO andon_tasks (task_id, due_at) SELECT printf('t_%08x', i * 7919 % 65536), i FROM n;
    INSERT INTO andon_runs (run_id, task_id, came_from, claimer)
        SELECT i, printf('t_%08x', i * 7919 % 65536), 'ready', 'host:1:x' FROM n;
    INSERT INTO andon_ops SELECT CAST(printf('%016d', i * 7919 % 65536) AS BLOB), i, 'create', 'human', NULL, i FROM n;
    INSERT INTO andon_board VALUES ('pause_by', 'me');
    DROP TABLE n;";

/// A board with content in one file, without a log.
fn board() -> Home {
    let home = Home::new();
    drop(crate::open::create(&home.board(), &options()).unwrap());
    let db = Connection::open(home.board()).unwrap();
    db.execute_batch(CONTENT).unwrap();
    db.close().unwrap();
    home
}

fn salvaged(path: &Path) -> Result<(Content, Salvage), StoreError> {
    let log = File::open(crate::exists::beside(path, crate::exists::WAL)).ok();
    let broken = Broken { database: Box::new(File::open(path).unwrap()), log };
    let into = Connection::open_in_memory().unwrap();
    let found = salvage(path, broken, &into, NOW)?;
    let check: String = into.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    Ok((rows::rows(&into).unwrap(), found))
}

fn contents(path: &Path) -> (Content, BTreeMap<u32, OnPage>) {
    let db = Connection::open(path).unwrap();
    (rows::rows(&db).unwrap(), rows::pages(&db).unwrap())
}

/// The rows that are not on damaged pages.
fn readable<'c>(
    all: &'c Content,
    pages: &BTreeMap<u32, OnPage>,
    damaged: &[u32],
) -> Vec<(&'c Key, &'c String)> {
    let lost = |key: &Key| {
        damaged.iter().any(|page| pages.get(page).is_some_and(|on| on.rows.contains(key)))
    };
    all.iter().filter(|(key, _)| !lost(key)).collect()
}

fn without_aside(found: &Content) -> Vec<(&Key, &String)> {
    found.iter().filter(|((table, _), _)| table != "andon_salvage").collect()
}

fn damage(path: &Path, page: u32, change: impl FnOnce(&mut Vec<u8>)) {
    let file = File::options().read(true).write(true).open(path).unwrap();
    let mut bytes = vec![0; 4096];
    let at = u64::from(page - 1) * 4096;
    file.read_exact_at(&mut bytes, at).unwrap();
    change(&mut bytes);
    file.write_all_at(&bytes, at).unwrap();
}

#[test]
fn a_whole_board_is_read_as_sqlite_reads_it() {
    let home = board();
    let (all, pages) = contents(&home.board());
    let (found, report) = salvaged(&home.board()).unwrap();
    assert!(found == all);
    assert_eq!((report.unread.len(), report.set_aside, report.missing.len()), (0, 0, 0));
    let internal = pages.values().filter(|on| on.kind == "internal").count();
    let overflow = pages.values().filter(|on| on.kind == "overflow").count();
    assert!(internal > 6 && overflow > 10, "{internal} {overflow}");
    let counted: u64 = report.tables.iter().map(|table| table.rows).sum();
    assert_eq!(counted, all.len() as u64);
}

#[test]
fn whichever_page_is_lost_every_row_elsewhere_is_found_and_no_other() {
    let home = board();
    let (all, pages) = contents(&home.board());
    let whole = std::fs::read(home.board()).unwrap();
    let last = u32::try_from(whole.len() / 4096).unwrap();
    for page in 1..=last {
        std::fs::write(home.board(), &whole).unwrap();
        let filling = if page % 2 == 0 { 0 } else { 0xA5 };
        damage(&home.board(), page, |bytes| bytes.fill(filling));
        let (found, report) = salvaged(&home.board()).unwrap();
        let expected = readable(&all, &pages, &[page]);
        let missing: Vec<_> =
            expected.iter().filter(|(key, _)| !found.contains_key(*key)).take(3).collect();
        let on = pages.get(&page).map(|on| (&on.tree, &on.kind));
        assert!(missing.is_empty(), "page {page}, {on:?}: {missing:?}; {report:#?}");
        let more = without_aside(&found).into_iter().find(|row| !expected.contains(row));
        assert_eq!(more, None, "page {page}, {on:?}; {report:#?}");
        let on = pages.get(&page);
        let is_lossy = on.is_some_and(|on| !on.rows.is_empty());
        assert!(!is_lossy || !report.unread.is_empty(), "page {page}: {report:?}");
    }
}

#[test]
fn whichever_bits_flip_on_a_page_every_row_elsewhere_is_found() {
    let home = board();
    let (all, pages) = contents(&home.board());
    let whole = std::fs::read(home.board()).unwrap();
    let last = whole.len() as u64 / 4096;
    let mut chance = Chance::new(7);
    for round in 0..120 {
        std::fs::write(home.board(), &whole).unwrap();
        let page = u32::try_from(1 + chance.draw() % last).unwrap();
        // Where a page says what it is, half of the time.
        let most = if chance.once_in(2) { 16 } else { 4096 };
        damage(&home.board(), page, |bytes| {
            for _ in 0..1 + chance.below(8) {
                bytes[chance.below(most)] ^= 1 << chance.below(8);
            }
        });
        let (found, report) = match salvaged(&home.board()) {
            Ok(found) => found,
            // The header may say now that it is another program's, or a newer board.
            Err(StoreError::Refused { .. }) if page == 1 => continue,
            Err(error) => panic!("round {round}, page {page}: {error}"),
        };
        let expected = readable(&all, &pages, &[page]);
        let missing = expected.iter().find(|(key, row)| found.get(*key) != Some(*row));
        let on = pages.get(&page).map(|on| (&on.tree, &on.kind));
        assert_eq!(missing, None, "round {round}, page {page}, {on:?}: {report:#?}");
    }
}

#[test]
fn a_row_that_goes_on_in_a_circle_is_given_up_where_the_circle_closes() {
    let home = board();
    let (_, pages) = contents(&home.board());
    let whole = std::fs::read(home.board()).unwrap();
    let next = |page: u32| {
        let at = (page as usize - 1) * 4096;
        u32::from_be_bytes(whole[at..at + 4].try_into().unwrap())
    };
    let is_middle = |page: &u32| pages[page].kind == "overflow" && next(*page) != 0;
    let page = pages.keys().copied().find(is_middle).expect("a row goes on on two pages");
    damage(&home.board(), page, |bytes| bytes[..4].copy_from_slice(&page.to_be_bytes()));
    let (_, report) = salvaged(&home.board()).unwrap();
    let told = report.unread.iter().any(|unread| unread.why.contains("lead in a circle"));
    assert!(told, "{report:#?}");
}
