//! What foreign code in our process may do at any time: open the board's files, read and close
//! them. That cancels every lock that SQLite holds for this process.

use std::fs::File;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The word on its input by which a process is told to do it.
pub(super) const WORD: &str = "stray";

/// Obeys the input until it ends; then the process is to end, too.
pub(super) fn listen(board: PathBuf, is_over: Arc<AtomicBool>) {
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if line == WORD {
                open_and_close(&board);
            }
        }
        is_over.store(true, Ordering::SeqCst);
    });
}

/// Opens, reads and closes database, log and index. Failures do not matter: whoever does such
/// things does not care.
fn open_and_close(board: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let path = PathBuf::from(format!("{}{suffix}", board.display()));
        if let Ok(mut file) = File::open(path) {
            let mut header = [0; 100];
            drop(file.read(&mut header));
        }
    }
}
