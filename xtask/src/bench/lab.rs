//! Where the benches run: the programs, built for release, the peers, and fresh files on a disk.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::TaskError;
use crate::{process, tree};

use super::client::Client;
use super::effort::Counts;
use super::machine;
use super::peers::Peers;

/// Everything that a bench needs.
pub(super) struct Lab {
    pub(super) client: Client,
    /// The `andon` program.
    pub(super) andon: PathBuf,
    pub(super) peers: Peers,
    pub(super) counts: Counts,
    directory: PathBuf,
}

impl Lab {
    /// Builds the programs and clears the directory of earlier runs. The peers are installed when
    /// one of them is first called.
    pub(super) fn open(counts: Counts) -> Result<Self, TaskError> {
        let arguments =
            ["build", "--release", "--locked", "-p", "andon", "-p", "andon-testkit", "--bins"];
        process::run(&mut process::cargo(arguments))?;
        let target = tree::target_directory();
        let directory = target.join("bench");
        if directory.exists() {
            fs::remove_dir_all(&directory).map_err(TaskError::file("remove", &directory))?;
        }
        fs::create_dir_all(&directory).map_err(TaskError::file("create", &directory))?;
        machine::require_disk(&directory)?;
        Ok(Self {
            client: Client { path: target.join("release/bench_client") },
            andon: target.join("release/andon"),
            peers: Peers::below(&target),
            counts,
            directory,
        })
    }

    /// A directory that nothing was written to yet.
    pub(super) fn fresh(&self, name: &str) -> Result<PathBuf, TaskError> {
        let directory = self.directory.join(name);
        fs::create_dir(&directory).map_err(TaskError::file("create", &directory))?;
        Ok(directory)
    }

    /// A fresh directory for one turn of a bench.
    pub(super) fn turn(&self, bench: &str, who: &str, round: usize) -> Result<PathBuf, TaskError> {
        self.fresh(&format!("{bench}-{who}-{round}"))
    }

    /// Where the files lie, for a look at the disk.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }
}
