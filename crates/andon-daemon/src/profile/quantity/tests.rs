//! Spans and sizes: what is read, what is refused.

use super::*;

#[test]
fn spans_are_read_with_and_without_a_unit() {
    for (text, seconds) in
        [("90", 90), ("30s", 30), ("5m", 300), ("2h", 7_200), ("1d", 86_400), ("365d", SPAN_MAX.0)]
    {
        assert_eq!(parse_span(text), Ok(Seconds(seconds)), "{text}");
    }
}

#[test]
fn a_span_may_have_parts_of_its_unit_and_the_units_case_does_not_matter() {
    for (text, seconds) in [
        ("1.5h", 5_400),
        ("2H", 7_200),
        ("0.5 M", 30),
        ("1.99s", 1),
        ("364.999999999D", 31_535_999),
    ] {
        assert_eq!(parse_span(text), Ok(Seconds(seconds)), "{text}");
    }
}

#[test]
fn nothing_negative_zero_absurd_or_vague_is_a_span() {
    for text in [
        "",
        "0",
        "0s",
        "-5",
        "-5s",
        "366d",
        "9000h",
        "1.5",
        ".5h",
        "1.h",
        "1.5.5h",
        "1.1234567890h",
        "0.5s",
        "364.9d 1",
        "365.1d",
        "2 weeks",
        "h",
        "99999999999999999999d",
    ] {
        let error = parse_span(text).unwrap_err();
        assert!(error.to_string().contains("from 1s to 365d"), "{text}: {error}");
    }
}

#[test]
fn sizes_have_exact_units() {
    for (text, bytes) in
        [("4GiB", 4 << 30), ("512 MiB", 512 << 20), ("1000000", 1_000_000), ("2GB", 2_000_000_000)]
    {
        assert_eq!(parse_size(text), Ok(Bytes(bytes)), "{text}");
    }
    for text in ["", "0", "-1", "4G", "4gib", "2000TiB", "1.5GiB", "18446744073709551615TiB"] {
        assert!(parse_size(text).is_err(), "{text}");
    }
    assert_eq!(
        (Bytes(4 << 30).to_string(), Bytes(1_500).to_string()),
        ("4GiB".into(), "1500B".into())
    );
}
