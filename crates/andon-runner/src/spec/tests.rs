//! What a runner takes as its spec.

use super::*;

#[test]
fn a_spec_without_an_end_is_refused_by_its_size() {
    let error = RunSpec::read(io::repeat(b' ')).unwrap_err();
    assert_eq!(error.to_string(), "the spec of the run is larger than 41943040 bytes");
}

#[test]
fn a_spec_that_is_cut_off_is_no_spec() {
    for text in ["", "{", "{\"board\": \"default\"}"] {
        RunSpec::read(text.as_bytes()).unwrap_err();
    }
}

#[test]
fn a_spec_that_is_printed_shows_no_value_of_the_environment() {
    let retry = andon_core::policy::retry::RetryPolicy::default();
    let spec = RunSpec {
        db: "/b".into(),
        home: "/h".into(),
        board: "default".to_owned(),
        task: "t_00000001".to_owned(),
        run: 1,
        claim_lock: "h:1:2".to_owned(),
        argv: vec!["true".to_owned()],
        env: vec![("TOKEN".to_owned(), "c4n4ry".to_owned())],
        workspace: "/w".into(),
        log: "/l".into(),
        log_rotate_bytes: 1,
        log_backups: 1,
        limits: Limits::NONE,
        cgroup_root: None,
        open_files: None,
        grace_ms: 1,
        linger_ms: 1,
        lease_ttl_s: 1,
        on_exit_zero: ExitZero::Violates,
        mark: "m".to_owned(),
        settings: BoardSettings {
            busy_ms: 1,
            checkpoint_pages: 1,
            writer_lock: true,
            claim_ttl_s: 1,
            retry: (&retry).into(),
        },
    };
    let sent = serde_json::to_vec(&spec).unwrap();
    let spec = RunSpec::read(&sent[..]).unwrap();
    assert_eq!(spec.env[0].1, "c4n4ry");
    for shown in [format!("{spec:?}"), format!("{:?}", spec.command())] {
        assert!(shown.contains("true") && !shown.contains("c4n4ry"), "{shown}");
    }
}
