//! What people and the peer do to the task.

use super::step::Orders;
use super::{Row, Runs, State, Status};

impl State {
    /// An order, if it can be given now.
    pub(super) fn obey(&mut self, model: &Runs, what: Orders) -> Option<()> {
        if what == Orders::PeerTakesBack {
            return self.peer_takes_back();
        }
        let from = if what == Orders::Unblock { Status::Blocked } else { Status::Running };
        if self.orders == 0 || self.status != from {
            return None;
        }
        self.orders -= 1;
        match what {
            Orders::Cancel => self.order(model, Status::Blocked),
            Orders::Reclaim => self.order(model, Status::Ready),
            Orders::Complete => self.order(model, Status::Done),
            Orders::Unblock => (self.status, self.failures) = (Status::Ready, 0),
            Orders::PeerTakesBack => {}
        }
        Some(())
    }

    /// It writes the task's and the run's rows, and knows nothing of our tables: whether the tree
    /// is gone stays open there.
    fn peer_takes_back(&mut self) -> Option<()> {
        let current = usize::from(self.current?);
        if self.taken_back == 0 || !self.runs[current].is_lapsed {
            return None;
        }
        self.taken_back -= 1;
        self.runs[current].row = Row::Closed;
        (self.status, self.current) = (Status::Ready, None);
        Some(())
    }
}
