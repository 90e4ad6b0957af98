//! Projects, phases, imports, events and what waits for a person, as text.

use muster_proto::v1 as wire;

use super::super::json::{document_status, word};
use super::team::dated;
use super::{bar, clean, count, fields, named, or_dash, pasted, table, updated, when};

const DIAGNOSTICS_SHOWN_MAX: usize = 20;

fn percent(percent: Option<u32>) -> String {
    percent.map_or_else(|| "-".to_owned(), |percent| format!("{percent} %"))
}

fn done_of(tally: Option<&wire::Tally>) -> String {
    let tally = tally.copied().unwrap_or_default();
    let open = tally.planned + tally.claimed + tally.in_progress + tally.in_review;
    format!("{} of {}", tally.completed, tally.completed + open)
}

/// A project with its phases.
pub fn project(project: &wire::Project, phases: &[wire::Phase], columns: Option<u16>) -> String {
    let status = word(project.status().as_str_name(), "PROJECT_STATUS_");
    let status = if project.status_reason.is_empty() {
        status
    } else {
        format!("{status} ({})", project.status_reason)
    };
    let current = phases
        .iter()
        .find(|phase| phase.id == project.current_phase)
        .map(|phase| format!("{} {}", phase.id, phase.name))
        .unwrap_or_default();
    let source = |source: &wire::PlanSource| match document_status(source) {
        status if status.is_empty() => source.name.clone(),
        status => format!("{} ({status})", source.name),
    };
    let sources: Vec<String> = project.sources.iter().map(source).collect();
    let mut text = format!(
        "{} ({})\n\n",
        clean::line(&project.name),
        clean::line(&project.slug)
    );
    text.push_str(&fields(&[
        ("status", status),
        (
            "done",
            format!(
                "{} tasks, {}",
                done_of(project.tally.as_ref()),
                percent(project.percent)
            ),
        ),
        ("current phase", current),
        ("sprint goal", project.sprint_goal.clone()),
        (
            "active sprint",
            project
                .active_sprint
                .as_ref()
                .map_or_else(String::new, active_sprint),
        ),
        ("description", project.description.clone()),
        ("from", sources.join(", ")),
        (
            "not as written",
            match project.diagnostics {
                0 => String::new(),
                number => format!("{number} (muster plan diagnostics)"),
            },
        ),
        (
            "updated",
            updated(project.updated_at.as_ref(), &project.updated_by),
        ),
    ]));
    if !phases.is_empty() {
        text.push('\n');
        text.push_str(&self::phases(phases, columns));
    }
    text
}

fn active_sprint(sprint: &wire::ActiveSprint) -> String {
    format!(
        "{} to {}, {}/{} tasks completed: {}",
        sprint.id, sprint.end_date, sprint.completed, sprint.tasks, sprint.goal
    )
}

/// A table of phases with their progress.
pub fn phases(phases: &[wire::Phase], columns: Option<u16>) -> String {
    if phases.is_empty() {
        return "no phases\n".to_owned();
    }
    let rows = phases.iter().map(|phase| {
        [
            phase.id.clone(),
            format!(
                "{} {:>5}",
                bar(phase.percent.unwrap_or(0)),
                percent(phase.percent)
            ),
            done_of(phase.tally.as_ref()),
            standing(phase),
            phase.name.clone(),
        ]
    });
    table(
        ["phase", "progress", "done", "status", "name"],
        rows,
        columns,
    )
}

fn standing(phase: &wire::Phase) -> String {
    let status = word(phase.status().as_str_name(), "PHASE_STATUS_");
    let is_waiting = phase.status() == wire::PhaseStatus::Planned && !phase.open;
    let status = if is_waiting {
        format!("{status}, locked")
    } else {
        status
    };
    if phase.late {
        format!("{status}, late since {}", phase.window_end_date)
    } else {
        status
    }
}

/// All that is known about a phase.
pub fn phase(phase: &wire::Phase) -> String {
    let mut text = format!(
        "phase {} {}\n\n",
        clean::line(&phase.id),
        clean::line(&phase.name)
    );
    let closed = phase.closed_at.as_ref();
    text.push_str(&fields(&[
        ("status", standing(phase)),
        ("goal", phase.goal.clone()),
        (
            "done",
            format!(
                "{} {} ({} tasks)",
                bar(phase.percent.unwrap_or(0)),
                percent(phase.percent),
                done_of(phase.tally.as_ref())
            ),
        ),
        ("lead", phase.lead_role.clone()),
        ("after", phase.predecessors.join(", ")),
        ("opened early", phase.override_reason.clone()),
        (
            "window",
            dated(
                phase.window.as_ref(),
                &phase.window_start_date,
                &phase.window_end_date,
            ),
        ),
        (
            "order",
            match phase.ordering() {
                wire::PhaseOrdering::Table => "as written".to_owned(),
                wire::PhaseOrdering::Priority | wire::PhaseOrdering::Unspecified => String::new(),
            },
        ),
        (
            "closed",
            closed.map(|at| when(Some(at))).unwrap_or_default(),
        ),
        (
            "updated",
            updated(phase.updated_at.as_ref(), &phase.updated_by),
        ),
    ]));
    if !phase.criteria.is_empty() {
        text.push_str("\ncriteria:\n");
        for criterion in &phase.criteria {
            let withdrawn = clean::line(&criterion.withdrawn_reason);
            let sign = match (criterion.met, withdrawn.is_empty()) {
                (true, _) => "x",
                (false, false) => "-",
                (false, true) => " ",
            };
            let by = if !withdrawn.is_empty() {
                format!(" (withdrawn: {withdrawn})")
            } else if criterion.met {
                format!(" ({})", or_dash(&clean::line(named(&criterion.met_by))))
            } else {
                String::new()
            };
            text.push_str(&format!(
                "  [{sign}] {} {}{by}\n",
                criterion.number,
                clean::line(&criterion.text)
            ));
        }
    }
    if !phase.gates.is_empty() {
        text.push_str("\ngates:\n");
    }
    for gate in &phase.gates {
        let sign = if gate.passes { "x" } else { " " };
        let (id, name) = (clean::line(&gate.id), clean::line(&gate.name));
        text.push_str(&format!("  [{sign}] {id} {name}\n"));
        for lack in &gate.lacks {
            text.push_str(&format!("      {}\n", clean::line(lack)));
        }
    }
    text
}

/// A table of projects.
pub fn projects(projects: &[wire::Project], columns: Option<u16>) -> String {
    if projects.is_empty() {
        return "no projects; next: muster plan import FILE\n".to_owned();
    }
    let rows = projects.iter().map(|project| {
        [
            project.slug.clone(),
            word(project.status().as_str_name(), "PROJECT_STATUS_"),
            percent(project.percent),
            done_of(project.tally.as_ref()),
            or_dash(&project.current_phase),
            project.name.clone(),
        ]
    });
    table(
        ["project", "status", "percent", "done", "phase", "name"],
        rows,
        columns,
    )
}

/// What an import did, and the first of its diagnostics.
pub fn import(answer: &wire::ImportPlanResponse, columns: Option<u16>) -> String {
    let counts = answer.counts.unwrap_or_default();
    let verb = match (answer.dry_run, answer.changed) {
        (true, true) => "would be imported into",
        (true, false) | (false, false) => "nothing new for",
        (false, true) => "imported into",
    };
    let parts = [
        (counts.phases, "phase"),
        (counts.tasks, "task"),
        (counts.dependencies, "dependency"),
        (counts.blockers, "blocker"),
        (counts.decisions, "decision"),
        (counts.discovered, "discovered task"),
    ];
    let counted: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| match (number, *noun) {
            (1, noun) => format!("1 {noun}"),
            (number, "dependency") => format!("{number} dependencies"),
            (number, noun) => format!("{number} {noun}s"),
        })
        .collect();
    let mut text = format!(
        "{verb} {}: {}\n",
        clean::line(&answer.project),
        counted.join(", ")
    );
    if !answer.diagnostics.is_empty() {
        let shown = &answer.diagnostics[..answer.diagnostics.len().min(DIAGNOSTICS_SHOWN_MAX)];
        text.push_str(&format!(
            "\n{} not taken as written:\n",
            count(answer.diagnostics.len(), "line")
        ));
        text.push_str(&diagnostics(shown, columns));
        if shown.len() < answer.diagnostics.len() {
            text.push_str(&format!(
                "… and {} more\n",
                answer.diagnostics.len() - shown.len()
            ));
        }
    }
    text
}

/// A table of diagnostics.
pub fn diagnostics(diagnostics: &[wire::Diagnostic], columns: Option<u16>) -> String {
    if diagnostics.is_empty() {
        return "everything was taken as written\n".to_owned();
    }
    let rows = diagnostics.iter().map(|diagnostic| {
        [
            diagnostic.line.to_string(),
            diagnostic.code.clone(),
            diagnostic.message.clone(),
        ]
    });
    table(["line", "code", "message"], rows, columns)
}

/// The diagnostics of a project by number, those that are settled with who said so, when and how.
pub fn numbered_diagnostics(diagnostics: &[wire::Diagnostic], columns: Option<u16>) -> String {
    if diagnostics.is_empty() {
        return "nothing is left to be settled (--all shows what was)\n".to_owned();
    }
    let rows = diagnostics.iter().map(|one| {
        let settled = match one.settled_by.as_str() {
            "" => String::new(),
            by => format!(
                "{} by {by}: {}",
                when(one.settled_at.as_ref()),
                one.settled_note
            ),
        };
        [
            one.number.to_string(),
            one.line.to_string(),
            one.code.clone(),
            one.message.clone(),
            settled,
        ]
    });
    table(
        ["number", "line", "code", "message", "settled"],
        rows,
        columns,
    )
}

/// What waits for a person, with the command that settles each.
pub fn inbox(items: &[wire::InboxItem], total: u32, columns: Option<u16>) -> String {
    if items.is_empty() {
        return "nothing waits for you\n".to_owned();
    }
    let kind =
        |item: &wire::InboxItem| word(item.kind().as_str_name(), "INBOX_KIND_").replace('_', " ");
    let rows = items.iter().map(|item| {
        [
            kind(item),
            when(item.since.as_ref()),
            item.holds_up.to_string(),
            item.title.clone(),
            pasted(&item.command),
        ]
    });
    let mut text = table(
        ["what", "since", "holds up", "title", "settle it with"],
        rows,
        None,
    );
    let is_too_wide = |width: u16| {
        text.lines()
            .any(|line| line.chars().count() > usize::from(width))
    };
    if columns.is_some_and(is_too_wide) {
        // A command broken over lines of a cell cannot be pasted.
        text = items
            .iter()
            .map(|item| {
                let holds_up = match item.holds_up {
                    0 => String::new(),
                    1 => ", holds up 1 task".to_owned(),
                    many => format!(", holds up {many} tasks"),
                };
                format!(
                    "{} since {}{holds_up}\n  {}\n  {}\n",
                    kind(item),
                    when(item.since.as_ref()),
                    clean::line(&item.title),
                    clean::line(&pasted(&item.command)),
                )
            })
            .collect();
    }
    let more = usize::try_from(total)
        .unwrap_or(usize::MAX)
        .saturating_sub(items.len());
    if more > 0 {
        text.push_str(&format!("… and {more} more\n"));
    }
    text
}

/// An event on one line.
pub fn event(event: &wire::Event) -> String {
    format!(
        "{:>6}  {}  {}\n",
        event.version,
        when(event.at.as_ref()),
        clean::line(&event.summary)
    )
}

/// What a walk over the logs found.
pub fn verified(logs: &[wire::VerifiedLog]) -> String {
    let mut text = String::new();
    for log in logs {
        let project = clean::line(&log.project);
        if log.sound {
            text.push_str(&format!(
                "sound   {project}: version {}, head {}\n",
                log.version,
                clean::line(&log.hash)
            ));
        } else {
            text.push_str(&format!(
                "BROKEN  {project}: version {}: {}\n",
                log.broken_version,
                clean::line(&log.problem)
            ));
        }
    }
    text
}

/// Policies: what each is set to, what that means and where it comes from.
pub fn policies(policies: &[wire::ProjectPolicy], columns: Option<u16>) -> String {
    let rows = policies.iter().map(|policy| {
        let changed = policy.value != policy.default_value;
        [
            policy.name.clone(),
            or_dash(&policy.value),
            if changed {
                or_dash(&policy.default_value)
            } else {
                "same".to_owned()
            },
            policy.requirement.clone(),
            format!("{} ({})", policy.meaning, policy.takes),
        ]
    });
    table(
        ["policy", "value", "default", "from", "means"],
        rows,
        columns,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foundation() -> wire::Phase {
        wire::Phase {
            id: "1".to_owned(),
            name: "Foundation".to_owned(),
            goal: "A base".to_owned(),
            status: wire::PhaseStatus::Active.into(),
            open: true,
            percent: Some(50),
            tally: Some(wire::Tally {
                planned: 1,
                in_progress: 1,
                completed: 2,
                cancelled: 1,
                ..wire::Tally::default()
            }),
            criteria: vec![
                wire::Criterion {
                    number: 1,
                    text: "CI is green".to_owned(),
                    met: true,
                    met_by: "coordinator:ann".to_owned(),
                    ..wire::Criterion::default()
                },
                wire::Criterion {
                    number: 2,
                    text: "Docs are read".to_owned(),
                    ..wire::Criterion::default()
                },
            ],
            ..wire::Phase::default()
        }
    }

    fn launch() -> wire::Phase {
        wire::Phase {
            id: "2".to_owned(),
            name: "Launch".to_owned(),
            status: wire::PhaseStatus::Planned.into(),
            predecessors: vec!["1".to_owned()],
            ..wire::Phase::default()
        }
    }

    #[test]
    fn a_project_is_shown_with_the_progress_of_its_phases() {
        let shop = wire::Project {
            slug: "shop".to_owned(),
            name: "Shop\u{1b}]0;x".to_owned(),
            status: wire::ProjectStatus::Paused.into(),
            status_reason: "audit".to_owned(),
            percent: Some(50),
            tally: foundation().tally,
            current_phase: "1".to_owned(),
            diagnostics: 3,
            ..wire::Project::default()
        };
        let phases = [foundation(), launch()];
        insta::assert_snapshot!(project(&shop, &phases, None), @r"
        Shop]0;x (shop)

        status          paused (audit)
        done            2 of 4 tasks, 50 %
        current phase   1 Foundation
        not as written  3 (muster plan diagnostics)

        PHASE  PROGRESS                    DONE    STATUS           NAME
        1      ██████████░░░░░░░░░░  50 %  2 of 4  active           Foundation
        2      ░░░░░░░░░░░░░░░░░░░░     -  0 of 0  planned, locked  Launch
        ");
        insta::assert_snapshot!(projects(&[shop], None), @r"
        PROJECT  STATUS  PERCENT  DONE    PHASE  NAME
        shop     paused  50 %     2 of 4  1      Shop]0;x
        ");
    }

    #[test]
    fn a_phase_is_shown_with_its_criteria() {
        insta::assert_snapshot!(phase(&foundation()), @r"
        phase 1 Foundation

        status        active
        goal          A base
        done          ██████████░░░░░░░░░░ 50 % (2 of 4 tasks)

        criteria:
          [x] 1 CI is green (ann)
          [ ] 2 Docs are read
        ");
    }

    #[test]
    fn an_import_says_what_it_did_and_what_it_did_not_take() {
        let answer = wire::ImportPlanResponse {
            project: "shop".to_owned(),
            changed: true,
            counts: Some(wire::PlanCounts {
                phases: 1,
                tasks: 45,
                dependencies: 12,
                ..wire::PlanCounts::default()
            }),
            diagnostics: vec![wire::Diagnostic {
                line: 7,
                code: "placeholder".to_owned(),
                message: "`[Task]` is a placeholder".to_owned(),
                file: "PLAN.md".to_owned(),
                ..wire::Diagnostic::default()
            }],
            ..wire::ImportPlanResponse::default()
        };
        insta::assert_snapshot!(import(&answer, None), @r"
        imported into shop: 1 phase, 45 tasks, 12 dependencies

        1 line not taken as written:
        LINE  CODE         MESSAGE
        7     placeholder  `[Task]` is a placeholder
        ");
    }

    #[test]
    fn the_inbox_names_the_command_that_settles_each_thing() {
        let item = wire::InboxItem {
            kind: wire::InboxKind::Decision.into(),
            id: "DEC-1".to_owned(),
            title: "Which provider?".to_owned(),
            since: Some(prost_types::Timestamp {
                seconds: 1_795_251_600,
                nanos: 0,
            }),
            holds_up: 4,
            command: "decision decide DEC-1 --answer …".to_owned(),
        };
        insta::assert_snapshot!(inbox(std::slice::from_ref(&item), 3, Some(80)), @r"
        decision since 2026-11-21 09:00Z, holds up 4 tasks
          Which provider?
          muster decision decide DEC-1 --answer …
        … and 2 more
        ");
        insta::assert_snapshot!(inbox(&[item], 3, None), @r"
        WHAT      SINCE              HOLDS UP  TITLE            SETTLE IT WITH
        decision  2026-11-21 09:00Z  4         Which provider?  muster decision decide DEC-1 --answer …
        … and 2 more
        ");
    }

    #[test]
    fn an_event_is_one_line() {
        let line = event(&wire::Event {
            version: 17,
            summary: "dev-1 completed T-12:\nall of it".to_owned(),
            ..wire::Event::default()
        });
        insta::assert_snapshot!(line, @"    17  -  dev-1 completed T-12: all of it");
    }
}
