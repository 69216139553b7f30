//! What whoever started a runner ignores is nothing to its worker.

use crate::roles::role;
use crate::scene::Scene;
use andon_core::run::Exit;
use std::process::Command;

/// The signals below 32. The C library keeps the next two to itself and lets nobody heed them.
const STANDARD: u64 = (1 << 31) - 1;

#[test]
fn a_worker_does_not_inherit_what_its_runner_ignores() {
    let trap = "trap '' CHLD QUIT USR1 PIPE; exec \"$0\" \"$@\"";
    let body = role(concat!(module_path!(), "::ignoring"));
    let mut shell = Command::new("/bin/sh");
    let output = shell.args(["-c", trap]).arg(body.get_program()).args(body.get_args()).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
#[ignore = "the body of its twin, which runs it with signals ignored"]
fn ignoring() {
    let ignored = andon_proc::process::ignored_signals();
    assert!(ignored.contains(&signal_hook::consts::SIGQUIT), "this is what is tried here");
    andon_runner::signals::heed_children();
    let scene = Scene::of("grep SigIgn /proc/self/status; exit 7");
    scene.keep().unwrap();
    assert_eq!(scene.end().exit, Exit::Code(7));
    let tail = scene.end().tail.unwrap();
    let mask = u64::from_str_radix(tail.trim().strip_prefix("SigIgn:\t").unwrap(), 16).unwrap();
    assert_eq!(mask & STANDARD, 0, "{mask:x}");
}
