//! A control group of its own for a run, where this host lets us have one (cgroup v2).
//!
//! It bounds the tree as a whole and ends it in one step. Without it the other means of `limits`
//! and `tree` do the same less exactly, so nothing here is an error: there is a group or none.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Period of the processor quota in microseconds: the kernel's default.
const CPU_PERIOD_US: u64 = 100_000;

/// What a group bounds. What its controllers cannot bound is left to other means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Memory of all its processes, in KiB.
    pub memory_kb: Option<u64>,
    /// Number of its processes.
    pub processes: Option<u32>,
    /// Processors' worth of time, in percent of one.
    pub cpu_percent: Option<u32>,
}

/// A run's own group, removed when dropped (the kernel refuses while a process is in it).
#[derive(Debug)]
pub struct Leaf {
    path: PathBuf,
    bounds_memory: bool,
}

impl Leaf {
    /// Makes a group below `root`, or below the group that the service manager delegated to us.
    pub fn create(root: Option<&Path>, name: &str, bounds: &Bounds) -> Option<Self> {
        let root = root.map_or_else(delegated, |root| Some(root.to_owned()))?;
        // Refused where the root has processes of its own; then the group only counts and kills.
        // One by one, because a controller that was not handed over would refuse the others, too.
        for controller in ["+memory", "+pids", "+cpu"] {
            fs::write(root.join("cgroup.subtree_control"), controller).ok();
        }
        let path = path_of(&root, name);
        fs::create_dir(&path).ok()?;
        let mut leaf = Self { path, bounds_memory: false };
        leaf.bound(bounds);
        Some(leaf)
    }

    fn bound(&mut self, bounds: &Bounds) {
        if let Some(kb) = bounds.memory_kb {
            self.bounds_memory = self.write("memory.max", &(kb * 1024).to_string()).is_ok();
            // Swapping instead of ending would only make the host slow; not every kernel has it.
            self.write("memory.swap.max", "0").ok();
        }
        if let Some(processes) = bounds.processes {
            self.write("pids.max", &processes.to_string()).ok();
        }
        if let Some(percent) = bounds.cpu_percent {
            let quota_us = u64::from(percent) * CPU_PERIOD_US / 100;
            self.write("cpu.max", &format!("{quota_us} {CPU_PERIOD_US}")).ok();
        }
    }

    /// Moves a process in; those it starts from then on are in as well.
    pub fn admit(&self, pid: i32) -> io::Result<()> {
        self.write("cgroup.procs", &pid.to_string())
    }

    /// Whether the kernel bounds the memory, so that nobody has to measure it.
    pub fn bounds_memory(&self) -> bool {
        self.bounds_memory
    }

    /// Kills all of its processes at once. Fails on kernels before 5.14.
    pub fn kill(&self) -> io::Result<()> {
        self.write("cgroup.kill", "1")
    }

    /// Whether the kernel killed for want of memory.
    pub fn ran_out_of_memory(&self) -> bool {
        self.value("memory.events", "oom_kill").is_some_and(|kills| kills > 0)
    }

    /// Processor time used by all processes that ever were in it, in milliseconds.
    pub fn cpu_ms(&self) -> Option<u64> {
        self.value("cpu.stat", "usage_usec").map(|us| us / 1000)
    }

    fn value(&self, file: &str, key: &str) -> Option<u64> {
        let text = fs::read_to_string(self.path.join(file)).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '))?;
        line.trim().parse().ok()
    }

    fn write(&self, file: &str, value: &str) -> io::Result<()> {
        // The file is the kernel's: were it absent, creating it would be refused.
        fs::write(self.path.join(file), value)
    }
}

/// Removes the group that a dead runner left behind, once its tree is gone.
pub fn sweep(root: Option<&Path>, name: &str) {
    if let Some(root) = root.map_or_else(delegated, |root| Some(root.to_owned())) {
        fs::remove_dir(path_of(&root, name)).ok();
    }
}

impl Drop for Leaf {
    fn drop(&mut self) {
        // A group that still has processes stays, and so does the proof that they live.
        fs::remove_dir(&self.path).ok();
    }
}

fn path_of(root: &Path, name: &str) -> PathBuf {
    root.join(format!("andon-{name}"))
}

/// The group that the service manager handed over to us: our own, or the one around it when it put
/// us into a subgroup. It marks what it hands over; other groups are not ours to change.
fn delegated() -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let mount = mounts.lines().find_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let place = fields.next()?;
        (fields.next()? == "cgroup2").then_some(place)
    })?;
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let own = Path::new(mount).join(own);
    let around = own.parent().map(Path::to_owned);
    std::iter::once(own).chain(around).find(|group| is_marked(group))
}

fn is_marked(group: &Path) -> bool {
    ["user.delegate", "trusted.delegate"].iter().any(|name| {
        let mut value = [0; 1];
        rustix::fs::getxattr(group, *name, &mut value[..]).is_ok() && value == *b"1"
    })
}
