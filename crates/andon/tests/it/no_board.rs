//! Homes without a board: what refuses says what to do, and that can be done.

use crate::env::TestEnv;

#[test]
fn a_pass_without_a_board_leaves_nothing_that_keeps_one_from_being_made() {
    for pass in [&["dispatch"][..], &["dispatch", "--dry-run"]] {
        let env = TestEnv::new();
        let ran = env.run(pass);
        assert_eq!(ran.code, 1, "{pass:?}");
        assert!(ran.stderr.contains("andon init"), "{pass:?}: {}", ran.stderr);
        assert!(!env.home().exists(), "{pass:?}");

        // The home is there, and a board; the default one was never made.
        env.ok(&["boards", "create", "infra"]);
        let ran = env.run(pass);
        assert_eq!(ran.code, 1, "{pass:?}");
        assert!(ran.stderr.contains("andon init"), "{pass:?}: {}", ran.stderr);
        env.ok(&["init"]);
        env.create(&["A task"]);
    }
}

/// The call that a refusal names in its first hint, between backquotes.
#[track_caller]
fn named(env: &TestEnv, arguments: &[&str]) -> String {
    let ran = env.run(arguments);
    assert_eq!(ran.code, 1, "{arguments:?}");
    let hint = ran.stderr.lines().find(|line| line.starts_with("  hint: "));
    let hint = hint.unwrap_or_else(|| panic!("{arguments:?}: {}", ran.stderr));
    hint.split('`').nth(1).unwrap_or(hint).to_owned()
}

#[test]
fn a_board_without_a_database_is_made_by_the_call_that_the_refusal_names() {
    for verb in ["list", "dispatch", "up"] {
        let env = TestEnv::new();
        env.ok(&["init"]);
        env.write(".local/share/andon/kanban/boards/infra/board.json", "{}");
        let call = named(&env, &[verb, "--board", "infra"]);
        assert_eq!(call, "andon boards create infra", "{verb}");
        env.ok(&call.split(' ').skip(1).collect::<Vec<_>>());
        env.ok(&["list", "--board", "infra"]);
    }
    let env = TestEnv::new();
    let pinned = env.path().join("elsewhere.db").display().to_string();
    let env = env.with("ANDON_DB", pinned);
    assert_eq!(named(&env, &["list"]), "andon create");
    env.create(&["A task"]);
    env.ok(&["list"]);
}

#[test]
fn where_init_would_refuse_no_hint_names_it() {
    for left in ["kanban.db-wal", "kanban.db.writer.lock"] {
        let env = TestEnv::new();
        env.write(&format!(".local/share/andon/{left}"), "");
        for verb in [&["up"][..], &["up", "--board", "default"], &["list"], &["init"]] {
            let call = named(&env, verb);
            assert!(call.contains("andon restore"), "{left}, {verb:?}: {call}");
        }
    }

    let links = [".local/share/andon/kanban.db", ".local/share/andon"];
    for link in links {
        let env = TestEnv::new();
        let link = env.path().join(link);
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        for verb in [&["list"][..], &["create", "A task"], &["dispatch"], &["init"]] {
            let hint = named(&env, verb);
            let place = format!("put back what {} leads to", link.display());
            assert!(hint.contains(&place), "{verb:?}: {hint}");
        }
    }

    let env = TestEnv::new();
    env.write(".local/share/andon", "");
    for verb in [&["list"][..], &["boards"], &["up"], &["init"]] {
        let ran = env.run(verb);
        assert_eq!(ran.code, 1, "{verb:?}");
        assert!(!ran.stderr.contains("andon init"), "{verb:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains("boards switch"), "{verb:?}: {}", ran.stderr);
    }
}

#[test]
fn init_and_boards_speak_of_the_file_that_a_variable_pins() {
    let env = TestEnv::new();
    let pinned = env.path().join("elsewhere/board.db");
    let env = env.with("ANDON_DB", pinned.display().to_string());
    std::fs::create_dir(pinned.parent().unwrap()).unwrap();
    assert_eq!(env.json(&["init"])["db_path"], pinned.display().to_string());
    assert!(!env.database().exists());
    env.create(&["A task"]);
    for objects in [env.json(&["boards", "show"]), env.json(&["boards", "list"])[0].clone()] {
        assert_eq!(objects["db_path"], pinned.display().to_string());
        assert_eq!(objects["counts"]["ready"], 1, "{objects}");
    }
}
