//! The common start of many processes: each says that it is ready and is held until all are.

use crate::Failure;
use std::io::Write;

/// Returns when the bench gives the word.
pub(crate) fn wait_for_go() -> Result<(), Failure> {
    println!("ready");
    std::io::stdout().flush()?;
    let mut word = String::new();
    match std::io::stdin().read_line(&mut word)? {
        0 => Err("the bench went away before the start".into()),
        _ => Ok(()),
    }
}
