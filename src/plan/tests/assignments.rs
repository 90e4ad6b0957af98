//! Assignments by example; and the claim order of every agent over random plans, assignments and orderings,
//! against one that looks at each task by itself.

use std::cmp::Reverse;

use proptest::prelude::*;

use super::super::command::{
    Claim, Command, NewAssignment, NewPart, NewTask, OnRef, PhaseChanges, PhaseTiming,
};
use super::super::event::{Duty, PhaseOrdering, TaskChanges};
use super::super::id::{AssignmentId, TaskId};
use super::super::model::Agent;
use super::super::refusal::Reason;
use super::super::state::TaskView;
use super::super::{Plan, Refusal};
use super::drawn::{ROLES, drawn, led, task_of, then};
use super::{Given, by, check, claim, claim_of, lead, plan};

fn assign(agent: &str, subject: &str, duty: Duty) -> Command {
    let is_task = subject.starts_with("T-");
    let named = |wanted: bool| if wanted { subject } else { "" }.to_owned();
    Command::CreateAssignment(Box::new(NewAssignment {
        agent: agent.to_owned(),
        area: named(!is_task),
        task: named(is_task),
        duty,
    }))
}

fn end(id: u32) -> Command {
    Command::EndAssignment {
        assignment: AssignmentId(id),
        reason: String::new(),
    }
}

fn of_area(area: &str) -> NewTask {
    NewTask {
        area: area.to_owned(),
        ..NewTask::default()
    }
}

/// Two developers and a tester; three tasks of the same priority, the second of the area "API".
fn given() -> Given {
    plan()
        .phase("1")
        .agent("dev-1", "developer")
        .agent("dev-2", "developer")
        .agent("qa-1", "qa")
        .task_of("developer", &[])
        .task_as(NewTask {
            role: "developer".to_owned(),
            ..of_area("API")
        })
        .task_of("developer", &[])
}

/// What an agent's claims get, each given back before the next.
fn gets(given: &Given, agent: &str) -> Option<TaskId> {
    let after = check(given, by(agent), &claim()).ok()?;
    after.plan.agent(agent)?.holds.first().copied()
}

#[test]
fn what_an_agent_looks_after_comes_first_and_what_others_do_comes_last() {
    let given = given();
    assert_eq!(gets(&given, "dev-1"), Some(TaskId(1)));
    let given = given.then(
        lead(),
        assign("dev-1", "api", Duty::Primary),
        &["AssignmentAdded"],
    );
    assert_eq!(gets(&given, "dev-1"), Some(TaskId(2)));
    assert_eq!(gets(&given, "dev-2"), Some(TaskId(1)));
    // A task by itself is before its area, and the one who comes first before the one who stands in.
    let given = given
        .and(lead(), assign("dev-2", "T-2", Duty::Backup))
        .and(lead(), assign("dev-1", "T-3", Duty::Primary));
    assert_eq!(gets(&given, "dev-2"), Some(TaskId(2)));
    assert_eq!(gets(&given, "dev-1"), Some(TaskId(3)));
    // Nobody is kept from anything.
    let given = given
        .and(by("dev-2"), claim_of("T-3"))
        .and(lead(), end(2))
        .and(by("dev-1"), claim());
    let held = given.plan.agent("dev-1").expect("an agent").holds.to_vec();
    assert_eq!(held, [TaskId(2)]);
}

#[test]
fn an_assignment_counts_where_the_role_does_not_and_skills_are_needed_all_the_same() {
    let given = given();
    given.refuses(by("qa-1"), claim(), Reason::NoTaskForRole);
    let given = given.and(lead(), assign("qa-1", "T-2", Duty::Backup));
    assert_eq!(gets(&given, "qa-1"), Some(TaskId(2)));
    let named = given.clone().and(by("qa-1"), claim_of("T-2"));
    named.refuses(by("dev-1"), claim_of("T-2"), Reason::TaskHeld);
    given.refuses(by("qa-1"), claim_of("T-1"), Reason::RoleMismatch);
    let only = Command::ClaimTask(Claim {
        role: "qa".to_owned(),
        ..Claim::default()
    });
    given.refuses(by("qa-1"), only, Reason::NoTaskForRole);
    let skilled = Command::UpdateTask {
        task: "T-2".to_owned(),
        changes: Box::new(TaskChanges {
            skills: Some(vec!["rust".into()]),
            ..TaskChanges::default()
        }),
        revision: 0,
    };
    let given = given.and(lead(), skilled);
    given.refuses(by("qa-1"), claim_of("T-2"), Reason::SkillMissing);
    assert_eq!(gets(&given, "qa-1"), None);
}

#[test]
fn priority_comes_before_who_looks_after_a_task() {
    let urgent = NewTask {
        role: "developer".to_owned(),
        priority: Some(0),
        ..NewTask::default()
    };
    let given = given()
        .and(lead(), assign("dev-1", "api", Duty::Primary))
        .task_as(urgent);
    assert_eq!(gets(&given, "dev-1"), Some(TaskId(4)));
}

#[test]
fn a_tasks_parts_are_looked_after_by_who_looked_after_it() {
    let part = |title: &str| NewPart {
        title: title.to_owned(),
        ..NewPart::default()
    };
    let split = Command::SplitTask {
        task: "T-3".to_owned(),
        parts: vec![part("One"), part("Two")],
        chain: false,
    };
    let given = given()
        .and(lead(), assign("dev-1", "T-3", Duty::Primary))
        .and(lead(), split);
    assert_eq!(gets(&given, "dev-1"), Some(TaskId(4)));
    let given = given.and(lead(), end(1));
    assert_eq!(gets(&given, "dev-1"), Some(TaskId(1)));
}

#[test]
fn who_leaves_looks_after_nothing_any_more() {
    let given = given()
        .and(lead(), assign("dev-1", "API", Duty::Primary))
        .and(
            lead(),
            Command::RetireAgent {
                agent: "dev-1".to_owned(),
                reason: String::new(),
            },
        );
    let ended = given.plan.assignment(AssignmentId(1)).expect("it is kept");
    assert!(ended.end.is_some());
    assert_eq!(gets(&given, "dev-2"), Some(TaskId(1)));
    let again = assign("dev-1", "api", Duty::Primary);
    given.refuses(lead(), again, Reason::AgentRetired);
}

#[test]
fn how_an_agent_looks_after_something_can_be_changed() {
    let update = |duty: Duty| Command::UpdateAssignment {
        assignment: AssignmentId(1),
        duty,
    };
    let given = given()
        .and(lead(), assign("dev-1", "api", Duty::Backup))
        .and(lead(), assign("dev-1", "T-3", Duty::Primary))
        .then(lead(), update(Duty::Primary), &["AssignmentUpdated"]);
    assert_eq!(gets(&given, "dev-1"), Some(TaskId(2)));
    given.refuses(lead(), update(Duty::Primary), Reason::InvalidField);
    let given = given.then(lead(), end(1), &["AssignmentEnded"]);
    given.refuses(lead(), update(Duty::Backup), Reason::IllegalTransition);
    given.refuses(lead(), end(1), Reason::IllegalTransition);
}

#[test]
fn what_makes_no_assignment_is_refused() {
    let given = given()
        .done("dev-1", "T-1")
        .and(lead(), assign("dev-1", "API", Duty::Primary));
    let refused =
        |command: Command, reason: Reason| -> Refusal { given.refuses(lead(), command, reason) };
    refused(
        assign("nobody", "api", Duty::Primary),
        Reason::AgentNotFound,
    );
    refused(assign("", "api", Duty::Primary), Reason::InvalidField);
    refused(assign("dev-1", "", Duty::Primary), Reason::InvalidField);
    refused(assign("dev-1", "T-99", Duty::Primary), Reason::TaskNotFound);
    refused(
        assign("dev-1", "T-1", Duty::Primary),
        Reason::IllegalTransition,
    );
    let twice = refused(
        assign("dev-1", "api", Duty::Backup),
        Reason::AssignmentExists,
    );
    assert_eq!(twice.next, ["assignment update AS-1 --primary"]);
    refused(end(9), Reason::AssignmentNotFound);
    let both = Command::CreateAssignment(Box::new(NewAssignment {
        agent: "dev-2".to_owned(),
        area: "api".to_owned(),
        task: "T-2".to_owned(),
        duty: Duty::Primary,
    }));
    refused(both, Reason::InvalidField);
    let own = assign("dev-2", "api", Duty::Primary);
    given.refuses(by("dev-2"), own, Reason::NotAllowed);
}

#[test]
fn one_thing_is_looked_after_by_so_many_and_no_more() {
    let mut given = plan().phase("1").task(&[]);
    for number in 0..=20 {
        given = given.agent(&format!("dev-{number}"), "developer");
    }
    for number in 0..20 {
        let agent = format!("dev-{number}");
        given = given.and(lead(), assign(&agent, "api", Duty::Backup));
    }
    let one_more = assign("dev-20", "api", Duty::Backup);
    given.refuses(lead(), one_more, Reason::LimitReached);
}

#[test]
fn a_phase_that_goes_by_its_table_hands_out_from_top_to_bottom() {
    let table = |ordering: PhaseOrdering| Command::UpdatePhase {
        phase: "1".to_owned(),
        changes: Box::new(PhaseChanges {
            timing: PhaseTiming {
                ordering: Some(ordering),
                ..PhaseTiming::default()
            },
            ..PhaseChanges::default()
        }),
    };
    let urgent = NewTask {
        priority: Some(0),
        ..NewTask::default()
    };
    let behind = NewTask {
        dependencies: vec![OnRef::Task("T-3".to_owned())],
        ..NewTask::default()
    };
    let given = given().task_as(urgent).task_as(behind);
    let given = given.and(lead(), assign("dev-1", "api", Duty::Primary));
    assert_eq!(gets(&given, "dev-1"), Some(TaskId(4)));
    let given = given.and(lead(), table(PhaseOrdering::Table));
    let mut taken = Vec::new();
    let mut left = given.clone();
    for agent in ["dev-1", "dev-2"] {
        taken.extend(gets(&left, agent));
        left = left.and(by(agent), claim());
    }
    assert_eq!(taken, [TaskId(1), TaskId(2)]);
    let given = given.and(lead(), table(PhaseOrdering::Priority));
    assert_eq!(gets(&given, "dev-1"), Some(TaskId(4)));
}

/// What can be claimed by an agent, in the order in which its claims get it, told from each task by itself.
fn expected(plan: &Plan, agent: &Agent) -> Vec<TaskId> {
    let places: Vec<_> = plan.phases().map(|phase| phase.no).collect();
    let rank = |view: &TaskView<'_>| {
        let skilled = view.spec.skills.iter().all(|it| agent.skills.contains(it));
        let assigned = |wanted: Duty, whose: &dyn Fn(&str) -> bool| {
            let area = view.spec.area.to_lowercase();
            let in_force = || plan.assignments().filter(|it| it.end.is_none());
            let own = format!("{}", view.id);
            let of = |name: String| in_force().filter(move |it| it.subject.to_string() == name);
            let by_task: Vec<_> = of(own).collect();
            let counted = if by_task.is_empty() {
                of(format!("area {area}")).collect()
            } else {
                by_task
            };
            counted
                .iter()
                .any(|it| it.duty == wanted && whose(&it.agent))
        };
        let mine = |name: &str| name == &*agent.name;
        let bond = if assigned(Duty::Primary, &mine) {
            0
        } else if assigned(Duty::Backup, &mine) {
            1
        } else if assigned(Duty::Primary, &|_| true) || assigned(Duty::Backup, &|_| true) {
            3
        } else {
            2
        };
        let fit = plan.agent_fit(agent, None, view.state.role);
        let fit = fit.map(|fit| fit as u8).or((bond < 2).then_some(9))?;
        let phase = places.iter().position(|no| *no == view.spec.phase);
        let chain = Reverse(plan.chain(view.id));
        let table = plan.phase(view.spec.phase)?.ordering == PhaseOrdering::Table;
        let place = (view.spec.ordinal, view.id);
        let counted = if table {
            (0, 0, 0, Reverse(0))
        } else {
            (view.spec.priority, bond, fit, chain)
        };
        (skilled && plan.is_ready(view.id)).then_some((phase, counted, place))
    };
    let mut ranked: Vec<_> = plan.tasks().filter_map(|view| rank(&view)).collect();
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, _, (_, id))| id).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_agents_claims_get_what_the_order_says(
        tasks in prop::collection::vec(drawn(), 1..30),
        thens in prop::collection::vec(then(), 0..20),
        assigned in prop::collection::vec((0..4_usize, 0..64_usize, any::<bool>(), any::<bool>()), 0..12),
        tables in prop::collection::vec(1..4_u32, 0..3),
        ended in prop::collection::vec(1..13_u32, 0..4),
    ) {
        let mut led = led(&tasks, &thens);
        let areas = ["api", "data", "web"];
        for (nth, area) in areas.iter().enumerate() {
            let task = task_of(nth * 7, &led.plan);
            let changes = Box::new(TaskChanges {
                area: Some((*area).to_uppercase().as_str().into()),
                ..TaskChanges::default()
            });
            led.take(lead(), &Command::UpdateTask { task, changes, revision: 0 });
        }
        for (agent, nth, by_area, first) in assigned {
            let subject = if by_area {
                areas[nth % areas.len()].to_owned()
            } else {
                task_of(nth, &led.plan)
            };
            let duty = if first { Duty::Primary } else { Duty::Backup };
            led.take(lead(), &assign(&format!("{}-1", ROLES[agent + 1]), &subject, duty));
        }
        for phase in tables {
            led.take(lead(), &Command::UpdatePhase {
phase: phase.to_string(),
changes: Box::new(PhaseChanges {
timing: PhaseTiming {
                    ordering: Some(PhaseOrdering::Table),
                    ..PhaseTiming::default()
                },
..PhaseChanges::default()
}),
});
        }
        for id in ended {
            led.take(lead(), &end(id));
        }
        prop_assert_eq!(led.plan.broken_invariants(), Vec::<String>::new());
        for role in &ROLES[1..] {
            let name = format!("{role}-1");
            let mut plan = led.plan.clone();
            plan.settle();
            let agent = plan.agent(&name).expect("a known agent").clone();
            let wanted = expected(&plan, &agent);
            let room = (agent.capacity as usize).saturating_sub(agent.holds.len());
            let mut alone = super::drawn::Led { plan, now_ms: led.now_ms };
            let mut got = Vec::new();
            while let Some(task) = alone.claim(&name, "") {
                got.push(task);
            }
            let most = wanted.len().min(room);
            prop_assert_eq!(&got[..], &wanted[..most], "of {}", name);
        }
    }
}
