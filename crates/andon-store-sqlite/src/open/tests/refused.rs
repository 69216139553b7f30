//! Files that are not opened: each in its own words, and with every byte as it was.

use super::*;

/// Opens bytes and expects a refusal that says `why`; the file and its neighbours stay as they are.
fn refuses(bytes: &[u8], why: &str) {
    let home = Home::new();
    std::fs::write(home.board(), bytes).unwrap();
    for attempt in [open, create] {
        let error = attempt(&home.board(), &options()).unwrap_err();
        assert_eq!(error.code(), "board_refused", "{error}");
        assert!(error.to_string().contains(why), "{error}");
        let StoreError::Refused { hint, .. } = error else { panic!("no refusal") };
        assert!(hint.is_some(), "a refusal without a way out: {why}");
        assert_eq!(std::fs::read(home.board()).unwrap(), bytes, "{why}: bytes changed");
    }
}

/// The bytes of a closed database that some statements made.
fn database(statements: &str) -> Vec<u8> {
    let home = Home::new();
    let connection = Connection::open(home.board()).unwrap();
    connection.execute_batch(statements).unwrap();
    connection.close().unwrap();
    std::fs::read(home.board()).unwrap()
}

/// The bytes of a board with some content, all of it in the one file.
fn board_bytes() -> Vec<u8> {
    let home = Home::new();
    drop(create(&home.board(), &options()).unwrap());
    fill(&home.board(), 200);
    Connection::open(home.board()).unwrap().close().unwrap();
    std::fs::read(home.board()).unwrap()
}

#[test]
fn a_short_text_file_is_refused() {
    refuses(b"to do: buy milk\n", "16 bytes are too few");
}

#[test]
fn a_long_text_file_is_refused() {
    refuses(&b"a line of text\n".repeat(1000), "no SQLite header");
}

#[test]
fn an_encrypted_file_is_refused() {
    let noise: Vec<u8> =
        (0..40_960_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    refuses(&noise, "encrypted");
}

#[test]
fn an_empty_file_is_refused() {
    refuses(b"", "the file is empty");
}

#[test]
fn a_board_that_lost_pages_is_refused() {
    let bytes = board_bytes();
    refuses(&bytes[..bytes.len() - 4096], "truncated");
    refuses(&bytes[..4096], "truncated");
}

#[test]
fn a_board_that_ends_within_a_page_is_refused() {
    let bytes = board_bytes();
    refuses(&bytes[..bytes.len() - 100], "truncated");
    refuses(&bytes[..1000], "truncated");
}

#[test]
fn a_board_of_a_newer_release_is_refused() {
    let newer = database(
        "PRAGMA application_id = 0x414E444E; PRAGMA user_version = 2; CREATE TABLE tasks (id)",
    );
    refuses(&newer, "schema 2 is newer");
}

#[test]
fn a_database_of_another_program_is_refused() {
    let marked = database("PRAGMA application_id = 7; CREATE TABLE tasks (id)");
    refuses(&marked, "another program");
    let versioned = database("PRAGMA user_version = 3; CREATE TABLE tasks (id)");
    refuses(&versioned, "another program");
}

#[test]
fn a_database_without_a_board_is_refused() {
    refuses(&database("CREATE TABLE notes (id)"), "it has no table tasks");
    refuses(&database("CREATE TABLE tasks (id TEXT, status TEXT)"), "has no column title");
}

#[test]
fn a_directory_is_refused() {
    let home = Home::new();
    std::fs::create_dir(home.board()).unwrap();
    let error = open(&home.board(), &options()).unwrap_err();
    assert!(error.to_string().contains("it is a directory"), "{error}");
}

#[test]
fn a_missing_board_is_missing_and_leaves_no_file() {
    let home = Home::new();
    let error = open(&home.board(), &options()).unwrap_err();
    assert_eq!(error.code(), "no_board");
    let far = home.board().with_file_name("nowhere").join("kanban.db");
    assert_eq!(open(&far, &options()).unwrap_err().code(), "no_board");
    assert_eq!(home.names(), Vec::<String>::new());
}

#[test]
fn a_board_that_went_missing_is_refused_by_what_is_left() {
    let home = Home::new();
    std::fs::write(exists::beside(&home.board(), "-wal"), b"").unwrap();
    let error = open(&home.board(), &options()).unwrap_err();
    assert_eq!(error.code(), "board_refused");
    assert!(error.to_string().contains("kanban.db-wal is left"), "{error}");
    assert_eq!(home.names(), ["kanban.db-wal"]);
}

#[test]
fn a_link_that_leads_nowhere_is_missing_and_never_filled() {
    let home = Home::new();
    let target = home.board().with_file_name("target.db");
    std::os::unix::fs::symlink(&target, home.board()).unwrap();
    for attempt in [open, create] {
        let error = attempt(&home.board(), &options()).unwrap_err();
        assert!(error.to_string().contains("leads nowhere"), "{error}");
    }
    assert!(!target.exists());
}
