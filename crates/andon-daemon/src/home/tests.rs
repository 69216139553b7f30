//! The choice of home and board: ranks, refusals, and the paths that follow.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use andon_core::id::{BoardSlug, TaskId};
use tempfile::TempDir;

use super::*;

/// A user's home directory with nothing in it, and the environment that names it.
fn user() -> (TempDir, Env) {
    let dir = tempfile::tempdir().unwrap();
    let env = Env::from_pairs([("HOME", dir.path().as_os_str())]);
    (dir, env)
}

fn make_board(home: &Home, slug: &str) {
    fs::create_dir_all(home.boards_dir().join(slug)).unwrap();
    fs::write(home.boards_dir().join(slug).join("board.json"), "{}\n").unwrap();
}

fn switch_to(home: &Home, text: &str) {
    fs::create_dir_all(home.path().join("kanban")).unwrap();
    fs::write(home.current_file(), text).unwrap();
}

#[test]
fn an_explicit_home_beats_both_variables_and_ours_beats_the_twin() {
    let (_dir, mut env) = user();
    env.set("HERMES_KANBAN_HOME", "/twin");
    let home = Home::resolve(None, &env).unwrap();
    assert_eq!(home.path(), Path::new("/twin"));
    env.set("ANDON_HOME", "/ours");
    let home = Home::resolve(None, &env).unwrap();
    assert_eq!(home.path(), Path::new("/ours"));
    assert_eq!(home.origin(), &Origin::Environment("ANDON_HOME".into()));
    let home = Home::resolve(Some(Path::new("/said")), &env).unwrap();
    assert_eq!((home.path(), home.origin()), (Path::new("/said"), &Origin::Argument("--home")));
}

#[test]
fn without_a_word_the_home_is_the_users_data_directory() {
    let (dir, mut env) = user();
    let home = Home::resolve(None, &env).unwrap();
    assert_eq!(home.path(), dir.path().join(".local/share/andon"));
    assert_eq!(home.origin(), &Origin::BuiltIn);
    env.set("XDG_DATA_HOME", "/data");
    assert_eq!(Home::resolve(None, &env).unwrap().path(), Path::new("/data/andon"));
    env.set("XDG_DATA_HOME", "relative/is/ignored");
    assert_eq!(Home::resolve(None, &env).unwrap().origin(), &Origin::BuiltIn);
}

#[test]
fn a_tilde_is_expanded_and_another_users_is_refused() {
    let (dir, mut env) = user();
    let home = Home::resolve(Some(Path::new("~/boards")), &env).unwrap();
    assert_eq!(home.path(), dir.path().join("boards"));
    env.set("ANDON_HOME", "~bob/boards");
    let error = Home::resolve(None, &env).unwrap_err();
    assert!(matches!(error, HomeError::OtherUsersHome { .. }), "{error}");
}

#[test]
fn a_worker_of_hermes_works_in_the_home_of_the_board_that_it_was_given() {
    let (dir, mut env) = user();
    let root = dir.path().join("theirs");
    let boards = root.join("kanban/boards/infra");
    fs::create_dir_all(&boards).unwrap();
    for database in [root.join("kanban.db"), boards.join("kanban.db")] {
        let database = database.to_str().unwrap();
        env.set("HERMES_KANBAN_DB", database);
        let standard = Home::resolve(None, &env).unwrap();
        assert_eq!(standard.origin(), &Origin::BuiltIn, "nothing of Hermes is there");
        fs::write(root.join("config.yaml"), "").unwrap();
        let home = Home::resolve(None, &env).unwrap();
        assert_eq!((home.path(), home.kind()), (&*root, HomeKind::Hermes));
        assert_eq!(home.origin(), &Origin::Environment("HERMES_KANBAN_DB".into()));
        env.set("ANDON_DB", database);
        assert_eq!(Home::resolve(None, &env).unwrap().origin(), &Origin::BuiltIn);
        env.set("ANDON_DB", "");
        env.set("ANDON_HOME", "/ours");
        assert_eq!(Home::resolve(None, &env).unwrap().path(), Path::new("/ours"));
        env.set("ANDON_HOME", "");
        fs::remove_file(root.join("config.yaml")).unwrap();
    }
}

#[test]
fn a_home_that_no_worker_could_be_told_of_is_refused_before_anything_is_made() {
    let (dir, env) = user();
    let unicode = OsStr::from_bytes(b"bo\xffards");
    for name in [unicode, "two\nlines".as_ref(), "be\u{7}ll".as_ref()] {
        let path = dir.path().join(name);
        let error = Home::resolve_for_init(Some(&path), &env).unwrap_err();
        assert!(matches!(error, HomeError::Unspeakable { .. }), "{error}");
        assert!(error.to_string().contains("its name"), "{error}");
    }
    for name in ["with space", "quote'\"", "\u{e4}\u{6f22}", "$(x){id}%p"] {
        Home::resolve_for_init(Some(&dir.path().join(name)), &env).unwrap();
    }
}

#[test]
fn a_relative_home_in_the_environment_is_refused_by_the_variables_name() {
    let (_dir, mut env) = user();
    env.set("HERMES_KANBAN_HOME", "boards");
    let error = Home::resolve(None, &env).unwrap_err();
    assert_eq!(error.to_string(), "HERMES_KANBAN_HOME is the relative path boards");
}

#[test]
fn a_hermes_board_without_a_home_of_ours_is_reported_and_left_alone() {
    let (dir, env) = user();
    let hermes = dir.path().join(".hermes");
    fs::create_dir(&hermes).unwrap();
    assert!(Home::resolve(None, &env).is_ok(), "a Hermes home without a board is no reason");
    fs::write(hermes.join("kanban.db"), "").unwrap();
    let error = Home::resolve(None, &env).unwrap_err();
    assert!(matches!(&error, HomeError::HermesHomeFound { path, .. } if *path == hermes));
    assert!(error.hint().contains("--home") && error.hint().contains("andon init"));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing else was made");
    assert!(Home::resolve_for_init(None, &env).is_ok());
    let named = Home::resolve(Some(&hermes), &env).unwrap();
    assert_eq!(named.kind(), HomeKind::Hermes);
}

#[test]
fn a_home_of_ours_settles_the_matter() {
    let (dir, env) = user();
    fs::create_dir(dir.path().join(".hermes")).unwrap();
    fs::write(dir.path().join(".hermes/kanban.db"), "").unwrap();
    let ours = dir.path().join(".local/share/andon");
    fs::create_dir_all(&ours).unwrap();
    assert!(Home::resolve(None, &env).is_err(), "an empty directory is not a home");
    fs::write(ours.join("config.toml"), "").unwrap();
    assert_eq!(Home::resolve(None, &env).unwrap().kind(), HomeKind::Own);
}

#[test]
fn all_profiles_of_a_hermes_root_lead_to_it() {
    let (dir, mut env) = user();
    let native = dir.path().join(".hermes");
    assert_eq!(hermes_root(&env).unwrap(), Some(native.clone()));
    env.set("HERMES_HOME", native.join("profiles/coder").as_os_str());
    assert_eq!(hermes_root(&env).unwrap(), Some(native));
    env.set("HERMES_HOME", "/srv/h/profiles/coder");
    assert_eq!(hermes_root(&env).unwrap(), Some("/srv/h".into()));
    env.set("HERMES_HOME", "/srv/h");
    assert_eq!(hermes_root(&env).unwrap(), Some("/srv/h".into()));
}

#[test]
fn files_lie_where_the_peer_has_them() {
    let (_dir, env) = user();
    let home = Home::resolve(Some(Path::new("/h")), &env).unwrap();
    let task = TaskId::parse("t_00c0ffee").unwrap();
    let default = Layout::new(&home, &BoardSlug::default_board());
    assert_eq!(default.database(), Path::new("/h/kanban.db"));
    assert_eq!(default.metadata_file(), Path::new("/h/kanban/boards/default/board.json"));
    assert_eq!(default.workspace(&task), Path::new("/h/kanban/workspaces/t_00c0ffee"));
    assert_eq!(default.log_of(&task), Path::new("/h/kanban/logs/t_00c0ffee.log"));
    let other = Layout::new(&home, &BoardSlug::parse("infra").unwrap());
    assert_eq!(other.database(), Path::new("/h/kanban/boards/infra/kanban.db"));
    assert_eq!(other.attachments(), Path::new("/h/kanban/boards/infra/attachments"));
    assert_eq!(
        other.dispatch_lock_file(),
        Path::new("/h/kanban/boards/infra/kanban.db.dispatch.lock")
    );
    assert_eq!(home.archive_dir(), Path::new("/h/kanban/boards/_archived"));
}

/// A home with boards `a`, `b` and `c`.
fn three_boards() -> (TempDir, Env, Home) {
    let (dir, env) = user();
    let home = Home::resolve(Some(&dir.path().join("home")), &env).unwrap();
    ["a", "b", "c"].into_iter().for_each(|slug| make_board(&home, slug));
    (dir, env, home)
}

fn chosen(home: &Home, explicit: Option<&str>, env: &Env) -> String {
    choose_board(home, explicit, env).unwrap().layout.slug().to_string()
}

#[test]
fn a_board_is_chosen_by_argument_then_variable_then_current_then_default() {
    let (_dir, mut env, home) = three_boards();
    assert_eq!(chosen(&home, None, &env), "default");
    switch_to(&home, "a\n");
    assert_eq!(chosen(&home, None, &env), "a");
    env.set("HERMES_KANBAN_BOARD", "b");
    assert_eq!(chosen(&home, None, &env), "b");
    env.set("ANDON_BOARD", "c");
    assert_eq!(chosen(&home, None, &env), "c");
    assert_eq!(chosen(&home, Some("A "), &env), "a");
}

#[test]
fn a_board_that_cannot_be_used_is_an_error_that_names_who_named_it() {
    let (_dir, mut env, home) = three_boards();
    let error = choose_board(&home, Some("ghost"), &env).unwrap_err();
    assert_eq!(error.to_string(), "--board names board ghost, which does not exist");
    switch_to(&home, "ghost\n");
    let error = choose_board(&home, None, &env).unwrap_err();
    assert!(error.to_string().contains("kanban/current names board ghost"), "{error}");
    env.set("HERMES_KANBAN_BOARD", "no/such");
    let error = choose_board(&home, None, &env).unwrap_err();
    assert!(
        matches!(&error, HomeError::BadBoard { origin, .. }
            if *origin == Origin::Environment("HERMES_KANBAN_BOARD".into())),
        "{error}"
    );
    assert!(error.hint().contains("HERMES_KANBAN_BOARD"));
}

#[test]
fn a_current_file_that_is_not_text_is_an_error_that_names_it() {
    let (_dir, env, home) = three_boards();
    fs::write(home.current_file(), [0xff, 0xfe]).unwrap();
    let error = choose_board(&home, None, &env).unwrap_err();
    assert!(matches!(&error, HomeError::CurrentUnreadable { path, .. }
        if *path == home.current_file()));
}

#[test]
fn an_explicit_board_beats_every_pin_of_the_environment() {
    let (_dir, mut env, home) = three_boards();
    env.set("HERMES_KANBAN_DB", "/elsewhere/kanban.db");
    env.set("ANDON_WORKSPACES_ROOT", "/elsewhere/work");
    let pinned = choose_board(&home, None, &env).unwrap();
    assert_eq!(pinned.layout.database(), Path::new("/elsewhere/kanban.db"));
    assert_eq!(pinned.layout.workspaces(), Path::new("/elsewhere/work"));
    assert_eq!(pinned.database_origin, Origin::Environment("HERMES_KANBAN_DB".into()));
    let explicit = choose_board(&home, Some("b"), &env).unwrap();
    assert_eq!(explicit.layout, Layout::new(&home, &BoardSlug::parse("b").unwrap()));
}

#[test]
fn a_pinned_database_of_this_home_brings_its_own_board() {
    let (_dir, mut env, home) = three_boards();
    switch_to(&home, "a");
    let of_b = Layout::new(&home, &BoardSlug::parse("b").unwrap());
    env.set("ANDON_DB", of_b.database().as_os_str());
    assert_eq!(choose_board(&home, None, &env).unwrap().layout, of_b);
}
