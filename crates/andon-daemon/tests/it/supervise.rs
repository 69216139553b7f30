//! Claims about the dispatchers of all boards.

use crate::stage::{LIMIT, Stage};
use andon_core::id::BoardSlug;
use andon_core::time::Timestamp;
use andon_daemon::boards::{Boards, MetadataChange};
use andon_daemon::dispatcher::Stop;
use andon_daemon::home::Layout;
use andon_daemon::supervise::{Change, Supervisor, Which};
use std::fs;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

#[test]
fn boards_get_a_dispatcher_when_they_appear_and_one_boards_trouble_is_its_own() {
    let stage = Stage::new();
    let options = stage.options(&[]);
    let equip = Arc::new(move |layout: &Layout| match layout.slug().as_str() {
        "broken" => Err("no settings".to_owned()),
        _ => Ok(andon_daemon::dispatcher::Options { layout: layout.clone(), ..options.clone() }),
    });
    let (sender, changes) = channel();
    let sender = Mutex::new(sender);
    let listener = Arc::new(move |change: &Change<'_>| {
        sender.lock().unwrap().send(format!("{change:?}")).ok();
    });
    let expect = |text: &str| {
        let deadline = std::time::Instant::now() + LIMIT;
        loop {
            let left = deadline.saturating_duration_since(std::time::Instant::now());
            if changes.recv_timeout(left).unwrap().contains(text) {
                return;
            }
        }
    };
    make(&stage, "broken");
    make(&stage, "put-away");
    let put_away = Layout::new(&stage.home, &BoardSlug::parse("put-away").unwrap());
    fs::write(put_away.metadata_file(), r#"{"archived": true}"#).unwrap();
    let supervisor = Supervisor::spawn(stage.home.clone(), Which::All, equip, listener).unwrap();
    let serves = |names: &[&str]| {
        supervisor.served().is_some_and(|boards| {
            boards.iter().map(|layout| layout.slug().as_str()).eq(names.iter().copied())
        })
    };
    expect("Failed { board: BoardSlug(\"broken\"), why: \"no settings\" }");
    expect("Added(BoardSlug(\"default\"))");
    stage.wait_until("one is served", || serves(&["default"]));
    make(&stage, "infra");
    expect("Added(BoardSlug(\"infra\"))");
    stage.wait_until("both lead", || stage.seen.count("Leading") == 2);
    stage.wait_until("both are served", || serves(&["default", "infra"]));
    let dir = Layout::new(&stage.home, &BoardSlug::parse("infra").unwrap()).board_dir().to_owned();
    fs::rename(&dir, stage.dir.path().join("away")).unwrap();
    expect("Removed(BoardSlug(\"infra\"))");
    stage.wait_until("one is served", || serves(&["default"]));
    supervisor.stop(Stop::Leave);
    expect("Removed(BoardSlug(\"default\"))");
    supervisor.join().unwrap();
}

fn make(stage: &Stage, name: &str) {
    let slug = BoardSlug::parse(name).unwrap();
    let layout = Layout::new(&stage.home, &slug);
    let change = MetadataChange::default();
    Boards::new(&stage.home).create(&slug, &change, Timestamp(1)).unwrap();
    fs::write(layout.database(), "").unwrap();
}
