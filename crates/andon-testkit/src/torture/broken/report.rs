//! What became of each kind of damage.

use std::fmt;

/// One kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What was done to the files.
    pub kind: &'static str,
    /// How it was noticed.
    pub noticed: String,
    /// Rows before.
    pub before: usize,
    /// Rows that do not lie where the damage is.
    pub readable: usize,
    /// Rows that are on the repaired board as they were.
    pub recovered: usize,
    /// What `andon repair` said.
    pub repair: String,
}

/// All of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// One by one.
    pub lines: Vec<Line>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} kinds of broken files: what was refused stayed byte for byte, no board was replaced \
             by an empty one,\nno readable row was lost, no row came that was not there, and each \
             repaired board works\n",
            self.lines.len()
        )?;
        let (kind, noticed) = ("kind", "noticed as");
        writeln!(
            f,
            "{kind:<52} {noticed:<32} {:>7} {:>8} {:>9}  repair",
            "before", "readable", "recovered"
        )?;
        for line in &self.lines {
            let Line { kind, noticed, before, readable, recovered, repair } = line;
            writeln!(
                f,
                "{kind:<52} {noticed:<32} {before:>7} {readable:>8} {recovered:>9}  {repair}"
            )?;
        }
        Ok(())
    }
}
