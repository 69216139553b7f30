//! What a runner and its worker do: `andon-runner`, `keeper/` and `tree`.

use super::board::Answer;
use super::step::{Befalls, Keeps, Works};
use super::{Found, Mistake, Row, Runner, Runs, State, Status, Tree, Word};

impl State {
    /// A step of a run's runner, if it can take it now.
    pub(super) fn keep(&mut self, model: &Runs, run: u8, what: Keeps) -> Option<()> {
        let at = usize::from(run);
        let runner = self.runs[at].runner;
        let next = match (what, runner) {
            (Keeps::Prepares, Runner::Spawned) => {
                self.runs[at].tree = Tree::Held;
                Runner::Prepared
            }
            (Keeps::Registers, Runner::Prepared) => self.registers(model, at),
            (Keeps::Releases, Runner::Registered) => {
                self.runs[at].tree = Tree::Worker;
                Runner::Watching
            }
            (Keeps::Renews, Runner::Watching) => match self.renew(at) {
                Answer::Done => Runner::Watching,
                Answer::Rejected => Runner::Leaving,
            },
            (Keeps::Looks, Runner::Watching) => {
                let run = &self.runs[at];
                match (run.row, run.stop) {
                    (Row::Free | Row::Closed, _) => Runner::Leaving,
                    (Row::Open, Some(_)) => Runner::Ending,
                    (Row::Open, None) => return None,
                }
            }
            // The worker ended, or it has lingered long enough.
            (Keeps::Ends, Runner::Watching) if self.runs[at].tree != Tree::Worker => Runner::Ending,
            (Keeps::Ends, Runner::Leaving) => Runner::Ending,
            (Keeps::EndsTree, Runner::Ending) => {
                self.runs[at].tree = Tree::Nothing;
                Runner::TreeGone
            }
            (Keeps::RecordsSuccess, Runner::TreeGone) => self.records(model, at, Found::Ended),
            (Keeps::RecordsFailure, Runner::TreeGone) => self.records(model, at, Found::Failed),
            _ => return None,
        };
        self.runs[at].runner = next;
        Some(())
    }

    fn registers(&mut self, model: &Runs, at: usize) -> Runner {
        let is_early = model.errs(Mistake::ReleasedFirst);
        if is_early && self.runs[at].tree == Tree::Held {
            self.runs[at].tree = Tree::Worker;
            return Runner::Prepared;
        }
        match self.register(model, at) {
            Answer::Done if is_early => Runner::Watching,
            Answer::Done => Runner::Registered,
            Answer::Rejected => {
                // The held stub is dropped with `Pending`; a worker let go too early lives on.
                if self.runs[at].tree == Tree::Held {
                    self.runs[at].tree = Tree::Nothing;
                }
                Runner::None
            }
        }
    }

    fn records(&mut self, model: &Runs, at: usize, found: Found) -> Runner {
        let _answer: Answer = self.finish(model, at, found);
        Runner::None
    }

    /// A step of a run's worker.
    pub(super) fn work(&mut self, run: u8, what: Works) -> Option<()> {
        let at = usize::from(run);
        match (what, self.runs[at].tree) {
            (Works::Ends, Tree::Worker | Tree::Orphans) => self.runs[at].tree = Tree::Nothing,
            (Works::LeavesOrphans, Tree::Worker) => self.runs[at].tree = Tree::Orphans,
            (Works::Completes | Works::Blocks, Tree::Worker | Tree::Orphans) => {
                let to = if what == Works::Blocks { Status::Blocked } else { Status::Done };
                return self.word.is_none().then(|| self.word = Some(Word { run: Some(run), to }));
            }
            _ => return None,
        }
        Some(())
    }

    /// What happens to a run.
    pub(super) fn befall(&mut self, model: &Runs, run: u8, what: Befalls) -> Option<()> {
        let run = &mut self.runs[usize::from(run)];
        match what {
            Befalls::LeaseLapses if run.row == Row::Open && !run.is_lapsed => run.is_lapsed = true,
            Befalls::NumberIsReused if run.has_runner && run.runner == Runner::None => {
                // Where a start time belongs to each number, that changes nothing.
                if run.is_reused || run.is_gone || !model.errs(Mistake::NumberAlone) {
                    return None;
                }
                run.is_reused = true;
            }
            Befalls::RunnerDies | Befalls::RunnerDiesLeavingOrphans
                if run.runner != Runner::None && self.kills > 0 =>
            {
                let leaves = what == Befalls::RunnerDiesLeavingOrphans;
                if leaves && !matches!(run.tree, Tree::Worker | Tree::Orphans) {
                    return None;
                }
                // `PR_SET_PDEATHSIG` ends worker and stub; what a worker started has it not.
                run.tree = match run.tree {
                    Tree::Worker | Tree::Orphans if leaves => Tree::Orphans,
                    Tree::Orphans | Tree::Nothing | Tree::Held | Tree::Worker => Tree::Nothing,
                };
                run.runner = Runner::None;
                self.kills -= 1;
            }
            Befalls::LeaseLapses
            | Befalls::NumberIsReused
            | Befalls::RunnerDies
            | Befalls::RunnerDiesLeavingOrphans => return None,
        }
        Some(())
    }
}
