//! The board's rules, as far as they concern one task: `andon-core`, `command/`.

use super::{
    Claimer, FAILURES_MAX, FREE, Found, Mistake, RUNS, Row, Run, Runs, State, Status, Word, Wrong,
};

/// What a command came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Done,
    Rejected,
}

impl State {
    /// The run that has the task.
    fn current_run(&mut self) -> Option<&mut Run> {
        let current = self.current?;
        Some(&mut self.runs[usize::from(current)])
    }

    /// Whether `claim` would be granted, and in which place the run would be written.
    pub(super) fn claimable(&self, model: &Runs) -> Option<usize> {
        let lingers = self.runs.iter().any(|run| run.row == Row::Closed && !run.is_gone);
        let waits = lingers && !model.errs(Mistake::NextDoesNotWait);
        let free = (0..RUNS).find(|at| self.runs[*at].row == Row::Free)?;
        (self.status == Status::Ready && !waits).then_some(free)
    }

    /// `Claim::decide`.
    pub(super) fn claim(&mut self, at: usize) {
        self.runs[at] = Run { row: Row::Open, claimer: Claimer::Lives, ..FREE };
        (self.status, self.current) = (Status::Running, Some(at as u8));
    }

    /// Whether this is the run that has the task: `require_run` and `require_status`.
    fn is_current(&self, at: usize) -> bool {
        self.current == Some(at as u8) && self.status == Status::Running
    }

    /// `Register::decide`.
    pub(super) fn register(&mut self, model: &Runs, at: usize) -> Answer {
        let is_fenced = !model.errs(Mistake::RegisterUnfenced);
        let run = &self.runs[at];
        if (is_fenced && !self.is_current(at)) || run.stop.is_some() || run.has_runner {
            return Answer::Rejected;
        }
        self.runs[at].has_runner = true;
        Answer::Done
    }

    /// `Heartbeat::decide`: the run and its lock, which no other run has.
    pub(super) fn renew(&mut self, at: usize) -> Answer {
        if !self.is_current(at) {
            return Answer::Rejected;
        }
        self.runs[at].is_lapsed = false;
        Answer::Done
    }

    /// `Complete::decide` and `Block::decide`: a worker's word names its run.
    pub(super) fn word_arrives(&mut self, model: &Runs) -> Option<()> {
        let Word { run, to } = self.word.take()?;
        let is_current = run.is_some_and(|run| self.is_current(usize::from(run)));
        if self.status == Status::Running && (is_current || model.errs(Mistake::ReportUnfenced)) {
            if !is_current {
                self.wrong = Some(Wrong::Stale);
            }
            self.close_current(to);
        }
        Some(())
    }

    /// `Draft::close_run`, with the task's next state. One that has no runner leaves nothing
    /// behind, and its task need not wait.
    fn close_current(&mut self, to: Status) {
        if let Some(run) = self.current_run() {
            run.row = Row::Closed;
            run.is_gone |= !run.has_runner;
        }
        (self.status, self.current) = (to, None);
    }

    /// A person's word: `Cancel`, `Reclaim`, `Complete`. Where a runner lives the first two are
    /// wishes (`cancel::request`).
    pub(super) fn order(&mut self, model: &Runs, to: Status) {
        let is_wish = to != Status::Done;
        if let Some(run) = self.current_run()
            && is_wish
            && run.has_runner
            && !run.is_gone
        {
            if model.errs(Mistake::StopIsEnd) {
                run.is_gone = true;
            } else {
                // `Rejected::AlreadyStopping`: the first wish stands.
                run.stop = run.stop.or(Some(to));
                return;
            }
        }
        self.failures = if to == Status::Ready { 0 } else { self.failures };
        self.close_current(to);
    }

    /// `Expire::decide`.
    pub(super) fn expire(&mut self, at: usize, lives: bool) {
        if !self.is_current(at) || !self.runs[at].is_lapsed {
            return;
        }
        if lives {
            self.runs[at].is_lapsed = false;
            return;
        }
        self.runs[at].is_gone = true;
        self.close_current(Status::Ready);
    }

    /// `FinishRun::decide`.
    pub(super) fn finish(&mut self, model: &Runs, at: usize, found: Found) -> Answer {
        let run = &self.runs[at];
        let is_runners = matches!(found, Found::Ended | Found::Failed);
        if run.row != Row::Open && run.is_gone {
            if !model.errs(Mistake::ExitOverwritten) {
                // `unchanged`: the sender never heard the first answer, or somebody was faster.
                return self.heard(at, is_runners);
            }
            if run.is_known && !is_runners {
                self.wrong = Some(Wrong::ExitLost);
            }
            self.runs[at].is_known = is_runners;
            return Answer::Done;
        }
        let says_no_runner = matches!(found, Found::NeverStarted | Found::Abandoned);
        if says_no_runner && run.has_runner && !model.errs(Mistake::LateRunnerUnseen) {
            return Answer::Rejected;
        }
        let (row, stop) = (run.row, run.stop);
        self.runs[at].is_gone = true;
        self.runs[at].is_known = is_runners;
        self.runs[at].row = Row::Closed;
        let has_task = row == Row::Open && self.is_current(at);
        if has_task || model.errs(Mistake::FinishUnfenced) {
            if !has_task {
                self.wrong = Some(Wrong::Stale);
            }
            (self.status, self.current) = (stop.unwrap_or_else(|| self.judge(found)), None);
        }
        self.heard(at, is_runners)
    }

    /// What comes after an end that nobody wished: `finish_run::failed`, `policy::retry`.
    fn judge(&mut self, found: Found) -> Status {
        match found {
            Found::Ended => return Status::Done,
            Found::Abandoned => return Status::Ready,
            Found::NeverStarted | Found::Swept | Found::Failed => {}
        }
        self.failures += 1;
        if self.failures >= FAILURES_MAX { Status::Blocked } else { Status::Ready }
    }

    /// A runner that is told that the end is recorded finds its own words there.
    fn heard(&mut self, at: usize, is_runners: bool) -> Answer {
        if is_runners && !self.runs[at].is_known {
            self.wrong = Some(Wrong::ExitLost);
        }
        Answer::Done
    }
}
