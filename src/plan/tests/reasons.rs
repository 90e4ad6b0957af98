//! Every reason to say no is reached: by an example here, or by one of the files beside it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::super::command::{Command, NewBlocker, NewPhase, NewTask};
use super::super::event::{BlockerKind, Principal, Severity, TaskChanges};
use super::super::id::{BlockerId, DecisionId, DiscoveredId};
use super::super::refusal::Reason;
use super::super::role::RoleSpec;
use super::super::settings::{Settings, SizePolicy};
use super::super::time::{Estimate, EstimateUnit};
use super::{Given, by, claim_of, lead, plan, plan_with};

/// A command and the reason it is refused for in a plan of one phase, one task and one agent.
fn cases() -> Vec<(Command, Reason)> {
    let task = |task: NewTask| Command::CreateTasks(vec![task]);
    let titled = |title: &str| NewTask {
        title: title.to_owned(),
        phase: "1".to_owned(),
        ..NewTask::default()
    };
    let role = |slug: &str| {
        Command::AddRole(Box::new(RoleSpec {
            slug: slug.to_owned(),
            title: slug.to_owned(),
            aliases: Vec::new(),
            parent: None,
            backs_up: Vec::new(),
            tier: None,
        }))
    };
    let phase = |id: &str, name: &str| {
        Command::CreatePhases(vec![NewPhase {
            id: id.to_owned(),
            name: name.to_owned(),
            ..NewPhase::default()
        }])
    };
    let change = |changes: TaskChanges, revision| Command::UpdateTask {
        task: "T-1".to_owned(),
        changes: Box::new(changes),
        revision,
    };
    let big = Estimate {
        tenths: 30,
        unit: EstimateUnit::Hour,
    };
    vec![
        (task(titled("")), Reason::InvalidField),
        (task(titled(&"x".repeat(501))), Reason::InvalidField),
        (task(titled("with a \u{1b}[2J in it")), Reason::InvalidField),
        (Command::CreateTasks(Vec::new()), Reason::InvalidField),
        (
            Command::CreateTasks(vec![titled("x"); 1_001]),
            Reason::InvalidField,
        ),
        (
            task(NewTask {
                notes: "x".repeat(16_385),
                ..titled("x")
            }),
            Reason::InvalidField,
        ),
        (
            task(NewTask {
                description: "é".repeat(16_000),
                notes: "\"".repeat(16_000),
                acceptance: vec!["\u{1F334}".repeat(500); 100],
                ..titled("x")
            }),
            Reason::LimitReached,
        ),
        (
            task(NewTask {
                role: "astronaut".to_owned(),
                ..titled("x")
            }),
            Reason::UnknownRole,
        ),
        (
            task(NewTask {
                phase: "9".to_owned(),
                ..titled("x")
            }),
            Reason::PhaseNotFound,
        ),
        (
            task(NewTask {
                external_id: "SETUP-01".to_owned(),
                ..titled("x")
            }),
            Reason::IdTaken,
        ),
        (
            task(NewTask {
                external_id: "t-1".to_owned(),
                ..titled("x")
            }),
            Reason::IdTaken,
        ),
        (
            task(NewTask {
                estimate: Some(big),
                ..titled("x")
            }),
            Reason::TaskTooLarge,
        ),
        (phase("1", "again"), Reason::PhaseExists),
        (phase("2", ""), Reason::InvalidField),
        (phase("a b", "spaced"), Reason::InvalidField),
        (role("developer"), Reason::RoleExists),
        (role("any"), Reason::InvalidField),
        (
            Command::StartWorkflow {
                workflow: "sell".to_owned(),
                restart: false,
            },
            Reason::WorkflowNotFound,
        ),
        (change(TaskChanges::default(), 0), Reason::InvalidField),
        (
            change(
                TaskChanges {
                    priority: Some(1),
                    ..TaskChanges::default()
                },
                1,
            ),
            Reason::VersionConflict,
        ),
        (
            change(
                TaskChanges {
                    alias: Some("setup-01".to_owned()),
                    ..TaskChanges::default()
                },
                0,
            ),
            Reason::IdTaken,
        ),
        (
            Command::MeetCriterion {
                phase: "1".to_owned(),
                criterion: 7,
                evidence: String::new(),
            },
            Reason::CriterionNotFound,
        ),
        (
            Command::RetireAgent {
                agent: "nobody".to_owned(),
                reason: String::new(),
            },
            Reason::AgentNotFound,
        ),
        (
            Command::ResolveBlocker {
                blocker: BlockerId(9),
                resolution: "x".to_owned(),
                withdraw: false,
            },
            Reason::BlockerNotFound,
        ),
        (
            Command::TriageDiscovered {
                discovered: DiscoveredId(9),
                verdict: super::super::command::Verdict::Reject,
                note: String::new(),
            },
            Reason::DiscoveredNotFound,
        ),
        (
            Command::Decide {
                decision: DecisionId(9),
                ruling: Box::new(crate::plan::command::Ruling {
                    answer: "x".to_owned(),
                    rationale: String::new(),
                    record_uri: String::new(),
                    ..Default::default()
                }),
            },
            Reason::DecisionNotFound,
        ),
        (
            Command::CreateProject {
                slug: "shop".to_owned(),
                name: "Shop".to_owned(),
                description: String::new(),
                settings: Box::new(Settings::default()),
                draft: false,
            },
            Reason::ProjectExists,
        ),
        (
            Command::OpenBlocker(Box::new(NewBlocker {
                kind: BlockerKind::Other,
                tasks: Vec::new(),
                phase: String::new(),
                fence: 0,
                reason: "x".to_owned(),
                owner: String::new(),
                resolution_path: String::new(),
                severity: Severity::Low,
                keep_lease: false,
            })),
            Reason::InvalidField,
        ),
        (
            Command::RevokeToken {
                token: "t".into(),
                reason: String::new(),
            },
            Reason::NotAllowed,
        ),
    ]
}

fn small() -> Given {
    let settings = Settings {
        size_policy: SizePolicy::Refuse,
        ..Settings::default()
    };
    plan_with(settings)
        .phase("1")
        .task_as(NewTask {
            external_id: "SETUP-01".to_owned(),
            ..NewTask::default()
        })
        .agent("dev-1", "developer")
}

#[test]
fn what_is_asked_wrongly_is_refused_with_its_reason() {
    let given = small();
    for (command, reason) in cases() {
        given.refuses(lead(), command, reason);
    }
}

#[test]
fn nothing_happens_in_a_project_that_is_not_there() {
    let none = Given {
        plan: super::Plan::default(),
        log: Vec::new(),
        now_ms: 0,
        repeats: None,
    };
    none.refuses(lead(), Command::ResumeProject, Reason::ProjectNotFound);
    small().refuses(by("stranger"), claim_of("T-1"), Reason::AgentNotFound);
}

#[test]
fn a_name_that_means_two_things_is_refused_with_both() {
    let twice = plan().and(
        lead(),
        Command::CreatePhases(
            ["1", "2"]
                .map(|id| NewPhase {
                    id: id.to_owned(),
                    name: "Twin".to_owned(),
                    ..NewPhase::default()
                })
                .into(),
        ),
    );
    let close = Command::ClosePhase {
        phase: "twin".to_owned(),
    };
    let refusal = twice.refuses(lead(), close, Reason::AmbiguousId);
    assert_eq!(refusal.total, 2);
}

#[test]
fn a_task_with_a_skill_is_for_those_who_have_it() {
    let given = small().task_as(NewTask {
        skills: vec!["rust".to_owned()],
        ..NewTask::default()
    });
    given.refuses(by("dev-1"), claim_of("T-2"), Reason::SkillMissing);
}

#[test]
fn tokens_live_in_the_daemons_own_log_and_are_revoked_once() {
    let mut given = Given {
        plan: super::Plan::default(),
        log: Vec::new(),
        now_ms: 0,
        repeats: None,
    };
    given = given.and(
        lead(),
        Command::CreateProject {
            slug: "_daemon".to_owned(),
            name: "Daemon".to_owned(),
            description: String::new(),
            settings: Box::new(Settings::default()),
            draft: false,
        },
    );
    let issue = Command::IssueToken {
        token: "t1".into(),
        secret_hash: "00".into(),
        principal: Principal::Coordinator {
            name: "lead".into(),
        },
    };
    let revoke = |token: &str| Command::RevokeToken {
        token: token.into(),
        reason: String::new(),
    };
    let given = given.then(lead(), issue.clone(), &["TokenIssued"]);
    given.refuses(lead(), issue, Reason::IdTaken);
    given.refuses(lead(), revoke("t2"), Reason::TokenNotFound);
    let given = given.then(lead(), revoke("t1"), &["TokenRevoked"]);
    given.refuses(lead(), revoke("t1"), Reason::IllegalTransition);
}

#[test]
fn every_reason_is_reached_by_an_example() {
    // Kept in step by reading the examples, for each of them asserts the reason it names.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/plan/tests");
    let mut named = BTreeSet::new();
    let mut paths = vec![folder];
    while let Some(path) = paths.pop() {
        if let Ok(entries) = fs::read_dir(&path) {
            paths.extend(entries.map(|entry| entry.expect("an entry").path()));
            continue;
        }
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        for reason in Reason::ALL {
            if text.contains(&format!("Reason::{reason:?}")) {
                named.insert(*reason);
            }
        }
    }
    let missing: Vec<&Reason> = Reason::ALL
        .iter()
        .filter(|it| !named.contains(it))
        .collect();
    assert!(missing.is_empty(), "no example reaches {missing:?}");
}
