//! What `Cargo.lock` may hold: one SQLite, new enough; few packages; one source.

use super::Finding;

/// Every package is code that runs in our process and that somebody must follow. Raised only by
/// a commit that says what the new ones save.
const PACKAGES_MAX: usize = 250;
/// The first release of the crate that bundles SQLite 3.51.3, in which resetting the
/// write-ahead log no longer loses a commit.
const SQLITE_VERSION_MIN: (u64, u64) = (0, 37);
const SQLITE: &str = "libsqlite3-sys";
/// The registry's name as cargo writes it, whatever mirror it was read from.
const SOURCE: &str = "registry+https://github.com/rust-lang/crates.io-index";

const PATH: &str = "Cargo.lock";

/// Checks the text of the lock file.
pub(super) fn check(text: &str) -> Vec<Finding> {
    let lock: toml::Table = match text.parse() {
        Ok(lock) => lock,
        Err(error) => return vec![Finding::file(PATH, error.to_string(), "regenerate it")],
    };
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let packages = packages.map_or(&[][..], Vec::as_slice);
    let mut findings = sqlite(packages);
    if packages.len() > PACKAGES_MAX {
        findings.push(Finding::file(
            PATH,
            format!("holds {} packages, the budget is {PACKAGES_MAX}", packages.len()),
            "drop a dependency, or raise the budget in a commit that says why",
        ));
    }
    for package in packages {
        let source = package.get("source").and_then(toml::Value::as_str);
        if source.is_some_and(|source| source != SOURCE) {
            findings.push(Finding::file(
                PATH,
                format!("`{}` comes from elsewhere than crates.io", word(package, "name")),
                "depend on a published release",
            ));
        }
    }
    findings
}

/// A second copy of SQLite in one process knows nothing of the first one's locks: closing a file
/// in one of them cancels the locks of both.
fn sqlite(packages: &[toml::Value]) -> Vec<Finding> {
    let versions: Vec<&str> = packages
        .iter()
        .filter(|package| word(package, "name") == SQLITE)
        .map(|package| word(package, "version"))
        .collect();
    let [version] = versions[..] else {
        return vec![Finding::file(
            PATH,
            format!("holds {} copies of `{SQLITE}`, there must be exactly one", versions.len()),
            "align the dependencies: a second SQLite breaks the locks of the first",
        )];
    };
    let mut parts = version.split('.').map(|part| part.parse::<u64>().unwrap_or(0));
    let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if found >= SQLITE_VERSION_MIN {
        return Vec::new();
    }
    let (major, minor) = SQLITE_VERSION_MIN;
    vec![Finding::file(
        PATH,
        format!("`{SQLITE}` {version} is older than {major}.{minor}"),
        "update rusqlite: older SQLite can lose commits when its log is reset",
    )]
}

fn word<'a>(package: &'a toml::Value, key: &str) -> &'a str {
    package.get(key).and_then(toml::Value::as_str).unwrap_or("")
}
