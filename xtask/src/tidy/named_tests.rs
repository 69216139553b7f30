//! Tests that a page of the documentation names: written `crate::path::name`, in backticks.

use super::rust_text::{self, is_test_path};
use crate::tree::SourceFile;

/// What stands in backticks.
pub(super) fn named(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// Whether `crate::path::name` is a function of a test file. A module lies in its own file; what is
/// inside a macro's braces counts as being in the file.
pub(super) fn exists(files: &[SourceFile], name: &str) -> bool {
    let Some((places, function)) = places(name) else { return false };
    let start = format!("fn {function}(");
    let holds = |file: &SourceFile| {
        rust_text::split(&file.text).iter().any(|line| line.code.trim_start().starts_with(&start))
    };
    let mut tests = files.iter().filter(|file| is_test_path(&file.path));
    tests.any(|file| places.contains(&file.path) && holds(file))
}

/// Whether the constant `crate::path::NAME` is there and has this value, as the source writes it.
pub(super) fn is_constant(files: &[SourceFile], name: &str, value: &str) -> bool {
    let Some((places, constant)) = places(name) else { return false };
    let (start, end) = (format!("const {constant}:"), format!("= {value};"));
    let holds = |file: &SourceFile| {
        let lines = rust_text::split(&file.text);
        lines.iter().any(|line| line.code.contains(&start) && line.code.ends_with(&end))
    };
    files.iter().any(|file| places.contains(&file.path) && holds(file))
}

/// The files that may hold an item, and its own name.
fn places(name: &str) -> Option<([String; 4], &str)> {
    let parts: Vec<&str> = name.split("::").collect();
    let [package, path @ .., item] = parts.as_slice() else { return None };
    let root = match *package {
        "xtask" => "xtask".to_owned(),
        package => format!("crates/{}", package.replace('_', "-")),
    };
    let path = path.join("/");
    let places = [
        format!("{root}/src/{path}.rs"),
        format!("{root}/src/{path}/mod.rs"),
        format!("{root}/tests/{path}.rs"),
        format!("{root}/tests/{path}/mod.rs"),
    ];
    Some((places, item))
}
