//! A week of a small team, by a clock that is moved by hand: every report the daemon publishes in it stands in
//! docs/examples as the daemon would send it. `MUSTER_UPDATE_DOCUMENTS=1 cargo test --lib -- week` writes them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::{HOUR, MINUTE, MONDAY, World, lead};
use crate::plan::command::{
    Claim, Command, Complete, Gathering, HomeRef, LinksRef, NewBlocker, NewDeliverable,
    NewDiscovered, NewEntry, NewMilestone, NewPhase, NewRisk, NewSprint, NewTask, OnRef,
};
use crate::plan::event::{
    BlockerKind, Due, Event, Level, MilestoneKind, RiskKind, RiskStatus, Severity, Slots,
};
use crate::plan::fact::Actor;
use crate::plan::id::{BlockerId, DecisionId, RiskId, SprintId, TaskId};
use crate::plan::time::Timestamp;
use crate::report::document::Document;

/// What a person's terminal shows.
const COLUMNS: usize = 80;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/examples")
}

/// The plan: two phases, eight tasks, a sprint of the week, a milestone, a risk and a deliverable.
async fn plan(world: &World) {
    let phase = |name: &str, role: &str| NewPhase {
        name: name.to_owned(),
        lead_role: role.to_owned(),
        ..NewPhase::default()
    };
    let task = |title: &str, phase: &str, role: &str, on: &[usize]| NewTask {
        title: title.to_owned(),
        phase: phase.to_owned(),
        role: role.to_owned(),
        dependencies: on.iter().map(|place| OnRef::Batch(*place)).collect(),
        ..NewTask::default()
    };
    let agent = |name: &str, role: &str| Command::RegisterAgent {
        agent: name.to_owned(),
        roles: vec![role.to_owned()],
        skills: Vec::new(),
        capacity: 1,
        model: String::new(),
    };
    let commands = [
        Command::CreatePhases(vec![
            phase("Foundation", "devops"),
            phase("Checkout", "developer"),
        ]),
        Command::CreateTasks(vec![
            task("Set up the build", "1", "devops", &[]),
            task("Describe the order service", "1", "architect", &[]),
            task("Tables of orders", "1", "data", &[1]),
            task("Order service", "2", "developer", &[2]),
            task("Payment by card", "2", "developer", &[]),
            task("Page of the basket", "2", "developer", &[3]),
        ]),
        agent("ada", "architect"),
        agent("dan", "developer"),
        agent("opal", "devops"),
        agent("dora", "data"),
        Command::CreateMilestone(Box::new(NewMilestone {
            name: "First order".to_owned(),
            kind: MilestoneKind::Launch,
            due: Some(Due::Day("2026-12-04".parse().expect("a day"))),
            links: LinksRef {
                phases: vec!["2".to_owned()],
                ..LinksRef::default()
            },
            ..NewMilestone::default()
        })),
        Command::CreateRisk(Box::new(NewRisk {
            kind: RiskKind::Technical,
            text: "The bank's sandbox is often down".to_owned(),
            impact: Level::High,
            likelihood: Level::Medium,
            mitigation: "a sandbox of our own".to_owned(),
            owner: "ada".to_owned(),
            ..NewRisk::default()
        })),
        Command::CreateDeliverable(Box::new(NewDeliverable {
            name: "Order service, described".to_owned(),
            home: HomeRef {
                phase: "1".to_owned(),
                ..HomeRef::default()
            },
            ..NewDeliverable::default()
        })),
        Command::PlanSprint(Box::new(NewSprint {
            goal: "An order can be placed".to_owned(),
            start: "2026-11-23".parse().expect("a day"),
            end: "2026-11-27".parse().expect("a day"),
            tasks: Vec::new(),
        })),
        Command::CommitSprint {
            sprint: SprintId(1),
            tasks: ["T-1", "T-2", "T-3", "T-4"].map(str::to_owned).to_vec(),
        },
    ];
    for command in commands {
        world.ask(lead(), command).await;
    }
}

fn by(name: &str) -> Actor {
    Actor::Agent(name.into())
}

async fn takes(world: &World, name: &str, task: &str) {
    let claim = Command::ClaimTask(Claim {
        task: task.to_owned(),
        start: true,
        lease_ms: 4 * 3_600_000,
        ..Claim::default()
    });
    world.ask(by(name), claim).await;
}

async fn finishes(world: &World, name: &str, task: &str, summary: &str) {
    let id: TaskId = task.parse().expect("an id");
    let plan = world.plan();
    let lease = plan.task(id).and_then(|view| view.state.lease.as_ref());
    let complete = Command::CompleteTask(Box::new(Complete {
        task: task.to_owned(),
        fence: lease.expect("it is held").fence,
        summary: summary.to_owned(),
        verification: "the tests ran".to_owned(),
        tests_passed_percent: Some(100),
        ..Complete::default()
    }));
    world.ask(by(name), complete).await;
}

/// What somebody says at the day's standup.
async fn says(world: &World, who: Actor, slots: Slots, text: &str) {
    let entry = NewEntry {
        slots,
        text: text.to_owned(),
        ..NewEntry::default()
    };
    let enter = Gathering::Enter(Box::new(entry));
    world.ask(who, Command::Gather(enter)).await;
}

/// Tuesday's standup: two speak in time, one an hour late, and the coordinator asks for a change.
async fn speak(world: &World, hour: i64) {
    let slots = Slots::default;
    if hour == 32 {
        let built = Slots {
            built: "four of five endpoints".into(),
            next: "the <fifth>, then the review".into(),
            ..slots()
        };
        says(world, by("ada"), built, "").await;
        let nothing = Slots {
            blockers: "no keys of the bank yet".into(),
            ..slots()
        };
        says(world, by("dan"), nothing, "reading up on card payments").await;
        let changes = Slots {
            changes: "payments wait for the order service".into(),
            ..slots()
        };
        says(world, lead(), changes, "").await;
    } else {
        let deployed = Slots {
            version: "0.1 on staging".into(),
            monitoring: "good".into(),
            ..slots()
        };
        says(world, by("opal"), deployed, "was on a train").await;
    }
}

/// What happens at which hour after Monday's midnight.
async fn happens(world: &World, hour: i64) {
    match hour {
        10 => {
            takes(world, "opal", "T-1").await;
            takes(world, "ada", "T-2").await;
        }
        13 => finishes(world, "opal", "T-1", "builds on each push").await,
        32 | 33 => speak(world, hour).await,
        34 => finishes(world, "ada", "T-2", "five endpoints").await,
        35 => {
            takes(world, "dora", "T-3").await;
            let found = Command::ReportDiscovered(Box::new(NewDiscovered {
                title: "Orders of guests need an address".to_owned(),
                notes: "seen while the tables were drawn".to_owned(),
                priority: Some(1),
                ..NewDiscovered::default()
            }));
            world.ask(by("dora"), found).await;
        }
        37 => finishes(world, "dora", "T-3", "three tables").await,
        58 => {
            let open = Command::OpenBlocker(Box::new(NewBlocker {
                kind: BlockerKind::External,
                tasks: vec!["T-5".to_owned()],
                phase: String::new(),
                fence: 0,
                reason: "The bank has not sent the keys".to_owned(),
                owner: "lead".to_owned(),
                resolution_path: "call them on Thursday".to_owned(),
                severity: Severity::High,
                keep_lease: false,
            }));
            world.ask(lead(), open).await;
            let risk = Command::MoveRisk {
                risk: RiskId(1),
                to: RiskStatus::Mitigated,
                note: "a sandbox of our own runs".to_owned(),
                holds: crate::plan::command::Held::default(),
            };
            world.ask(lead(), risk).await;
            let ask = Command::OpenDecision {
                question: "Which cards do we take?".to_owned(),
                options: vec!["two".to_owned(), "all".to_owned()],
                blocks: vec!["T-5".to_owned()],
                phases: Vec::new(),
                selectors: Vec::new(),
            };
            world.ask(lead(), ask).await;
        }
        82 => {
            let ruling = crate::plan::command::Ruling {
                answer: "two".to_owned(),
                rationale: "they are nine of ten orders".to_owned(),
                ..crate::plan::command::Ruling::default()
            };
            let decide = Command::Decide {
                decision: DecisionId(1),
                ruling: Box::new(ruling),
            };
            world.ask(lead(), decide).await;
        }
        106 => {
            let settle = Command::ResolveBlocker {
                blocker: BlockerId(1),
                resolution: "the keys are here".to_owned(),
                withdraw: false,
            };
            world.ask(lead(), settle).await;
        }
        _ => {}
    }
}

/// The date and time of an instant, as slots are written.
fn clock(at: Timestamp) -> String {
    let instant = jiff::Timestamp::from_millisecond(at.0).expect("an instant");
    instant.strftime("%Y-%m-%dT%H:%M").to_string()
}

/// Writes or compares one file.
fn holds(name: &str, text: &str, behind: &mut Vec<String>) {
    let path = folder().join(name);
    if std::env::var_os("MUSTER_UPDATE_DOCUMENTS").is_some() {
        fs::create_dir_all(folder()).expect("a folder can be made");
        fs::write(&path, text).expect("a file can be written");
    } else if fs::read_to_string(&path).ok().as_deref() != Some(text) {
        behind.push(name.to_owned());
    }
}

#[tokio::test]
async fn every_report_of_a_week_is_as_the_documents_show_it() {
    let mut world = World::bare(MONDAY + 7 * HOUR).await.watched();
    plan(&world).await;
    for hour in 8..=7 * 24 {
        world.pass(MONDAY + hour * HOUR, 600_000).await;
        happens(&world, hour).await;
        // Signs of life between the hours, and the reports that are due there.
        world
            .pass(MONDAY + hour * HOUR + 30 * MINUTE, 600_000)
            .await;
    }
    let log = world.log().await;
    super::check_at_most_once(&log);
    let mut parts: Vec<(String, String)> = Vec::new();
    let mut kinds: BTreeSet<&str> = BTreeSet::new();
    for recorded in &log {
        match &recorded.event {
            Event::ReportPublished(it) => {
                let at = it
                    .slot
                    .map_or_else(|| clock(recorded.at), |it| it.to_string());
                let name = format!("{}-{}", at.replace([':', 'T'], "-"), it.kind.as_str());
                kinds.insert(it.kind.as_str());
                parts.push((name, it.document.to_string()));
            }
            Event::ReportContinued(it) => {
                let last = parts.last_mut().expect("it follows its first part");
                last.1.push_str(&it.document);
            }
            _ => {}
        }
    }
    let all: BTreeSet<&str> = crate::plan::event::ReportKind::ALL
        .map(|it| it.as_str())
        .into();
    assert_eq!(kinds, all, "every kind of report is in the week");
    let (mut behind, mut names) = (Vec::new(), BTreeSet::new());
    let mut index = String::from(
        "# A week of reports\n\nWhat the daemon publishes by itself in a week of a small team, as text of 80 columns, as \
         markdown and as the fragment of\nHTML that goes into mails. A test moves the clock, and holds these files to \
         what comes out.\n\n",
    );
    for (name, document) in &parts {
        let document = Document::from_json(document).expect("it was published");
        let _ = writeln!(
            index,
            "- {}: [text]({name}.txt), [markdown]({name}.md), [HTML]({name}.html)",
            document.title()
        );
        let forms = [
            (format!("{name}.txt"), document.text(COLUMNS)),
            (format!("{name}.md"), document.markdown()),
            (format!("{name}.html"), document.html()),
        ];
        for (name, text) in forms {
            assert!(text.ends_with('\n'), "{name}");
            holds(&name, &text, &mut behind);
            names.insert(name);
        }
    }
    holds("README.md", &index, &mut behind);
    names.insert("README.md".to_owned());
    let there = fs::read_dir(folder()).expect("the folder is there");
    let there = there.map(|it| {
        it.expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned()
    });
    let left_over: Vec<String> = there.filter(|name| !names.contains(name)).collect();
    assert!(
        behind.is_empty() && left_over.is_empty(),
        "docs/examples is behind in {behind:?} and has {left_over:?} left over; write it with \
         MUSTER_UPDATE_DOCUMENTS=1 cargo test --lib -- every_report_of_a_week"
    );
}
