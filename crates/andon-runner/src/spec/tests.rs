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
