//! Settings: layers and their ranks, refusals that point, and the list in the documents.

use std::num::NonZeroU32;

use super::*;

const FILE: &str = "/home/u/config.toml";
const HERMES: &str = "/home/u/.hermes/config.yaml";

/// Layers of a case; what it leaves out says nothing.
#[derive(Default)]
struct Case<'a> {
    hermes: Option<&'a str>,
    file: Option<&'a str>,
    env: &'a [(&'a str, &'a str)],
    arguments: &'a [Argument],
}

fn resolved(case: Case<'_>) -> Result<Config, ConfigError> {
    let board = BoardSlug::parse("infra").unwrap();
    resolve(&Layers {
        hermes: case.hermes.map(|text| (Path::new(HERMES), text)),
        file: case.file.map(|text| (Path::new(FILE), text)),
        board: Some(&board),
        env: &Env::from_pairs(case.env.iter().copied()),
        arguments: case.arguments,
    })
}

fn from_file(text: &str) -> Result<Config, ConfigError> {
    resolved(Case { file: Some(text), ..Case::default() })
}

fn origin_of(config: &Config, name: &str) -> String {
    let setting = config.settings().iter().find(|setting| setting.name == name);
    setting.unwrap().origin.to_string()
}

fn cap(number: u32) -> Option<NonZeroU32> {
    NonZeroU32::new(number)
}

#[test]
fn the_defaults_are_those_of_the_core_and_the_peer() {
    let config = resolved(Case::default()).unwrap();
    assert_eq!(config.policy, andon_core::policy::Policy::default());
    assert_eq!(config.dispatch_interval.0, 60);
    assert_eq!((config.max_in_progress, config.max_in_progress_per_profile), (cap(4), None));
    assert_eq!(config.default_assignee, None);
    assert_eq!(config.busy_timeout.as_millis(), 5_000);
    assert!(config.writer_lock);
    assert!(config.settings().iter().all(|setting| setting.origin == Origin::BuiltIn));
    assert_eq!(config.settings().len(), KEYS.len());
}

#[test]
fn each_layer_beats_the_one_below_and_is_named_as_the_origin() {
    const NAME: &str = "dispatch_interval_seconds";
    let hermes = Some("kanban:\n  dispatch_interval_seconds: 10\n");
    let common = "[dispatch]\ndispatch_interval_seconds = 20\n";
    let own = "[dispatch]\ndispatch_interval_seconds = 20\n\
               [board.infra]\ndispatch_interval_seconds = 30\n\
               [board.other]\ndispatch_interval_seconds = 31\n";
    let twin = [("HERMES_KANBAN_DISPATCH_INTERVAL_SECONDS", "40")];
    let both = [twin[0], ("ANDON_DISPATCH_INTERVAL_SECONDS", "50")];
    let arguments = [Argument { key: NAME, value: Value::Integer(60), flag: "--interval" }];
    let none: &[Argument] = &[];
    let steps = [
        (Case { hermes, ..Case::default() }, 10, "/home/u/.hermes/config.yaml [kanban]"),
        (
            Case { hermes, file: Some(common), ..Case::default() },
            20,
            "/home/u/config.toml [dispatch]",
        ),
        (
            Case { hermes, file: Some(own), ..Case::default() },
            30,
            "/home/u/config.toml [board.infra]",
        ),
        (
            Case { hermes, file: Some(own), env: &twin, arguments: none },
            40,
            "environment variable HERMES_KANBAN_DISPATCH_INTERVAL_SECONDS",
        ),
        (
            Case { hermes, file: Some(own), env: &both, arguments: none },
            50,
            "environment variable ANDON_DISPATCH_INTERVAL_SECONDS",
        ),
        (Case { hermes, file: Some(own), env: &both, arguments: &arguments }, 60, "--interval"),
    ];
    for (case, seconds, origin) in steps {
        let config = resolved(case).unwrap();
        assert_eq!(config.dispatch_interval.0, seconds);
        assert_eq!(origin_of(&config, NAME), origin);
    }
}

#[test]
fn of_the_two_names_of_the_cap_the_smaller_counts() {
    let caps = |text: &str| from_file(&format!("[dispatch]\n{text}")).unwrap().max_in_progress;
    assert_eq!(caps("max_spawn = 10"), cap(10), "the built-in cap is not a word of the person's");
    assert_eq!(caps("max_spawn = 10\nmax_in_progress = 6"), cap(6));
    assert_eq!(caps("max_spawn = 2\nmax_in_progress = 6"), cap(2));
    assert_eq!(caps("max_spawn = 2\nmax_in_progress = \"none\""), cap(2));
    assert_eq!(caps("max_in_progress = \"none\""), None);
}

#[test]
fn limits_of_a_cause_follow_the_failure_limit_until_they_are_set() {
    let config = from_file("[retry]\nfailure_limit = 7\ncrash_limit = 3\n").unwrap();
    let retry = &config.policy.retry;
    assert_eq!((retry.spawn.limit, retry.crash.limit, retry.timeout.limit), (7, 3, 7));
}

#[test]
fn mistakes_in_the_file_are_shown_with_their_place_and_a_way_out() {
    let cases = [
        ("[retry]\nfailure_limt = 3\n", "2:1: unknown key `failure_limt`", "`failure_limit`"),
        ("[retyr]\n", "1:2: unknown section `retyr`", "`retry`"),
        ("\n[store]\n  failure_limit = 3", "3:3: key `failure_limit` is in the wrong", "[retry]"),
        ("failure_limit = 3", "1:1: key `failure_limit` stands outside", "[retry]"),
        ("[board.infra]\nwriter_lok = true", "2:1: unknown key", "`writer_lock`"),
        ("[board.other]\nwriter_lok = true", "2:1: unknown key", "`writer_lock`"),
    ];
    for (text, message, hint) in cases {
        let error = from_file(text).unwrap_err();
        assert!(error.to_string().starts_with(&format!("{FILE}:{message}")), "{error}");
        assert!(error.hint().unwrap().contains(hint), "{:?}", error.hint());
    }
}

#[test]
fn a_value_out_of_range_or_of_another_type_names_what_is_taken() {
    let cases = [
        ("[dispatch]\ndispatch_interval_seconds = 0", "2:29", "1 to 86400, not 0"),
        ("[dispatch]\nmax_spawn = 0", "2:13", "1 to 10000, or \"none\""),
        ("[dispatch]\nmax_spawn = 99999999999999999999", "2:13", "1 to 10000, or \"none\""),
        ("[retry]\ntotal_limit = \"20\"", "2:15", "a whole number (1 to 1000), not string"),
        ("[store]\nwriter_lock = 1", "2:15", "a switch (true or false), not integer"),
        ("[dispatch]\ndefault_assignee = \"a b\"", "2:20", "profile name"),
        ("[dispatch]\nmax_spawn = = 1", "2:1", ""),
        ("[board.\"A/B\"]\n", "1:8", "board name"),
        ("[dispatch]\nmax_spawn = 1\nmax_spawn = 2", "3:1", "duplicate key"),
        ("[dispatch]\nmax_spawn = 1\n[retry]\n[dispatch]", "4:2", "duplicate key"),
    ];
    for (text, place, message) in cases {
        let error = from_file(text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{FILE}:{place}")), "{error}");
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn a_bad_variable_is_an_error_that_names_it() {
    for (name, value) in [
        ("ANDON_CLAIM_TTL_SECONDS", "soon"),
        ("HERMES_KANBAN_BUSY_TIMEOUT_MS", "0"),
        ("ANDON_WRITER_LOCK", "maybe"),
    ] {
        let error = resolved(Case { env: &[(name, value)], ..Case::default() }).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
        assert!(error.hint().unwrap().contains(name));
    }
    let blank = [("ANDON_CLAIM_TTL_SECONDS", " ")];
    assert!(resolved(Case { env: &blank, ..Case::default() }).is_ok());
}

#[test]
fn a_bad_argument_is_an_error_that_names_it() {
    let argument = |key, value| Argument { key, value, flag: "--interval" };
    for argument in [
        argument("dispatch_interval_seconds", Value::Integer(0)),
        argument("dispatch_interval_seconds", Value::Unset),
        argument("no_such_key", Value::Integer(1)),
    ] {
        let error = resolved(Case { arguments: &[argument], ..Case::default() }).unwrap_err();
        assert!(error.to_string().starts_with("--interval: "), "{error}");
    }
}

#[test]
fn a_hermes_file_lends_the_settings_it_shares_and_nothing_else() {
    let text = "model: &m {name: x, tags: [a, b]}\nother: *m\n\
                kanban:\n  dispatch_in_gateway: true\n  failure_limit: 3\n  max_in_progress: null\n  max_spawn: '6'\n\
                \x20 failure_limit: 5 # a remark\n  diagnostics: {a: {b: [1]}}\n\
                \x20 claim_ttl_seconds: x\n\
                kanban_not: {failure_limit: 9}\n";
    let config = resolved(Case { hermes: Some(text), ..Case::default() }).unwrap();
    assert_eq!(config.max_in_progress, cap(6));
    assert_eq!(config.policy.retry.crash.limit, 5);
    assert_eq!(config.policy.claim_ttl.0, 900, "the peer has no such key");
}

#[test]
fn a_hermes_file_that_cannot_be_read_is_an_error_that_names_it() {
    let cases = [
        ("kanban: {failure_limit: 2", "config.yaml:"),
        ("a: b\n c: [\n", "config.yaml:"),
        ("kanban: 3\n", "config.yaml:1:9: `kanban` is not a mapping"),
        ("kanban:\n  failure_limit: lots\n", "config.yaml:2:18: `failure_limit` is a whole"),
        ("kanban:\n  dispatch_interval_seconds: 0\n", "1 to 86400, not 0"),
    ];
    for (text, message) in cases {
        let error = resolved(Case { hermes: Some(text), ..Case::default() }).unwrap_err();
        assert!(error.to_string().starts_with(HERMES), "{error}");
        assert!(error.to_string().contains(message), "{error}");
    }
    for text in ["", "# nothing\n", "- a\n- b\n", "kanban:\n"] {
        assert!(resolved(Case { hermes: Some(text), ..Case::default() }).is_ok(), "{text:?}");
    }
}

#[test]
fn files_of_a_home_are_read_and_the_peers_only_on_its_own_home() {
    let dir = tempfile::tempdir().unwrap();
    let env = Env::from_pairs([("HOME", dir.path().as_os_str())]);
    let path = dir.path().join("home");
    std::fs::create_dir(&path).unwrap();
    let home = || Home::resolve(Some(&path), &env).unwrap();
    assert!(load(&home(), None, &env, &[]).is_ok(), "no file is no settings");
    std::fs::write(path.join("config.yaml"), "kanban: {failure_limit: 9}").unwrap();
    std::fs::write(path.join("config.toml"), "[retry]\ntotal_limit = 8\n").unwrap();
    let retry = load(&home(), None, &env, &[]).unwrap().policy.retry;
    assert_eq!((retry.crash.limit, retry.total_limit), (9, 8));
    std::fs::write(path.join("config.toml"), [0xff]).unwrap();
    let error = load(&home(), None, &env, &[]).unwrap_err();
    assert!(error.to_string().contains("config.toml"), "{error}");
}

#[test]
fn the_document_lists_every_setting_with_its_range_and_default() {
    let document = include_str!("../../../../docs/configuration.md");
    let config = resolved(Case::default()).unwrap();
    for (key, setting) in KEYS.iter().zip(config.settings()) {
        let unit = if key.unit.is_empty() { "" } else { key.unit };
        let Key { name, kind, since, .. } = key;
        let row = format!("| `{name}` | {unit} | {kind} | `{}` | {since} |", setting.value);
        assert!(document.contains(&row), "docs/configuration.md lacks the row\n{row}");
    }
}
