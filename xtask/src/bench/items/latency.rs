//! `latency`: how long a task that is ready waits for its worker when nothing else goes on.

use crate::bench::answer::{Latency, Spans};
use crate::bench::client;
use crate::bench::figures::{ANDON, Better, Line, Measured, Spread};
use crate::bench::home::{Home, PROFILE};
use crate::bench::lab::Lab;
use crate::error::TaskError;

pub(super) fn run(lab: &Lab) -> Result<Measured, TaskError> {
    let stamps = lab.fresh("latency-stamps")?;
    let stamp = stamps.join("{task}");
    let worker = [lab.client.path.to_string_lossy(), "stamp".into(), stamp.to_string_lossy()];
    let home = Home::make(lab, "latency", &worker.each_ref().map(AsRef::as_ref))?;
    let _up = home.up(lab)?;
    let mut command = lab.client.command("latency");
    command.arg(&home.board).arg(lab.counts.starts.to_string()).arg(&stamps).arg(PROFILE);
    let latency: Latency = client::ask(&mut command)?;
    let Latency { sync, from_commit_ms, from_call_ms } = latency;
    let commit = lines("commit to first instruction", &from_commit_ms, &sync);
    let call = lines("call to first instruction", &from_call_ms, &sync);
    Ok(Measured {
        lines: commit.into_iter().chain(call).collect(),
        notes: vec![
            "One task at a time; the worker's first instruction reads the clock. A commit counts \
             from the moment at which its process knew of it, a call from before the commit."
                .to_owned(),
        ],
    })
}

fn lines(what: &str, spans: &Spans, sync: &str) -> [Line; 2] {
    let line = |which: &str, value: f64| Line {
        figure: format!("{what}, ms ({which})"),
        better: Better::Lower,
        who: ANDON.to_owned(),
        sync: sync.to_owned(),
        spread: Spread::of([value]),
        remark: format!("{} tasks, slowest {:.2} ms", spans.samples, spans.max),
    };
    [line("p50", spans.p50), line("p99", spans.p99)]
}
