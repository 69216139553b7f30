//! Profiles: what the file says, and which profiles there are.

mod hermes;
mod worker;

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use andon_core::id::{BoardSlug, ClaimLock, RunId, TaskId};
use tempfile::TempDir;

use super::start::argv;
use super::*;
use crate::env::Env;
use crate::home::{Home, Layout};

const FILE: &str = "/home/u/profiles.toml";

fn parsed(text: &str) -> Result<Profiles, FileError> {
    let mut profiles = Profiles::built_in();
    profiles.add_file(Path::new(FILE), text)?;
    Ok(profiles)
}

fn named(profiles: &Profiles, name: &str) -> Profile {
    profiles.get(&Assignee::parse(name).unwrap()).unwrap().clone()
}

/// The profile `x` of a file with only that.
fn x(text: &str) -> Profile {
    named(&parsed(&format!("[profiles.x]\n{text}")).unwrap(), "x")
}

/// A home, a task and a run to start workers for.
struct Stage {
    dir: TempDir,
    home: Home,
    layout: Layout,
    task: TaskId,
    lock: ClaimLock,
}

impl Stage {
    fn new() -> Self {
        Self::with_home("home")
    }

    /// A home in a directory of the user; `.hermes` is the one of Hermes.
    fn with_home(name: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let env = Env::from_pairs([("HOME", dir.path().as_os_str())]);
        let home = Home::resolve(Some(&dir.path().join(name)), &env).unwrap();
        let layout = Layout::new(&home, &BoardSlug::parse("infra").unwrap());
        let task = TaskId::parse("t_00c0ffee").unwrap();
        Self { dir, home, layout, task, lock: ClaimLock::new("host", 1, 2) }
    }

    fn facts(&self) -> WorkerFacts<'_> {
        WorkerFacts {
            home: &self.home,
            layout: &self.layout,
            task: &self.task,
            title: "a title",
            body: Some("echo one; echo \"$HOME\""),
            run: RunId(7),
            claim_lock: &self.lock,
            run_mark: None,
            workspace: Path::new("/no/such/workspace"),
            branch: None,
            tenant: None,
            model: None,
            skills: &[],
            goal: None,
            max_runtime: None,
            andon: Path::new("/opt/andon"),
        }
    }

    /// The user's environment with a program `name` on its path.
    fn env_with_program(&self, name: &str) -> Env {
        let bin = self.dir.path().join("bin");
        fs::create_dir_all(&bin).unwrap();
        fs::write(bin.join(name), "#!/bin/sh\n").unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        Env::from_pairs([("HOME", self.dir.path()), ("PATH", bin.as_path())])
    }
}

fn names(env: &Env) -> Vec<&str> {
    env.iter().map(|(name, _)| name).collect()
}

#[test]
fn every_preset_is_a_profile_of_its_name_and_agents_must_say_how_they_ended() {
    let profiles = Profiles::built_in();
    assert_eq!(profiles.iter().count(), Preset::ALL.len());
    for preset in Preset::ALL {
        let profile = named(&profiles, preset.name());
        assert_eq!((profile.preset, profile.origin), (Some(preset), Origin::BuiltIn));
        let expected =
            if preset == Preset::Shell { OnExitZero::Completes } else { OnExitZero::Violates };
        assert_eq!(profile.on_exit_zero, expected, "{preset:?}");
    }
    for word in ["dangerously", "bypass", "yolo", "full-access", "full-auto"] {
        assert!(!set::PRESETS.contains(word), "presets switch off a check: {word}");
    }
}

#[test]
fn a_profile_is_read_whole() {
    let profile = x(r#"
        description = "writes code"
        command = ["tool", "{task}", "--in={workspace}"]
        env = ["API_KEY", "EXTRA?"]
        set = { CARGO_TERM_COLOR = "never" }
        on_exit_zero = "completes"
        [profiles.x.limits]
        time = "2h"
        memory = "4GiB"
        cpu = 90
        idle = "30m"
        grace = "7s"
        concurrency = 3
    "#);
    assert_eq!((profile.preset, profile.description.as_str()), (None, "writes code"));
    let expected = Limits {
        time: Some(Seconds(7_200)),
        memory: Some(Bytes(4 << 30)),
        cpu: Some(Seconds(90)),
        idle: Some(Seconds(1_800)),
        grace: Seconds(7),
        concurrency: NonZeroU32::new(3),
    };
    assert_eq!(profile.limits, expected);
    assert_eq!(profile.on_exit_zero, OnExitZero::Completes);
    assert_eq!(profile.origin.to_string(), "/home/u/profiles.toml [profiles.x]");
}

#[test]
fn a_profile_keeps_what_it_does_not_say_anew_of_its_preset() {
    let profile = x("preset = \"claude\"\nenv = [\"ANTHROPIC_API_KEY\"]\n");
    let claude = named(&Profiles::built_in(), "claude");
    assert_eq!((profile.action, profile.preset), (claude.action, Some(Preset::Claude)));
    assert_eq!(profile.env.len(), claude.env.len());
    let key = profile.env.iter().find(|wanted| wanted.name == "ANTHROPIC_API_KEY").unwrap();
    assert_eq!(key.need, Need::Required, "said anew");
    let profiles = parsed("[profiles.claude.limits]\ntime = \"1h\"\n").unwrap();
    let claude = named(&profiles, "claude");
    assert_eq!((claude.preset, claude.limits.time), (Some(Preset::Claude), Some(Seconds(3_600))));
    assert_eq!(profiles.iter().count(), Preset::ALL.len());
}

#[test]
fn mistakes_in_the_file_are_shown_with_their_place_and_a_way_out() {
    let cases = [
        ("[profile.x]", "1:2: unknown section `profile`", "`profiles`"),
        ("[profiles.x]\ncomand = []", "2:1: unknown key `comand`", "`command`"),
        ("[profiles.x]\npreset = \"cluade\"", "2:10: unknown preset", "\"claude\""),
        ("[profiles.x]\npreset = \"zzz\"", "2:10: unknown preset", "shell, claude"),
        ("[profiles.x]\ncommand = [\"a\", \"{taks}\"]", "2:17: unknown placeholder", "{task}"),
        ("[profiles.x]\ncommand = [\"a\", \"{skill}\"]", "2:17: {skill}", "skill_args"),
        ("[profiles.x]\ncommand = []", "2:11: `command` does not begin", "program"),
        ("[profiles.x]\nmodel_args = []", "1:11: profile `x` has nothing", "preset"),
        ("[profiles.x]", "1:11: profile `x` has nothing to start", "manual"),
        ("[profiles.x]\ncommand = [\"a\"]\nmanual = true", "2:1: a manual profile", "drop"),
        ("[profiles.X]", "1:11: profile name `X` is not in lower case", "`x`"),
        ("[profiles.x]\nenv = [\"ANDON_TASK\"]", "2:8: variable ANDON_TASK", "leave it out"),
        ("[profiles.x]\nenv = [\"A-B\"]", "2:8: \"A-B\" is not", "letters"),
        ("[profiles.x]\nset = { HERMES_KANBAN_DB = \"a\" }", "2:9: variable", "leave it out"),
        ("[profiles.x]\non_exit_zero = \"ok\"", "2:16: `on_exit_zero`", "completes"),
        ("[profiles.x.limits]\ntimes = \"2h\"", "2:1: unknown limit `times`", "`time`"),
    ];
    for (text, message, hint) in cases {
        let error = parsed(text).unwrap_err();
        assert!(error.to_string().starts_with(&format!("{FILE}:{message}")), "{error}");
        assert!(error.hint.clone().unwrap_or_default().contains(hint), "{text}: {:?}", error.hint);
    }
    let cases = [
        ("[profiles.x.limits]\ntime = \"-2h\"", "2:8", "span of time"),
        ("[profiles.x.limits]\nmemory = \"4G\"", "2:10", "KiB"),
        ("[profiles.x.limits]\nconcurrency = 0", "2:15", "1 or more"),
        ("[profiles.x]\ncommand = \"a b\"", "2:11", "a list, not string"),
        ("[profiles.x]\ncommand = [1]", "2:12", "a list of texts"),
        ("[profiles.x]\nset = { A = 1 }", "2:13", "a text"),
    ];
    for (text, place, message) in cases {
        let error = parsed(text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{FILE}:{place}: ")), "{error}");
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn directories_of_a_hermes_home_are_profiles_and_the_file_has_the_last_word() {
    let stage = Stage::with_home(".hermes");
    for name in ["coder", "writer", "claude", "Not A Profile"] {
        fs::create_dir_all(stage.home.path().join("profiles").join(name)).unwrap();
    }
    fs::write(stage.home.path().join("profiles/file"), "").unwrap();
    let text = "[profiles.writer]\nmanual = true\n[profiles.coder.limits]\ntime = \"1h\"\n\
                [profiles.agent]\npreset = \"claude\"\n";
    fs::write(stage.home.profiles_file(), text).unwrap();
    let profiles = Profiles::load(&stage.home).unwrap();
    assert_eq!(named(&profiles, "default").preset, Some(Preset::Hermes));
    let coder = named(&profiles, "coder");
    assert_eq!((coder.preset, coder.limits.time), (Some(Preset::Hermes), Some(Seconds(3_600))));
    assert_eq!(named(&profiles, "writer").action, Action::Manual);
    assert_eq!(named(&profiles, "claude").preset, Some(Preset::Hermes));
    assert_eq!(named(&profiles, "agent").preset, Some(Preset::Claude), "presets are never hidden");
    assert!(profiles.get(&Assignee::from_row("file".into())).is_none());
    assert_eq!(profiles.iter().count(), Preset::ALL.len() + 4);
}

#[test]
fn own_limits_of_profiles_are_handed_to_admission() {
    let profiles = parsed("[profiles.claude.limits]\nconcurrency = 2\n").unwrap();
    let expected = HashMap::from([(Assignee::parse("claude").unwrap(), 2)]);
    assert_eq!(profiles.concurrency(), expected);
}

#[test]
fn the_document_names_every_key_placeholder_and_preset() {
    let document = include_str!("../../../../docs/profiles.md");
    let keys = parse::KEYS.into_iter().chain(field::LIMIT_KEYS).map(|key| format!("`{key}`"));
    let places = Placeholder::NAMES.into_iter().map(|(name, _)| format!("`{{{name}}}`"));
    let groups = Group::NAMES.into_iter().map(|(name, _)| format!("`{{{name}}}`"));
    let presets = Preset::ALL.into_iter().map(|preset| format!("| `{}` |", preset.name()));
    for word in keys.chain(places).chain(groups).chain(presets) {
        assert!(document.contains(&word), "docs/profiles.md lacks {word}");
    }
}
