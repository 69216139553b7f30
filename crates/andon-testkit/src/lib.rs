//! Conformance suite, fixtures, fake workers and fault injection. For tests only.
