//! Open runs of workflows against the calendar: in which day of its plan each is, what it still waits for and from
//! whom, as the standup and the blocker report tell it.

use serde::{Deserialize, Serialize};

use super::page::{Item, Line, Page};
use super::sections::CELL_COLUMNS;
use super::words::{clean, clip};
use crate::plan::Plan;
use crate::plan::model::WorkflowRun;
use crate::plan::time::Timestamp;
use crate::plan::workflow::WorkflowLack;

/// What is missing of a run that is shown to people; the data has all of it.
const MISSING_SHOWN: usize = 5;

/// A role with what it does in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleInRun {
    /// The role, by slug.
    pub role: String,
    /// What it works on beside the others, or how often it looks at the run.
    pub does: String,
}

/// Something that a run waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingOfRun {
    /// What it is about: an input, a role, a phase, a deliverable, a gate, a signature or a criterion.
    pub subject: String,
    /// What is missing.
    pub text: String,
    /// Who must give it: `coordinator`, `agents`, roles by slug, or `muster` for what the daemon does by itself.
    pub who: String,
    /// The command line that gives it, without the program's name; empty when nobody need do anything.
    pub command: String,
}

/// An open run of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowProgress {
    /// The run, such as `WR-1`.
    pub run: String,
    /// The workflow, by slug.
    pub workflow: String,
    /// What it is to reach.
    pub objective: String,
    /// Where it stands: `pending`, `waiting_input`, `running` or `gating`.
    pub status: String,
    /// The day of its work it is in, from 1; none before that began.
    pub day: Option<u32>,
    /// How many days were planned; none when nothing was.
    pub planned_days: Option<u32>,
    /// It takes longer than was planned.
    pub overdue: bool,
    /// What is to be known about how it began; empty when nothing is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub warning: String,
    /// What the roles work on beside each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<RoleInRun>,
    /// Who looks at it, and how often.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub oversight: Vec<RoleInRun>,
    /// Everything it waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<MissingOfRun>,
}

/// The open runs of a plan at an instant, by number.
pub(super) fn open_runs(plan: &Plan, now: Timestamp) -> Vec<WorkflowProgress> {
    let runs = plan.open_workflow_runs();
    runs.map(|run| progress(plan, run, now)).collect()
}

/// Those of them that take longer than was planned.
pub(super) fn overdue_runs(plan: &Plan, now: Timestamp) -> Vec<WorkflowProgress> {
    let late = plan.open_workflow_runs();
    let late = late.filter(|run| run.day(now).is_some_and(|day| day.is_overdue()));
    late.map(|run| progress(plan, run, now)).collect()
}

fn progress(plan: &Plan, run: &WorkflowRun, now: Timestamp) -> WorkflowProgress {
    let definition = &run.definition;
    let day = run.day(now);
    let streams = definition.roles.iter().filter(|it| !it.stream.is_empty());
    let streams = streams.map(|it| RoleInRun {
        role: it.role.to_string(),
        does: it.stream.to_string(),
    });
    let oversight = definition.oversight.iter().map(|it| RoleInRun {
        role: it.role.to_string(),
        does: it.cadence.as_str().to_owned(),
    });
    let missing = |lack: WorkflowLack| MissingOfRun {
        subject: lack.subject,
        text: lack.description,
        who: lack.who,
        command: lack.next,
    };
    let lacks = plan.workflow_lacks(run, now).into_iter();
    WorkflowProgress {
        run: run.id.to_string(),
        workflow: run.workflow.to_string(),
        objective: definition.objective.to_string(),
        status: run.status.as_str().to_owned(),
        day: day.map(|day| day.day),
        planned_days: definition.duration.map(|span| span.days()),
        overdue: day.is_some_and(|day| day.is_overdue()),
        warning: run.warning.to_string(),
        streams: streams.collect(),
        oversight: oversight.collect(),
        missing: lacks.map(missing).collect(),
    }
}

/// A section about runs; left out when there are none.
pub(super) fn section(page: &mut Page, title: &str, runs: &[WorkflowProgress], total: u32) {
    if total > 0 {
        let items = runs.iter().map(item).collect();
        page.list(title, total, items, "");
    }
}

fn item(run: &WorkflowProgress) -> Item {
    let status = run.status.replace('_', " ");
    let day = match (run.day, run.planned_days) {
        (Some(day), Some(of)) => format!(", day {day} of {of}"),
        (Some(day), None) => format!(", day {day}"),
        (None, _) => String::new(),
    };
    let late = if run.overdue { ", overdue" } else { "" };
    let objective = run.objective.lines().next().unwrap_or_default();
    let line = format!(
        "{} {}: {status}{day}{late}. {}",
        clean(&run.run),
        clean(&run.workflow),
        clip(objective, CELL_COLUMNS)
    );
    let mut below = Vec::new();
    if !run.warning.is_empty() {
        let warning = format!("began with agents missing: {}", run.warning);
        below.push(Line::plain(&clip(&warning, CELL_COLUMNS)));
    }
    for (word, roles) in [
        ("beside each other", &run.streams),
        ("looked at", &run.oversight),
    ] {
        if !roles.is_empty() {
            let roles = roles.iter().map(|it| format!("{} {}", it.role, it.does));
            let roles: Vec<String> = roles.collect();
            let line = format!("{word}: {}", roles.join(", "));
            below.push(Line::plain(&clip(&line, CELL_COLUMNS)));
        }
    }
    for missing in run.missing.iter().take(MISSING_SHOWN) {
        let line = format!(
            "{}: {} (from {})",
            missing.subject, missing.text, missing.who
        );
        below.push(Line::plain(&clip(&line, CELL_COLUMNS)));
    }
    let left = run.missing.len().saturating_sub(MISSING_SHOWN);
    if left > 0 {
        below.push(Line::plain(&format!("… and {left} more")));
    }
    Item {
        line: Line::plain(&line),
        below,
    }
}

#[cfg(test)]
mod tests {
    use super::super::blockers;
    use super::super::data::Head;
    use super::super::fixture::{World, utc};
    use super::*;
    use crate::plan::Command;
    use crate::plan::command::NewWorkflow;
    use crate::plan::event::{Cadence, Oversight, RequiredRole, WorkflowDefinition};

    /// A workflow of a day that runs since the 2nd of November.
    fn world() -> World {
        let mut world = World::new("UTC", "2026-11-02T15:00:00Z");
        let words = WorkflowDefinition {
            objective: "Build it".into(),
            duration: "1 day".parse().ok(),
            roles: vec![RequiredRole {
                role: "devops".into(),
                count: 1,
                stream: "infrastructure".into(),
            }],
            oversight: vec![Oversight {
                role: "coordinator".into(),
                cadence: Cadence::Weekly,
            }],
            ..WorkflowDefinition::default()
        };
        world.coordinator(Command::DefineWorkflow(Box::new(NewWorkflow {
            workflow: "build".to_owned(),
            words,
            ..NewWorkflow::default()
        })));
        world.coordinator(Command::StartWorkflow {
            workflow: "build".to_owned(),
            restart: false,
        });
        world
    }

    fn shown(world: &World, at: &str) -> String {
        let mut page = Page::default();
        let runs = open_runs(&world.plan, utc(at));
        section(&mut page, "Workflows", &runs, 1);
        super::super::text::text(&page, 100)
    }

    #[test]
    fn a_run_is_shown_with_its_day_its_people_and_what_is_missing() {
        let mut world = world();
        let waiting = shown(&world, "2026-11-02T16:00:00Z");
        assert!(
            waiting.contains("WR-1 build: waiting input. Build it"),
            "{waiting}"
        );
        assert!(waiting.contains("role devops: 0 of 1 agents"), "{waiting}");
        world.coordinator(Command::RegisterAgent {
            agent: "ops-1".to_owned(),
            roles: vec!["devops".to_owned()],
            skills: Vec::new(),
            capacity: 1,
            model: String::new(),
        });
        let running = shown(&world, "2026-11-03T14:59:59Z");
        assert!(
            running.contains("running, day 1 of 1. Build it"),
            "{running}"
        );
        assert!(running.contains("devops infrastructure"), "{running}");
        assert!(running.contains("coordinator weekly"), "{running}");
        let late = shown(&world, "2026-11-03T15:00:00Z");
        assert!(late.contains("running, day 2 of 1, overdue."), "{late}");
        let overdue = |at: &str| overdue_runs(&world.plan, utc(at)).len();
        assert_eq!(overdue("2026-11-03T14:59:59Z"), 0);
        assert_eq!(overdue("2026-11-03T15:00:00Z"), 1);
        let head = Head {
            version: world.plan.version(),
            hash: String::new(),
        };
        let report = blockers::build(blockers::BlockerInput {
            plan: &world.plan,
            now: utc("2026-11-04T15:00:00Z"),
            head,
        });
        let text = blockers::render::text(&report, 100);
        assert!(text.contains("Overdue workflows"), "{text}");
    }
}
