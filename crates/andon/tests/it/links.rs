//! Links planted in every place where a verb writes: what they lead to is left alone, and nothing
//! is made there. The verb may go on or refuse; it says which.

use crate::env::TestEnv;
use crate::processes::{self, eventually};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest wait until no process of a run is left.
const LIMIT: Duration = Duration::from_secs(60);

/// A task that every scene has, ready for the shell.
const BODY: &str = "echo hello";

/// Where a link is planted, below the home.
struct Trap {
    /// `{task}` stands for the task's id.
    place: &'static str,
    /// What is run then.
    verb: &'static [&'static str],
    /// What is there before.
    scene: Scene,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scene {
    /// An empty directory.
    Empty,
    /// The default board with a task, and a board `infra`.
    Boards,
    /// A board of the peer.
    Peers,
}

use Scene::{Boards, Empty, Peers};

#[rustfmt::skip] // One place, one line.
const TRAPS: &[Trap] = &[
    Trap { place: "kanban.db.init.lock", verb: &["init"], scene: Empty },
    Trap { place: "kanban.db", verb: &["init"], scene: Empty },
    Trap { place: "kanban.db.new", verb: &["init"], scene: Empty },
    Trap { place: "kanban.db.new-wal", verb: &["init"], scene: Empty },
    Trap { place: "kanban.db.new-shm", verb: &["init"], scene: Empty },
    Trap { place: "kanban.db.new-journal", verb: &["init"], scene: Empty },
    Trap { place: "kanban.db.before-andon.new", verb: &["list"], scene: Peers },
    Trap { place: "kanban.db.before-andon.new-wal", verb: &["list"], scene: Peers },
    Trap { place: "kanban.db.before-andon-1.bak", verb: &["list"], scene: Peers },
    Trap { place: "kanban.db.init.lock", verb: &["list"], scene: Peers },
    Trap { place: "kanban.db-journal", verb: &["list"], scene: Peers },
    Trap { place: "kanban.db.writer.lock", verb: &["create", "B"], scene: Boards },
    Trap { place: "kanban.db-wal", verb: &["create", "B"], scene: Boards },
    Trap { place: "kanban.db-shm", verb: &["create", "B"], scene: Boards },
    Trap { place: "kanban.db-journal", verb: &["create", "B"], scene: Boards },
    Trap { place: "kanban.db.dispatch.lock", verb: &["dispatch"], scene: Boards },
    Trap { place: "kanban/logs/{task}.log", verb: &["dispatch"], scene: Boards },
    Trap { place: "kanban/logs/{task}.log.1", verb: &["dispatch"], scene: Boards },
    Trap { place: "kanban/workspaces/{task}", verb: &["dispatch"], scene: Boards },
    Trap { place: "kanban/.boards.lock", verb: &["boards", "switch", "infra"], scene: Boards },
    Trap { place: "kanban/current", verb: &["boards", "switch", "infra"], scene: Boards },
    Trap { place: "kanban/current.tmp", verb: &["boards", "switch", "infra"], scene: Boards },
    Trap { place: "kanban/boards/infra/board.json", verb: &["boards", "rename", "infra", "X"], scene: Boards },
    Trap { place: "kanban/boards/infra/board.json.tmp", verb: &["boards", "rename", "infra", "X"], scene: Boards },
    Trap { place: "kanban/boards/new", verb: &["boards", "create", "new"], scene: Boards },
    Trap { place: "kanban/boards/_archived", verb: &["boards", "create", "new"], scene: Boards },
    Trap { place: "kanban/boards/infra/kanban.db.dispatch.lock", verb: &["boards", "archive", "infra"], scene: Boards },
    Trap { place: "kanban/boards/infra/kanban.db.writer.lock", verb: &["boards", "archive", "infra"], scene: Boards },
];

impl Scene {
    /// Makes it and answers the task's id, if there is one.
    fn make(self, env: &TestEnv) -> String {
        match self {
            Empty => fs::create_dir_all(env.home()).unwrap(),
            Peers => {
                fs::create_dir_all(env.home()).unwrap();
                let board = Connection::open(env.database()).unwrap();
                board.execute_batch(crate::private::PEERS).unwrap();
            }
            Boards => {
                env.ok(&["init"]);
                env.ok(&["boards", "create", "infra"]);
                return env.create(&["A", "--assignee", "shell", "--body", BODY]);
            }
        }
        String::new()
    }
}

/// Everything below a directory, files with their contents.
fn contents(dir: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
            found.insert(path, None);
        } else {
            let text = fs::read(&path).unwrap();
            found.insert(path, Some(text));
        }
    }
    found
}

/// Plants a link to `target`, which lies in `outside`, runs the verb, and looks at `outside`.
fn spring(trap: &Trap, target: &str) {
    let env = processes::env();
    let task = trap.scene.make(&env);
    let outside = env.path().join("outside");
    fs::create_dir_all(outside.join("dir")).unwrap();
    fs::write(outside.join("file"), "not ours").unwrap();
    fs::write(outside.join("dir/file"), "not ours either").unwrap();
    let before = contents(&outside);
    let place = env.home().join(trap.place.replace("{task}", &task));
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    // Only files that a verb would put there: a board's directory is not exchanged for a link here.
    fs::remove_file(&place).ok();
    symlink(outside.join(target), &place).unwrap();
    let ran = env.run(trap.verb);
    eventually(LIMIT, || processes::marked(&env).is_empty().then_some(())).unwrap();
    let what = format!("{} -> {target}: {ran}", trap.place);
    assert_eq!(contents(&outside), before, "{what}");
    assert!(matches!(ran.code, 0..=2), "{what}");
    assert!(ran.code == 0 || !ran.stderr.is_empty(), "a refusal says why: {what}");
}

#[test]
fn a_link_in_a_files_place_leads_nobody_out_of_the_home() {
    for trap in TRAPS {
        for target in ["file", "nothing", "dir"] {
            spring(trap, target);
        }
    }
}

#[test]
fn a_task_id_that_is_a_path_reaches_no_file_whoever_wrote_it() {
    let env = processes::env();
    let task = env.create(&["A", "--assignee", "shell", "--body", BODY]);
    let other = Connection::open(env.database()).unwrap();
    let sql = "INSERT INTO tasks (id, title, body, status, assignee, created_at, workspace_kind) \
               SELECT '../../../' || id, title, body, status, assignee, created_at, workspace_kind \
               FROM tasks";
    other.execute(sql, []).unwrap();
    env.ok(&["dispatch"]);
    eventually(LIMIT, || (env.status(&task) == "done").then_some(())).unwrap();
    let strays = contents(env.path()).into_keys().filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_ours = path.starts_with(env.home().join("kanban/logs"))
            || path.starts_with(env.home().join("kanban/workspaces"));
        name.starts_with(&task) && !is_ours
    });
    assert_eq!(strays.collect::<Vec<_>>(), [] as [PathBuf; 0]);
}
