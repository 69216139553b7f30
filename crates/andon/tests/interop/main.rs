//! The board file shared with its peer, hermes-agent: both programs, as real processes, on one
//! file.
//!
//! `cargo xtask interop` installs the peer and names its interpreter in `ANDON_PEER_PYTHON`;
//! without it these tests are ignored. The scripts in `peer/` import nothing of the peer but its
//! public board module. No test here compares speed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]
#![expect(clippy::print_stdout, reason = "figures of the peer are shown, not judged")]

mod adopt;
mod alike;
mod burst;
mod dispatch;
mod guard;
mod handover;
mod home;
mod mixed;
mod process;
mod turn;
mod work;
mod writer;
