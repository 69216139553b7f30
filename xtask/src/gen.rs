//! `cargo xtask gen`: writes the files that are printed from code. It contains no texts itself.
//!
//! `--check` writes nothing and fails when a file differs from what the code says today.

use crate::error::TaskError;
use crate::tree;

/// A file that is printed from code.
pub(crate) struct Generated {
    /// Relative to the root of the checkout.
    pub(crate) path: &'static str,
    pub(crate) render: fn() -> String,
}

/// Every generated file. A new one is one line here.
pub(crate) const GENERATED: &[Generated] =
    &[Generated { path: "docs/state-machine.md", render: andon_core::table::markdown }];

/// Writes every generated file, or only compares them with `--check`.
pub(crate) fn run(arguments: &[String]) -> Result<(), TaskError> {
    match arguments {
        [] => write(),
        [flag] if flag == "--check" => check(),
        _ => Err(TaskError::Usage("`gen` takes nothing or `--check`".to_owned())),
    }
}

fn write() -> Result<(), TaskError> {
    for file in GENERATED {
        tree::write(file.path, &(file.render)())?;
        println!("wrote {}", file.path);
    }
    Ok(())
}

/// Fails with the names of the files that are missing, stale or without a text.
pub(crate) fn check() -> Result<(), TaskError> {
    let stale: Vec<String> = GENERATED
        .iter()
        .filter(|file| {
            let expected = (file.render)();
            expected.is_empty() || tree::read(file.path).ok() != Some(expected)
        })
        .map(|file| file.path.to_owned())
        .collect();
    if stale.is_empty() {
        println!("{} generated files are fresh", GENERATED.len());
        Ok(())
    } else {
        Err(TaskError::Stale(stale))
    }
}
