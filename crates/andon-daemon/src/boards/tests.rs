//! Boards on disk: metadata that survive, and moves that refuse to harm.

mod in_use;

use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use super::*;
use crate::env::Env;
use andon_store::StoreError;

const NOW: Timestamp = Timestamp(1_795_198_143);

fn home() -> (TempDir, Home) {
    let dir = tempfile::tempdir().unwrap();
    let env = Env::from_pairs([("HOME", dir.path().as_os_str())]);
    let home = Home::resolve(Some(&dir.path().join("home")), &env).unwrap();
    (dir, home)
}

fn slug(text: &str) -> BoardSlug {
    BoardSlug::parse(text).unwrap()
}

fn create(boards: &Boards<'_>, name: &str) -> Layout {
    boards.create(&slug(name), &MetadataChange::default(), NOW).unwrap();
    Layout::new(boards.home, &slug(name))
}

#[expect(clippy::unnecessary_wraps, reason = "it stands for a look that can fail")]
fn nobody(_: &Path) -> Result<Option<String>, StoreError> {
    Ok(None)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn metadata_are_written_in_the_peers_order_and_form() {
    let (_dir, home) = home();
    let change = MetadataChange {
        description: Some("größer".into()),
        default_workdir: Some(Some("/srv/wd".into())),
        ..MetadataChange::default()
    };
    let (created, metadata) =
        Boards::new(&home).create(&slug("atm10_the-server"), &change, NOW).unwrap();
    assert_eq!((created, metadata.name.as_str()), (Created::New, "Atm10 The Server"));
    let file = Layout::new(&home, &slug("atm10_the-server")).metadata_file();
    let expected = r##"{
  "slug": "atm10_the-server",
  "name": "Atm10 The Server",
  "description": "größer",
  "icon": "",
  "color": "",
  "default_workdir": "/srv/wd",
  "created_at": 1795198143,
  "archived": false
}
"##;
    assert_eq!(fs::read_to_string(&file).unwrap(), expected);
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
}

#[test]
fn unknown_keys_survive_a_change_and_only_what_was_named_differs() {
    let (_dir, home) = home();
    let boards = Boards::new(&home);
    let layout = create(&boards, "a");
    let text = r#"{"zoo": {"b": 1, "a": [2]}, "name": "Mine", "slug": "other", "created_at": 7}"#;
    fs::write(layout.metadata_file(), text).unwrap();
    let change = MetadataChange { color: Some("#fff".into()), ..MetadataChange::default() };
    let metadata = boards.change(&slug("a"), &change, NOW).unwrap();
    assert_eq!((metadata.slug, metadata.name.as_str()), (slug("a"), "Mine"));
    assert_eq!(metadata.created_at, Some(Timestamp(7)));
    let written = fs::read_to_string(layout.metadata_file()).unwrap();
    assert!(written.contains("\"zoo\": {\n    \"b\": 1,\n    \"a\""), "{written}");
}

#[test]
fn a_blank_name_stands_for_the_slugs_and_none_clears_the_directory() {
    let (_dir, home) = home();
    let boards = Boards::new(&home);
    let change = MetadataChange {
        name: Some("X".into()),
        default_workdir: Some(Some("/srv".into())),
        ..MetadataChange::default()
    };
    boards.create(&slug("my-board"), &change, NOW).unwrap();
    let change = MetadataChange {
        name: Some("  ".into()),
        default_workdir: Some(None),
        ..MetadataChange::default()
    };
    let metadata = boards.change(&slug("my-board"), &change, NOW).unwrap();
    assert_eq!((metadata.name.as_str(), metadata.default_workdir), ("My Board", None));
}

#[test]
fn a_broken_file_is_an_error_by_name_and_hides_neither_board_nor_list() {
    let (_dir, home) = home();
    let boards = Boards::new(&home);
    let layout = create(&boards, "b");
    create(&boards, "a");
    for text in [&b"{\"name\": \"x"[..], b"[]", b"\xff", b"{\"name\": 3}"] {
        fs::write(layout.metadata_file(), text).unwrap();
        let refused = boards.change(&slug("b"), &MetadataChange::default(), NOW).unwrap_err();
        assert!(refused.to_string().contains("boards/b/board.json"), "{refused}");
        assert_eq!(fs::read(layout.metadata_file()).unwrap(), text, "the file is left alone");
        let list = boards.list().unwrap();
        let names: Vec<_> = list.iter().map(|entry| entry.layout.slug().as_str()).collect();
        assert_eq!(names, ["default", "a", "b"]);
        assert!(list[1].metadata.is_ok() && list[2].metadata.is_err());
    }
}

#[test]
fn a_crashed_writers_leavings_do_not_matter() {
    let (_dir, home) = home();
    let boards = Boards::new(&home);
    let layout = create(&boards, "a");
    let mut torn = layout.metadata_file().into_os_string();
    torn.push(".tmp");
    fs::write(&torn, "{ half").unwrap();
    boards.change(&slug("a"), &MetadataChange::default(), NOW).unwrap();
    assert!(!Path::new(&torn).exists());
    assert_eq!(boards.metadata(&slug("a")).unwrap().name, "A");
}

#[test]
fn writers_at_the_same_time_lose_nothing_and_readers_see_whole_files() {
    const ROUNDS: usize = 20;
    let (_dir, home) = home();
    create(&Boards::new(&home), "a");
    let text = |round: usize| Some(format!("{round}"));
    let change_each_round = |change: &(dyn Fn(usize) -> MetadataChange + Sync)| {
        for round in 1..=ROUNDS {
            Boards::new(&home).change(&slug("a"), &change(round), NOW).unwrap();
            Boards::new(&home).metadata(&slug("a")).unwrap();
        }
    };
    let none = MetadataChange::default;
    let changes: [&(dyn Fn(usize) -> MetadataChange + Sync); 3] = [
        &|round| MetadataChange { description: text(round), ..none() },
        &|round| MetadataChange { icon: text(round), ..none() },
        &|round| MetadataChange { color: text(round), ..none() },
    ];
    std::thread::scope(|scope| {
        for change in changes {
            scope.spawn(move || change_each_round(change));
        }
    });
    let last = Boards::new(&home).metadata(&slug("a")).unwrap();
    assert_eq!(
        [last.description, last.icon, last.color],
        [const { ROUNDS }; 3].map(|n| n.to_string())
    );
}

#[test]
fn switching_names_an_existing_board_and_refuses_a_missing_one() {
    let (_dir, home) = home();
    let boards = Boards::new(&home);
    create(&boards, "a");
    boards.switch(&slug("a")).unwrap();
    assert_eq!(fs::read_to_string(home.current_file()).unwrap(), "a\n");
    assert_eq!(boards.list().unwrap()[1].current, Current::Yes);
    assert!(matches!(boards.switch(&slug("ghost")), Err(BoardError::NoSuchBoard(_))));
    assert_eq!(boards.current().unwrap(), slug("a"));
}

#[test]
fn a_broken_current_file_is_an_error_by_name_and_leaves_the_list_usable() {
    let (_dir, home) = home();
    let boards = Boards::new(&home);
    create(&boards, "a");
    fs::write(home.current_file(), "no/board\n").unwrap();
    assert!(boards.current().unwrap_err().hint().unwrap().contains("boards switch"));
    assert!(boards.list().unwrap().iter().all(|entry| entry.current == Current::No));
    boards.switch(&slug("a")).unwrap();
    assert_eq!(boards.current().unwrap(), slug("a"));
}

#[test]
fn an_archived_board_comes_back_whole() {
    let (_dir, home) = home();
    let boards = Boards::new(&home);
    let layout = create(&boards, "a-1");
    fs::write(layout.database(), "rows").unwrap();
    boards.switch(&slug("a-1")).unwrap();
    let archived = boards.archive(&slug("a-1"), NOW, &nobody).unwrap();
    assert_eq!(archived.name, "a-1-1795198143");
    assert!(!layout.board_dir().exists() && !home.current_file().exists());
    assert_eq!(boards.archived().unwrap(), std::slice::from_ref(&archived));
    assert_eq!(boards.restore(&archived.name).unwrap(), slug("a-1"));
    assert_eq!(fs::read_to_string(layout.database()).unwrap(), "rows");
    assert!(boards.archived().unwrap().is_empty());
}

#[test]
fn boards_archived_in_one_second_get_names_of_their_own() {
    let (_dir, home) = home();
    let boards = Boards::new(&home);
    for expected in ["a-1795198143", "a-1795198143-1", "a-1795198143-2"] {
        create(&boards, "a");
        assert_eq!(boards.archive(&slug("a"), NOW, &nobody).unwrap().name, expected);
    }
    assert!(boards.archived().unwrap().iter().all(|archived| archived.slug == slug("a")));
}

#[test]
fn restoring_never_replaces_a_board() {
    let (_dir, home) = home();
    let boards = Boards::new(&home);
    create(&boards, "a");
    let archived = boards.archive(&slug("a"), NOW, &nobody).unwrap();
    let layout = create(&boards, "a");
    fs::write(layout.database(), "newer").unwrap();
    assert!(matches!(boards.restore(&archived.name), Err(BoardError::Exists(_))));
    assert_eq!(fs::read_to_string(layout.database()).unwrap(), "newer");
    assert!(archived.path.exists());
}

#[test]
fn deleting_takes_a_confirmation_and_leaves_nothing_behind() {
    let (_dir, home) = home();
    let boards = Boards::new(&home);
    create(&boards, "a");
    assert!(DeleteConfirmation::of(&slug("a"), "b").is_none());
    boards.delete(DeleteConfirmation::of(&slug("a"), " a\n").unwrap(), NOW, &nobody).unwrap();
    assert!(boards.archived().unwrap().is_empty());
    create(&boards, "a");
    let archived = boards.archive(&slug("a"), NOW, &nobody).unwrap();
    boards.delete_archived(&archived.name, &nobody).unwrap();
    assert!(!archived.path.exists());
    assert!(matches!(boards.delete_archived("../a", &nobody), Err(BoardError::NoSuchArchive(_))));
}

#[test]
fn the_default_board_stays() {
    let (_dir, home) = home();
    let boards = Boards::new(&home);
    let default = BoardSlug::default_board();
    assert!(matches!(boards.archive(&default, NOW, &nobody), Err(BoardError::DefaultBoard(_))));
    let confirmed = DeleteConfirmation::of(&default, "default").unwrap();
    assert!(matches!(boards.delete(confirmed, NOW, &nobody), Err(BoardError::DefaultBoard(_))));
}
