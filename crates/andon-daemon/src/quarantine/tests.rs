//! Claims about quarantine.

use super::*;
use crate::env::Env;

fn at(now: i64) -> Circumstances {
    Circumstances { now: Timestamp(now), random: 0, fingerprint: None }
}

fn bad() -> Finding {
    Finding::Bad("the board is damaged".to_owned())
}

fn record(state: &State) -> &Record {
    match state {
        State::Confirmed(record) => record,
        State::Clear | State::Suspect { .. } => panic!("not in quarantine: {state:?}"),
    }
}

#[test]
fn waits_double_from_half_a_minute_to_half_an_hour_and_keep_the_first_time() {
    let mut state = State::Clear;
    let mut now = 1_000;
    for base in [30, 60, 120, 240, 480, 960, 1_800, 1_800] {
        state = follow(&state, &bad(), at(now));
        let wait = record(&state).next - now;
        assert!((base * 9 / 10..=base * 11 / 10).contains(&wait), "{wait} for {base}");
        assert_eq!(record(&state).since, 1_000);
        now = record(&state).next;
    }
}

#[test]
fn one_good_pass_clears_it() {
    let state = follow(&State::Clear, &bad(), at(0));
    assert_eq!(follow(&state, &Finding::Good, at(40)), State::Clear);
}

#[test]
fn a_doubt_is_no_quarantine_until_it_comes_back_again_and_again() {
    let doubt = Finding::Doubtful("odd".to_owned());
    let first = follow(&State::Clear, &doubt, at(0));
    assert_eq!(first, State::Suspect { doubts: 1 });
    let second = follow(&first, &doubt, at(1));
    assert_eq!(second, State::Suspect { doubts: 2 });
    assert_eq!(record(&follow(&second, &doubt, at(2))).reason, "odd");
}

#[test]
fn a_changed_file_ends_it_before_its_time() {
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("kanban.db");
    fs::write(&database, "one").unwrap();
    let fingerprint = Fingerprint::of(&database);
    let state = follow(&State::Clear, &bad(), Circumstances { fingerprint, ..at(100) });
    let holds = |now| record(&state).holds(Timestamp(now), Fingerprint::of(&database).as_ref());
    assert!(holds(101));
    assert!(!holds(200));
    fs::write(&database, "another").unwrap();
    assert!(!holds(101));
}

#[test]
fn every_opener_sees_the_record_until_it_is_cleared() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::resolve(Some(dir.path()), &Env::default()).unwrap();
    let layout = Layout::new(&home, &BoardSlug::parse("infra").unwrap());
    assert_eq!(in_force(&home, &layout, Timestamp(0)), None);
    let state = follow(&State::Clear, &bad(), at(100));
    store(&home, layout.slug(), &state).unwrap();
    assert_eq!(in_force(&home, &layout, Timestamp(101)).as_ref(), Some(record(&state)));
    assert_eq!(in_force(&home, &layout, Timestamp(1_000)), None);
    store(&home, layout.slug(), &State::Clear).unwrap();
    assert_eq!(read(&home, layout.slug()).unwrap(), None);
}

#[test]
fn a_record_without_an_end_is_refused_by_its_size() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::resolve(Some(dir.path()), &Env::default()).unwrap();
    let layout = Layout::new(&home, &BoardSlug::parse("infra").unwrap());
    let path = record_file(&home, layout.slug());
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let bytes = usize::try_from(RECORD_BYTES_MAX).unwrap() + 1;
    fs::write(&path, vec![b' '; bytes]).unwrap();
    let error = read(&home, layout.slug()).unwrap_err();
    assert_eq!(error.source.to_string(), "it is larger than 65536 bytes");
    assert_eq!(in_force(&home, &layout, Timestamp(0)), None, "it forbids nothing");
}
