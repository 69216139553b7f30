//! What workers write down about their own lives.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A file that workers append lines to.
#[derive(Debug)]
pub(super) struct Ledger {
    path: PathBuf,
}

/// The life of one worker, by its own records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) run: i64,
    pub(super) pid: i32,
    /// First and last record, in nanoseconds since 1970.
    pub(super) span: (u128, u128),
    /// Whether it came to its own end.
    pub(super) ended: bool,
}

struct Record<'a> {
    kind: &'a str,
    task: &'a str,
    run: i64,
    pid: i32,
    at: u128,
}

impl Ledger {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How many workers have begun.
    pub(super) fn begun(&self) -> usize {
        self.text().lines().filter(|line| line.starts_with("begin ")).count()
    }

    /// The lives of each task's workers, in the order of their beginnings. Panics where two of a
    /// task lived at the same time.
    pub(super) fn lives(&self) -> BTreeMap<String, Vec<Life>> {
        let text = self.text();
        let mut lives: BTreeMap<String, Vec<Life>> = BTreeMap::new();
        for record in text.lines().map(Record::read) {
            let of_task = lives.entry(record.task.to_owned()).or_default();
            match record.kind {
                "begin" => of_task.push(Life {
                    run: record.run,
                    pid: record.pid,
                    span: (record.at, record.at),
                    ended: false,
                }),
                "alive" | "end" => {
                    let life = of_task.iter_mut().find(|life| life.pid == record.pid);
                    let life = life.filter(|life| life.run == record.run).unwrap();
                    life.span.1 = record.at;
                    life.ended = record.kind == "end";
                }
                kind => panic!("{kind}: two workers of {} at once\n{text}", record.task),
            }
        }
        for (task, of_task) in &mut lives {
            of_task.sort_by_key(|life| life.span);
            for pair in of_task.windows(2) {
                assert!(pair[0].span.1 < pair[1].span.0, "{task}: {pair:?} overlap");
            }
        }
        lives
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.path).unwrap_or_default()
    }
}

impl<'a> Record<'a> {
    fn read(line: &'a str) -> Self {
        let words: Vec<&str> = line.split(' ').collect();
        let [kind, task, run, pid, at] = words[..] else { panic!("a torn record: {line:?}") };
        let (run, pid, at) = (run.parse().unwrap(), pid.parse().unwrap(), at.parse().unwrap());
        Self { kind, task, run, pid, at }
    }
}

#[test]
#[should_panic(expected = "overlap")]
fn two_lives_at_once_are_seen() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let lines = "begin t 1 10 100\nalive t 1 10 130\nbegin t 2 11 120\nend t 2 11 140\n";
    std::fs::write(&path, lines).unwrap();
    Ledger::new(path).lives();
}
