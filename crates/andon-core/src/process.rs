//! Who a process is, so that a number that was used again is never taken for it (D25, D27).

use std::fmt;

/// A process, told apart from every other one that ever had its number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Process {
    /// The host's stored machine id, not its name.
    pub machine: String,
    /// The boot during which the process lives.
    pub boot: String,
    /// Process number.
    pub pid: i32,
    /// Start time in clock ticks since boot, as the kernel gives it.
    pub started: u64,
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.machine, self.boot, self.pid, self.started)
    }
}

impl Process {
    /// Reads the form that [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let (machine, boot) = (parts.next()?, parts.next()?);
        let (pid, started) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        parts.next().is_none().then(|| Self {
            machine: machine.to_owned(),
            boot: boot.to_owned(),
            pid,
            started,
        })
    }
}

#[cfg(test)]
mod tests;
