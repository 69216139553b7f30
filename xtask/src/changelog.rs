//! `cargo xtask changelog VERSION`: folds the fragments of `changes/` into `CHANGELOG.md`.
//!
//! Many people work at once, so nobody edits the changelog itself. A fragment is one file whose
//! first line is `area: headline`, followed by one or more of the headings in [`GROUPS`].

#[cfg(test)]
mod tests;

use crate::error::TaskError;
use crate::tidy::Finding;
use crate::tree::{self, SourceFile};

const CHANGELOG: &str = "CHANGELOG.md";
const DIRECTORY: &str = "changes/";
/// Explains the form; it is no fragment.
const README: &str = "changes/README.md";

/// The headings, in the order in which an operator needs them.
const GROUPS: &[&str] =
    &["Behaviour changes", "Added", "Fixed", "Schema", "Internals worth knowing"];

/// A fragment, understood.
#[derive(Debug, PartialEq, Eq)]
struct Fragment {
    area: String,
    headline: String,
    /// Group and text, in the order of the file.
    sections: Vec<(&'static str, String)>,
}

/// Folds every fragment into a section of its own and removes the fragments.
pub(crate) fn run(arguments: &[String]) -> Result<(), TaskError> {
    let [version] = arguments else {
        return Err(TaskError::Usage("`changelog` takes the version to be released".to_owned()));
    };
    let files = tree::files()?;
    let mut fragments = Vec::new();
    for file in fragment_files(&files) {
        let fragment = parse(&file.text).map_err(|(_, why)| TaskError::Malformed {
            what: format!("the fragment {}", file.path),
            why,
        })?;
        fragments.push(fragment);
    }
    if fragments.is_empty() {
        return Err(TaskError::Usage(format!("{DIRECTORY} holds no fragment to fold")));
    }
    let folded = insert(&tree::read(CHANGELOG)?, version, &render(version, &fragments))?;
    tree::write(CHANGELOG, &folded)?;
    for file in fragment_files(&files) {
        tree::remove(&file.path)?;
    }
    println!("folded {} fragments into {CHANGELOG} under {version}", fragments.len());
    Ok(())
}

/// Fragments that do not have the form.
pub(crate) fn check_fragments(files: &[SourceFile]) -> Vec<Finding> {
    fragment_files(files)
        .filter_map(|file| parse(&file.text).err().map(|(line, why)| (file, line, why)))
        .map(|(file, line, why)| Finding {
            path: file.path.clone(),
            line,
            what: why,
            instead: format!("follow {README}"),
        })
        .collect()
}

fn fragment_files(files: &[SourceFile]) -> impl Iterator<Item = &SourceFile> {
    files.iter().filter(|file| {
        file.path.starts_with(DIRECTORY) && file.path.ends_with(".md") && file.path != README
    })
}

/// Understands a fragment, or answers the line (from one) and what is wrong there.
fn parse(text: &str) -> Result<Fragment, (usize, String)> {
    let mut lines = (1..).zip(text.lines());
    let (_, front) = lines.next().ok_or((1, "is empty".to_owned()))?;
    let (area, headline) = front
        .split_once(": ")
        .filter(|(area, _)| !area.is_empty() && !area.contains(' '))
        .ok_or((1, "the first line is not `area: headline`".to_owned()))?;
    let mut sections: Vec<(&'static str, String)> = Vec::new();
    for (number, line) in lines {
        if let Some(heading) = line.strip_prefix("## ") {
            let group = GROUPS.iter().find(|group| **group == heading);
            let group = group.ok_or_else(|| {
                (number, format!("`{heading}` is none of: {}", GROUPS.join(", ")))
            })?;
            sections.push((group, String::new()));
        } else if let Some((_, body)) = sections.last_mut() {
            body.push_str(line);
            body.push('\n');
        } else if !line.trim().is_empty() {
            return Err((number, "text stands before the first heading".to_owned()));
        }
    }
    if sections.is_empty() || sections.iter().any(|(_, body)| body.trim().is_empty()) {
        return Err((1, "has a heading without text, or no heading".to_owned()));
    }
    Ok(Fragment { area: area.to_owned(), headline: headline.trim().to_owned(), sections })
}

/// The section of one version: groups in their order, fragments in theirs.
fn render(version: &str, fragments: &[Fragment]) -> String {
    let mut text = format!("## {version}\n");
    for group in GROUPS {
        let entries: Vec<String> = fragments
            .iter()
            .flat_map(|fragment| {
                let sections = fragment.sections.iter().filter(|(name, _)| name == group);
                sections.map(|(_, body)| entry(fragment, body))
            })
            .collect();
        if !entries.is_empty() {
            text.push_str(&format!("\n### {group}\n\n{}", entries.concat()));
        }
    }
    text
}

/// One list item; the body is indented so that its own lists and paragraphs stay inside.
fn entry(fragment: &Fragment, body: &str) -> String {
    let mut text = format!("- **{}: {}**\n\n", fragment.area, fragment.headline);
    for line in body.trim().lines() {
        let indent = if line.is_empty() { "" } else { "  " };
        text.push_str(&format!("{indent}{line}\n"));
    }
    text
}

/// Puts the section before the newest released one, after the standing text about what is next.
fn insert(changelog: &str, version: &str, section: &str) -> Result<String, TaskError> {
    let malformed =
        |why: &str| TaskError::Malformed { what: CHANGELOG.to_owned(), why: why.to_owned() };
    if changelog.lines().any(|line| line.strip_prefix("## ") == Some(version)) {
        return Err(malformed(&format!("it already has a section {version}")));
    }
    let unreleased = changelog
        .find("## Unreleased\n")
        .ok_or_else(|| malformed("it has no section `## Unreleased`"))?;
    let after = unreleased + "## Unreleased\n".len();
    let (before, older) = match changelog[after..].find("\n## ") {
        Some(offset) => changelog.split_at(after + offset + 1),
        None => (changelog, ""),
    };
    let separator = if older.is_empty() { "" } else { "\n" };
    Ok(format!("{}\n\n{section}{separator}{older}", before.trim_end()))
}
