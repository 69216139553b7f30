//! One piece of work with every verb and field that both programs have, done by either of them.
//!
//! The words of a call are the same for both; that they are is part of the claim.

use crate::home::{SharedHome, text};
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Clone, Copy)]
pub(crate) enum Program {
    Andon,
    Hermes,
}

impl Program {
    pub(crate) const BOTH: [(Self, Self); 2] =
        [(Self::Andon, Self::Hermes), (Self::Hermes, Self::Andon)];

    pub(crate) fn call(self, home: &SharedHome, arguments: &[&str]) -> String {
        match self {
            Self::Andon => home.andon(arguments),
            Self::Hermes => home.hermes(arguments),
        }
    }

    pub(crate) fn json(self, home: &SharedHome, arguments: &[&str]) -> Value {
        match self {
            Self::Andon => home.andon_json(arguments),
            Self::Hermes => home.hermes_json(arguments),
        }
    }

    /// Makes a task and answers its id.
    pub(crate) fn create(self, home: &SharedHome, arguments: &[&str]) -> String {
        let arguments: Vec<&str> = ["create"].iter().chain(arguments).copied().collect();
        text(&self.json(home, &arguments)["id"]).to_owned()
    }

    pub(crate) fn status(self, home: &SharedHome, task: &str) -> String {
        text(&self.json(home, &["show", task])["task"]["status"]).to_owned()
    }

    fn key(self) -> &'static str {
        match self {
            Self::Andon => "key-of-andon",
            Self::Hermes => "key-of-hermes",
        }
    }
}

/// The tasks that a program made and worked on, by what became of them.
pub(crate) struct Work {
    pub(crate) tasks: BTreeMap<&'static str, String>,
}

impl Work {
    pub(crate) fn done_by(program: Program, home: &SharedHome) -> Self {
        let mut tasks = BTreeMap::new();
        let call = |arguments: &[&str]| drop(program.call(home, arguments));
        let tree = home.beside("tree").display().to_string();

        let full = program.create(home, &full(&format!("worktree:{tree}"), program.key()));
        let parent =
            program.create(home, &["a parent", "--assignee", "bob", "--body", "two\nlines"]);
        let child = program.create(home, &["its child", "--parent", &parent, "--parent", &full]);
        let linked = program.create(home, &["linked later"]);
        call(&["link", &parent, &linked]);
        call(&["comment", &child, "„quoted“, ü\nand a second line"]);
        call(&["claim", &parent, "--ttl", "600"]);
        call(&["heartbeat", &parent, "--note", "half of it"]);
        let metadata = "{\"files\": [\"a\", \"b\"], \"n\": 1.5}";
        let handoff = ["--result", "the result", "--summary", "done", "--metadata", metadata];
        call(&[["complete", &parent].as_slice(), &handoff].concat());
        call(&["edit", &parent, "--result", "a better result"]);

        let blocked = program.create(home, &["asks", "--assignee", "alice"]);
        call(&["block", &blocked, "which one", "--kind", "needs_input"]);
        let returned = program.create(home, &["asked"]);
        call(&["block", &returned, "why"]);
        call(&["unblock", &returned, "--reason", "because"]);
        let depends = program.create(home, &["depends"]);
        call(&["claim", &depends]);
        call(&["link", &returned, &depends]);
        // Andon refuses this kind where nothing is waited for; the peer takes it.
        call(&["block", &depends, "on something", "--kind", "dependency"]);
        let scheduled = program.create(home, &["later"]);
        call(&["schedule", &scheduled, "on monday"]);
        let archived = program.create(home, &["put away", "--triage"]);
        call(&["archive", &archived]);
        let assigned = program.create(home, &["for somebody", "--workspace", "scratch"]);
        call(&["assign", &assigned, "Alice"]);
        let running = program.create(home, &["runs", "--assignee", "alice"]);
        call(&["claim", &running]);
        let reclaimed = program.create(home, &["taken back", "--assignee", "alice"]);
        call(&["claim", &reclaimed]);
        call(&["reclaim", &reclaimed, "--reason", "too slow"]);
        // Last of all, since the peer takes it for ready at its next opportunity.
        let born_blocked = program.create(home, &["waits", "--initial-status", "blocked"]);

        tasks.extend([
            ("full", full),
            ("parent", parent),
            ("child", child),
            ("linked", linked),
            ("blocked", blocked),
            ("returned", returned),
            ("depends", depends),
            ("scheduled", scheduled),
            ("archived", archived),
            ("assigned", assigned),
            ("running", running),
            ("reclaimed", reclaimed),
            ("born blocked", born_blocked),
        ]);
        Self { tasks }
    }

    /// What `show` answered, without what differs between any two runs: ids become names, times
    /// and locks only say that they are there.
    pub(crate) fn without_accidents(&self, shown: &Value) -> Value {
        let mut shown = shown.clone();
        self.clean(&mut shown);
        shown
    }

    fn clean(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                for (name, id) in &self.tasks {
                    *text = text.replace(id, name);
                }
            }
            Value::Array(all) => all.iter_mut().for_each(|each| self.clean(each)),
            Value::Object(object) => {
                for (key, value) in object {
                    let is_accident = ["id", "run_id", "expires", "lock", "prev_lock"]
                        .contains(&key.as_str())
                        || key.ends_with("_at");
                    if is_accident && (value.is_number() || key.ends_with("lock")) {
                        *value = Value::from(format!("some {key}"));
                    }
                    self.clean(value);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// A task with every field that `create` has on both sides. A project is missing: the peer drops
/// one that it cannot look up, Andon keeps the text.
fn full<'a>(workspace: &'a str, key: &'a str) -> Vec<&'a str> {
    let words = "Every field|--body|first line\n\nlast line: ü|--assignee|Alice|--branch|b/x\
                 |--tenant|acme|--priority|-3|--max-runtime|30m|--created-by|somebody\
                 |--skill|translation|--skill|review|--max-retries|3|--goal|--goal-max-turns|7";
    words.split('|').chain(["--workspace", workspace, "--idempotency-key", key]).collect()
}
