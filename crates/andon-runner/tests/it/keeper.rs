//! A run from start to end, on a board that does as it is told.

use crate::board::{RUN, busy};
use crate::roles::{LIMIT, alone, eventually};
use crate::scene::{Scene, await_file, gone};
use andon_core::command::Command;
use andon_core::command::heartbeat::Sign;
use andon_core::rejected::Rejected;
use andon_core::run::{Exit, Limit, Means};
use andon_core::time::Seconds;
use andon_proc::process;
use andon_runner::keeper::KeepError;
use andon_store::StoreError;
use std::fs;
use std::path::Path;

alone! {
    fn an_exit_is_recorded_with_its_code_and_last_words() {
        let scene = Scene::of("echo working; echo failed >&2; exit 3");
        scene.keep().unwrap();
        let end = scene.end();
        assert_eq!((end.exit, end.run), (Exit::Code(3), RUN));
        assert_eq!(end.tail.as_deref(), Some("working\nfailed\n"));
        assert_eq!(end.termination.means, Means::NotAttempted);
        assert_eq!(end.termination.pid, Some(scene.worker().pid.into()));
        assert_eq!(fs::read_to_string(&scene.spec.log).unwrap(), "working\nfailed\n");
        assert!(end.usage.max_rss_kb > 0);
    }

    fn a_worker_is_registered_before_its_program_starts() {
        let scene = Scene::of("touch ran");
        scene.board.fail("register", 2, &busy());
        let dir = scene.dir.path().to_owned();
        scene.keep_while(move |board, _| {
            board.await_told("register", 2);
            assert!(!dir.join("ran").exists());
        });
        assert!(scene.dir.path().join("ran").exists());
        let told = scene.board.told("register");
        assert!(told.iter().all(|request| request.op == told[0].op), "a repeated request is the same");
    }

    fn a_run_that_is_over_before_it_began_starts_nothing() {
        let scene = Scene::of("touch ran");
        let stale = Rejected::UnknownRun(RUN);
        scene.board.fail("register", 1, &StoreError::Rejected(stale));
        scene.keep().unwrap();
        assert!(gone(&scene.worker()));
        assert!(!scene.dir.path().join("ran").exists());
        assert!(scene.board.told("finish-run").is_empty());
    }

    fn a_damaged_board_starts_nothing() {
        let scene = Scene::of("touch ran");
        scene.board.fail("register", 1, &StoreError::Internal("damaged".to_owned()));
        assert!(matches!(scene.keep(), Err(KeepError::Register { .. })));
        assert!(gone(&scene.worker()));
        assert!(!scene.dir.path().join("ran").exists());
    }

    fn a_missing_program_is_recorded_as_such() {
        let mut scene = Scene::of("");
        scene.spec.argv = vec!["no-such-agent".to_owned()];
        scene.keep().unwrap();
        assert_eq!(scene.end().exit, Exit::SpawnFailed("no-such-agent: not found".to_owned()));
    }

    fn a_log_that_cannot_be_opened_is_recorded_and_starts_nothing() {
        let mut scene = Scene::of("touch ran");
        scene.spec.log = scene.dir.path().to_owned();
        scene.keep().unwrap();
        let exit = scene.end().exit;
        assert!(matches!(&exit, Exit::SpawnFailed(why) if why.starts_with("log ")), "{exit}");
        assert!(!scene.dir.path().join("ran").exists());
    }

    fn a_wish_to_stop_ends_the_whole_tree_before_it_is_recorded() {
        let scene = Scene::of("(setsid sleep 1000 &); echo $$ >ready; exec sleep 1000");
        scene.keep_while(|board, dir| {
            await_file(dir, "ready");
            board.stop();
        });
        let end = scene.end();
        assert_eq!((end.exit, end.termination.means), (Exit::Signal(15), Means::Asked));
        assert!(gone(&scene.worker()));
    }

    fn a_wish_that_came_before_the_board_was_watched_is_heard() {
        let scene = Scene::of("exec sleep 100");
        scene.board.stop_unseen();
        scene.keep().unwrap();
        assert_eq!(scene.end().exit, Exit::Signal(15));
    }

    fn descendants_of_a_worker_that_left_are_ended_before_its_end_is_recorded() {
        let detached = "echo $$ >child; exec sleep 1000";
        let scene = Scene::of(&format!("(setsid sh -c '{detached}' &); until [ -s child ]; do :; done"));
        scene.keep().unwrap();
        let end = scene.end();
        assert_eq!((end.exit, end.termination.means), (Exit::Code(0), Means::Asked));
        let child = fs::read_to_string(scene.dir.path().join("child")).unwrap();
        assert!(process::read(child.trim().parse().unwrap()).is_err());
    }

    fn a_worker_that_reported_may_leave_by_itself() {
        let scene = Scene::of("touch ready; until [ -e go ]; do :; done; exit 4");
        scene.keep_while(|board, dir| {
            await_file(dir, "ready");
            board.close();
            fs::write(dir.join("go"), "").unwrap();
        });
        let end = scene.end();
        assert_eq!((end.exit, end.termination.means), (Exit::Code(4), Means::NotAttempted));
    }

    fn a_worker_that_reported_and_stays_is_ended() {
        let mut scene = Scene::of("touch ready; exec sleep 1000");
        scene.spec.linger_ms = 100;
        scene.keep_while(|board, dir| {
            await_file(dir, "ready");
            board.close();
        });
        assert_eq!(scene.end().exit, Exit::Signal(15));
    }

    fn a_run_that_lost_its_claim_is_ended() {
        let mut scene = Scene::of("exec sleep 1000");
        (scene.spec.linger_ms, scene.spec.lease_ttl_s) = (100, 1);
        let stale = StoreError::Rejected(Rejected::UnknownRun(RUN));
        scene.board.fail("heartbeat", 1, &stale);
        scene.keep().unwrap();
        assert_eq!(scene.end().exit, Exit::Signal(15));
    }

    fn the_lease_is_renewed_while_the_worker_says_nothing() {
        let mut scene = Scene::of("until [ -e go ]; do sleep 0.01; done");
        scene.spec.lease_ttl_s = 3;
        // A busy board costs a renewal, not the run.
        scene.board.fail("heartbeat", 1, &busy());
        scene.keep_while(|board, dir| {
            board.await_told("heartbeat", 3);
            fs::write(dir.join("go"), "").unwrap();
        });
        assert_eq!(scene.end().exit, Exit::Code(0));
        let beats = scene.board.told("heartbeat");
        let keepers = beats.iter().all(|request| match &request.command {
            Command::Heartbeat(beat) => beat.sign == Sign::Keeper && beat.expected_run == Some(RUN),
            _ => false,
        });
        assert!(keepers, "{beats:?}");
    }

    fn an_exit_outlasts_a_busy_board() {
        let scene = Scene::of("exit 3");
        scene.board.fail("finish-run", 4, &busy());
        scene.keep().unwrap();
        let told = scene.board.told("finish-run");
        assert_eq!(told.len(), 5);
        assert!(told.iter().all(|request| request.op == told[0].op), "a repeated request is the same");
    }

    fn an_exit_outlasts_a_board_that_is_busy_for_longer_than_a_lease() {
        let mut scene = Scene::of("exit 3");
        scene.spec.lease_ttl_s = 1;
        // With the pauses in between this takes three leases.
        scene.board.fail("finish-run", 6, &busy());
        scene.keep().unwrap();
        assert_eq!(scene.end().exit, Exit::Code(3));
    }

    fn an_end_that_cannot_be_recorded_is_reported() {
        let scene = Scene::of("exit 3");
        scene.board.fail("finish-run", 1, &StoreError::Internal("damaged".to_owned()));
        let error = scene.keep().unwrap_err();
        assert!(matches!(&error, KeepError::Unrecorded { exit: Exit::Code(3), .. }), "{error}");
    }

    fn a_limit_ends_the_run_and_is_recorded() {
        let mut scene = Scene::of("exec sleep 1000");
        scene.spec.limits.time_s = Some(1);
        scene.keep().unwrap();
        let end = scene.end();
        assert!(matches!(end.exit, Exit::Limit(Limit::Time { .. })), "{}", end.exit);
        assert_eq!(end.termination.means, Means::Asked);
    }

    fn a_heartbeat_counts_as_a_sign_of_life() {
        let mut scene = Scene::of("exec sleep 1000");
        scene.spec.limits.idle_s = Some(2);
        let begun = std::time::Instant::now();
        scene.keep_while(move |board, _| {
            board.await_told("register", 1);
            eventually("half of the idle time is over", || begun.elapsed().as_millis() > 1500);
            board.heartbeat(5);
        });
        assert!(matches!(scene.end().exit, Exit::Limit(Limit::Idle { .. })));
        assert!(begun.elapsed().as_millis() >= 3500);
    }

    fn stopping_the_runner_does_not_stop_the_worker() {
        let scene = Scene::of("touch ready; until [ -e go ]; do :; done; exit 6");
        scene.keep_while(|_, dir| {
            await_file(dir, "ready");
            let own = rustix::process::getpid();
            for signal in ["TERM", "INT", "HUP"] {
                let status = std::process::Command::new("/bin/kill")
                    .args(["-s", signal, &own.as_raw_pid().to_string()])
                    .status();
                assert!(status.unwrap().success());
            }
            fs::write(dir.join("go"), "").unwrap();
        });
        assert_eq!(scene.end().exit, Exit::Code(6));
    }

    fn a_worker_hears_the_signals_that_its_runner_ignores() {
        let scene = Scene::of("trap 'exit 9' TERM; touch ready; while :; do sleep 0.01; done");
        scene.keep_while(|board, dir| {
            await_file(dir, "ready");
            board.stop();
        });
        assert_eq!(scene.end().exit, Exit::Code(9));
    }

    fn an_orphan_that_ended_is_reaped_while_its_worker_goes_on() {
        let orphan = "(/bin/sh -c 'echo $$ >orphan.new; mv orphan.new orphan' &)";
        let script = format!("{orphan}; while [ ! -e go ]; do sleep 0.01; done; exit 3");
        let mut scene = Scene::of(&script);
        // For the case that it is not, so that the run ends.
        scene.spec.limits.time_s = Some(2 * LIMIT.as_secs());
        scene.keep_while(|_, dir| {
            await_file(dir, "orphan");
            let pid = fs::read_to_string(dir.join("orphan")).unwrap();
            let place = Path::new("/proc").join(pid.trim());
            eventually("the orphan is reaped", || !place.exists());
            fs::write(dir.join("go"), "").unwrap();
        });
    }

    fn processor_time_of_orphans_that_ended_is_limited_as_well() {
        let work = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; touch ended";
        let one = format!("rm -f ended; (/bin/sh -c '{work}' &); while [ ! -e ended ]; do sleep 0.05; done");
        let mut scene = Scene::of(&format!("while :; do {one}; done"));
        scene.spec.limits.cpu_s = Some(2);
        // For the case that it goes unseen.
        scene.spec.limits.time_s = Some(20);
        scene.keep().unwrap();
        assert_eq!(scene.end().exit, Exit::Limit(Limit::Cpu { limit: Seconds(2) }));
    }
}
