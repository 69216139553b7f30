//! What came of each mutant, kept from one start to the next. Asks nothing itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::error::TaskError;

const FILE: &str = "answers.tsv";

/// Which tests a mutant met; the later pass has the last word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pass {
    /// The quick ones of its own crate.
    Quick,
    /// All of core, the SQLite store and the test kit.
    All,
}

pub(super) const PASSES: [Pass; 2] = [Pass::Quick, Pass::All];

impl Pass {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::All => "all",
        }
    }
}

/// What the tests said of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Caught,
    OutOfTime,
    NotCompiled,
    Missed,
}

const FATES: [(Fate, &str); 4] = [
    (Fate::Caught, "CaughtMutant"),
    (Fate::OutOfTime, "Timeout"),
    (Fate::NotCompiled, "Unviable"),
    (Fate::Missed, "MissedMutant"),
];

impl Fate {
    /// The tool's own word for it.
    fn word(self) -> &'static str {
        FATES.iter().find(|(fate, _)| *fate == self).expect("each fate has a word").1
    }

    fn of(word: &str) -> Option<Self> {
        FATES.iter().find(|(_, known)| *known == word).map(|(fate, _)| *fate)
    }
}

#[derive(Debug, Clone, Copy)]
struct Answer {
    fate: Fate,
    /// Building and testing.
    seconds: f64,
}

/// The answers by the mutants' names, which begin with the file, and by the pass.
#[derive(Debug, Default)]
pub(super) struct Record(BTreeMap<String, BTreeMap<Pass, Answer>>);

impl Record {
    pub(super) fn read(place: &Path) -> Result<Self, TaskError> {
        let path = place.join(FILE);
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = fs::read_to_string(&path).map_err(TaskError::file("read", &path))?;
        Self::parse(&text)
    }

    pub(super) fn parse(text: &str) -> Result<Self, TaskError> {
        let mut record = Self::default();
        for line in text.lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            let [name, pass, fate, seconds] = fields.as_slice() else { return Err(odd(line)) };
            let pass = PASSES.into_iter().find(|known| known.word() == *pass);
            let (Some(pass), Some(fate), Ok(seconds)) = (pass, Fate::of(fate), seconds.parse())
            else {
                return Err(odd(line));
            };
            record.put(name, pass, Answer { fate, seconds });
        }
        Ok(record)
    }

    pub(super) fn write(&self, place: &Path) -> Result<(), TaskError> {
        let path = place.join(FILE);
        fs::write(&path, self.text()).map_err(TaskError::file("write", &path))
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (name, answers) in &self.0 {
            for (pass, Answer { fate, seconds }) in answers {
                let (pass, fate) = (pass.word(), fate.word());
                text.push_str(&format!("{name}\t{pass}\t{fate}\t{seconds:.1}\n"));
            }
        }
        text
    }

    fn put(&mut self, name: &str, pass: Pass, answer: Answer) {
        self.0.entry(name.to_owned()).or_default().insert(pass, answer);
    }

    /// Adds what the tool wrote of one pass; once more changes nothing.
    pub(super) fn absorb(&mut self, outcomes: &str, pass: Pass) -> Result<(), TaskError> {
        let outcomes: Value =
            serde_json::from_str(outcomes).map_err(|error| odd(&error.to_string()))?;
        let list = outcomes["outcomes"].as_array().ok_or_else(|| odd("no outcomes"))?;
        for outcome in list {
            // The tree without a mutant has no name.
            let Some(name) = outcome["scenario"]["Mutant"]["name"].as_str() else { continue };
            let word = outcome["summary"].as_str().unwrap_or_default();
            let fate = Fate::of(word).ok_or_else(|| odd(&format!("{word} of {name}")))?;
            let phases = outcome["phase_results"].as_array().into_iter().flatten();
            let seconds = phases.filter_map(|phase| phase["duration"].as_f64()).sum();
            self.put(name, pass, Answer { fate, seconds });
        }
        Ok(())
    }

    /// The mutants that a pass need not ask about, one a line. What ran out of time in the quick
    /// tests is asked again by the next start: the machine may have been busy.
    pub(super) fn answered(&self, pass: Pass) -> String {
        let is_answered = |answers: &BTreeMap<Pass, Answer>| match pass {
            Pass::Quick => answers.contains_key(&Pass::All) || fate(answers) != Fate::OutOfTime,
            Pass::All => fate(answers) != Fate::Missed || answers.contains_key(&Pass::All),
        };
        let names = self.0.iter().filter(|(_, answers)| is_answered(answers));
        names.map(|(name, _)| format!("{name}\n")).collect()
    }

    pub(super) fn is_any_missed_by_quick_tests(&self) -> bool {
        let has_met_all = |answers: &BTreeMap<Pass, Answer>| answers.contains_key(&Pass::All);
        self.0.values().any(|answers| fate(answers) == Fate::Missed && !has_met_all(answers))
    }

    /// Prints the figures of these files and fails when a mutant survived.
    pub(super) fn judge(&self, files: &[String]) -> Result<(), TaskError> {
        println!("{}", self.figures(files));
        let survivors: Vec<&str> = self.survivors(files);
        for survivor in &survivors {
            println!("survived: {survivor}");
        }
        match survivors.len() {
            0 => Ok(()),
            count => Err(TaskError::Survived(count)),
        }
    }

    fn survivors(&self, files: &[String]) -> Vec<&str> {
        let missed = self.0.iter().filter(|(_, answers)| fate(answers) == Fate::Missed);
        let named = missed.map(|(name, _)| name.as_str());
        named.filter(|name| files.iter().any(|file| file == file_of(name))).collect()
    }

    /// A table of the form of docs/mutants.md.
    pub(super) fn figures(&self, files: &[String]) -> String {
        let mut table =
            "| file | mutants | caught | out of time | not compiled | survived | seconds |\n\
                         |---|---|---|---|---|---|---|\n"
                .to_owned();
        let mut all = Vec::new();
        for file in files {
            let answers = self.0.iter().filter(|(name, _)| file_of(name) == file);
            let answers: Vec<_> = answers.map(|(_, answers)| answers).collect();
            if !answers.is_empty() {
                table.push_str(&row(file, &answers));
                all.extend(answers);
            }
        }
        table + &row("all", &all)
    }
}

/// What the last tests said that the mutant met.
fn fate(answers: &BTreeMap<Pass, Answer>) -> Fate {
    answers.values().next_back().expect("a mutant is recorded with an answer").fate
}

fn row(name: &str, answers: &[&BTreeMap<Pass, Answer>]) -> String {
    let mut row = format!("| {name} | {} |", answers.len());
    for (asked, _) in FATES {
        let count = answers.iter().filter(|answers| fate(answers) == asked).count();
        row.push_str(&format!(" {count} |"));
    }
    let seconds: f64 =
        answers.iter().flat_map(|one| one.values()).map(|answer| answer.seconds).sum();
    row + &format!(" {seconds:.0} |\n")
}

/// The file that a mutant's name begins with.
fn file_of(name: &str) -> &str {
    name.split(':').next().unwrap_or_default()
}

fn odd(why: &str) -> TaskError {
    TaskError::Malformed { what: "the answers about mutants".to_owned(), why: why.to_owned() }
}
