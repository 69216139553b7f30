//! Conformance suite, fixtures, fake workers and fault injection. For tests only.
//!
//! [`fixture`] makes boards and speaks about them in sentences, [`conformance`] is what every
//! store must do, [`sequence`] compares two stores along random commands and mixes in what the
//! [`peer`] writes, [`snapshot`] reads a whole board, [`torture`] tries to lose one, [`disk`] is
//! where it may try.

pub mod conformance;
pub mod disk;
pub mod fixture;
pub mod peer;
pub mod rows;
pub mod sequence;
pub mod snapshot;
pub mod torture;
pub mod world;
