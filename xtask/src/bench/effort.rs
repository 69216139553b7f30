//! How much is measured. The figures of a quick run show that a bench works and nothing more.

/// How long a run may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// A few minutes.
    Quick,
    /// As long as it takes; the figures that are published.
    Full,
}

impl Effort {
    /// As the command line has it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Full => "full",
        }
    }
}

/// How many of everything.
#[derive(Debug, Clone)]
pub(super) struct Counts {
    /// Times that everybody's turn comes.
    pub(super) rounds: usize,
    /// Processes of a burst: twenty agents on one board are where the peer's users met damage.
    pub(super) burst_processes: usize,
    /// Tasks that each of them creates: 4,400 in all in a full run.
    pub(super) burst_each: u32,
    /// Tasks created one by one.
    pub(super) creates: u32,
    /// Tasks claimed and completed by one client.
    pub(super) cycles: u32,
    /// Clients of one process, and their tasks.
    pub(super) crowd_threads: u32,
    pub(super) crowd_tasks: u32,
    /// Fewer for the peer, whose threads wait for each other by polling.
    pub(super) crowd_tasks_peer: u32,
    /// Steps in one commit of the probe beside it.
    pub(super) crowd_per_commit: u32,
    /// Waiting tasks on the board while one task is done.
    pub(super) sizes: &'static [u32],
    /// Samples of single calls, and how long one series may take.
    pub(super) samples: u32,
    pub(super) sample_seconds: u32,
    /// Tasks whose workers are waited for.
    pub(super) starts: u32,
    /// Whole processes that list a board.
    pub(super) lists: u32,
    /// Tasks on the board of the process whose memory is read.
    pub(super) memory_tasks: u32,
    /// Writes of the disk's probe.
    pub(super) disk_samples: u32,
}

impl Counts {
    pub(super) fn of(effort: Effort) -> Self {
        match effort {
            Effort::Quick => Self::quick(),
            Effort::Full => Self::full(),
        }
    }

    fn quick() -> Self {
        Self {
            rounds: 2,
            burst_processes: 20,
            burst_each: 22,
            creates: 200,
            cycles: 200,
            crowd_threads: 64,
            crowd_tasks: 2_000,
            crowd_tasks_peer: 128,
            crowd_per_commit: 32,
            sizes: &[10, 10_000],
            samples: 20,
            sample_seconds: 10,
            starts: 10,
            lists: 5,
            memory_tasks: 1_000,
            disk_samples: 200,
        }
    }

    /// The numbers that the published comparison names.
    pub(super) fn full() -> Self {
        Self {
            rounds: 5,
            burst_processes: 20,
            burst_each: 220,
            creates: 2_000,
            cycles: 2_000,
            crowd_threads: 64,
            crowd_tasks: 20_000,
            crowd_tasks_peer: 1_000,
            crowd_per_commit: 32,
            sizes: &[10, 10_000, 1_000_000],
            samples: 200,
            sample_seconds: 60,
            starts: 200,
            lists: 200,
            memory_tasks: 100_000,
            disk_samples: 2_000,
        }
    }
}
