//! The processes of a run: who is there to be struck, and who is started again when it has gone.

use super::turns::Turns;
use andon_proc::process;
use andon_runner::identity::PidFd;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What a process is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "named as in the documents")]
pub enum Job {
    Dispatcher,
    Client,
    Call,
    Runner,
    Worker,
}

/// A living process that may be struck.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) job: Job,
    pub(super) fd: PidFd,
}

impl Target {
    /// Whether it has not ended.
    pub(super) fn is_alive(&self) -> bool {
        process::read(self.fd.pid).is_ok_and(|stat| !stat.is_dead())
    }
}

/// All that may be struck, shared by those who start and those who kill.
#[derive(Debug, Default)]
pub(super) struct Crew {
    targets: Mutex<Vec<Arc<Target>>>,
    is_over: AtomicBool,
    pub(super) turns: Turns,
}

/// Keeps a process in the list while it is not waited for.
#[derive(Debug)]
pub(super) struct Watched<'c> {
    crew: &'c Crew,
    target: Option<Arc<Target>>,
}

impl Crew {
    /// Lists a child until the answer is dropped. It has not been waited for, so its number is
    /// still its own.
    pub(super) fn watch(&self, child: &Child, job: Job) -> Watched<'_> {
        let pid = child.id().cast_signed();
        let open =
            || -> io::Result<Option<PidFd>> { PidFd::open(pid, process::read(pid)?.started) };
        let target = open().ok().flatten().map(|fd| Arc::new(Target { job, fd }));
        self.list().extend(target.clone());
        Watched { crew: self, target }
    }

    /// Those with this job.
    pub(super) fn with(&self, job: Job) -> Vec<Arc<Target>> {
        self.list().iter().filter(|target| target.job == job).cloned().collect()
    }

    pub(super) fn all(&self) -> Vec<Arc<Target>> {
        self.list().clone()
    }

    /// Tells everybody who asks that the end has come.
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    fn list(&self) -> MutexGuard<'_, Vec<Arc<Target>>> {
        self.targets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        let Some(target) = self.target.take() else { return };
        self.crew.list().retain(|other| !Arc::ptr_eq(other, &target));
    }
}

/// A place that is always taken: whoever dies is followed by another one.
pub(super) struct Post<'c> {
    job: Job,
    start: Box<dyn FnMut() -> Command + 'c>,
    now: Option<(Child, Watched<'c>)>,
}

/// How many processes there were, and how many ended without having been told or struck.
#[derive(Debug, Default)]
pub(super) struct Ends {
    pub(super) started: BTreeMap<Job, u64>,
    pub(super) by_themselves: Vec<String>,
}

impl<'c> Post<'c> {
    pub(super) fn new(job: Job, start: impl FnMut() -> Command + 'c) -> Self {
        Self { job, start: Box::new(start), now: None }
    }

    /// Starts somebody if nobody is there.
    pub(super) fn fill(
        &mut self,
        crew: &'c Crew,
        output: &File,
        ends: &mut Ends,
    ) -> io::Result<()> {
        if let Some((child, _)) = &mut self.now {
            let Some(status) = child.try_wait()? else { return Ok(()) };
            if status.code().is_some_and(|code| code != 0) {
                let (job, pid) = (self.job, child.id());
                ends.by_themselves.push(format!("{job:?} {pid} ended by itself: {status}"));
            }
            self.now = None;
        }
        let mut command = (self.start)();
        command.stdin(Stdio::piped()).stdout(output.try_clone()?).stderr(output.try_clone()?);
        let child = command.spawn()?;
        let watched = crew.watch(&child, self.job);
        *ends.started.entry(self.job).or_default() += 1;
        self.now = Some((child, watched));
        Ok(())
    }

    /// Says a word to whoever is there. Nobody hears it if he has just gone.
    pub(super) fn tell(&mut self, word: &str) {
        if let Some(input) = self.now.as_mut().and_then(|(child, _)| child.stdin.as_mut()) {
            drop(writeln!(input, "{word}"));
        }
    }

    /// Ends whoever is there: asked first, killed when that takes too long. Tells whether it had to
    /// be killed.
    pub(super) fn leave(&mut self, limit: Duration) -> io::Result<bool> {
        let Some((mut child, watched)) = self.now.take() else { return Ok(false) };
        drop(child.stdin.take());
        if self.job == Job::Dispatcher
            && let Some(target) = &watched.target
        {
            target.fd.signal(rustix::process::Signal::TERM)?;
        }
        let deadline = Instant::now() + limit;
        while child.try_wait()?.is_none() {
            if Instant::now() >= deadline {
                child.kill()?;
                child.wait()?;
                return Ok(true);
            }
            super::pace::rest(Duration::from_millis(10));
        }
        Ok(false)
    }
}

impl Drop for Post<'_> {
    fn drop(&mut self) {
        if let Some((child, _)) = &mut self.now {
            // Whatever went wrong before, nobody is left behind.
            drop(child.kill());
            drop(child.wait());
        }
    }
}
