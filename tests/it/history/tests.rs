//! The checker against histories made by hand: a sound one passes, and each kind of fault is named.

use muster::plan::check::CheckSet;
use muster::plan::event::{
    AddedPhase, AddedTask, AgentRegistered, Arrival, ChangesRequested, CriterionChanged,
    CriterionMet, Dependency, Event, ExpiryCause, LeaseExpired, On, PhaseCompleted, PhasesAdded,
    ProgressReported, Recorded, TaskApproved, TaskClaimed, TaskCompleted, TaskStarted,
    TaskSubmitted, TasksAdded,
};
use muster::plan::fact::{Actor, RequestKey};
use muster::plan::id::{SessionId, TaskId};
use muster::plan::time::Timestamp;

use super::{Call, Operation, Outcome, Violation, violations, watched};

/// A log and the history beside it, built call by call.
#[derive(Clone, Default)]
struct Made {
    log: Vec<Recorded>,
    history: Vec<Operation>,
    clock_us: u64,
}

impl Made {
    /// Two phases; T-2 waits for T-1, T-3 stands in the second phase.
    fn plan() -> Self {
        let mut made = Self::default();
        let phase = |id: &str| AddedPhase {
            id: id.to_owned(),
            ..AddedPhase::default()
        };
        made.record(
            Actor::System,
            "",
            PhasesAdded {
                phases: vec![phase("1"), phase("2")],
            },
        );
        let task = |number: u32, phase: &str, on: Vec<On>| AddedTask {
            review: None,
            id: TaskId(number),
            title: "x".into(),
            phase: phase.to_owned(),
            aliases: Vec::new(),
            description: None,
            area: None,
            role: None,
            priority: 2,
            estimate: None,
            notes: None,
            acceptance: Vec::new(),
            skills: Vec::new(),
            dependencies: on
                .into_iter()
                .map(|on| Dependency { on, in_force: true })
                .collect(),
            origin: None,
            arrival: Arrival::Planned,
        };
        let tasks = vec![
            task(1, "1", Vec::new()),
            task(2, "1", vec![On::Task(TaskId(1))]),
            task(3, "2", Vec::new()),
        ];
        made.record(Actor::System, "", TasksAdded { tasks });
        made
    }

    fn record(&mut self, actor: Actor, request: &str, event: impl Into<Event>) {
        let version = self.log.len() as u64 + 1;
        let key = RequestKey {
            id: request.into(),
            digest: "d".into(),
        };
        self.log.push(Recorded {
            version,
            at: Timestamp(1_000 + i64::try_from(version).unwrap()),
            actor,
            session: None,
            request: (!request.is_empty()).then_some(key),
            event: event.into(),
        });
    }

    fn submit(&mut self, agent: &str, task: u32, fence: u64) {
        let handed = TaskSubmitted {
            task: TaskId(task),
            fence,
            summary: "x".into(),
            verification: "x".into(),
            evidence: Vec::new(),
            technologies: Vec::new(),
            tests_passed_percent: None,
            accepted: Vec::new(),
            checked: CheckSet::NONE,
            open_checks: CheckSet::NONE,
            gate_checks: Vec::new(),
            held_ms: 1,
        };
        self.record(Actor::Agent(agent.into()), "", handed);
    }

    fn give_back(&mut self, agent: &str, task: u32) {
        let back = ChangesRequested {
            task: TaskId(task),
            reason: "x".into(),
        };
        self.record(Actor::Agent(agent.into()), "", back);
    }

    fn approve(&mut self, agent: &str, task: u32) {
        let approved = TaskApproved {
            task: TaskId(task),
            note: "x".into(),
            unblocked: Vec::new(),
            unblocked_total: 0,
            phases_opened: Vec::new(),
        };
        self.record(Actor::Agent(agent.into()), "", approved);
    }

    fn told(&mut self, agent: &str, request: &str, call: Call, on: (u32, u64), outcome: Outcome) {
        self.clock_us += 10;
        self.history.push(Operation {
            agent: agent.to_owned(),
            request: request.to_owned(),
            call,
            task: (on.0 != 0).then_some(TaskId(on.0)),
            fence: on.1,
            invoked_us: self.clock_us,
            answered_us: self.clock_us + 5,
            outcome,
        });
    }

    /// A claim that is recorded and acknowledged.
    fn claim(&mut self, agent: &str, request: &str, task: u32, attempt: u32, fence: u64) {
        self.claim_recorded(agent, request, task, attempt, fence);
        let granted = Outcome::Granted {
            task: TaskId(task),
            attempt,
            fence,
        };
        self.told(agent, request, Call::Claim, (0, 0), granted);
    }

    fn claim_recorded(&mut self, agent: &str, request: &str, task: u32, attempt: u32, fence: u64) {
        let claimed = TaskClaimed {
            task: TaskId(task),
            agent: agent.into(),
            session: SessionId(1),
            attempt,
            fence,
            lease_ms: 1_000,
            resumed: false,
            warning: None,
        };
        self.record(Actor::Agent(agent.into()), request, claimed);
    }

    fn progress(&mut self, agent: &str, request: &str, task: u32, fence: u64) {
        let said = ProgressReported {
            task: TaskId(task),
            fence,
            note: "x".into(),
            percent: None,
            checked: CheckSet::NONE,
        };
        self.record(Actor::Agent(agent.into()), request, said);
    }

    fn complete(&mut self, agent: &str, request: &str, task: u32, fence: u64) {
        let done = TaskCompleted {
            gate_checks: Vec::new(),
            task: TaskId(task),
            fence,
            summary: "x".into(),
            verification: "x".into(),
            evidence: Vec::new(),
            technologies: Vec::new(),
            tests_passed_percent: None,
            accepted: Vec::new(),
            checked: CheckSet::NONE,
            open_checks: CheckSet::NONE,
            held_ms: 1,
            unblocked: Vec::new(),
            unblocked_total: 0,
            phases_opened: Vec::new(),
        };
        self.record(Actor::Agent(agent.into()), request, done);
        self.told(agent, request, Call::Complete, (task, fence), Outcome::Done);
    }
}

#[track_caller]
fn check(made: &Made, expected: &[Violation]) {
    assert_eq!(violations(&made.history, &made.log), expected);
}

#[test]
fn a_sound_history_has_no_violation() {
    let mut made = Made::plan();
    made.claim("a", "1", 1, 1, 1);
    made.told("a", "2", Call::Progress, (1, 1), Outcome::Unknown);
    made.progress("a", "2", 1, 1);
    made.told("a", "2", Call::Progress, (1, 1), Outcome::Done);
    made.told("b", "1", Call::Claim, (0, 0), Outcome::Nothing);
    made.complete("a", "3", 1, 1);
    made.claim("b", "2", 2, 1, 2);
    made.told(
        "a",
        "4",
        Call::Start,
        (1, 1),
        Outcome::Refused("LEASE_LOST".to_owned()),
    );
    made.complete("b", "3", 2, 2);
    made.claim("b", "4", 3, 1, 3);
    check(&made, &[]);
}

#[test]
fn work_is_handed_in_given_back_and_approved_by_a_third() {
    let mut made = Made::plan();
    made.claim("a", "1", 1, 1, 1);
    made.submit("a", 1, 1);
    made.give_back("b", 1);
    made.claim("b", "1", 1, 2, 2);
    made.submit("b", 1, 2);
    made.approve("c", 1);
    made.claim("a", "2", 2, 1, 3);
    check(&made, &[]);
}

#[test]
fn an_approval_by_the_author_of_an_earlier_round_is_found() {
    let mut made = Made::plan();
    made.claim("a", "1", 1, 1, 1);
    made.submit("a", 1, 1);
    made.give_back("b", 1);
    made.claim("b", "1", 1, 2, 2);
    made.submit("b", 1, 2);
    made.approve("a", 1);
    let (task, version) = (TaskId(1), made.log.len() as u64);
    check(&made, &[Violation::OwnWorkApproved { task, version }]);
}

#[test]
fn an_approval_of_what_nobody_handed_in_is_found() {
    let mut made = Made::plan();
    made.claim("a", "1", 1, 1, 1);
    made.approve("b", 1);
    let (task, version) = (TaskId(1), made.log.len() as u64);
    check(&made, &[Violation::StaleWrite { task, version }]);
}

#[test]
fn a_write_under_a_fence_that_was_handed_in_is_found() {
    let mut made = Made::plan();
    made.claim("a", "1", 1, 1, 1);
    made.submit("a", 1, 1);
    made.progress("a", "2", 1, 1);
    let (task, version) = (TaskId(1), made.log.len() as u64);
    check(&made, &[Violation::StaleWrite { task, version }]);
}

#[test]
fn a_gap_between_versions_is_found() {
    let mut made = Made::plan();
    made.log.remove(0);
    check(
        &made,
        &[Violation::VersionGap {
            expected: 1,
            found: 2,
        }],
    );
}

#[test]
fn time_that_falls_is_found() {
    let mut made = Made::plan();
    made.log[1].at = Timestamp(0);
    check(&made, &[Violation::TimeFell { version: 2 }]);
}

#[test]
fn an_acknowledgement_without_an_event_is_lost() {
    let mut made = Made::plan();
    made.claim("a", "1", 1, 1, 1);
    made.told("a", "2", Call::Progress, (1, 1), Outcome::Done);
    check(
        &made,
        &[Violation::LostAcknowledgement {
            request: "a 2".to_owned(),
        }],
    );
}

#[test]
fn a_request_carried_out_again_is_found() {
    let mut made = Made::plan();
    made.claim("a", "1", 1, 1, 1);
    made.progress("a", "2", 1, 1);
    made.progress("a", "2", 1, 1);
    made.told("a", "2", Call::Progress, (1, 1), Outcome::Done);
    let request = "a 2".to_owned();
    check(
        &made,
        &[Violation::DoneTwice {
            request,
            versions: vec![4, 5],
        }],
    );
}

#[test]
fn an_answer_that_the_log_does_not_bear_out_is_found() {
    let mut made = Made::plan();
    made.claim_recorded("a", "1", 1, 1, 1);
    let granted = Outcome::Granted {
        task: TaskId(2),
        attempt: 1,
        fence: 1,
    };
    made.told("a", "1", Call::Claim, (0, 0), granted);
    let request = "a 1".to_owned();
    check(
        &made,
        &[Violation::AnswerNotRecorded {
            request,
            version: 3,
        }],
    );
}

#[test]
fn a_write_taken_under_another_fence_than_it_carried_is_found() {
    let mut made = Made::plan();
    made.claim("a", "1", 1, 1, 7);
    made.progress("a", "2", 1, 7);
    made.told("a", "2", Call::Progress, (1, 5), Outcome::Done);
    let request = "a 2".to_owned();
    check(
        &made,
        &[Violation::AnswerNotRecorded {
            request,
            version: 4,
        }],
    );
}

#[test]
fn a_refusal_of_what_took_effect_is_found() {
    let mut made = Made::plan();
    made.claim("a", "1", 1, 1, 1);
    made.progress("a", "2", 1, 1);
    let refused = Outcome::Refused("LEASE_LOST".to_owned());
    made.told("a", "2", Call::Progress, (1, 1), refused);
    let request = "a 2".to_owned();
    check(
        &made,
        &[Violation::RefusedAfterEffect {
            request,
            version: 4,
        }],
    );
}

#[test]
fn two_answers_to_one_request_must_be_the_same() {
    let mut made = Made::plan();
    made.claim("a", "1", 1, 1, 1);
    let other = Outcome::Granted {
        task: TaskId(1),
        attempt: 1,
        fence: 2,
    };
    made.told("a", "1", Call::Claim, (0, 0), other);
    let request = "a 1".to_owned();
    check(
        &made,
        &[
            Violation::AnswersDiffer {
                request: request.clone(),
            },
            Violation::AnswerNotRecorded {
                request,
                version: 3,
            },
        ],
    );
}

#[test]
fn what_was_acknowledged_first_stands_first() {
    let mut made = Made::plan();
    made.claim("a", "1", 1, 1, 1);
    made.progress("a", "3", 1, 1);
    made.progress("a", "2", 1, 1);
    made.told("a", "2", Call::Progress, (1, 1), Outcome::Done);
    made.told("a", "3", Call::Progress, (1, 1), Outcome::Done);
    let request = "a 3".to_owned();
    check(
        &made,
        &[Violation::OutOfOrder {
            request,
            version: 4,
        }],
    );
}

#[test]
fn two_holders_of_one_task_are_found() {
    let mut made = Made::plan();
    made.claim("a", "1", 1, 1, 1);
    made.claim("b", "1", 1, 2, 2);
    check(
        &made,
        &[Violation::TwoLiveLeases {
            task: TaskId(1),
            version: 4,
        }],
    );
}

#[test]
fn a_write_after_the_lease_ran_out_is_found() {
    let mut made = Made::plan();
    made.claim("a", "1", 1, 1, 1);
    let expired = LeaseExpired {
        task: TaskId(1),
        agent: "a".into(),
        expired_fence: 1,
        fence: 2,
        cause: ExpiryCause::Silence,
    };
    made.record(Actor::System, "", expired);
    let started = TaskStarted {
        task: TaskId(1),
        fence: 1,
        checked: CheckSet::NONE,
    };
    made.record(Actor::Agent("a".into()), "2", started);
    check(
        &made,
        &[Violation::StaleWrite {
            task: TaskId(1),
            version: 5,
        }],
    );
}

#[test]
fn a_write_by_somebody_else_is_found() {
    let mut made = Made::plan();
    made.claim("a", "1", 1, 1, 1);
    made.progress("b", "1", 1, 1);
    check(
        &made,
        &[Violation::StaleWrite {
            task: TaskId(1),
            version: 4,
        }],
    );
}

#[test]
fn a_fence_that_does_not_rise_is_found() {
    let mut made = Made::plan();
    made.claim("a", "1", 1, 1, 3);
    made.complete("a", "2", 1, 3);
    made.claim("b", "1", 2, 1, 3);
    check(
        &made,
        &[Violation::FenceNotRisen {
            version: 5,
            fence: 3,
        }],
    );
}

#[test]
fn attempts_that_do_not_count_up_are_found() {
    let mut made = Made::plan();
    made.claim("a", "1", 1, 2, 1);
    check(
        &made,
        &[Violation::AttemptOutOfCount {
            task: TaskId(1),
            version: 3,
        }],
    );
}

#[test]
fn a_claim_of_what_is_complete_is_found() {
    let mut made = Made::plan();
    made.claim("a", "1", 1, 1, 1);
    made.complete("a", "2", 1, 1);
    made.claim("a", "3", 1, 2, 2);
    check(
        &made,
        &[Violation::ClaimedWhenComplete {
            task: TaskId(1),
            version: 5,
        }],
    );
}

#[test]
fn a_claim_ahead_of_a_dependency_is_found() {
    let mut made = Made::plan();
    made.claim("a", "1", 2, 1, 1);
    let (task, on) = (TaskId(2), TaskId(1));
    check(
        &made,
        &[Violation::DependencyUnmet {
            task,
            on,
            version: 3,
        }],
    );
}

#[test]
fn a_claim_ahead_of_a_phase_is_found() {
    let mut made = Made::plan();
    made.claim("a", "1", 3, 1, 1);
    check(
        &made,
        &[Violation::PhaseLocked {
            task: TaskId(3),
            version: 3,
        }],
    );
}

#[test]
fn a_task_handed_out_past_a_criterion_that_is_not_met_is_found() {
    let mut made = Made::plan();
    let gated = AddedPhase {
        id: "0".to_owned(),
        criteria: vec!["Looked over".to_owned()],
        ..AddedPhase::default()
    };
    if let Event::PhasesAdded(added) = &mut made.log[0].event {
        added.phases.insert(0, gated);
    }
    made.claim("a", "1", 1, 1, 1);
    let phase = "0".to_owned();
    check(&made, &[Violation::GateBypassed { phase, version: 3 }]);

    let met = CriterionMet {
        phase: "0".to_owned(),
        criterion: 1,
        evidence: "seen".to_owned(),
    };
    made.log.truncate(2);
    made.history.clear();
    made.record(Actor::System, "", met);
    let changed = |withdrawn| CriterionChanged {
        phase: "0".to_owned(),
        criterion: 1,
        withdrawn,
        ..CriterionChanged::default()
    };
    let mut unmet = made.clone();
    made.claim("a", "1", 1, 1, 1);
    check(&made, &[]);

    unmet.record(Actor::System, "", changed(false));
    let mut withdrawn = unmet.clone();
    unmet.claim("a", "1", 1, 1, 1);
    let phase = "0".to_owned();
    check(&unmet, &[Violation::GateBypassed { phase, version: 5 }]);
    withdrawn.record(Actor::System, "", changed(true));
    withdrawn.claim("a", "1", 1, 1, 1);
    check(&withdrawn, &[]);
}

#[test]
fn a_phase_that_closes_before_its_criterion_is_met_is_found() {
    let mut made = Made::plan();
    if let Event::PhasesAdded(added) = &mut made.log[0].event {
        added.phases[0].criteria = vec!["Looked over".to_owned()];
    }
    let phase = "1".to_owned();
    let completed = PhaseCompleted { phase };
    made.record(Actor::System, "", completed);
    let phase = "1".to_owned();
    check(&made, &[Violation::GateBypassed { phase, version: 3 }]);
}

#[test]
fn a_task_handed_out_to_another_role_is_found() {
    let taken_by = |role: &str, wanted: &str| {
        let mut made = Made::plan();
        if let Event::TasksAdded(added) = &mut made.log[1].event {
            added.tasks[0].role = Some(wanted.to_owned());
        }
        let registered = AgentRegistered {
            agent: "a".into(),
            roles: vec![role.to_owned()],
            skills: Vec::new(),
            capacity: 1,
            model: "".into(),
        };
        made.record(Actor::System, "", registered);
        made.claim("a", "1", 1, 1, 1);
        made
    };
    let task = TaskId(1);
    for (role, wanted) in [
        ("developer", "qa"),
        ("frontend", "backend"),
        ("qa", "developer"),
    ] {
        let found = [Violation::OutsideRoles { task, version: 4 }];
        check(&taken_by(role, wanted), &found);
    }
    for (role, wanted) in [
        ("qa", "qa"),
        ("backend", "developer"),
        ("developer", "frontend"),
    ] {
        check(&taken_by(role, wanted), &[]);
    }
}

#[test]
fn a_task_that_was_never_added_is_found() {
    let mut made = Made::plan();
    made.claim("a", "1", 9, 1, 1);
    let task = TaskId(9);
    check(&made, &[Violation::UnknownTask { task, version: 3 }]);
}

#[test]
fn a_watcher_that_misses_repeats_or_stays_behind_is_found() {
    let broken = |expected, found| vec![Violation::WatchBroken { expected, found }];
    assert_eq!(watched(2, &[3, 4, 5], 5), []);
    assert_eq!(watched(2, &[3, 4, 5], 4), []);
    assert_eq!(watched(2, &[3, 5], 5), broken(4, Some(5)));
    assert_eq!(watched(2, &[3, 3, 4], 4), broken(4, Some(3)));
    assert_eq!(watched(2, &[2, 3], 3), broken(3, Some(2)));
    assert_eq!(watched(2, &[3, 4], 5), broken(5, None));
}
