//! Which crate may depend on which. The table is the one of `ARCHITECTURE.md`, which is compared
//! with it; cargo's own data is, too, so that a new edge shows up as a failing check and not in
//! review.

mod table;

use serde_json::Value;

use crate::tree::SourceFile;

use super::Finding;

/// What a crate may depend on outside of tests.
struct Wall {
    name: &'static str,
    /// Crates of the workspace.
    inside: &'static [&'static str],
    outside: Outside,
}

/// What a crate may take from the registry.
enum Outside {
    /// These and nothing else.
    Only(&'static [&'static str]),
    /// Anything but these.
    Without(&'static [&'static str]),
}
use Outside::{Only, Without};

/// Drivers of a backend: whoever has none in its dependencies cannot name one.
const BACKENDS: &[&str] = &["rusqlite", "libsqlite3-sys", "postgres", "tokio-postgres", "sqlx"];

/// The whole product, for the crates that put it together or test it.
const ALL: &[&str] = &[
    "andon-core",
    "andon-wire",
    "andon-store",
    "andon-store-sqlite",
    "andon-store-postgres",
    "andon-vfs",
    "andon-sim-vfs",
    "andon-proc",
    "andon-faults",
    "andon-runner",
    "andon-daemon",
    "andon-web",
];

/// May depend on anything, may be used by tests only.
const TESTKIT: &str = "andon-testkit";
/// Places where tests interfere; empty but for its feature `on`, which only they may name.
const FAULTS: &str = "andon-faults";
/// Files in the hands of a test.
const SIMULATION: &str = "andon-sim-vfs";
/// The binary: it puts the others together and nothing may build on it.
const BINARY: &str = "andon";

#[rustfmt::skip] // One crate, one line.
const WALLS: &[Wall] = &[
    Wall { name: "andon-core", inside: &[], outside: Only(&["thiserror"]) },
    Wall { name: "andon-wire", inside: &["andon-core"], outside: Only(&["serde", "serde_json"]) },
    Wall { name: "andon-store", inside: &["andon-core"], outside: Without(BACKENDS) },
    Wall { name: "andon-vfs", inside: &["andon-faults"], outside: Only(&["rusqlite", "nix", "thiserror"]) },
    Wall { name: "andon-faults", inside: &[], outside: Only(&["rustix"]) },
    Wall { name: SIMULATION, inside: &[], outside: Only(&["rusqlite"]) },
    Wall { name: "andon-proc", inside: &[], outside: Only(&["rustix"]) },
    Wall { name: "andon-store-sqlite", inside: &["andon-core", "andon-store", "andon-vfs", "andon-proc", "andon-faults"], outside: Without(&["postgres", "tokio-postgres", "sqlx"]) },
    Wall { name: "andon-store-postgres", inside: &["andon-core", "andon-store"], outside: Without(&["rusqlite", "libsqlite3-sys"]) },
    Wall { name: "andon-runner", inside: &["andon-core", "andon-store", "andon-proc", "andon-faults"], outside: Without(BACKENDS) },
    Wall { name: "andon-daemon", inside: &["andon-core", "andon-store", "andon-wire", "andon-proc", "andon-faults", "andon-runner"], outside: Without(BACKENDS) },
    Wall { name: "andon-web", inside: &["andon-core", "andon-wire", "andon-daemon"], outside: Without(BACKENDS) },
    Wall { name: BINARY, inside: ALL, outside: Without(&[]) },
    Wall { name: TESTKIT, inside: ALL, outside: Without(&[]) },
    Wall { name: "xtask", inside: ALL, outside: Without(&[]) },
];

/// Names that are kept for later: walls without a crate, and without a row in the document.
const RESERVED: &[&str] = &["andon-store-postgres", "andon-web"];

/// Compares the table with the one that people read.
pub(super) fn check_table(files: &[SourceFile]) -> Vec<Finding> {
    table::check(super::text_of(files, table::PATH))
}

/// Compares the workspace with the table. `metadata` is cargo's answer without foreign packages.
pub(super) fn check(metadata: &Value) -> Vec<Finding> {
    let packages = metadata["packages"].as_array().map_or(&[][..], Vec::as_slice);
    let members: Vec<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    let mut findings = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or("");
        let manifest = manifest_path(name);
        let Some(wall) = WALLS.iter().find(|wall| wall.name == name) else {
            findings.push(Finding::file(
                &manifest,
                format!("`{name}` has no line in the table of walls"),
                "add it to xtask/src/tidy/walls.rs and to ARCHITECTURE.md, with its reason",
            ));
            continue;
        };
        for dependency in package["dependencies"].as_array().map_or(&[][..], Vec::as_slice) {
            let target = dependency["name"].as_str().unwrap_or("");
            let is_for_tests = dependency["kind"] == "dev";
            let what = if members.contains(&target) {
                inside(wall, target, is_for_tests)
            } else {
                outside(wall, target, is_for_tests)
            };
            findings.extend(what.map(|what| {
                let instead = "move the code to the side of the wall where it belongs";
                Finding::file(&manifest, what, instead)
            }));
        }
        if name == BINARY {
            findings.extend(testkit_in_release(packages));
        }
    }
    findings
}

fn inside(wall: &Wall, target: &str, is_for_tests: bool) -> Option<String> {
    let name = wall.name;
    if target == BINARY || target == "xtask" {
        return Some(format!("`{name}` depends on `{target}`, on which nothing may depend"));
    }
    // Tests may build a whole board; only core stays pure in its tests too.
    let is_allowed = wall.inside.contains(&target) || (is_for_tests && name != "andon-core");
    (!is_allowed).then(|| format!("`{name}` may not depend on `{target}`"))
}

fn outside(wall: &Wall, target: &str, is_for_tests: bool) -> Option<String> {
    if is_for_tests {
        return None;
    }
    let is_allowed = match wall.outside {
        Only(allowed) => allowed.contains(&target),
        Without(refused) => !refused.contains(&target),
    };
    (!is_allowed).then(|| format!("`{}` may not depend on the crate `{target}`", wall.name))
}

/// Follows the dependencies of a release build from the binary.
fn testkit_in_release(packages: &[Value]) -> Option<Finding> {
    let mut reached = vec![BINARY];
    let mut next = 0;
    // Each package enters `reached` once, so the walk ends.
    while let Some(name) = reached.get(next).copied() {
        next += 1;
        let package = packages.iter().find(|package| package["name"] == name);
        let edges = package.and_then(|package| package["dependencies"].as_array());
        let released = edges.into_iter().flatten().filter(|edge| edge["kind"] != "dev");
        for edge in released {
            let Some(target) = edge["name"].as_str() else { continue };
            let features = edge["features"].as_array().map_or(&[][..], Vec::as_slice);
            if target == FAULTS && features.iter().any(|feature| feature == "on") {
                return Some(Finding::file(
                    &manifest_path(name),
                    format!("`{FAULTS}` is turned on in a release build"),
                    "only the test kit may name its feature `on`",
                ));
            }
            if target == TESTKIT || target == SIMULATION {
                return Some(Finding::file(
                    &manifest_path(name),
                    format!("`{target}` is reachable from a release build"),
                    "make it a dev-dependency",
                ));
            }
            if !reached.contains(&target) {
                reached.push(target);
            }
        }
    }
    None
}

fn manifest_path(name: &str) -> String {
    if name == "xtask" {
        "xtask/Cargo.toml".to_owned()
    } else {
        format!("crates/{name}/Cargo.toml")
    }
}
