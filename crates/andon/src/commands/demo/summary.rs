//! What is said when a demo is over: where the report is, what went wrong and was mended, and what
//! to look at next.

use super::Picture;
use super::scene::Scene;
use crate::app::Ctx;
use crate::demo_step::REPORT_FILE;
use crate::output::Format;
use andon_core::run::Run;
use serde::Serialize;
use std::time::Duration;

/// The demo, for programs.
#[derive(Debug, Serialize)]
struct DemoObject {
    home: String,
    board: String,
    dir: String,
    report: String,
    seconds: f64,
    tasks: Vec<TaskRow>,
    recovered: Vec<RecoveredRow>,
    /// Processes that are left; the demo fails if there are any.
    left_over: usize,
}

#[derive(Debug, Serialize)]
struct TaskRow {
    task_id: String,
    title: String,
    status: &'static str,
    attempts: usize,
}

/// A run that failed, of a task that was finished by a later one.
#[derive(Debug, Serialize)]
struct RecoveredRow {
    task_id: String,
    title: String,
    run_id: i64,
    outcome: Option<String>,
    error: Option<String>,
}

/// Says it.
pub(super) fn write(ctx: &mut Ctx, scene: &Scene, picture: &Picture, took: Duration) {
    let object = object(scene, picture, took);
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&object),
        Format::Human => tell(ctx, &object),
    }
}

fn object(scene: &Scene, picture: &Picture, took: Duration) -> DemoObject {
    let tasks = picture.iter().map(|(task, runs)| TaskRow {
        task_id: task.id.to_string(),
        title: task.title.clone(),
        status: task.status.word(),
        attempts: runs.len(),
    });
    let failed = |run: &&Run| run.outcome.as_deref() != Some("completed");
    let recovered = picture.iter().flat_map(|(task, runs)| {
        runs.iter().filter(failed).map(|run| RecoveredRow {
            task_id: task.id.to_string(),
            title: task.title.clone(),
            run_id: run.id.0,
            outcome: run.outcome.clone(),
            error: run.error.clone(),
        })
    });
    DemoObject {
        home: scene.home.path().display().to_string(),
        board: scene.layout.slug().to_string(),
        dir: scene.dir.display().to_string(),
        report: scene.out.join(REPORT_FILE).display().to_string(),
        seconds: took.as_secs_f64(),
        tasks: tasks.collect(),
        recovered: recovered.collect(),
        left_over: 0,
    }
}

fn tell(ctx: &mut Ctx, demo: &DemoObject) {
    let ui = &mut ctx.ui;
    ui.out(format_args!("Report:    {}", demo.report));
    ui.out(format_args!("Finished:  {} tasks in {:.1} s", demo.tasks.len(), demo.seconds));
    ui.out("Recovered: (both were planned; the ordinary retry mended them)");
    for row in &demo.recovered {
        let outcome = row.outcome.as_deref().unwrap_or("ended");
        let error = row.error.as_deref().and_then(|text| text.lines().next());
        let error = error.map(|text| format!(", {text}")).unwrap_or_default();
        ui.out(format_args!(
            "  {} {}: run {} {outcome}{error}",
            row.task_id, row.title, row.run_id
        ));
    }
    ui.out("Left over: no process; the home stays until you delete it");
    // The name under which this program was called is the one that works in the same shell.
    let andon = std::env::args().next().unwrap_or_else(|| "andon".to_owned());
    let call = format!("{andon} --home {}", demo.home);
    ui.out("\nLook around:");
    ui.out(format_args!("  {call} list"));
    if let Some(last) = demo.tasks.last() {
        ui.out(format_args!("  {call} context {}", last.task_id));
    }
    if let Some(row) = demo.recovered.first() {
        ui.out(format_args!("  {call} runs {}", row.task_id));
        ui.out(format_args!("  {call} log {}", row.task_id));
    }
    ui.out(format_args!("  cat {}", demo.report));
}
