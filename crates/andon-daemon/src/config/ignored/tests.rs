//! What is found to be without effect, and what is not.

use super::*;
use std::path::Path;

fn found(dir: &Path, env: &Env) -> Vec<(String, Option<String>, Whose)> {
    let home = Home::resolve(Some(dir), env).unwrap();
    let ignored = ignored(&home, env).unwrap().into_iter();
    ignored.map(|it| (it.what, it.meant, it.whose)).collect()
}

#[test]
fn a_variable_of_our_form_that_nobody_reads_is_found_with_the_one_that_was_meant() {
    let dir = tempfile::tempdir().unwrap();
    let mut env = Env::from_pairs([("ANDON_FAILURE_LIMITS", "3"), ("OTHER", "1")]);
    VARIABLES.iter().for_each(|name| env.set(*name, "/x"));
    KEYS.iter().for_each(|key| env.set(key.variable(), "1"));
    let meant = Some("ANDON_FAILURE_LIMIT".to_owned());
    let expected = [("variable ANDON_FAILURE_LIMITS".to_owned(), meant, Whose::Ours)];
    assert_eq!(found(dir.path(), &env), expected);
}

#[test]
fn a_section_of_a_board_that_is_not_there_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let text = "[board.default]\nmax_spawn = 1\n[board.gone]\nmax_spawn = 1\n";
    std::fs::write(dir.path().join("config.toml"), text).unwrap();
    let expected = [("section [board.gone]".to_owned(), None, Whose::Ours)];
    assert_eq!(found(dir.path(), &Env::default()), expected);
}

#[test]
fn keys_that_only_the_peer_reads_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let text = "kanban:\n  failure_limit: 3\n  auto_decompose: true\n";
    std::fs::write(dir.path().join("config.yaml"), text).unwrap();
    let expected = [("kanban.auto_decompose".to_owned(), None, Whose::Peers)];
    assert_eq!(found(dir.path(), &Env::default()), expected);
}
