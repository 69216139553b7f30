//! New boards.

use super::*;
use std::os::unix::fs::PermissionsExt;

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn a_new_board_is_private_marked_and_complete() {
    let home = Home::new();
    let path = home.board().with_file_name("a").join("b").join("kanban.db");
    let opened = create(&path, &options()).unwrap();
    assert_eq!(opened.origin, Origin::Created);
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(path.parent().unwrap().parent().unwrap()), 0o700);
    let tables: i64 = one(
        &opened.reader,
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
    );
    assert_eq!(tables, 12, "seven of the peer, five of ours");
    assert_eq!(one::<i64>(&opened.reader, "PRAGMA application_id"), 0x414E_444E);
    assert_eq!(one::<i64>(&opened.reader, "PRAGMA user_version"), 1);
    assert_eq!(one::<i64>(&opened.reader, "PRAGMA page_size"), 4096);
}

#[test]
fn creating_a_board_that_exists_opens_it() {
    let home = Home::new();
    drop(create(&home.board(), &options()).unwrap());
    fill(&home.board(), 3);
    let again = create(&home.board(), &options()).unwrap();
    assert_eq!(again.origin, Origin::Current);
    assert_eq!(one::<i64>(&again.reader, "SELECT count(*) FROM tasks"), 3);
}

#[test]
fn what_a_killed_creation_left_does_not_stand_in_the_way() {
    let home = Home::new();
    for suffix in [".new", ".new-wal", ".new-shm"] {
        std::fs::write(exists::beside(&home.board(), suffix), b"half a board").unwrap();
    }
    create(&home.board(), &options()).unwrap();
    assert!(home.names().iter().all(|name| !name.contains(".new")), "{:?}", home.names());
}

#[test]
fn a_new_board_is_never_made_where_one_was() {
    for trace in ["-wal", "-shm", ".writer.lock", ".dispatch.lock", ".before-andon-1.bak"] {
        let home = Home::new();
        std::fs::write(exists::beside(&home.board(), trace), b"").unwrap();
        let error = create(&home.board(), &options()).unwrap_err();
        assert_eq!(error.code(), "board_refused", "{trace}");
        assert!(error.to_string().contains(trace), "{error}");
        assert!(!home.board().exists(), "{trace} was not enough");
    }
}

#[test]
#[ignore = "runs as a process of its own"]
fn child_creates() {
    let opened = create(&child_board(), &options()).unwrap();
    if opened.origin == Origin::Created {
        let mark = format!(".made-by-{}", std::process::id());
        std::fs::write(exists::beside(&child_board(), &mark), b"").unwrap();
    }
}

#[test]
fn processes_that_create_one_board_at_once_make_one_schema() {
    let home = Home::new();
    // Nobody starts before all are there.
    let gate = InitLock::acquire(&home.board(), Duration::ZERO).unwrap();
    let children: Vec<_> =
        (0..6).map(|_| start_child("open::tests::created::child_creates", &home.board())).collect();
    drop(gate);
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let makers = home.names().iter().filter(|name| name.contains(".made-by-")).count();
    assert_eq!(makers, 1);
    let mut opened = open(&home.board(), &options()).unwrap();
    let verdict =
        crate::check::check(&mut opened.reader, crate::check::Depth::Full, Duration::from_secs(60));
    assert_eq!(verdict.unwrap(), crate::check::Verdict::Sound);
}

#[test]
fn a_first_open_that_takes_too_long_elsewhere_is_busy_and_makes_nothing() {
    let home = Home::new();
    let _other = InitLock::acquire(&home.board(), Duration::ZERO).unwrap();
    let hasty = OpenOptions { init_wait: Duration::from_millis(20), ..options() };
    let error = create(&home.board(), &hasty).unwrap_err();
    assert_eq!(error.code(), "busy");
    assert!(error.to_string().contains("held by process"), "{error}");
    assert_eq!(home.names(), ["kanban.db.init.lock"]);
}

#[test]
fn a_board_on_a_network_is_refused_before_anything_is_made() {
    let home = Home::new();
    let remote = OpenOptions { probe: |_| Ok(0x6969), ..options() };
    let error = create(&home.board(), &remote).unwrap_err();
    assert!(error.to_string().contains("NFS"), "{error}");
    assert_eq!(home.names(), Vec::<String>::new());
}
