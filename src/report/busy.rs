//! A project of three weeks in which everything happens that reports tell of, and one whose words are hostile.

use super::fixture::World;
use crate::plan::Command;
use crate::plan::command::{
    CarryTo, Complete, Held, HomeRef, LinksRef, NewBlocker, NewDeliverable, NewDiscovered,
    NewMilestone, NewRisk, NewSprint, NewTask, OnRef, PhaseChanges, PhaseTiming, Ruling,
};
use crate::plan::event::{
    BlockerKind, Due, Level, MilestoneKind, ReleaseCause, RiskKind, RiskStatus, Severity,
    TaskChanges, TaskUpdated,
};
use crate::plan::id::{
    BlockerId, DecisionId, DeliverableId, MilestoneId, RiskId, SprintId, TaskId,
};
use crate::plan::time::Estimate;
use crate::plan::window::{Window, WindowUnit};

/// The start of the last week of [`busy`].
pub(super) const WEEK: &str = "2026-11-17T08:00:00Z";
/// Its end.
pub(super) const NOW: &str = "2026-11-24T08:00:00Z";

fn estimated(world: &mut World, phase: &str, title: &str, area: &str, estimate: &str) -> TaskId {
    let estimate: Estimate = estimate.parse().expect("an estimate");
    world.add(NewTask {
        title: title.to_owned(),
        phase: phase.to_owned(),
        area: area.to_owned(),
        estimate: Some(estimate),
        ..NewTask::default()
    })
}

fn weeks(world: &mut World, phase: &str, from: u32, to: u32) {
    let window = Window {
        unit: WindowUnit::Week,
        from,
        to,
    };
    world.coordinator(Command::UpdatePhase {
        phase: phase.to_owned(),
        changes: Box::new(PhaseChanges {
            timing: PhaseTiming {
                window: Some(window),
                ..PhaseTiming::default()
            },
            ..PhaseChanges::default()
        }),
    });
}

fn milestone(world: &mut World, name: &str, kind: MilestoneKind, due: &str, task: &str) {
    let due = (!due.is_empty()).then(|| Due::Day(due.parse().expect("a day")));
    let tasks = (!task.is_empty()).then(|| task.to_owned());
    world.coordinator(Command::CreateMilestone(Box::new(NewMilestone {
        name: name.to_owned(),
        kind,
        due,
        links: LinksRef {
            tasks: tasks.into_iter().collect(),
            ..LinksRef::default()
        },
        ..NewMilestone::default()
    })));
}

fn risk(world: &mut World, text: &str, impact: Level, likelihood: Level, mitigation: &str) {
    world.coordinator(Command::CreateRisk(Box::new(NewRisk {
        kind: RiskKind::Schedule,
        text: text.to_owned(),
        impact,
        impact_days: (impact == Level::High).then_some(5),
        likelihood,
        mitigation: mitigation.to_owned(),
        owner: String::new(),
    })));
}

fn block(world: &mut World, task: &str, reason: &str, severity: Severity, owner: &str) {
    world.coordinator(Command::OpenBlocker(Box::new(NewBlocker {
        kind: BlockerKind::External,
        tasks: vec![task.to_owned()],
        phase: String::new(),
        fence: 0,
        reason: reason.to_owned(),
        owner: owner.to_owned(),
        resolution_path: "Call the vendor".to_owned(),
        severity,
        keep_lease: false,
    })));
}

fn sprint(world: &mut World, goal: &str, start: &str, end: &str, tasks: &[&str]) {
    world.coordinator(Command::PlanSprint(Box::new(NewSprint {
        goal: goal.to_owned(),
        start: start.parse().expect("a day"),
        end: end.parse().expect("a day"),
        tasks: tasks.iter().map(|&task| task.to_owned()).collect(),
    })));
}

/// Tasks 1 to 9, four agents, what is known of milestones and risks.
fn planned() -> World {
    let mut world = World::new("Europe/Berlin", "2026-11-02T07:00:00Z");
    let mut settings = world.plan.project().expect("a project").settings.clone();
    settings.start_date = "2026-11-02".parse().ok();
    settings.target_date = "2026-11-25".parse().ok();
    settings.accepting_roles = vec!["qa".to_owned()];
    world.coordinator(Command::UpdateProject {
        name: None,
        description: None,
        settings: Some(Box::new(settings)),
    });
    world.phase("2", "Build the shop", &["It runs locally"]);
    world.phase("3", "Launch", &[]);
    weeks(&mut world, "1", 1, 1);
    weeks(&mut world, "2", 2, 3);
    weeks(&mut world, "3", 4, 5);
    for (phase, title, area, estimate) in [
        ("1", "Design the schema", "Architecture", "1 hour"),
        ("1", "Set up the pipeline", "Infrastructure", "30 min"),
        ("2", "Login form", "Features", "2 hours"),
        ("2", "Search page", "Features", "4 hours"),
        ("2", "Events table", "Data", "1 hour"),
        ("2", "Checkout", "Features", "3 days"),
        ("2", "Load test", "Quality", "1 day"),
        ("3", "Announce it", "Documentation", "2 hours"),
    ] {
        estimated(&mut world, phase, title, area, estimate);
    }
    world.add(NewTask {
        title: "Send receipts".to_owned(),
        phase: "2".to_owned(),
        area: "Features".to_owned(),
        dependencies: vec![OnRef::Task("T-6".to_owned())],
        ..NewTask::default()
    });
    for (agent, role) in [
        ("archie", "architect"),
        ("dora", "data"),
        ("dana", "developer"),
        ("devi", "devops"),
        ("quinn", "qa"),
    ] {
        world.register(agent, role);
    }
    milestone(
        &mut world,
        "Foundation laid",
        MilestoneKind::Ordinary,
        "2026-11-08",
        "T-2",
    );
    milestone(
        &mut world,
        "Search works",
        MilestoneKind::Ordinary,
        "2026-11-20",
        "T-4",
    );
    milestone(
        &mut world,
        "Checkout works",
        MilestoneKind::Ordinary,
        "2026-11-24",
        "T-6",
    );
    milestone(
        &mut world,
        "Open to the public",
        MilestoneKind::Launch,
        "2026-12-18",
        "T-8",
    );
    milestone(
        &mut world,
        "First customer",
        MilestoneKind::Ordinary,
        "",
        "",
    );
    milestone(
        &mut world,
        "Login works",
        MilestoneKind::Ordinary,
        "2026-11-19",
        "T-3",
    );
    milestone(
        &mut world,
        "Press release",
        MilestoneKind::Ordinary,
        "2026-11-18",
        "",
    );
    risk(
        &mut world,
        "The vendor closes early",
        Level::High,
        Level::Medium,
        "Ask a second one",
    );
    risk(
        &mut world,
        "The schema does not hold",
        Level::Medium,
        Level::Low,
        "",
    );
    risk(
        &mut world,
        "Too few testers",
        Level::High,
        Level::High,
        "Ask quinn's friends",
    );
    risk(
        &mut world,
        "The sandbox goes down",
        Level::Low,
        Level::High,
        "Wait",
    );
    world
}

/// Three weeks, at the end of the last.
pub(super) fn busy() -> World {
    let mut world = planned();
    sprint(
        &mut world,
        "Lay the foundation",
        "2026-11-02",
        "2026-11-08",
        &["T-1", "T-2"],
    );
    world.coordinator(Command::CommitSprint {
        sprint: SprintId(1),
        tasks: Vec::new(),
    });
    world.at("2026-11-03T09:00:00Z");
    world.work("archie", TaskId(1), 90, None);
    world.at("2026-11-05T09:00:00Z");
    world.work("devi", TaskId(2), 25, None);
    world.at("2026-11-08T18:00:00Z");
    world.coordinator(Command::CloseSprint {
        sprint: SprintId(1),
        carry_to: CarryTo::Nowhere,
    });
    world.at("2026-11-16T07:00:00Z");
    let tasks = ["T-3", "T-4", "T-5", "T-6", "T-7"];
    sprint(
        &mut world,
        "Customers can buy",
        "2026-11-16",
        "2026-11-27",
        &tasks,
    );
    world.coordinator(Command::CommitSprint {
        sprint: SprintId(2),
        tasks: Vec::new(),
    });
    last_week(&mut world);
    world.at(NOW);
    world
}

fn last_week(world: &mut World) {
    world.at("2026-11-17T09:00:00Z");
    block(world, "T-4", "No search key yet", Severity::High, "");
    world.work("dana", TaskId(3), 155, Some(98));
    world.coordinator(Command::OpenDecision {
        question: "Which payment provider?".to_owned(),
        options: vec!["Stripe".to_owned(), "Adyen".to_owned()],
        blocks: vec!["T-6".to_owned()],
        selectors: Vec::new(),
        phases: Vec::new(),
    });
    world.coordinator(Command::OpenDecision {
        question: "Which colour?".to_owned(),
        options: Vec::new(),
        blocks: Vec::new(),
        selectors: Vec::new(),
        phases: Vec::new(),
    });
    world.at("2026-11-18T09:00:00Z");
    world.coordinator(Command::Decide {
        decision: DecisionId(1),
        ruling: Box::new(Ruling {
            answer: "Adyen".to_owned(),
            rationale: "It is cheaper".to_owned(),
            ..Ruling::default()
        }),
    });
    world.coordinator(Command::MissMilestone {
        milestone: MilestoneId(7),
        reason: "nobody wrote it".to_owned(),
    });
    world.coordinator(Command::MoveRisk {
        risk: RiskId(2),
        to: RiskStatus::Mitigated,
        note: "archie looked at it again".to_owned(),
        holds: Held::default(),
    });
    world.coordinator(Command::MoveRisk {
        risk: RiskId(4),
        to: RiskStatus::Occurred,
        note: "since Tuesday".to_owned(),
        holds: Held {
            tasks: vec!["T-7".to_owned()],
            ..Held::default()
        },
    });
    world.at("2026-11-19T09:00:00Z");
    for attempt in 1..=2 {
        let fence = world.claim("dora", TaskId(5), 0);
        world.wait(20).agent(
            "dora",
            Command::ReleaseTask {
                task: "T-5".to_owned(),
                fence,
                cause: ReleaseCause::Failed,
                reason: format!("attempt {attempt} ran out of memory"),
            },
        );
    }
    world.at("2026-11-20T09:00:00Z");
    estimated(world, "2", "Refunds", "Features", "2 hours");
    world.coordinator(Command::ChangeSprint {
        sprint: SprintId(2),
        add: vec!["T-10".to_owned()],
        remove: vec!["T-7".to_owned()],
        reason: "refunds are asked for by law".to_owned(),
    });
    world.coordinator(Command::DeferTask {
        task: "T-9".to_owned(),
        target: "v2".to_owned(),
        reason: "mails can wait".to_owned(),
    });
    for title in ["Old logs are never deleted", "Rate limit the login"] {
        world.agent(
            "dana",
            Command::ReportDiscovered(Box::new(NewDiscovered {
                title: title.to_owned(),
                ..NewDiscovered::default()
            })),
        );
    }
    world.coordinator(Command::CreateDeliverable(Box::new(NewDeliverable {
        name: "Test report".to_owned(),
        home: HomeRef {
            phase: "2".to_owned(),
            ..HomeRef::default()
        },
        ..NewDeliverable::default()
    })));
    world.agent(
        "dana",
        Command::SubmitDeliverable {
            deliverable: DeliverableId(1),
            artefact: "reports/test.html".to_owned(),
            note: String::new(),
        },
    );
    world.at("2026-11-23T09:00:00Z");
    world.coordinator(Command::EscalateBlocker {
        blocker: BlockerId(1),
        reason: "the vendor does not answer".to_owned(),
        owner: "quinn".to_owned(),
    });
    let fence = world.claim("dana", TaskId(6), 0);
    world.wait(30).coordinator(Command::RevokeClaim {
        task: "T-6".to_owned(),
        reason: "dana is ill".to_owned(),
    });
    assert!(fence > 0);
    let fence = world.claim("dana", TaskId(10), 0);
    world.wait(60).agent(
        "dana",
        Command::CompleteTask(Box::new(Complete {
            task: "T-10".to_owned(),
            fence,
            summary: "as planned".to_owned(),
            verification: "looked at it".to_owned(),
            ..Complete::default()
        })),
    );
}

/// Words that would be more than words where they are not escaped, as a log of another release may hold them.
pub(super) const HOSTILE: &str = "\u{1b}[31mred | <script>alert('1')</script>\u{202e} [x](javascript:1) \"q\" & `code` **b**\n# h";

/// A project of which every word is hostile.
pub(super) fn hostile() -> World {
    let mut world = World::new("UTC", "2026-11-16T07:00:00Z");
    world.register("eve", "developer");
    world.phase("2", "Two", &[]);
    for title in ["One", "Two", "Three"] {
        let task = world.task("1", title, "Features");
        world.record(TaskUpdated {
            task,
            changes: TaskChanges {
                title: Some(HOSTILE.into()),
                ..TaskChanges::default()
            },
        });
    }
    world.record(crate::plan::event::PhaseUpdated {
        phase: "1".to_owned(),
        name: Some(HOSTILE.to_owned()),
        ..Default::default()
    });
    world.record(crate::plan::event::ProjectUpdated {
        name: Some(HOSTILE.into()),
        description: None,
        settings: None,
    });
    sprint(
        &mut world,
        "Goal",
        "2026-11-16",
        "2026-11-27",
        &["T-1", "T-2"],
    );
    world.record(crate::plan::event::SprintUpdated {
        sprint: SprintId(1),
        goal: Some(HOSTILE.into()),
        start: None,
        end: None,
    });
    world.coordinator(Command::CommitSprint {
        sprint: SprintId(1),
        tasks: Vec::new(),
    });
    world.at("2026-11-23T09:00:00Z");
    world.record(crate::plan::event::MilestoneAdded {
        milestone: MilestoneId(1),
        name: HOSTILE.into(),
        kind: MilestoneKind::Launch,
        due: None,
        checklist: Vec::new(),
        links: crate::plan::event::Links::default(),
    });
    world.record(crate::plan::event::RiskAdded {
        risk: RiskId(1),
        words: crate::plan::event::RiskWords {
            kind: RiskKind::Other,
            text: HOSTILE.into(),
            impact: Level::High,
            impact_days: None,
            likelihood: Level::High,
            mitigation: HOSTILE.into(),
            owner: HOSTILE.into(),
        },
    });
    world.record(crate::plan::event::BlockerOpened {
        blocker: BlockerId(1),
        kind: BlockerKind::Other,
        tasks: vec![TaskId(2)],
        phase: None,
        reason: HOSTILE.into(),
        waits_for: None,
        owner: HOSTILE.into(),
        resolution_path: HOSTILE.into(),
        severity: Severity::Critical,
        since_text: HOSTILE.into(),
    });
    world.record(crate::plan::event::TaskDiscovered {
        discovered: crate::plan::id::DiscoveredId(1),
        title: HOSTILE.into(),
        notes: HOSTILE.into(),
        priority: 1,
        area: HOSTILE.into(),
        found_on: None,
        found_in_text: HOSTILE.into(),
        suggested_phase: None,
    });
    world.record(crate::plan::event::DecisionOpened {
        decision: DecisionId(1),
        question: HOSTILE.into(),
        options: vec![HOSTILE.into()],
        blocks: vec![TaskId(3)],
        phases: Vec::new(),
        selectors: Vec::new(),
        supersedes: None,
    });
    world.record(crate::plan::event::DecisionDecided {
        decision: DecisionId(1),
        answer: HOSTILE.into(),
        rationale: HOSTILE.into(),
        record_uri: HOSTILE.into(),
        consequences: HOSTILE.into(),
        revisit: Vec::new(),
    });
    world.work("eve", TaskId(1), 30, None);
    world.at("2026-11-24T08:00:00Z");
    world
}
