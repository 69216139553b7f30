//! Claims about what a board is dispatched with.

use super::*;
use andon_core::id::BoardSlug;
use andon_daemon::boards::MetadataChange;
use andon_daemon::dispatcher::Unobserved;

#[test]
fn b27_a_board_is_dispatched_with_its_own_default_directory() {
    let dir = tempfile::tempdir().unwrap();
    let env = Env::from_pairs([("ANDON_BOARD", "current")]);
    let home = Home::resolve(Some(dir.path()), &env).unwrap();
    let layouts = ["current", "addressed"].map(|name| {
        let slug = BoardSlug::parse(name).unwrap();
        let default_workdir = Some(Some(dir.path().join(name)));
        let change = MetadataChange { default_workdir, ..MetadataChange::default() };
        Boards::new(&home).create(&slug, &change, Timestamp(1)).unwrap();
        Layout::new(&home, &slug)
    });
    let equipment = Equipment {
        home,
        program: this_program().unwrap(),
        env: Arc::new(env),
        open_files: None,
        arguments: Vec::new(),
        mode: StartMode::Alone,
        observer: Arc::new(Unobserved),
    };
    for layout in layouts {
        let found = equipment.options(&layout).unwrap().default_workdir;
        assert_eq!(found, Some(dir.path().join(layout.slug().as_str())));
    }
}
