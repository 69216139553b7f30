//! Reads what strace wrote, and judges each call about a board's files.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// The calls that are asked for: those that open, close, lock, delete or move, and those that make
/// threads.
pub(super) const TRACED: &str = "open,openat,openat2,creat,close,dup,dup2,dup3,fcntl,unlink,\
                                 unlinkat,rename,renameat,renameat2,truncate,link,linkat,clone,\
                                 clone3,fork,vfork";

/// What SQLite asks for when it opens a file of a board (`robust_open` and `unixOpen`).
const SQLITE_OPENS: &[&str] = &["O_RDWR", "O_NOFOLLOW", "O_CLOEXEC"];
/// What the guard asks for, and who looks before a board is opened first: descriptors of database
/// and index that are never closed. The kernel may be told that files can be large.
const LASTING_OPENS: &[&str] = &["O_RDONLY", "O_LARGEFILE", "O_CLOEXEC"];
/// What that look asks for on the log, on which SQLite takes no lock that a close would cancel.
const LOG_READS: &[&str] = &["O_RDONLY", "O_LARGEFILE", "O_CLOEXEC", "O_NOFOLLOW"];
/// First byte that everybody holds who has the index open. SQLite gives it back by closing the
/// index, the last thing that it does there.
const INDEX_IN_USE: u64 = 128;

/// Reads traces and collects what should not be.
#[derive(Debug)]
pub(super) struct Judge {
    files: [PathBuf; 3],
    /// The process of each thread.
    threads: HashMap<u32, u32>,
    /// First bytes of the ranges that a process has locked, by process and file.
    held: BTreeMap<(u32, String), BTreeSet<u64>>,
    /// Descriptors that SQLite opened and has not closed.
    of_sqlite: BTreeSet<(u32, u32)>,
    /// Descriptors that must stay open as long as their process lives.
    lasting: BTreeSet<(u32, u32)>,
    pub(super) findings: Vec<String>,
    pub(super) sqlite_opens: usize,
    pub(super) lasting_opens: usize,
    pub(super) log_reads: usize,
    /// Locks of open files, which only the guard takes.
    pub(super) guard_locks: usize,
    pub(super) locks: usize,
}

impl Judge {
    pub(super) fn of(board: &Path) -> Self {
        let file = |suffix: &str| PathBuf::from(format!("{}{suffix}", board.display()));
        Self {
            files: [file(""), file("-wal"), file("-shm")],
            threads: HashMap::new(),
            held: BTreeMap::new(),
            of_sqlite: BTreeSet::new(),
            lasting: BTreeSet::new(),
            findings: Vec::new(),
            sqlite_opens: 0,
            lasting_opens: 0,
            log_reads: 0,
            guard_locks: 0,
            locks: 0,
        }
    }

    /// Reads one trace. Its processes have nothing to do with those of other traces.
    pub(super) fn read(&mut self, trace: &str) {
        self.threads.clear();
        self.held.clear();
        self.of_sqlite.clear();
        self.lasting.clear();
        let mut unfinished: HashMap<u32, String> = HashMap::new();
        for line in trace.lines() {
            let Some((pid, call)) = line.split_once(' ') else { continue };
            let (Ok(pid), call) = (pid.parse(), call.trim_start()) else { continue };
            // A call that another one interrupted stands on two lines.
            if let Some(begun) = call.strip_suffix("<unfinished ...>") {
                unfinished.insert(pid, begun.to_owned());
                continue;
            }
            let resumed = call.strip_prefix("<... ").and_then(|rest| rest.split_once("resumed>"));
            let whole = match resumed {
                Some((_, rest)) => unfinished.remove(&pid).unwrap_or_default() + rest,
                None => call.to_owned(),
            };
            self.judge(pid, &whole);
        }
    }

    fn judge(&mut self, thread: u32, call: &str) {
        let Some((name, rest)) = call.split_once('(') else { return };
        let Some((arguments, result)) = rest.rsplit_once(" = ") else { return };
        let arguments = arguments.trim_end().trim_end_matches(')').trim_end();
        let process = *self.threads.get(&thread).unwrap_or(&thread);
        let succeeded = !result.trim_start().starts_with('-') && !result.starts_with('?');
        match name {
            "clone" | "clone3" if arguments.contains("CLONE_THREAD") => {
                if let Some(made) = number(result) {
                    self.threads.insert(made, process);
                }
            }
            "open" | "openat" | "openat2" | "creat" if succeeded => {
                self.open(process, call, (arguments, result));
            }
            "close" => self.close(process, call, arguments),
            "dup" | "dup2" | "dup3" if self.described(arguments).is_some() => {
                self.findings.push(format!("{process} doubles a descriptor: {call}"));
            }
            "fcntl" if succeeded => self.lock(process, arguments),
            "unlink" | "unlinkat" | "rename" | "renameat" | "renameat2" | "truncate" | "link"
            | "linkat"
                if succeeded && self.named(arguments).is_some() =>
            {
                self.findings.push(format!("{process} takes a file away: {call}"));
            }
            _ => {}
        }
    }

    fn open(&mut self, process: u32, call: &str, (arguments, result): (&str, &str)) {
        let Some(file) = self.named(arguments) else { return };
        let flags = arguments.split(", ").find(|part| part.starts_with("O_")).unwrap_or_default();
        let is_log = file.ends_with("-wal");
        let asks = |all: &[&str]| flags.split('|').all(|flag| all.contains(&flag));
        let made = number(result).map(|descriptor| (process, descriptor));
        if SQLITE_OPENS.iter().all(|flag| flags.contains(flag)) {
            self.sqlite_opens += 1;
            self.of_sqlite.extend(made);
        } else if !is_log && flags.contains("O_CLOEXEC") && asks(LASTING_OPENS) {
            self.lasting_opens += 1;
            self.lasting.extend(made);
        } else if is_log && flags.contains("O_NOFOLLOW") && asks(LOG_READS) {
            self.log_reads += 1;
        } else {
            self.findings.push(format!("{process} opens a file that is SQLite's: {call}"));
        }
    }

    fn close(&mut self, process: u32, call: &str, arguments: &str) {
        let Some(file) = self.described(arguments) else { return };
        let descriptor = number(arguments).unwrap_or_default();
        if self.lasting.remove(&(process, descriptor)) {
            self.findings.push(format!("{process} closes a descriptor that must last: {call}"));
        }
        let is_index = file.ends_with("-shm");
        let held = self.held.remove(&(process, file)).unwrap_or_default();
        let is_sqlite = self.of_sqlite.remove(&(process, descriptor));
        let may_go = |first: &u64| is_sqlite && is_index && *first == INDEX_IN_USE;
        if !held.iter().all(may_go) {
            self.findings.push(format!("{process} gives away its locks {held:?}: {call}"));
        }
    }

    /// Follows the locks of processes; those of open files are not lost by a close.
    fn lock(&mut self, process: u32, arguments: &str) {
        let Some(file) = self.described(arguments) else { return };
        if arguments.contains("F_OFD_SETLK") && arguments.contains("F_RDLCK") {
            self.guard_locks += 1;
        }
        if !arguments.contains("F_SETLK,") && !arguments.contains("F_SETLKW,") {
            return;
        }
        let value = |key: &str| {
            let (_, rest) = arguments.split_once(key)?;
            rest.split([',', '}']).next()?.parse::<u64>().ok()
        };
        let (Some(start), Some(len)) = (value("l_start="), value("l_len=")) else { return };
        let held = self.held.entry((process, file)).or_default();
        if arguments.contains("F_UNLCK") {
            let end = if len == 0 { u64::MAX } else { start.saturating_add(len) };
            held.retain(|first| !(start..end).contains(first));
        } else {
            self.locks += 1;
            held.insert(start);
        }
    }

    /// The board's file that a descriptor stands for, as `4</path>` names it.
    fn described(&self, arguments: &str) -> Option<String> {
        let (_, rest) = arguments.split_once('<')?;
        let path = rest.split('>').next()?;
        self.files.iter().any(|file| file.as_os_str() == path).then(|| path.to_owned())
    }

    /// The board's file that is the first path of a call.
    fn named(&self, arguments: &str) -> Option<String> {
        let path = arguments.split('"').nth(1)?;
        self.files.iter().any(|file| file.as_os_str() == path).then(|| path.to_owned())
    }
}

fn number(text: &str) -> Option<u32> {
    let digits: String = text.trim_start().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
