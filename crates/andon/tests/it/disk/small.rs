//! A small disk that a test may fill.

use crate::env::TestEnv;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Room for a few tasks, and for many.
const SMALL: &str = "size=1m";
const LARGE: &str = "remount,size=16m";

/// A disk of its own for the home.
pub(crate) struct Disk<'env> {
    env: &'env TestEnv,
}

impl<'env> Disk<'env> {
    /// Mounts it; nothing where this process may not.
    #[expect(clippy::print_stderr, reason = "a skipped test must not look like one that passed")]
    pub(crate) fn mount(env: &'env TestEnv) -> Option<Self> {
        fs::create_dir_all(env.home()).unwrap();
        let mounted = mount(&["-t", "tmpfs", "-o", SMALL, "tmpfs"], &env.home());
        if !mounted {
            eprintln!("skipped: this user may not mount a disk");
        }
        mounted.then_some(Self { env })
    }

    pub(crate) fn remount(&self, options: &str) {
        assert!(mount(&["-o", options], &self.env.home()), "remount {options}");
    }

    /// Makes room.
    pub(super) fn enlarge(&self) {
        self.remount(LARGE);
    }

    /// Takes all room that is left.
    pub(crate) fn fill(&self) {
        let mut file = fs::File::create(self.env.home().join("filler")).unwrap();
        while file.write_all(&[1; 1024]).is_ok() {}
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        Command::new("umount").arg("--lazy").arg(self.env.home()).status().ok();
    }
}

fn mount(arguments: &[&str], at: &Path) -> bool {
    let mut command = Command::new("mount");
    command.args(arguments).arg(at).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
