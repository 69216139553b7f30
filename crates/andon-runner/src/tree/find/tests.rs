//! Membership, on made-up process tables. No real process is looked at.

use super::*;
use andon_core::process::Process;

fn stat(pid: i32, parent: i32, session: i32, started: u64) -> Stat {
    Stat { pid, state: 'S', parent, session, cpu_ticks: 0, started, resident_pages: 0 }
}

fn orphans_of(pid: i32, started: u64) -> Target {
    let worker = Process { machine: "m".into(), boot: "b".into(), pid, started };
    Target { worker, mark: "x".into(), kinship: Kinship::Stranger }
}

fn found(all: &[Stat], target: &Target, marked: &[i32]) -> Vec<i32> {
    let roots = orphan_roots(all, target, &|pid| marked.contains(&pid));
    let mut pids: Vec<i32> = living_below(all, roots, 1).iter().map(|member| member.pid).collect();
    pids.sort_unstable();
    pids
}

#[test]
fn descent_session_and_mark_each_make_a_member() {
    let all = [
        stat(1, 0, 1, 1),
        stat(10, 1, 10, 100),
        stat(11, 10, 10, 101),
        stat(12, 11, 12, 102),
        stat(13, 1, 10, 103),
        stat(14, 1, 14, 104),
        stat(15, 14, 15, 105),
        stat(16, 1, 16, 106),
    ];
    assert_eq!(found(&all, &orphans_of(10, 100), &[14]), [10, 11, 12, 13, 14, 15]);
}

#[test]
fn a_reused_number_brings_neither_its_session_nor_its_children() {
    let all = [stat(10, 1, 10, 500), stat(11, 10, 10, 501), stat(12, 1, 12, 300)];
    assert_eq!(found(&all, &orphans_of(10, 100), &[12]), [12]);
}

#[test]
fn nothing_older_than_the_worker_belongs_to_it() {
    let all = [stat(9, 1, 9, 50)];
    assert_eq!(found(&all, &orphans_of(10, 100), &[9]), [0_i32; 0]);
}

#[test]
fn the_dead_are_not_members_but_their_children_are() {
    let mut dead = stat(10, 1, 10, 100);
    dead.state = 'Z';
    let all = [dead, stat(11, 10, 11, 101)];
    assert_eq!(found(&all, &orphans_of(10, 100), &[]), [11]);
}
