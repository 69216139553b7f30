//! What the dispatcher does: `andon-daemon`, `dispatcher/`.

use super::board::Answer;
use super::step::{Dispatches, LooksAt};
use super::{Claimer, Dispatcher, Found, Mistake, Row, Runner, Runs, Settling, State, Tree};

impl State {
    /// A step of the dispatcher, if it can take it now.
    pub(super) fn dispatch(&mut self, model: &Runs, what: Dispatches) -> Option<()> {
        let Some(mut me) = self.dispatcher else {
            return (what == Dispatches::TakesBoard).then(|| self.takes_board());
        };
        match what {
            Dispatches::TakesBoard => return None,
            Dispatches::Claims => {
                if me.starting.is_some() {
                    return None;
                }
                let run = self.claimable(model)?;
                self.claim(run);
                me.starting = Some(run as u8);
            }
            Dispatches::Spawns => {
                let run = usize::from(me.starting.take()?);
                self.runs[run].runner = Runner::Spawned;
                self.runs[run].is_watched = true;
            }
            Dispatches::CannotSpawn => {
                let run = usize::from(me.starting.take()?);
                self.finish(model, run, Found::NeverStarted);
            }
            Dispatches::Judges => me.settling = self.judged(model, me.settling)?,
            Dispatches::Sweeps => me.settling = self.swept(me.settling)?,
            Dispatches::Reports => me.settling = self.reported(model, me.settling)?,
        }
        self.dispatcher = Some(me);
        Some(())
    }

    /// The lock is free, its holder is dead. Runners that live are watched.
    fn takes_board(&mut self) {
        self.dispatcher = Some(Dispatcher { starting: None, settling: Settling::Nothing });
        for run in &mut self.runs {
            run.is_watched = run.has_runner && !run.is_gone && run.runner != Runner::None;
        }
    }

    /// A look of the dispatcher at a run, if it leads to anything.
    pub(super) fn looks(&mut self, model: &Runs, run: u8, what: LooksAt) -> Option<()> {
        let mut me = self.dispatcher?;
        let at = usize::from(run);
        let found = self.runs[at];
        // `lost::Known::in_hand`.
        let holds = found.is_watched && found.runner != Runner::None;
        let is_busy = me.starting.is_some() || me.settling != Settling::Nothing;
        match what {
            LooksAt::WhetherLost => {
                let may_be_lost = found.row != Row::Free && !found.is_gone && !holds && !is_busy;
                if !may_be_lost || model.errs(Mistake::LostAreLeft) {
                    return None;
                }
                me.settling = Settling::Looked { run, has_runner: found.has_runner };
            }
            LooksAt::WhetherExpired if found.row == Row::Open && found.is_lapsed => {
                if model.errs(Mistake::LapsedIsGone) {
                    self.expire(at, false);
                } else if is_busy || (found.has_runner && self.seems_alive(model, at)) {
                    self.expire(at, true);
                } else {
                    // Left to the phase for lost runs.
                    return None;
                }
            }
            LooksAt::WhetherExpired => return None,
        }
        self.dispatcher = Some(me);
        Some(())
    }

    /// `identity::Host::liveness` of a registered runner.
    fn seems_alive(&self, model: &Runs, run: usize) -> bool {
        let run = &self.runs[run];
        let by_number = run.is_reused && model.errs(Mistake::NumberAlone);
        run.runner != Runner::None || by_number
    }

    /// By what the rows said when they were read, and by who lives now. Grace passes as it likes.
    fn judged(&self, model: &Runs, settling: Settling) -> Option<Settling> {
        let Settling::Looked { run, has_runner } = settling else { return None };
        let at = usize::from(run);
        if has_runner && self.seems_alive(model, at) {
            return Some(Settling::Nothing);
        }
        if has_runner && !model.errs(Mistake::RecordedBeforeSwept) {
            return Some(Settling::Sweeping { run });
        }
        let found = match (has_runner, self.runs[at].claimer) {
            (true, _) => Found::Swept,
            (false, Claimer::Lives) => Found::NeverStarted,
            (false, Claimer::Dead) => Found::Abandoned,
        };
        Some(Settling::Reporting { run, found })
    }

    fn swept(&mut self, settling: Settling) -> Option<Settling> {
        let (run, then) = match settling {
            Settling::Sweeping { run } => (run, Settling::Reporting { run, found: Found::Swept }),
            Settling::SweepingLate { run } => (run, Settling::Nothing),
            Settling::Nothing | Settling::Looked { .. } | Settling::Reporting { .. } => {
                return None;
            }
        };
        self.runs[usize::from(run)].tree = Tree::Nothing;
        Some(then)
    }

    fn reported(&mut self, model: &Runs, settling: Settling) -> Option<Settling> {
        let Settling::Reporting { run, found } = settling else { return None };
        // A refusal means that it was settled meanwhile.
        let _refused: Answer = self.finish(model, usize::from(run), found);
        let sweeps_late = found == Found::Swept && model.errs(Mistake::RecordedBeforeSwept);
        Some(if sweeps_late { Settling::SweepingLate { run } } else { Settling::Nothing })
    }

    /// The dispatcher is killed.
    pub(super) fn dispatcher_dies(&mut self) -> Option<()> {
        self.dispatcher.take()?;
        self.kills = self.kills.checked_sub(1)?;
        for run in &mut self.runs {
            (run.claimer, run.is_watched) = (Claimer::Dead, false);
        }
        Some(())
    }
}
