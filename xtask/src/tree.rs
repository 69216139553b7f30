//! The files of the checkout: where it is and what text it holds. Judges nothing.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::TaskError;
use crate::process;

/// Directories that hold no source: build output, version control, a local Python.
const NOT_SOURCE: &[&str] = &["target", ".git", ".venv"];
/// The tree is flat; deeper than this is a link cycle or build output in a wrong place.
const DEPTH_MAX: usize = 12;
/// Larger files are data (fixtures); the checks are about text that people read.
const TEXT_BYTES_MAX: u64 = 1 << 20;

/// One text file, its path relative to the root and with `/` between the parts.
#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The root of the checkout. Cargo's word at run time comes first: with a shared build directory
/// the same program may serve two checkouts.
pub(crate) fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let package = package.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    package.parent().expect("xtask lies in the root").to_owned()
}

/// Where cargo builds, which is also where `ci` keeps what it downloads.
pub(crate) fn target_directory() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => root().join(directory),
        None => root().join("target"),
    }
}

/// Reads one file of the checkout.
pub(crate) fn read(path: &str) -> Result<String, TaskError> {
    let path = root().join(path);
    fs::read_to_string(&path).map_err(TaskError::file("read", &path))
}

/// Writes one file of the checkout, with the directories above it.
pub(crate) fn write(path: &str, text: &str) -> Result<(), TaskError> {
    let path = root().join(path);
    let directory = path.parent().expect("a file of the checkout has a directory");
    fs::create_dir_all(directory).map_err(TaskError::file("create", directory))?;
    fs::write(&path, text).map_err(TaskError::file("write", &path))
}

/// Removes one file of the checkout.
pub(crate) fn remove(path: &str) -> Result<(), TaskError> {
    let path = root().join(path);
    fs::remove_file(&path).map_err(TaskError::file("remove", &path))
}

/// Every text file below the root, sorted by path. It walks the directories instead of asking
/// version control, so that it works in an exported tree and sees files not yet added.
pub(crate) fn files() -> Result<Vec<SourceFile>, TaskError> {
    let root = root();
    let mut found = Vec::new();
    collect(&root, &root, DEPTH_MAX, &mut found)?;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn collect(
    root: &Path,
    directory: &Path,
    depth_left: usize,
    found: &mut Vec<SourceFile>,
) -> Result<(), TaskError> {
    let entries = fs::read_dir(directory).map_err(TaskError::file("list", directory))?;
    for entry in entries {
        let entry = entry.map_err(TaskError::file("list", directory))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(TaskError::file("look at", &path))?;
        let name = entry.file_name();
        if kind.is_dir() {
            let is_source = !NOT_SOURCE.iter().any(|skipped| name == *skipped);
            if is_source && depth_left > 0 {
                collect(root, &path, depth_left - 1, found)?;
            }
        } else if kind.is_file() {
            found.extend(load(root, &path)?);
        }
    }
    Ok(())
}

/// The file as text, or nothing when it is data.
fn load(root: &Path, path: &Path) -> Result<Option<SourceFile>, TaskError> {
    let size = fs::metadata(path).map_err(TaskError::file("look at", path))?.len();
    if size > TEXT_BYTES_MAX {
        return Ok(None);
    }
    let bytes = fs::read(path).map_err(TaskError::file("read", path))?;
    let relative = path.strip_prefix(root).expect("the walk started at the root");
    let path = relative.to_string_lossy().replace('\\', "/");
    Ok(String::from_utf8(bytes).ok().map(|text| SourceFile { path, text }))
}

/// What cargo knows of the workspace's own packages. Asks no registry.
pub(crate) fn metadata() -> Result<serde_json::Value, TaskError> {
    let arguments = ["metadata", "--format-version", "1", "--no-deps", "--offline"];
    let answer = process::capture(&mut process::cargo(arguments))?;
    serde_json::from_str(&answer).map_err(|error| TaskError::Malformed {
        what: "the answer of cargo metadata".to_owned(),
        why: error.to_string(),
    })
}
