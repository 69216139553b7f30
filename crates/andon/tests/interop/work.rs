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
        let mut doing = Doing { program, home, tasks: BTreeMap::new() };
        doing.finish_some();
        doing.park_some();
        doing.hold_some();
        // Last of all, since the peer takes it for ready at its next opportunity.
        doing.create("born blocked", &["waits", "--initial-status", "blocked"]);
        Self { tasks: doing.tasks }
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
            Value::Array(all) => {
                all.iter_mut().for_each(|each| self.clean(each));
                // Parents and children stand in the order of their ids, which is chance.
                if all.iter().all(Value::is_string) {
                    all.sort_by(|left, right| text(left).cmp(text(right)));
                }
            }
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

/// The work while it is done.
struct Doing<'a> {
    program: Program,
    home: &'a SharedHome,
    tasks: BTreeMap<&'static str, String>,
}

impl Doing<'_> {
    fn create(&mut self, name: &'static str, arguments: &[&str]) -> String {
        let id = self.program.create(self.home, arguments);
        self.tasks.insert(name, id.clone());
        id
    }

    fn call(&self, arguments: &[&str]) {
        self.program.call(self.home, arguments);
    }

    fn finish_some(&mut self) {
        let tree = format!("worktree:{}", self.home.beside("tree").display());
        let full = self.create("full", &full(&tree, self.program.key()));
        let parent =
            self.create("parent", &["a parent", "--assignee", "bob", "--body", "two\nlines"]);
        let child = self.create("child", &["its child", "--parent", &parent, "--parent", &full]);
        let linked = self.create("linked", &["linked later"]);
        self.call(&["link", &parent, &linked]);
        self.call(&["comment", &child, "„quoted“, ü\nand a second line"]);
        self.call(&["claim", &parent, "--ttl", "600"]);
        self.call(&["heartbeat", &parent, "--note", "half of it"]);
        let metadata = "{\"files\": [\"a\", \"b\"], \"n\": 1.5}";
        let handoff = ["--result", "the result", "--summary", "done", "--metadata", metadata];
        self.call(&[["complete", &parent].as_slice(), &handoff].concat());
        self.call(&["edit", &parent, "--result", "a better result"]);
    }

    fn park_some(&mut self) {
        let blocked = self.create("blocked", &["asks", "--assignee", "alice"]);
        self.call(&["block", &blocked, "which one", "--kind", "needs_input"]);
        let returned = self.create("returned", &["asked"]);
        self.call(&["block", &returned, "why"]);
        self.call(&["unblock", &returned, "--reason", "because"]);
        let depends = self.create("depends", &["depends"]);
        self.call(&["claim", &depends]);
        self.call(&["link", &returned, &depends]);
        // Andon refuses this kind where nothing is waited for; the peer takes it.
        self.call(&["block", &depends, "on something", "--kind", "dependency"]);
        let scheduled = self.create("scheduled", &["later"]);
        self.call(&["schedule", &scheduled, "on monday"]);
        let archived = self.create("archived", &["put away", "--triage"]);
        self.call(&["archive", &archived]);
    }

    fn hold_some(&mut self) {
        let assigned = self.create("assigned", &["for somebody", "--workspace", "scratch"]);
        self.call(&["assign", &assigned, "Alice"]);
        let running = self.create("running", &["runs", "--assignee", "alice"]);
        self.call(&["claim", &running]);
        let reclaimed = self.create("reclaimed", &["taken back", "--assignee", "alice"]);
        self.call(&["claim", &reclaimed]);
        self.call(&["reclaim", &reclaimed, "--reason", "too slow"]);
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
