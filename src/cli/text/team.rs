//! Who looks after what and when roles work, as text.

use muster_proto::v1 as wire;

use super::super::json::word;
use super::{clean, fields, listed, named, or_dash, table, when};

fn subject(assignment: &wire::Assignment) -> String {
    use wire::assignment_subject::What;
    let subject = assignment.subject.as_ref();
    match subject.and_then(|subject| subject.what.as_ref()) {
        Some(What::Area(area)) => format!("area {area}"),
        Some(What::Task(task)) => task.clone(),
        None => "-".to_owned(),
    }
}

/// An assignment in words.
pub fn assigned(assignment: &wire::Assignment) -> String {
    let duty = word(assignment.duty().as_str_name(), "ASSIGNMENT_DUTY_");
    format!("{} {duty} of {}", assignment.agent, subject(assignment))
}

/// A table of assignments.
pub fn assignments(assignments: &[wire::Assignment], columns: Option<u16>) -> String {
    if assignments.is_empty() {
        return "no assignments; next: muster assignment add AGENT --area AREA\n".to_owned();
    }
    let rows = assignments.iter().map(|assignment| {
        let standing = if assignment.ended {
            format!("ended by {}", named(&assignment.ended_by))
        } else {
            "in force".to_owned()
        };
        [
            assignment.id.clone(),
            assignment.agent.clone(),
            word(assignment.duty().as_str_name(), "ASSIGNMENT_DUTY_"),
            subject(assignment),
            standing,
        ]
    });
    table(["id", "agent", "duty", "of", "status"], rows, columns)
}

/// A window in words.
pub fn window(window: &wire::Window) -> String {
    let unit = word(window.unit().as_str_name(), "WINDOW_UNIT_");
    if window.from == window.to {
        format!("{unit} {}", window.from)
    } else {
        format!("{unit}s {}-{}", window.from, window.to)
    }
}

/// A window with its dates, where they are known.
pub fn dated(of: Option<&wire::Window>, first: &str, last: &str) -> String {
    let words = of.map(window).unwrap_or_default();
    if first.is_empty() {
        words
    } else {
        format!("{words} ({first} to {last})")
    }
}

fn time(window: &wire::RoleWindow) -> String {
    use wire::role_window::Time;
    match &window.time {
        Some(Time::Window(during)) => dated(Some(during), &window.start_date, &window.end_date),
        Some(Time::Always(_)) => "always".to_owned(),
        None => "-".to_owned(),
    }
}

/// When a role works, in words.
pub fn role_time(window: &wire::RoleWindow) -> String {
    let place = if window.phase.is_empty() {
        String::new()
    } else {
        format!(" in phase {}", window.phase)
    };
    format!("{} works{place}: {}", window.role, time(window))
}

/// A table of when roles work.
pub fn role_windows(windows: &[wire::RoleWindow], columns: Option<u16>) -> String {
    if windows.is_empty() {
        return "nothing is said of any role; next: muster window set ROLE --days 3-14\n"
            .to_owned();
    }
    let rows = windows.iter().map(|window| {
        [
            window.role.clone(),
            or_dash(&window.phase),
            time(window),
            if window.open_today { "yes" } else { "no" }.to_owned(),
        ]
    });
    table(["role", "phase", "works", "today"], rows, columns)
}

/// All that is known about an agent.
pub fn agent(agent: &wire::Agent) -> String {
    let name = clean::line(&agent.name);
    let left = if agent.retired { " (retired)" } else { "" };
    let held = agent.holds.len();
    let load = format!("{held} of {} held, room for {}", agent.capacity, agent.room);
    let facts = fields(&[
        ("roles", listed(&agent.roles)),
        ("skills", agent.skills.join(", ")),
        ("load", load),
        ("holds", agent.holds.join(", ")),
        ("primary of", agent.primary_of.join(", ")),
        ("backup of", agent.backup_of.join(", ")),
        ("sessions", agent.open_sessions.join(", ")),
        ("model", agent.model.clone()),
        ("last seen", when(agent.last_event_at.as_ref())),
    ]);
    format!("agent {name}{left}\n\n{facts}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_and_times_stand_in_tables() {
        use wire::assignment_subject::What;
        let one = wire::Assignment {
            id: "AS-1".to_owned(),
            agent: "dev-1".to_owned(),
            subject: Some(wire::AssignmentSubject {
                what: Some(What::Area("api".to_owned())),
            }),
            duty: wire::AssignmentDuty::Primary.into(),
            ..wire::Assignment::default()
        };
        let other = wire::Assignment {
            id: "AS-2".to_owned(),
            subject: Some(wire::AssignmentSubject {
                what: Some(What::Task("T-3".to_owned())),
            }),
            duty: wire::AssignmentDuty::Backup.into(),
            ended: true,
            ended_by: "coordinator:ann".to_owned(),
            ..one.clone()
        };
        insta::assert_snapshot!(assignments(&[one, other], None), @r"
        ID    AGENT  DUTY     OF        STATUS
        AS-1  dev-1  primary  area api  in force
        AS-2  dev-1  backup   T-3       ended by ann
        ");
        let during = wire::RoleWindow {
            role: "qa".to_owned(),
            phase: "2".to_owned(),
            time: Some(wire::role_window::Time::Window(wire::Window {
                unit: wire::WindowUnit::Day.into(),
                from: 3,
                to: 14,
            })),
            start_date: "2026-11-04".to_owned(),
            end_date: "2026-11-15".to_owned(),
            open_today: false,
        };
        let always = wire::RoleWindow {
            role: "developer".to_owned(),
            time: Some(wire::role_window::Time::Always(true)),
            open_today: true,
            ..wire::RoleWindow::default()
        };
        insta::assert_snapshot!(role_windows(&[always, during], None), @r"
        ROLE       PHASE  WORKS                                 TODAY
        developer  -      always                                yes
        qa         2      days 3-14 (2026-11-04 to 2026-11-15)  no
        ");
    }
}
