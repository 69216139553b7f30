//! Who is asked, and what the environment can say.

use super::from_environment::{Action, Plan};
use super::*;
use std::cell::Cell;

struct Counting(Cell<u32>);

impl Hooks for Counting {
    fn reach(&self, _point: &'static str, _path: &Path) -> io::Result<()> {
        self.0.set(self.0.get() + 1);
        Err(io::Error::other("as told"))
    }

    fn planted(&self, mistake: &'static str) -> bool {
        mistake == "planted"
    }
}

#[test]
fn hooks_are_asked_until_they_are_dropped_and_only_on_their_thread() {
    let hooks = Rc::new(Counting(Cell::new(0)));
    let interference = interfere(hooks.clone());
    assert!(crate::reach("a point").is_err());
    assert!(crate::planted("planted") && !crate::planted("another"));
    std::thread::spawn(|| crate::reach("a point").unwrap()).join().unwrap();
    drop(interference);
    crate::reach("a point").unwrap();
    assert_eq!(hooks.0.get(), 1);
}

#[test]
fn the_environment_names_points_actions_and_times() {
    let plan = Plan::parse("writer.committed=kill@3,create.renamed=stop,planted:a mistake");
    let told: Vec<(&str, Action, u64)> =
        plan.entries.iter().map(|e| (e.point.as_str(), e.action, e.at)).collect();
    let expected = [("writer.committed", Action::Kill, 3), ("create.renamed", Action::Stop, 1)];
    assert_eq!(told, expected);
    assert_eq!(plan.planted, ["a mistake"]);
}

#[test]
#[should_panic(expected = "what is")]
fn a_word_that_is_not_understood_is_no_silence() {
    Plan::parse("writer.committed=explode");
}
