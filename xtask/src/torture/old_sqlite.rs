//! An older SQLite for the engines, to see that they find what was wrong with it.
//!
//! It comes from an earlier release of the package that bundles it, built by cargo below the target
//! directory. The engines are linked with it in a directory of their own; the lock file of the
//! checkout and the shipped binary know nothing of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::TaskError;
use crate::{process, tree};

/// A package of SQLite 3.51.1, from before the reset of the log was mended in 3.51.3.
const MANIFEST: &str = r#"# Written by `cargo xtask torture --old-sqlite`.
[package]
name = "old-sqlite"
version = "0.0.0"
edition = "2024"
publish = false

[dependencies]
libsqlite3-sys = { version = "=0.36.0", features = ["bundled"] }

[workspace]
"#;

/// Cargo, about to build with the older SQLite. Nothing but speed of building is lost by leaving
/// out what links a shipped binary slowly.
pub(super) fn cargo<'a>(
    arguments: impl IntoIterator<Item = &'a str>,
) -> Result<Command, TaskError> {
    let place = tree::target_directory().join("old-sqlite");
    let library = library(&place)?;
    let mut command = process::cargo(arguments);
    command
        .env("CARGO_TARGET_DIR", place.join("engines"))
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        // The package links what it is shown instead of what it bundles, and does not look for the
        // system's.
        .env("LIBSQLITE3_SYS_USE_PKG_CONFIG", "1")
        .env("SQLITE3_NO_PKG_CONFIG", "1")
        .env("SQLITE3_STATIC", "1")
        .env("SQLITE3_LIB_DIR", library);
    Ok(command)
}

/// Builds the library; the directory it is in.
fn library(place: &Path) -> Result<PathBuf, TaskError> {
    let source = place.join("src");
    fs::create_dir_all(&source).map_err(TaskError::file("create", &source))?;
    for (path, text) in [(place.join("Cargo.toml"), MANIFEST), (source.join("lib.rs"), "")] {
        fs::write(&path, text).map_err(TaskError::file("write", &path))?;
    }
    let mut build = process::cargo(["build", "--release", "--message-format", "json"]);
    build.arg("--manifest-path").arg(place.join("Cargo.toml"));
    build.env("CARGO_TARGET_DIR", place.join("library"));
    let told = process::capture(&mut build)?;
    told.lines().filter_map(built_by_package).next_back().ok_or_else(|| TaskError::Malformed {
        what: "the answer of cargo build".to_owned(),
        why: "it names no directory of the package that bundles SQLite".to_owned(),
    })
}

/// Where the package's build put its library, if this is the line that says so.
fn built_by_package(line: &str) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(line).ok()?;
    let is_package = message["package_id"].as_str()?.contains("libsqlite3-sys");
    (is_package && message["reason"] == "build-script-executed")
        .then(|| message["out_dir"].as_str().map(PathBuf::from))
        .flatten()
}
