//! What people ask of a plan: the critical path against an independent computation over petgraph, what comes
//! next against what claims get, the board against a walk; over random plans, and by example.

use std::collections::BTreeMap;

use petgraph::Direction;
use petgraph::algo::toposort;
use petgraph::graph::{DiGraph, NodeIndex};
use proptest::prelude::*;

use super::super::Plan;
use super::super::command::{Command, NewTask, OnRef};
use super::super::event::On;
use super::super::id::{PhaseNo, TaskId};
use super::super::model::PhaseState;
use super::super::outlook::Column;
use super::super::schedule::{After, CriticalPath};
use super::super::state::TaskView;
use super::super::time::{Estimate, EstimateUnit};
use super::drawn::{ROLES, drawn, led, open_decision, then};
use super::{Given, by, claim_of, lead, plan};

const ALL: usize = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Begin(PhaseNo),
    Task(TaskId),
    End(PhaseNo),
}

/// Every open task and every phase, each edge from what is waited for to what waits.
#[derive(Default)]
struct Oracle {
    graph: DiGraph<u64, ()>,
    places: BTreeMap<Thing, NodeIndex>,
}

impl Oracle {
    fn of(plan: &Plan) -> Self {
        let mut oracle = Self::default();
        let open = |view: &TaskView<'_>| !view.state.status.is_terminal();
        for phase in plan.phases() {
            oracle.add(Thing::Begin(phase.no), 0);
            oracle.add(Thing::End(phase.no), 0);
        }
        for view in plan.tasks().filter(open) {
            let minutes = view.spec.estimate.map_or(60, |it| it.minutes(60));
            oracle.add(Thing::Task(view.id), u64::from(minutes));
        }
        for phase in plan.phases() {
            oracle.edge(Thing::Begin(phase.no), Thing::End(phase.no));
            if phase.override_reason.is_none() {
                for before in plan.predecessors(phase.no) {
                    if !plan.is_passed(before) {
                        oracle.edge(Thing::End(before), Thing::Begin(phase.no));
                    }
                }
            }
        }
        for view in plan.tasks().filter(open) {
            let task = Thing::Task(view.id);
            oracle.edge(Thing::Begin(view.spec.phase), task);
            oracle.edge(task, Thing::End(view.spec.phase));
            let waived = |on: &On| view.spec.waived.contains(on);
            for stated in view
                .spec
                .dependencies
                .iter()
                .filter(|it| it.in_force && !waived(&it.on))
            {
                match &stated.on {
                    On::Task(on) => oracle.edge(Thing::Task(*on), task),
                    On::Phase(on) => {
                        let no = plan.resolve_phase(on).expect("a known phase");
                        let closed = plan
                            .phase(no)
                            .is_some_and(|it| it.state != PhaseState::Open);
                        if !closed && !plan.is_passed(no) {
                            oracle.edge(Thing::End(no), task);
                        }
                    }
                    On::AllAbove => {
                        for above in plan.tasks_of(view.spec.phase) {
                            let is_above = above.spec.ordinal < view.spec.ordinal;
                            if is_above && !waived(&On::Task(above.id)) {
                                oracle.edge(Thing::Task(above.id), task);
                            }
                        }
                    }
                }
            }
        }
        oracle
    }

    fn add(&mut self, thing: Thing, minutes: u64) {
        let place = self.graph.add_node(minutes);
        self.places.insert(thing, place);
    }

    /// An edge, unless one of its ends takes no time any more.
    fn edge(&mut self, from: Thing, to: Thing) {
        if let (Some(from), Some(to)) = (self.places.get(&from), self.places.get(&to)) {
            self.graph.add_edge(*from, *to, ());
        }
    }

    /// When each thing is done at the earliest, and at the latest.
    fn times(&self) -> (u64, BTreeMap<Thing, (u64, u64)>) {
        let order = toposort(&self.graph, None).expect("no circle");
        let mut early = vec![0; self.graph.node_count()];
        for node in &order {
            let before = self.graph.neighbors_directed(*node, Direction::Incoming);
            let start = before.map(|other| early[other.index()]).max().unwrap_or(0);
            early[node.index()] = start + self.graph[*node];
        }
        let total = early.iter().copied().max().unwrap_or(0);
        let mut late = vec![total; self.graph.node_count()];
        for node in order.iter().rev() {
            let behind = self.graph.neighbors_directed(*node, Direction::Outgoing);
            let latest = behind.map(|other| late[other.index()] - self.graph[other]);
            late[node.index()] = latest.min().unwrap_or(total).min(total);
        }
        let places = self.places.iter();
        let times = places.map(|(thing, node)| (*thing, (early[node.index()], late[node.index()])));
        (total, times.collect())
    }
}

fn check_path(plan: &Plan) -> Result<CriticalPath, TestCaseError> {
    let found = plan.critical_path(ALL);
    let (total, times) = Oracle::of(plan).times();
    prop_assert_eq!(found.total_minutes, total);
    prop_assert_eq!(found.open as usize, found.tightest.len());
    for slot in &found.tightest {
        let (early, late) = times[&Thing::Task(slot.task)];
        let ours = (slot.earliest_finish, slot.earliest_finish + slot.slack);
        prop_assert_eq!(ours, (early, late), "{}", slot.task);
        prop_assert_eq!(
            slot.earliest_finish - slot.earliest_start,
            u64::from(slot.minutes)
        );
    }
    // The path has no gap and no slack, and its length is the whole.
    let mut at = 0;
    for (nth, step) in found.path.iter().enumerate() {
        prop_assert_eq!((step.earliest_start, step.slack), (at, 0), "step {}", nth);
        prop_assert_eq!(step.after == After::Nothing, nth == 0);
        at = step.earliest_finish;
    }
    prop_assert_eq!(at, total);
    prop_assert_eq!(plan.critical_path(ALL), found.clone());
    Ok(found)
}

/// By what it is: an open blocker or decision that names the task or its phase.
fn is_held_up(plan: &Plan, view: &TaskView<'_>) -> bool {
    let names = |tasks: &[TaskId], phase: bool| phase || tasks.contains(&view.id);
    let phase = view.spec.phase;
    let mut blockers = plan.open_blockers();
    let mut decisions = plan.decisions().filter(|it| it.answer.is_none());
    !view.state.status.is_terminal()
        && (blockers.any(|it| names(&it.tasks, it.phase == Some(phase)))
            || decisions.any(|it| names(&it.blocks, it.phases.contains(&phase))))
}

fn check_held_up(plan: &Plan) -> Result<(), TestCaseError> {
    let of = |tasks: &mut dyn Iterator<Item = TaskView<'_>>| -> Vec<TaskId> {
        tasks.map(|view| view.id).collect()
    };
    let expected = of(&mut plan.tasks().filter(|view| is_held_up(plan, view)));
    prop_assert_eq!(of(&mut plan.held_up_after(None)), expected.clone());
    prop_assert_eq!(plan.held_up() as usize, expected.len());
    for (place, last) in expected.iter().enumerate() {
        let rest = of(&mut plan.held_up_after(Some(*last)));
        prop_assert_eq!(rest.as_slice(), &expected[place + 1..]);
    }
    Ok(())
}

fn check_board(plan: &Plan) -> Result<(), TestCaseError> {
    let mut expected: BTreeMap<Column, Vec<TaskId>> = BTreeMap::new();
    for view in plan.tasks() {
        let column = match view.state.status.as_str() {
            "planned" if plan.is_ready(view.id) => Column::Ready,
            "planned" if is_held_up(plan, &view) => Column::Blocked,
            "planned" => Column::Waiting,
            "claimed" => Column::Claimed,
            "in_progress" => Column::InProgress,
            "in_review" => Column::InReview,
            "completed" => Column::Completed,
            "deferred" => Column::Deferred,
            _ => Column::Cancelled,
        };
        expected.entry(column).or_default().push(view.id);
    }
    for limit in [0, 2, ALL] {
        let board = plan.board(limit);
        prop_assert_eq!(board.len(), Column::ALL.len());
        for column in board {
            let mut wanted = expected.get(&column.column).cloned().unwrap_or_default();
            prop_assert_eq!(column.count as usize, wanted.len(), "{:?}", column.column);
            if column.column == Column::Ready {
                wanted = plan.next_ready(None, limit);
            }
            wanted.truncate(limit);
            prop_assert_eq!(column.tasks, wanted);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_critical_path_and_every_slack_are_those_of_petgraph(
        tasks in prop::collection::vec(drawn(), 1..30),
        thens in prop::collection::vec(then(), 0..30),
    ) {
        let led = led(&tasks, &thens);
        check_path(&led.plan)?;
        check_board(&led.plan)?;
        check_held_up(&led.plan)?;
    }

    #[test]
    fn what_comes_next_for_a_role_is_what_its_claims_get(
        tasks in prop::collection::vec(drawn(), 1..30),
        thens in prop::collection::vec(then(), 0..20),
        role in 1..ROLES.len(),
    ) {
        let mut led = led(&tasks, &thens);
        let role = ROLES[role];
        let no = led.plan.resolve_role(role).expect("a known role");
        // Claims take from the list in its order and change nothing else in it.
        let listed = led.plan.next_ready(Some(no), ALL);
        let row = led.plan.outlook(ALL).roles.into_iter().find(|row| row.role == Some(no));
        prop_assert_eq!(&row.expect("a row of every agent's role").next, &listed);
        let register = Command::RegisterAgent {
            agent: "late".to_owned(),
            roles: vec![role.to_owned()],
            skills: Vec::new(),
            capacity: 100,
            model: String::new(),
        };
        led.take(lead(), &register).expect("another agent");
        let mut claimed = Vec::new();
        while let Some(task) = led.claim("late", role) {
            claimed.push(task);
        }
        prop_assert_eq!(claimed, listed);
    }

    #[test]
    fn what_could_start_at_once_is_never_more_than_tasks_or_room(
        tasks in prop::collection::vec(drawn(), 1..30),
        thens in prop::collection::vec(then(), 0..20),
    ) {
        let mut led = led(&tasks, &thens);
        let outlook = led.plan.outlook(ALL);
        let ready = led.plan.tasks().filter(|view| led.plan.is_ready(view.id)).count();
        prop_assert_eq!(outlook.ready as usize, ready);
        for row in &outlook.roles {
            prop_assert!(row.could_start <= row.ready);
            prop_assert_eq!(row.ready as usize, row.ready_tasks.len());
        }
        // Agents that simply claim start at most as many, and one that could start does.
        let mut started = 0;
        for role in &ROLES[1..] {
            while led.claim(&format!("{role}-1"), "").is_some() {
                started += 1;
            }
        }
        prop_assert!(started <= outlook.could_start, "{started} > {}", outlook.could_start);
        prop_assert_eq!(started > 0, outlook.could_start > 0);
    }
}

fn hours(hours: u32, on: &[&str]) -> NewTask {
    NewTask {
        estimate: Some(Estimate {
            tenths: hours * 10,
            unit: EstimateUnit::Hour,
        }),
        dependencies: on.iter().map(|&on| OnRef::Task(on.to_owned())).collect(),
        ..NewTask::default()
    }
}

fn steps(given: &Given) -> Vec<(String, u64, After)> {
    let path = given.plan.critical_path(0).path;
    let step = path
        .iter()
        .map(|slot| (slot.task.to_string(), slot.earliest_finish, slot.after));
    step.collect()
}

#[test]
fn the_longest_chain_goes_through_dependencies_and_the_phase_order() {
    let given = plan()
        .phase("1")
        .task_as(hours(1, &[]))
        .task_as(hours(3, &[]))
        .task_as(hours(1, &["T-1"]))
        .phase("2")
        .task_as(hours(1, &[]))
        .task_as(hours(2, &["T-4"]));
    let expected = [
        ("T-2".to_owned(), 180, After::Nothing),
        ("T-4".to_owned(), 240, After::PhaseOrder),
        ("T-5".to_owned(), 360, After::Dependency),
    ];
    assert_eq!(steps(&given), expected);
    let path = given.plan.critical_path(ALL);
    let slack = |id: u32| {
        path.tightest
            .iter()
            .find(|it| it.task == TaskId(id))
            .map(|it| it.slack)
    };
    assert_eq!(
        (slack(1), slack(3), slack(5)),
        (Some(60), Some(60), Some(0))
    );
    assert_eq!((path.open, path.critical), (5, 3));
}

#[test]
fn of_two_chains_of_the_same_length_the_first_in_the_plan_is_shown() {
    let given = plan()
        .phase("1")
        .task_as(hours(2, &[]))
        .task_as(hours(2, &[]))
        .task_as(hours(1, &["T-2", "T-1"]))
        .task_as(hours(1, &["T-2"]));
    let path: Vec<String> = steps(&given).into_iter().map(|(task, _, _)| task).collect();
    assert_eq!(path, ["T-1", "T-3"]);
}

#[test]
fn what_the_first_step_waits_for_is_said_and_nothing_once_it_is_under_way() {
    let decision = open_decision("Which database?".to_owned(), vec!["T-1".to_owned()]);
    let given = plan()
        .phase("1")
        .task_as(hours(2, &[]))
        .agent("dev-1", "developer")
        .and(lead(), decision);
    let codes = |given: &Given| -> Vec<&'static str> {
        let path = given.plan.critical_path(0);
        path.waits_for.iter().map(|cause| cause.code).collect()
    };
    assert_eq!(codes(&given), ["DECISION_OPEN"]);
    let free = plan()
        .phase("1")
        .task_as(hours(2, &[]))
        .agent("dev-1", "developer")
        .and(by("dev-1"), claim_of("T-1"));
    assert_eq!(codes(&free), Vec::<&str>::new());
    assert!(plan().plan.critical_path(9).path.is_empty());
}

#[test]
fn the_role_without_enough_agents_is_the_bottleneck() {
    let given = plan()
        .phase("1")
        .task_of("qa", &[])
        .task_of("qa", &[])
        .task_of("qa", &[])
        .task_of("developer", &[])
        .agent("dev-1", "developer")
        .agent("dev-2", "developer")
        .agent("qa-1", "qa");
    let outlook = given.plan.outlook(2);
    let role = |slug: &str| given.plan.resolve_role(slug).expect("a known role");
    assert_eq!(outlook.bottleneck, Some(Some(role("qa"))));
    assert_eq!((outlook.ready, outlook.could_start), (4, 2));
    let qa = outlook
        .roles
        .iter()
        .find(|row| row.role == Some(role("qa")));
    let qa = qa.expect("a row for the testers");
    assert_eq!((qa.ready, qa.agents, qa.idle, qa.could_start), (3, 1, 1, 1));
    assert_eq!(qa.ready_tasks, [TaskId(1), TaskId(2)]);
    let enough = given
        .agent("qa-2", "qa")
        .agent("qa-3", "qa")
        .plan
        .outlook(2);
    assert_eq!(enough.bottleneck, None);
}
