//! Files that nothing compiles: a test or a module that was written and never declared.

use super::Finding;
use super::rust_text;
use crate::tree::SourceFile;

/// Finds Rust files that are no module of the file above them, and extra integration binaries.
pub(super) fn check(files: &[SourceFile]) -> Vec<Finding> {
    let sources: Vec<&SourceFile> = files.iter().filter(|f| f.path.ends_with(".rs")).collect();
    let mut findings = Vec::new();
    for file in &sources {
        match parents(&file.path) {
            Place::Root => {}
            Place::LooseTest => findings.push(Finding::file(
                &file.path,
                "is an integration binary of its own",
                "make it a module of `tests/it/main.rs`: one binary links once",
            )),
            Place::Module { name, parents } => {
                let mut above = sources.iter().filter(|file| parents.contains(&file.path));
                if !above.clone().any(|parent| declares(&parent.text, &name)) {
                    let place = above.next().map_or(parents[0].as_str(), |file| &file.path);
                    findings.push(Finding::file(
                        &file.path,
                        "is compiled by nothing",
                        format!("declare `mod {name};` in {place}"),
                    ));
                }
            }
        }
    }
    findings
}

enum Place {
    /// Cargo finds it by itself.
    Root,
    /// A file directly under `tests/`.
    LooseTest,
    /// Some file has to declare it.
    Module { name: String, parents: Vec<String> },
}

fn parents(path: &str) -> Place {
    let (directory, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.trim_end_matches(".rs");
    let above = directory.rsplit_once('/').map_or(("", directory), |(above, name)| (above, name));
    if matches!(stem, "main" | "lib" | "build") || matches!(above.1, "bin" | "benches" | "examples")
    {
        return Place::Root;
    }
    if above.1 == "tests" && !directory.contains("/src") {
        return Place::LooseTest;
    }
    // `x/mod.rs` is the module `x` of the directory above.
    let (directory, name) = if stem == "mod" { (above.0, above.1) } else { (directory, stem) };
    let parents = ["mod.rs", "lib.rs", "main.rs"]
        .iter()
        .map(|root| format!("{directory}/{root}"))
        .chain([format!("{directory}.rs")])
        .collect();
    Place::Module { name: name.to_owned(), parents }
}

/// Whether a file has `mod name;`, with any visibility, or names the file by `#[path]`.
fn declares(text: &str, name: &str) -> bool {
    let is_declaration = |code: &str| {
        let Some((before, rest)) = code.split_once("mod ") else { return false };
        let is_word = before.is_empty() || before.ends_with([' ', ']']);
        let rest = rest.trim_start_matches("r#");
        let declared = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next();
        is_word && declared == Some(name) && rest.trim_end().ends_with(';')
    };
    rust_text::split(text).iter().any(|line| is_declaration(line.code.trim()))
        || text.contains(&format!("{name}.rs\"]"))
}
