//! Exit codes of the command line (S1).

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// Everything asked for was done.
    Done,
    /// The board, or the world, said no: at least one thing was not done.
    Failed,
    /// The call itself is wrong: an unknown flag, a value that cannot be read.
    Usage,
}

impl ExitStatus {
    /// The process's exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
        }
    }
}
