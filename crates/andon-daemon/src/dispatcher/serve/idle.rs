//! Waiting without a board: in quarantine, or until it can be opened.

use super::super::wake::wait;
use super::Service;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// How often a board in quarantine is looked at from outside, by one `stat`.
const FINGERPRINT_LOOK: Duration = Duration::from_secs(1);

impl Service {
    /// Leaves a board in quarantine alone until its time has come, its file has changed, or
    /// somebody asks to stop.
    pub(super) fn rest(&mut self) -> std::io::Result<()> {
        while self.ward.is_holding() && self.control.stop().is_none() {
            self.wait_once(Instant::now() + FINGERPRINT_LOOK)?;
        }
        Ok(())
    }

    pub(super) fn idle_until(&mut self, until: Instant) -> std::io::Result<()> {
        while Instant::now() < until && self.control.stop().is_none() {
            self.wait_once(until)?;
        }
        Ok(())
    }

    /// Waits without a board. Runners that end are reaped; what became of their runs is found out
    /// once the board can be read again.
    fn wait_once(&mut self, until: Instant) -> std::io::Result<()> {
        let mut fds = vec![self.control.wake.as_fd()];
        fds.extend(self.state.runners.descriptors());
        let ready = wait(&fds, until)?;
        self.control.wake.clear();
        self.take_ended(&ready, 1);
        Ok(())
    }
}
