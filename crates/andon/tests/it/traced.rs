//! Every system call that touches a board's files, as strace sees it: nobody but SQLite opens them
//! for more than a look, nobody closes database or index again but SQLite, nobody deletes or
//! replaces them, and no close gives away a lock that is held.

mod calls;

use crate::env::TestEnv;
use crate::processes;
use calls::{Judge, TRACED};
use std::process::{Command, Stdio};

/// strace, where it is installed.
#[expect(clippy::print_stderr, reason = "a skipped test must not look like one that passed")]
fn has_strace() -> bool {
    let mut command = Command::new("strace");
    command.arg("-V").stdout(Stdio::null()).stderr(Stdio::null());
    let found = command.status().is_ok_and(|status| status.success());
    if !found {
        eprintln!("skipped: strace is not installed");
    }
    found
}

/// Runs the binary under strace and lets the judge read what it did.
fn traced(env: &TestEnv, arguments: &[&str], judge: &mut Judge) {
    let plain = env.command();
    let output = env.path().join("strace.out");
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-s", "0", "-e", TRACED, "-o"]).arg(&output);
    command.arg(plain.get_program()).args(arguments).current_dir(env.path());
    command.env_clear().stdin(Stdio::null());
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let ran = env.ran(command.output().unwrap());
    assert_eq!(ran.code, 0, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
    judge.read(&std::fs::read_to_string(&output).unwrap());
}

#[test]
fn nobody_but_sqlite_touches_a_boards_files() {
    if !has_strace() {
        return;
    }
    let env = processes::env();
    let mut judge = Judge::of(&env.database());
    traced(&env, &["init"], &mut judge);
    let task = env.create(&["A"]);
    env.create(&["B", "--assignee", "shell", "--body", "true"]);
    for arguments in [
        &["create", "C", "--json"][..],
        &["list", "--json"],
        &["show", &task],
        &["claim", &task],
        &["comment", &task, "a remark"],
        &["heartbeat", &task, "--note", "at work"],
        &["complete", &task, "--summary", "it is done"],
        &["stats"],
        &["boards", "list"],
        &["backup"],
        // Dispatcher, runner, stub and worker, to the end of the one task that has a worker.
        &["up", "--once-empty"],
        &["archive", &task],
    ] {
        traced(&env, arguments, &mut judge);
    }
    assert_eq!(judge.findings, Vec::<String>::new());
    // What was looked for was there to be found.
    assert!(judge.sqlite_opens > 40, "{judge:?}");
    assert!(judge.lasting_opens > 10 && judge.log_reads > 10, "{judge:?}");
    assert!(judge.guard_locks >= 2, "{judge:?}");
    assert!(judge.locks > 40, "{judge:?}");
    assert_eq!(env.status(&task), "archived");
}

/// What is found in a trace of the board `/b/kanban.db`.
fn found(lines: &str) -> usize {
    let mut judge = Judge::of("/b/kanban.db".as_ref());
    judge.read(lines);
    judge.findings.len()
}

#[test]
fn sqlite_may_give_back_the_index_by_closing_it_and_nobody_else_may() {
    let opened = "7 openat(AT_FDCWD</>, \"/b/kanban.db-shm\", \
                  O_RDWR|O_CREAT|O_NOFOLLOW|O_CLOEXEC, 0600) = 5</b/kanban.db-shm>\n";
    let lock = |first: u32| {
        format!(
            "7 fcntl(5</b/kanban.db-shm>, F_SETLK, {{l_type=F_RDLCK, l_whence=SEEK_SET, \
             l_start={first}, l_len=1}}) = 0\n"
        )
    };
    let (in_use, reading) = (lock(128), lock(124));
    let closed = "7 close(5</b/kanban.db-shm>) = 0\n";
    assert_eq!(found(&format!("{opened}{in_use}{closed}")), 0);
    assert_eq!(found(&format!("{opened}{in_use}{reading}{closed}")), 1, "a reader's lock went");
    let other = "7 close(9</b/kanban.db-shm>) = 0\n";
    assert_eq!(found(&format!("{opened}{in_use}{other}")), 1, "not SQLite's descriptor");
}

#[test]
fn a_foreign_open_a_deletion_and_a_lock_given_away_are_found() {
    let sqlite = "openat(AT_FDCWD</>, \"/b/kanban.db\", O_RDWR|O_CREAT|O_NOFOLLOW|O_CLOEXEC, 0600)";
    let opened = format!("7 {sqlite} = 4</b/kanban.db>\n");
    let locked = "7 fcntl(4</b/kanban.db>, F_SETLK, {l_type=F_RDLCK, l_whence=SEEK_SET, \
                  l_start=1073741826, l_len=510}) = 0\n";
    let unlocked = "7 fcntl(4</b/kanban.db>, F_SETLK, {l_type=F_UNLCK, l_whence=SEEK_SET, \
                    l_start=0, l_len=0}) = 0\n";
    let closed = "7 close(4</b/kanban.db>) = 0\n";
    assert_eq!(found(&format!("{opened}{locked}{unlocked}{closed}")), 0);
    assert_eq!(found(&format!("{opened}{locked}{closed}")), 1, "a lock was given away");
    // A thread closes for its whole process.
    let thread =
        "7 clone3({flags=CLONE_VM|CLONE_THREAD, stack_size=1} => {parent_tid=[8]}, 88) = 8\n";
    let by_thread = "8 close(4</b/kanban.db>) = 0\n";
    assert_eq!(found(&format!("{thread}{opened}{locked}{by_thread}")), 1);
    let by_child = "9 close(4</b/kanban.db>) = 0\n";
    assert_eq!(found(&format!("{opened}{locked}{by_child}")), 0, "locks are not inherited");
    let foreign = "7 openat(AT_FDCWD</>, \"/b/kanban.db-wal\", O_RDONLY) = 4</b/kanban.db-wal>\n";
    assert_eq!(found(foreign), 1);
    let guard =
        "7 open(\"/b/kanban.db-shm\", O_RDONLY|O_LARGEFILE|O_CLOEXEC) = 5</b/kanban.db-shm>\n";
    let holds = "7 fcntl(5</b/kanban.db-shm>, F_OFD_SETLK, {l_type=F_RDLCK, \
                 l_whence=SEEK_SET, l_start=128, l_len=1}) = 0\n";
    assert_eq!(found(&format!("{guard}{holds}")), 0);
    let interrupted = guard.replace(") = 5", " <unfinished ...>\n7 <... open resumed>)    = 5");
    assert_eq!(found(&format!("{interrupted}{holds}")), 0, "{interrupted}");
    assert_eq!(found(guard), 0, "a look that lasts");
    let look = "7 open(\"/b/kanban.db-wal\", O_RDONLY|O_NOFOLLOW|O_CLOEXEC) = 6</b/kanban.db-wal>\n\
                7 close(6</b/kanban.db-wal>) = 0\n";
    assert_eq!(found(look), 0, "a look into the log, which has no locks");
    assert_eq!(found(&look.replace("-wal", "")), 1, "the same into the database, which has");
    assert_eq!(found(&format!("{guard}{holds}7 close(5</b/kanban.db-shm>) = 0\n")), 1);
    assert_eq!(found("7 unlink(\"/b/kanban.db-wal\") = 0\n"), 1);
    assert_eq!(found("7 rename(\"/b/kanban.db\", \"/b/elsewhere\") = 0\n"), 1);
    assert_eq!(found("7 rename(\"/b/kanban.db.new\", \"/b/kanban.db\") = 0\n"), 0);
}
