//! Claims about which tasks start, on rows alone.

use super::super::lost::tests::{LIVING, run};
use super::*;
use andon_core::id::RunId;
use andon_core::task::Status;
use andon_core::time::Timestamp;

fn name(text: &str) -> Assignee {
    Assignee::parse(text).unwrap()
}

fn id(number: u32) -> TaskId {
    TaskId::from_random(number)
}

fn head(number: u32, assignee: Option<&str>) -> QueueEntry {
    QueueEntry {
        task: id(number),
        assignee: assignee.map(name),
        priority: 0,
        created_at: Timestamp(i64::from(number)),
        status: Status::Ready,
    }
}

fn open(number: u32, assignee: &str) -> OpenRunRow {
    OpenRunRow { task: id(number), assignee: Some(name(assignee)), run: None }
}

/// Everything but the rows.
struct Case {
    open: Vec<OpenRunRow>,
    lingering: Vec<Run>,
    starting: HashMap<TaskId, Assignee>,
    limits: Limits,
    default: Option<Assignee>,
    slots: usize,
}

impl Case {
    fn new() -> Self {
        let (open, starting, default) = (Vec::new(), HashMap::new(), None);
        Self {
            open,
            lingering: Vec::new(),
            starting,
            limits: Limits::default(),
            default,
            slots: 100,
        }
    }

    fn plan(&self, heads: Vec<QueueEntry>) -> Plan {
        let kind = |name: &Assignee| match name.as_str() {
            "a" | "b" => Kind::Startable,
            _ => Kind::NotStartable,
        };
        plan(
            heads,
            &Known {
                open: &self.open,
                lingering: &self.lingering,
                starting: &self.starting,
                limits: &self.limits,
                default_assignee: self.default.as_ref(),
                kind: &kind,
                slots: self.slots,
            },
        )
    }
}

fn started(plan: &Plan) -> Vec<TaskId> {
    plan.start.iter().map(|candidate| candidate.task.clone()).collect()
}

#[test]
fn a_start_under_way_counts_once_whether_or_not_the_board_shows_it() {
    let mut case = Case::new();
    case.limits.in_progress = Some(3);
    case.starting = HashMap::from([(id(1), name("a")), (id(2), name("a"))]);
    case.open = vec![open(1, "a")];
    let plan = case.plan(vec![head(3, Some("a")), head(4, Some("a"))]);
    assert_eq!(started(&plan), [id(3)]);
    assert_eq!(plan.waiting, [Waiting { task: id(4), why: Wait::BoardFull { running: 3 } }]);
}

#[test]
fn d3_a_worker_that_has_reported_and_still_runs_keeps_its_place() {
    let reported = |id| {
        let (id, profile) = (RunId(id), Some("a".to_owned()));
        Run { id, profile, ended_at: Some(Timestamp(1)), ..run(LIVING, Some(LIVING)) }
    };
    let mut case = Case::new();
    case.limits.in_progress = Some(2);
    case.lingering = vec![reported(7)];
    let heads = || vec![head(3, Some("a")), head(4, Some("a"))];
    let plan = case.plan(heads());
    assert_eq!(started(&plan), [id(3)]);
    assert_eq!(plan.waiting, [Waiting { task: id(4), why: Wait::BoardFull { running: 2 } }]);
    // One that reported between the two looks is among both, and counts once.
    case.open = vec![OpenRunRow { run: Some(reported(7)), ..open(9, "a") }];
    assert_eq!(started(&case.plan(heads())), [id(3)]);

    let mut case = Case::new();
    case.limits.per_profile = Some(1);
    case.lingering = vec![reported(7)];
    let plan = case.plan(vec![head(3, Some("a")), head(4, Some("b"))]);
    assert_eq!(started(&plan), [id(4)]);
}

#[test]
fn a_task_under_way_is_not_started_again() {
    let mut case = Case::new();
    case.starting = HashMap::from([(id(1), name("a"))]);
    assert_eq!(started(&case.plan(vec![head(1, Some("a"))])), []);
}

#[test]
fn a_full_profile_waits_and_lets_others_pass() {
    let mut case = Case::new();
    case.limits.per_profile = Some(1);
    case.open = vec![open(9, "a")];
    let plan = case.plan(vec![head(1, Some("a")), head(2, Some("b"))]);
    assert_eq!(started(&plan), [id(2)]);
    assert_eq!(plan.capped, [Capped { task: id(1), profile: name("a"), current: 1 }]);
}

#[test]
fn nobodys_task_gets_the_default_and_is_left_alone_without_one() {
    let mut case = Case::new();
    assert_eq!(case.plan(vec![head(1, None)]).unassigned, [id(1)]);
    case.default = Some(name("nobody-known"));
    assert_eq!(case.plan(vec![head(1, None)]).unassigned, [id(1)]);
    case.default = Some(name("b"));
    let plan = case.plan(vec![head(1, None)]);
    assert_eq!(plan.assign, [(id(1), name("b"))]);
    assert_eq!(started(&plan), [id(1)]);
}

#[test]
fn a_stranger_keeps_nobody_else_from_starting() {
    let blank = QueueEntry { assignee: Some(Assignee::from_row("  ".to_owned())), ..head(1, None) };
    let plan = Case::new().plan(vec![blank, head(2, Some("c")), head(3, Some("a"))]);
    assert_eq!(plan.not_startable, [id(1), id(2)]);
    assert_eq!(started(&plan), [id(3)]);
}

#[test]
fn more_than_can_be_under_way_at_once_comes_next() {
    let mut case = Case::new();
    case.slots = 1;
    let plan = case.plan(vec![head(2, Some("a")), head(1, Some("b"))]);
    assert_eq!(started(&plan), [id(1)]);
    assert_eq!(plan.waiting, [Waiting { task: id(2), why: Wait::NextStart }]);
}
