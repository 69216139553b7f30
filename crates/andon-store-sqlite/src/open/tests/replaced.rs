//! Boards that are replaced at the very moment in which they are opened.

use super::*;
use andon_faults::{Hooks, interfere};
use std::cell::RefCell;
use std::rc::Rc;

/// At a point, once: what `restore` does, and somebody who opens what was restored.
struct Replaces {
    at: &'static str,
    home: PathBuf,
    user: RefCell<Option<Connection>>,
}

impl Hooks for Replaces {
    fn reach(&self, point: &'static str, _: &Path) -> std::io::Result<()> {
        if point != self.at || self.user.borrow().is_some() {
            return Ok(());
        }
        for suffix in ["", exists::WAL, exists::SHM] {
            let from = exists::beside(&self.home.join("kanban.db"), suffix);
            if from.exists() {
                std::fs::rename(from, exists::beside(&self.home.join("aside.db"), suffix))?;
            }
        }
        std::fs::rename(self.home.join("backup.db"), self.home.join("kanban.db"))?;
        let user = Connection::open(self.home.join("kanban.db")).unwrap();
        one::<i64>(&user, "SELECT count(*) FROM tasks");
        *self.user.borrow_mut() = Some(user);
        Ok(())
    }
}

/// A board with 3 tasks, and beside it another one with 5, closed by its last user.
fn scene() -> Home {
    let home = Home::new();
    drop(create(&home.board(), &options()).unwrap());
    fill(&home.board(), 3);
    let backup = home.board().with_file_name("backup.db");
    drop(create(&backup, &options()).unwrap());
    fill(&backup, 5);
    drop(Connection::open(&backup).map(|db| db.execute_batch("VACUUM")).unwrap());
    home
}

#[test]
fn what_is_noted_is_what_is_open_whenever_a_board_is_replaced() {
    for at in ["open.glanced", "open.read"] {
        let home = scene();
        let user = RefCell::new(None);
        let replaces = Rc::new(Replaces { at, home: home.board().with_file_name(""), user });
        let interfering = interfere(Rc::clone(&replaces) as Rc<dyn Hooks>);
        let opened = open(&home.board(), &options()).unwrap();
        drop(interfering);
        assert!(replaces.user.borrow().is_some(), "{at} was not reached");
        opened.identity.verify().unwrap();
        assert_eq!(one::<i64>(&opened.reader, "SELECT count(*) FROM tasks"), 5, "{at}");
    }
}
