//! Calls of the shipped binary, and what they answer.

use crate::torture::Failure;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a call answered.
pub(super) struct Answer {
    pub(super) is_done: bool,
    /// Of what it printed, or of the error that it told.
    pub(super) json: Value,
}

impl Answer {
    pub(super) fn code(&self) -> &str {
        self.json["error"]["code"].as_str().unwrap_or("?")
    }

    pub(super) fn message(&self) -> &str {
        self.json["error"]["message"].as_str().unwrap_or("?")
    }

    /// What a repair said, in a few words.
    pub(super) fn told(&self) -> String {
        if !self.is_done {
            let nothing = self.message().contains("nothing to repair");
            return if nothing { "nothing to do".to_owned() } else { "refused".to_owned() };
        }
        let how = self.json["how"].as_str().unwrap_or("?");
        let count = |field: &str| self.json[field].as_array().map_or(0, Vec::len);
        let aside = self.json["set_aside"].as_u64().unwrap_or(0);
        match (how, self.json["complete"].as_bool()) {
            ("salvaged", Some(false)) => {
                format!("{how}, {} places unread, {aside} rows set aside", count("unread"))
            }
            _ => format!("{how}, complete"),
        }
    }
}

/// Lets the binary do something with the board in a directory.
pub(super) fn call(program: &Path, home: &Path, words: &[&str]) -> Result<Answer, Failure> {
    let mut command = Command::new(program);
    command.args(words).arg("--json").env_clear().current_dir(home).stdin(Stdio::null());
    command.env("HOME", home).env("USER", "tester").env("ANDON_HOME", home);
    let output = command.output()?;
    let is_done = output.status.success();
    let text = if is_done || words[0] == "doctor" { output.stdout } else { output.stderr };
    let json = serde_json::from_slice(&text).unwrap_or(Value::Null);
    Ok(Answer { is_done, json })
}
