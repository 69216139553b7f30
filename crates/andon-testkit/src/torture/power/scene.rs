//! What a story is about.

use crate::torture::Failure;

/// What the power is cut in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// Making or adopting a board, commands, checkpoints.
    Commands,
    /// Backups of a board in use.
    Backup,
    /// Putting a backup into the board's place, whatever is there.
    Restore,
    /// Bringing a broken board back from its own files.
    Repair,
}

impl Scene {
    /// What stories are about where nobody says otherwise, by turns. Seeds of the past keep theirs.
    /// A repair takes as long as ten commands, so there are few.
    pub const USUAL: &[Self] = &[
        Self::Commands,
        Self::Commands,
        Self::Backup,
        Self::Commands,
        Self::Restore,
        Self::Commands,
        Self::Repair,
        Self::Commands,
        Self::Commands,
        Self::Commands,
        Self::Backup,
        Self::Commands,
        Self::Restore,
        Self::Commands,
        Self::Commands,
        Self::Commands,
    ];

    /// All.
    pub const ALL: [Self; 4] = [Self::Commands, Self::Backup, Self::Restore, Self::Repair];

    /// What the story of a seed is about.
    pub(super) fn of(seed: u64, by_turns: &[Self]) -> Self {
        by_turns[(seed % by_turns.len() as u64) as usize]
    }

    /// It in a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Commands => "commands",
            Self::Backup => "backup",
            Self::Restore => "restore",
            Self::Repair => "repair",
        }
    }

    /// Reads words with commas between them.
    pub(super) fn parse(words: &str) -> Result<Vec<Self>, Failure> {
        let scene = |word: &str| {
            let found = Self::ALL.into_iter().find(|scene| scene.word() == word);
            found.ok_or_else(|| format!("there is no scene {word}").into())
        };
        words.split(',').map(scene).collect()
    }
}
