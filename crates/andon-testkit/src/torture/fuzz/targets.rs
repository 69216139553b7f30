//! What reads text: names, quantities, settings, profiles, files of a home, orders of runners, what
//! the kernel says. Each panics where a promise of its documentation is broken.

use super::{Probe, Target};
use crate::torture::Failure;
use andon_core::id::{Assignee, BoardSlug, TaskId, mentions};
use andon_core::text;
use andon_daemon::boards::Boards;
use andon_daemon::config::{self, Layers};
use andon_daemon::env::Env;
use andon_daemon::home::{Home, choose_board};
use andon_daemon::profile::{Profiles, SIZE_MAX, SPAN_MAX, Template, parse_size, parse_span};
use andon_daemon::quarantine;
use andon_runner::spec::RunSpec;
use andon_runner::stub::Orders;
use andon_store::codec;
use std::fmt::Display;
use std::path::Path;

#[rustfmt::skip] // One target, a few lines.
pub(super) const ALL: &[Target] = &[
    Target { name: "names", in_a_test: 20_000, make: || Ok(plain(names)),
        examples: &[b"t_0123abcd", b"infra-2", b"claude.alice", b"see t_00000001, t_00000002."],
        words: &["t_", "default", "0", "f", "-", "_", ".", "T_", "_archived"] },
    Target { name: "texts", in_a_test: 20_000, make: || Ok(plain(texts)),
        examples: &[b"A title", b"first line\nsecond line", b"  \n\n x", "größer\u{2028}".as_bytes()],
        words: &["\n", " ", "\u{85}", "\u{2028}", "t_00000001"] },
    Target { name: "quantities", in_a_test: 20_000, make: || Ok(plain(quantities)),
        examples: &[b"90", b"30s", b"2h", b"365d", b"512MiB", b"4 GiB", b"1TB"],
        words: &["s", "m", "h", "d", "B", "KiB", "MiB", "GiB", "TiB", "KB", "MB", "GB", "TB", "+"] },
    Target { name: "templates", in_a_test: 20_000, make: || Ok(plain(templates)),
        examples: &[b"{prompt}", b"--model={model}", b"Bash({andon}:*)", b"{{literal}}"],
        words: &["{", "}", "{{", "}}", "task", "title", "body", "workspace", "skill", "{model_args}"] },
    Target { name: "profiles.toml", in_a_test: 2_000, make: || Ok(plain(profiles)),
        examples: &[PROFILES, b"[profiles.x]\nmanual = true\n", b"[profiles.x]\npreset = \"hermes\"\n"],
        words: &["[profiles.", "]\n", "command = [", "preset = \"claude\"\n", "env = [\"A?\"]\n", "set = {",
            "limits = {", "time = \"2h\"", "memory = \"4GiB\"", "concurrency = 3\n", "\"\"\"", "on_exit_zero = ",
            "manual = true\n", "{model_args}", "{body}", "= 1979-05-27T07:32:00Z\n"] },
    Target { name: "config.toml", in_a_test: 2_000, make: || Ok(plain(config_toml)),
        examples: &[CONFIG, b"[retry]\nfailure_limit = 3\n", b"[boards.infra.dispatch]\nmax_spawn = 2\n"],
        words: &["[dispatch]\n", "[retry]\n", "[boards.infra.", "max_in_progress = ", "failure_limit = ",
            "dispatch_interval_seconds = ", "default_assignee = ", "true", "nan", "0b1", "\"\"\"", "{ ", " }"] },
    Target { name: "config.yaml", in_a_test: 2_000, make: || Ok(plain(config_yaml)),
        examples: &[YAML, b"kanban: {failure_limit: 3}", b"&a [*a]"],
        words: &["kanban:\n", "  ", "failure_limit: ", "max_in_progress: ", "&a ", "*a", "!!int ", "---\n",
            "- ", "? ", "| \n", "> \n", "<<: ", "%YAML 1.2\n", "\u{85}", "null", "~", ".inf"] },
    Target { name: "home", in_a_test: 500, make: home,
        examples: &[b"\0infra\n", b"\x01{\"name\": \"Infra\", \"created_at\": 7, \"archived\": false}", RECORD],
        words: &["default", "infra", "{", "}", "\"name\": ", "\"default_workdir\": ", "\"fingerprint\": ",
            "null", "[", "]", "true", "\"slug\": ", "\"created_at\": ", "\"until\": ", "\"next\": "] },
    Target { name: "skills", in_a_test: 10_000, make: || Ok(plain(skills)),
        examples: &[b"[\"rust\", \"sql\"]", b"[1, null, \"\", {}]", b"\"rust\""],
        words: &["[", "]", "\"", "\\u0000", "\\ud800", "1e999", "null", ","] },
    Target { name: "orders", in_a_test: 10_000, make: || Ok(plain(orders)),
        examples: &[SPEC, b"{\"argv\":[\"sh\"],\"env\":[[\"A\",\"b\"]],\"cwd\":\"/\",\"runner\":1}"],
        words: &["\"argv\":", "\"env\":", "\"limits\":", "\"time_s\":", "null", "[", "]", "{", "}", "\"run\":",
            "\"on_exit_zero\":\"violates\"", "\"board\":", "\"guard\":"] },
    Target { name: "proc", in_a_test: 20_000, make: || Ok(plain(proc)),
        examples: &[
            b"1 (a b) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 99 1024 300 18446744073709551615",
            b"1: FLOCK  ADVISORY  WRITE 4711 fe:00:131 0 EOF",
            b"2: -> OFDLCK ADVISORY  READ -1 08:01:99 1073741826 1073742335"],
        words: &[") ", "(", " S ", " Z ", "FLOCK", "POSIX", "OFDLCK", "READ", "WRITE", "EOF", "fe:00:", ":"] },
];

const PROFILES: &[u8] = br#"[profiles.builder]
preset = "claude"
description = "writes code"
env = ["ANTHROPIC_API_KEY", "PROXY?"]
set = { CARGO_TERM_COLOR = "never" }
[profiles.builder.limits]
time = "2h"
memory = "4GiB"
concurrency = 3
[profiles.nightly]
command = ["make", "-C", "{workspace}", "report"]
on_exit_zero = "completes"
"#;
const CONFIG: &[u8] = b"[dispatch]\nmax_in_progress = 4\ndispatch_interval_seconds = 60\n";
const YAML: &[u8] =
    b"model: x\nkanban:\n  failure_limit: 3\n  max_in_progress: 2\nother: [1, {a: b}]\n";
const RECORD: &[u8] = b"\x02{\"reason\":\"damaged\",\"since\":1,\"next\":2,\"attempts\":1,\
    \"fingerprint\":{\"size\":1,\"inode\":2,\"modified_ns\":3}}";
const SPEC: &[u8] = br#"{"db":"/b.db","home":"/h","board":"default","task":"t_00000001","run":1,
"claim_lock":"h:1:2","argv":["sh"],"env":[["A","b"]],"workspace":"/w","log":"/l","log_rotate_bytes":9,
"log_backups":1,"limits":{"time_s":1},"on_exit_zero":"violates"}"#;

/// A target that takes text; bytes that are none are replaced, as a reader of files would refuse
/// them before.
fn plain(read: fn(&str) -> String) -> Probe {
    Box::new(move |input| read(&String::from_utf8_lossy(input)))
}

/// An answer in words.
fn told<T, E: Display>(answer: &Result<T, E>) -> String {
    answer.as_ref().err().map_or_else(|| "read".to_owned(), ToString::to_string)
}

fn is_file_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\0'])
}

fn names(text: &str) -> String {
    let task = TaskId::parse(text);
    if let Ok(id) = &task {
        assert!(is_file_name(id.as_str()), "{id} is no file name");
        assert_eq!(id.as_str(), text, "an id is taken as it stands");
        assert!(TaskId::parse(TaskId::after(Some(id), 7).as_str()).is_ok(), "after {id}");
    }
    let slug = BoardSlug::parse(text);
    if let Ok(slug) = &slug {
        assert!(is_file_name(slug.as_str()), "{slug} is no file name");
        assert_eq!(BoardSlug::parse(slug.as_str()).as_ref(), Ok(slug));
    }
    let profile = Assignee::parse(text);
    if let Ok(name) = &profile {
        assert!(is_file_name(name.as_str()), "{name} is no file name");
        assert_eq!(Assignee::parse(name.as_str()).as_ref(), Ok(name));
    }
    let found = mentions(text, usize::MAX);
    assert!(found.iter().all(|id| text.contains(id.as_str())), "{found:?}");
    format!("{} {} {} {}", told(&task), told(&slug), told(&profile), !found.is_empty())
}

fn texts(given: &str) -> String {
    let title = text::title(given);
    if let Ok(title) = &title {
        assert!(title.len() <= text::TITLE_BYTES_MAX && !title.trim().is_empty());
        assert!(!title.chars().any(char::is_control), "{title:?}");
    }
    let prose = text::prose("body", given, text::NAME_BYTES_MAX);
    let line = text::handoff_line(Some(given), None);
    if let Some(line) = &line {
        assert!(line.chars().count() <= text::HANDOFF_LINE_CHARS_MAX && !line.is_empty());
    }
    assert!(text::clip_error(given).chars().count() <= text::ERROR_CHARS_MAX);
    format!("{} {} {}", told(&title), told(&prose), line.is_some())
}

fn quantities(text: &str) -> String {
    let (span, size) = (parse_span(text), parse_size(text));
    if let Ok(span) = span {
        assert!((1..=SPAN_MAX.0).contains(&span.0), "{span}");
    }
    if let Ok(size) = size {
        assert!((1..=SIZE_MAX).contains(&size.0), "{size}");
        assert_eq!(parse_size(&size.to_string()), Ok(size), "a size is read as it is shown");
    }
    format!("{} {}", told(&span), told(&size))
}

fn templates(text: &str) -> String {
    let template = Template::parse(text);
    if let Ok(template) = &template {
        let again = Template::parse(&template.to_string());
        assert_eq!(again.as_ref(), Ok(template), "an argument is read as it is shown");
    }
    told(&template)
}

fn profiles(text: &str) -> String {
    let mut profiles = Profiles::built_in();
    told(&profiles.add_file(Path::new("profiles.toml"), text).map_err(|error| format!("{error:?}")))
}

fn layered(toml: Option<&str>, yaml: Option<&str>) -> String {
    let board = BoardSlug::parse("infra").expect("a legal name");
    let read = config::resolve(&Layers {
        hermes: yaml.map(|text| (Path::new("config.yaml"), text)),
        file: toml.map(|text| (Path::new("config.toml"), text)),
        board: Some(&board),
        env: &Env::default(),
        arguments: &[],
    });
    told(&read.map_err(|error| format!("{error:?}")))
}

fn config_toml(text: &str) -> String {
    layered(Some(text), None)
}

fn config_yaml(text: &str) -> String {
    layered(None, Some(text))
}

/// The small files of a home; the first byte says which one.
fn home() -> Result<Probe, Failure> {
    let dir = tempfile::tempdir()?;
    let home = Home::resolve(Some(dir.path()), &Env::default())?;
    let board = home.boards_dir().join("infra");
    std::fs::create_dir_all(&board)?;
    std::fs::write(board.join("board.json"), "{}")?;
    let slug = BoardSlug::parse("infra")?;
    let record = quarantine::record_file(&home, &slug);
    std::fs::create_dir_all(record.parent().unwrap_or(dir.path()))?;
    Ok(Box::new(move |input| {
        let (which, text) = input.split_first().unwrap_or((&0, &[]));
        let path = match which % 3 {
            0 => home.current_file(),
            1 => board.join("board.json"),
            _ => record.clone(),
        };
        assert!(dir.path().exists(), "the directory lives as long as the probe");
        std::fs::write(&path, text).expect("a file can be written");
        let answer = match which % 3 {
            0 => told(&choose_board(&home, None, &Env::default())),
            1 => told(&Boards::new(&home).metadata(&slug)),
            _ => told(&quarantine::read(&home, &slug)),
        };
        std::fs::write(&path, if which % 3 == 1 { "{}" } else { "" }).expect("it can be cleared");
        answer
    }))
}

fn skills(text: &str) -> String {
    let Some(skills) = codec::skills_from(text) else { return "no list".to_owned() };
    let written = codec::skills_text(&skills);
    assert!(written.is_ascii(), "{written:?}");
    assert_eq!(codec::skills_from(&written).as_ref(), Some(&skills), "what is written is read");
    format!("list {}", skills.is_empty())
}

fn orders(text: &str) -> String {
    let spec = RunSpec::read(text.as_bytes());
    let orders: Result<Orders, _> = serde_json::from_str(text);
    format!("{} {}", told(&spec), told(&orders))
}

fn proc(text: &str) -> String {
    let stat = andon_proc::process::parse(text);
    let lock = andon_proc::lock_table::parse(text);
    format!("{} {:?}", stat.is_some(), lock.map(|lock| (lock.kind, lock.mode, lock.pid.is_some())))
}
