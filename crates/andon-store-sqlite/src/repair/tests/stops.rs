//! Where a repair may stop, and what goes on from there: another one, or a restore.

use super::*;
use andon_faults::{Hooks, interfere};
use std::cell::Cell;
use std::rc::Rc;

/// Fails once the broken board has been moved aside.
struct FailOnceAside;

impl Hooks for FailOnceAside {
    fn reach(&self, point: &'static str, _: &Path) -> std::io::Result<()> {
        if point == "replace.moved-aside" {
            Err(std::io::Error::other("told to fail"))
        } else {
            Ok(())
        }
    }
}

#[test]
fn a_restore_ends_a_repair_that_was_cut_short() {
    let home = settled();
    let directory = home.board().with_file_name("backups");
    let made = crate::backup::back_up(&home.board(), &directory, crate::Keep::All, NOW).unwrap();
    ruin_last_tasks(&home);
    let failing = interfere(Rc::new(FailOnceAside));
    run(&home).unwrap_err();
    drop(failing);
    assert!(!home.board().exists());
    let stays = crate::GoodBoard::Stays;
    crate::restore(&home.board(), &made.backup.path, stays, NOW).unwrap();
    let sql = "INSERT INTO tasks (id, title, status, created_at) VALUES ('t_new', 'x', 'todo', 1)";
    let db = connect::connect(&home.board(), Role::Writer, &options().connect).unwrap();
    db.execute_batch(sql).unwrap();
    drop(db);
    // What is lost next is the restored board, and not the one that was to be repaired then.
    std::fs::remove_file(home.board()).unwrap();
    run(&home).unwrap();
    let db = Connection::open(home.board()).unwrap();
    let sql = "SELECT count(*) FROM tasks WHERE id = 't_new'";
    assert_eq!(db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap(), 1);
}

/// Fails at the nth point that is reached.
struct FailAtNth(Cell<u32>);

impl Hooks for FailAtNth {
    fn reach(&self, _: &'static str, _: &Path) -> std::io::Result<()> {
        self.0.set(self.0.get().wrapping_sub(1));
        if self.0.get() == 0 { Err(std::io::Error::other("told to fail")) } else { Ok(()) }
    }
}

#[test]
fn wherever_it_stops_nothing_is_lost_and_a_second_try_succeeds() {
    let mut stopped = 0;
    for nth in 1..100 {
        let home = settled();
        ruin_last_tasks(&home);
        let before = files(&home.board());
        let failing = interfere(Rc::new(FailAtNth(Cell::new(nth))));
        let outcome = run(&home);
        drop(failing);
        let first = match outcome {
            Ok(repaired) => repaired,
            Err(error) => {
                stopped += 1;
                match run(&home) {
                    Ok(repaired) => repaired,
                    // It had its name already.
                    Err(again) if again.to_string().contains("nothing to repair") => continue,
                    Err(again) => panic!("{nth}: {error}: {again}"),
                }
            }
        };
        let (aside, _) = salvaged(&first);
        assert!(files(aside)[0] == before[0], "{nth}");
        assert_eq!(tasks(&home.board()).unwrap(), i64::try_from(first.tasks).unwrap(), "{nth}");
        assert!(first.tasks > 80, "{nth}: {first:?}");
        if stopped < nth {
            assert!(stopped > 12, "only {stopped} places to stop at");
            return;
        }
    }
    panic!("it never came to its end");
}

#[test]
fn wherever_it_stops_a_backup_can_be_restored_instead() {
    for nth in 1..100 {
        let home = settled();
        let directory = home.board().with_file_name("backups");
        let keep = crate::Keep::All;
        let made = crate::backup::back_up(&home.board(), &directory, keep, NOW).unwrap();
        ruin_last_tasks(&home);
        let before = files(&home.board());
        let failing = interfere(Rc::new(FailAtNth(Cell::new(nth))));
        let outcome = run(&home);
        drop(failing);
        let aside = crate::GoodBoard::GoesAside;
        crate::restore(&home.board(), &made.backup.path, aside, NOW).unwrap();
        assert_eq!(tasks(&home.board()).unwrap(), i64::from(TASKS), "{nth}");
        let asides = exists::copies(&home.board(), exists::REPLACED);
        assert!(asides.iter().any(|aside| files(aside) == before), "{nth}: {asides:?}");
        if outcome.is_ok() {
            assert!(nth > 12, "only {nth} places to stop at");
            return;
        }
    }
    panic!("it never came to its end");
}
