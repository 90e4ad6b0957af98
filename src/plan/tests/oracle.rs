//! The circle check, the kept order and the chains against independent ones: over random phases, tasks and
//! waits of every kind, added and taken back, a change is refused exactly when petgraph finds a circle.

use std::collections::BTreeMap;

use petgraph::algo::{is_cyclic_directed, toposort};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef as _;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use super::super::Plan;
use super::super::command::{Command, NewPhase, NewTask, OnRef, PhaseChanges};
use super::super::decide::decide;
use super::super::event::{On, TaskChanges};
use super::super::id::{PhaseNo, TaskId};
use super::super::refusal::Reason;
use super::super::time::Estimate;
use super::{facts, lead, plan};

const PHASES: usize = 4;

/// One random change; numbers stand for the tasks and phases there are, counted round.
#[derive(Debug, Clone)]
enum Change {
    Task { phase: usize, on: Vec<Wait> },
    Pair { phase: usize, circle: bool },
    Add { task: usize, on: Wait },
    Remove { task: usize, nth: usize },
    Estimate { task: usize, sessions: u32 },
    PhaseAfter { phase: usize, before: usize },
    PhaseBetween { after: usize },
}

#[derive(Debug, Clone)]
enum Wait {
    Task(usize),
    Phase(usize),
    Above,
}

fn wait() -> impl Strategy<Value = Wait> {
    prop_oneof![
        12 => (0..64_usize).prop_map(Wait::Task),
        2 => (0..8_usize).prop_map(Wait::Phase),
        1 => Just(Wait::Above),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (0..8_usize, prop::collection::vec(wait(), 0..3))
            .prop_map(|(phase, on)| Change::Task { phase, on }),
        1 => (0..8_usize, any::<bool>()).prop_map(|(phase, circle)| Change::Pair { phase, circle }),
        12 => (0..64_usize, wait()).prop_map(|(task, on)| Change::Add { task, on }),
        4 => (0..64_usize, 0..4_usize).prop_map(|(task, nth)| Change::Remove { task, nth }),
        2 => (0..64_usize, 1..9_u32).prop_map(|(task, sessions)| Change::Estimate { task, sessions }),
        1 => (0..8_usize, 0..8_usize).prop_map(|(phase, before)| Change::PhaseAfter { phase, before }),
        1 => (0..8_usize).prop_map(|after| Change::PhaseBetween { after }),
    ]
}

fn phase_of(plan: &Plan, nth: usize) -> PhaseNo {
    let phases: Vec<PhaseNo> = plan.phases().map(|phase| phase.no).collect();
    phases[nth % phases.len()]
}

fn task_of(plan: &Plan, nth: usize) -> TaskId {
    let ids: Vec<TaskId> = plan.tasks().map(|view| view.id).collect();
    ids[nth % ids.len()]
}

fn written(plan: &Plan, on: &Wait) -> OnRef {
    match on {
        Wait::Task(nth) => OnRef::Task(task_of(plan, *nth).to_string()),
        Wait::Phase(nth) => OnRef::Phase(plan.phase_id(phase_of(plan, *nth)).to_owned()),
        Wait::Above => OnRef::AllAbove,
    }
}

fn command(plan: &Plan, change: &Change) -> Option<Command> {
    let phase_id = |nth: usize| plan.phase_id(phase_of(plan, nth)).to_owned();
    let task = |phase: &str, dependencies: Vec<OnRef>| NewTask {
        title: "One more".to_owned(),
        phase: phase.to_owned(),
        dependencies,
        ..NewTask::default()
    };
    Some(match change {
        Change::Task { phase, on } => {
            let on = on.iter().map(|on| written(plan, on)).collect();
            Command::CreateTasks(vec![task(&phase_id(*phase), on)])
        }
        Change::Pair { phase, circle } => {
            let phase = phase_id(*phase);
            let back = circle.then_some(OnRef::Batch(0)).into_iter().collect();
            Command::CreateTasks(vec![
                task(&phase, vec![OnRef::Batch(1)]),
                task(&phase, back),
            ])
        }
        Change::Add { task, on } => Command::AddDependencies {
            task: task_of(plan, *task).to_string(),
            on: vec![written(plan, on)],
        },
        Change::Remove { task, nth } => {
            let id = task_of(plan, *task);
            let stated = &plan.task(id)?.spec.dependencies;
            let on = &stated.get(nth.checked_rem(stated.len())?)?.on;
            Command::RemoveDependency {
                task: id.to_string(),
                on: match on {
                    On::Task(on) => OnRef::Task(on.to_string()),
                    On::Phase(on) => OnRef::Phase(on.to_string()),
                    On::AllAbove => OnRef::AllAbove,
                },
            }
        }
        Change::Estimate { task, sessions } => Command::UpdateTask {
            task: task_of(plan, *task).to_string(),
            changes: Box::new(TaskChanges {
                estimate: format!("{sessions}h").parse::<Estimate>().ok(),
                ..TaskChanges::default()
            }),
            revision: 0,
        },
        Change::PhaseAfter { phase, before } => Command::UpdatePhase {
            phase: phase_id(*phase),
            changes: Box::new(PhaseChanges {
                predecessors: Some(vec![phase_id(*before)]),
                ..PhaseChanges::default()
            }),
        },
        Change::PhaseBetween { after } => Command::CreatePhases(vec![NewPhase {
            name: "Between".to_owned(),
            after: phase_id(*after),
            ..NewPhase::default()
        }]),
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Begin(PhaseNo),
    Task(TaskId),
    End(PhaseNo),
}

/// Every wait of a plan as petgraph has it, each edge from what waits to what it waits for.
struct Oracle {
    graph: DiGraph<Thing, ()>,
    places: BTreeMap<Thing, NodeIndex>,
}

impl Oracle {
    fn of(plan: &Plan) -> Self {
        let mut oracle = Self {
            graph: DiGraph::new(),
            places: BTreeMap::new(),
        };
        for phase in plan.phases() {
            let no = phase.no;
            oracle.edge(Thing::End(no), Thing::Begin(no));
            for before in plan.predecessors(no) {
                oracle.edge(Thing::Begin(no), Thing::End(before));
            }
        }
        for view in plan.tasks() {
            let phase = view.spec.phase;
            oracle.edge(Thing::Task(view.id), Thing::Begin(phase));
            oracle.edge(Thing::End(phase), Thing::Task(view.id));
            for stated in &view.spec.dependencies {
                oracle.wait(plan, view.id, &stated.on);
            }
        }
        oracle
    }

    fn place(&mut self, thing: Thing) -> NodeIndex {
        let graph = &mut self.graph;
        *self
            .places
            .entry(thing)
            .or_insert_with(|| graph.add_node(thing))
    }

    fn edge(&mut self, from: Thing, to: Thing) {
        let (from, to) = (self.place(from), self.place(to));
        self.graph.add_edge(from, to, ());
    }

    fn wait(&mut self, plan: &Plan, task: TaskId, on: &On) {
        let waits = Thing::Task(task);
        match on {
            On::Task(on) => self.edge(waits, Thing::Task(*on)),
            On::Phase(on) => {
                let no = plan.resolve_phase(on).expect("a known phase");
                self.edge(waits, Thing::End(no));
            }
            On::AllAbove => {
                let spec = plan.task(task).expect("a known task").spec;
                let (phase, ordinal) = (spec.phase, spec.ordinal);
                let above: Vec<TaskId> = plan
                    .tasks_of(phase)
                    .filter(|view| view.spec.ordinal < ordinal)
                    .map(|view| view.id)
                    .collect();
                for above in above {
                    self.edge(waits, Thing::Task(above));
                }
            }
        }
    }

    /// The longest chain of tasks that wait for each task by name.
    fn chains(&self, plan: &Plan) -> BTreeMap<TaskId, u32> {
        let order = toposort(&self.graph, None).expect("no circle");
        let mut chains = BTreeMap::new();
        // What waits comes before what it waits for.
        for node in order {
            let Thing::Task(id) = self.graph[node] else {
                continue;
            };
            let estimate = plan.task(id).and_then(|view| view.spec.estimate);
            let own = estimate.map_or(60, |estimate| estimate.minutes(60));
            let length = own + chains.get(&id).copied().unwrap_or(0);
            let view = plan.task(id).expect("a known task");
            for edge in self.graph.edges(node) {
                if let Thing::Task(on) = self.graph[edge.target()]
                    && view
                        .spec
                        .dependencies
                        .iter()
                        .any(|it| it.on == On::Task(on))
                {
                    let chain = chains.entry(on).or_insert(0);
                    *chain = length.max(*chain);
                }
            }
        }
        chains
    }
}

/// The plan that a command leads to when nothing looks for circles.
fn unchecked(plan: &Plan, command: &Command) -> Option<Oracle> {
    let mut oracle = Oracle::of(plan);
    match command {
        Command::AddDependencies { task, on } => {
            let task = plan.resolve_task(task).ok()?;
            for on in on {
                let on = match on {
                    OnRef::Task(on) => On::Task(plan.resolve_task(on).ok()?),
                    OnRef::Phase(on) => On::Phase(on.as_str().into()),
                    OnRef::AllAbove => On::AllAbove,
                    OnRef::Batch(_) => return None,
                };
                oracle.wait(plan, task, &on);
            }
        }
        Command::UpdatePhase { phase, changes } => {
            let before = changes.predecessors.as_ref()?;
            let no = plan.resolve_phase(phase).ok()?;
            let begin = oracle.place(Thing::Begin(no));
            let old: Vec<_> = oracle.graph.edges(begin).map(|edge| edge.id()).collect();
            oracle.graph.retain_edges(|_, edge| !old.contains(&edge));
            for before in before {
                let before = plan.resolve_phase(before).ok()?;
                oracle.edge(Thing::Begin(no), Thing::End(before));
            }
        }
        Command::CreateTasks(tasks) if tasks.len() == 2 => {
            let waits = |task: &NewTask| !task.dependencies.is_empty();
            if tasks.iter().all(waits) {
                let begin = Thing::Begin(PhaseNo(u32::MAX));
                oracle.edge(begin, begin);
            }
        }
        Command::CreateTasks(tasks) => {
            let no = plan.resolve_phase(&tasks[0].phase).ok()?;
            let new = TaskId(plan.highest_task + 1);
            oracle.edge(Thing::Task(new), Thing::Begin(no));
            oracle.edge(Thing::End(no), Thing::Task(new));
            for on in &tasks[0].dependencies {
                match on {
                    OnRef::Task(on) => {
                        let on = plan.resolve_task(on).ok()?;
                        oracle.edge(Thing::Task(new), Thing::Task(on));
                    }
                    OnRef::Phase(on) => {
                        let on = plan.resolve_phase(on).ok()?;
                        oracle.edge(Thing::Task(new), Thing::End(on));
                    }
                    OnRef::AllAbove | OnRef::Batch(_) => {}
                }
            }
        }
        _ => {}
    }
    Some(oracle)
}

/// Leads a plan through changes; how many were taken and how many closed a circle.
fn run(changes: &[Change], lead_astray: bool) -> Result<(usize, usize), TestCaseError> {
    let mut given = plan();
    for phase in 1..=PHASES {
        given = given.phase(&phase.to_string()).task(&[]);
    }
    let mut ours = given.plan;
    let (mut taken, mut circles) = (0, 0);
    for change in changes {
        let Some(command) = command(&ours, change) else {
            continue;
        };
        if lead_astray {
            ours.index.order = Default::default();
            let order: Vec<PhaseNo> = ours.phases().map(|phase| phase.no).collect();
            ours.index.order.set_phases(&order);
        }
        let oracle = unchecked(&ours, &command);
        let closes = oracle.is_some_and(|oracle| is_cyclic_directed(&oracle.graph));
        match decide(&ours, &command, &facts(lead(), 2_000_000)) {
            Ok(decided) => {
                prop_assert!(!closes, "{command:?} closes a circle and was taken");
                ours = decided.plan;
                taken += 1;
            }
            Err(refusal) if refusal.reason == Reason::Cycle => {
                prop_assert!(closes, "{command:?} closes none and was refused: {refusal}");
                circles += 1;
            }
            // For another reason: it is stated already, or names itself.
            Err(_) => {}
        }
        if !lead_astray {
            let broken = ours.broken_invariants();
            prop_assert!(
                broken.is_empty(),
                "after {command:?}:\n{}",
                broken.join("\n")
            );
        }
        prop_assert!(ours.is_settled(), "so little is carried along at once");
        let kept: BTreeMap<TaskId, u32> = ours
            .index
            .chains
            .iter()
            .map(|(id, length)| (*id, *length))
            .collect();
        prop_assert_eq!(kept, Oracle::of(&ours).chains(&ours), "after {:?}", command);
    }
    // The one pass comes to an order that holds, and to the same chains.
    let mut anew = ours.clone();
    anew.work_order_out();
    anew.index.chains_stale = true;
    anew.settle();
    prop_assert_eq!(anew.broken_invariants(), Vec::<String>::new());
    prop_assert_eq!(&anew, &ours);
    Ok((taken, circles))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_change_is_refused_exactly_when_it_closes_a_circle(
        changes in prop::collection::vec(change(), 10..80)
    ) {
        run(&changes, false)?;
    }
}

#[test]
fn without_the_kept_order_circles_get_through() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let changes = prop::collection::vec(change(), 10..80);
    let outcome = runner.run(&changes, |changes| run(&changes, true).map(|_| ()));
    assert!(outcome.is_err(), "nothing was noticed");
}

#[test]
fn random_changes_both_pass_and_close_circles() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut taken, mut circles) = (0, 0);
    for _ in 0..20 {
        let changes = prop::collection::vec(change(), 60..80);
        let changes = changes.new_tree(&mut runner).expect("a tree").current();
        let counts = run(&changes, false).expect("the plan is sound");
        taken += counts.0;
        circles += counts.1;
    }
    assert!(
        taken > 300 && circles > 50,
        "{taken} taken, {circles} circles"
    );
}
