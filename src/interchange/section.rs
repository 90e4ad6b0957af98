//! What a section holds by the words of its heading: tasks, a queue, criteria, a register. A heading below
//! another one holds what that one holds, unless its own words say otherwise.

/// What rows and boxes of a section are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Section {
    /// Nothing special: tasks, when a phase is open.
    #[default]
    Plain,
    /// Phases with their status, or their progress.
    Overview,
    /// What the signs mean.
    Legend,
    Discovered,
    Blocked,
    Decisions,
    Sprints,
    /// Success criteria, gates, checklists.
    Criteria,
    Deliverables,
    /// Arrows between names.
    Dependencies,
    /// A register that is not imported, by its name.
    Register(&'static str),
}

/// The section that a heading opens by its own words; `None` when they say nothing. Inside a phase only a
/// short heading without a number counts, so that a group of tasks is not taken for a register.
pub(super) fn of_heading(heading: &str, inside_phase: bool) -> Option<Section> {
    let lower = heading.to_lowercase();
    let words: Vec<&str> = lower
        .split(|next: char| !next.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let numbered = lower.starts_with(|next: char| next.is_ascii_digit());
    if inside_phase && (numbered || words.len() > 4) {
        return None;
    }
    let has = |word: &str| words.contains(&word);
    let starts = |stem: &str| words.iter().any(|word| word.starts_with(stem));
    let register = Section::Register;
    let found = if has("discovered") {
        Section::Discovered
    } else if (has("blocked") || has("blockers") || has("blocker")) && !has("log") {
        Section::Blocked
    } else if starts("decision")
        && (starts("need") || has("open") || has("pending") || has("required"))
    {
        Section::Decisions
    } else if has("sprint") && has("history") {
        Section::Sprints
    } else if has("legend") || lower.contains("status key") || lower.contains("status values") {
        Section::Legend
    } else if has("phase") && has("overview") || has("progress") {
        Section::Overview
    } else if has("criteria")
        || has("gate")
        || has("gates")
        || has("acceptance")
        || has("checklist")
        || lower.contains("definition of done")
    {
        Section::Criteria
    } else if starts("deliverable") {
        Section::Deliverables
    } else if has("risk") || has("risks") {
        register("risk")
    } else if has("milestone") || has("milestones") {
        register("milestone")
    } else if has("assignments") || has("allocation") || starts("skill") {
        register("assignment")
    } else if has("integrations") || lower.contains("integration points") {
        register("integration point")
    } else if has("changelog") || has("log") || lower.contains("recent updates") {
        register("log")
    } else if has("rollout") || has("rollback") {
        register("rollout")
    } else if starts("dependenc")
        || lower.contains("critical path")
        || lower.contains("build order")
    {
        Section::Dependencies
    } else {
        return None;
    };
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_says_what_its_section_holds() {
        for (heading, expected) in [
            ("Discovered Tasks", Section::Discovered),
            ("🚫 Blocked Tasks", Section::Blocked),
            ("Architecture Decisions Needed", Section::Decisions),
            ("Sprint History", Section::Sprints),
            ("Status Legend", Section::Legend),
            ("Phase Overview", Section::Overview),
            ("Quality Gates", Section::Criteria),
            ("Risk Register", Section::Register("risk")),
            ("Session Log", Section::Register("log")),
            ("Component Build Order", Section::Dependencies),
        ] {
            assert_eq!(of_heading(heading, false), Some(expected), "{heading}");
        }
        for heading in [
            "Next steps",
            "Navigate",
            "Design Decisions (Resolved)",
            "Backend",
        ] {
            assert_eq!(of_heading(heading, false), None, "{heading}");
        }
    }

    #[test]
    fn inside_a_phase_a_group_of_tasks_is_no_register() {
        assert_eq!(of_heading("2.1 Risk engine", true), None);
        assert_eq!(of_heading("Build the risk engine of the desk", true), None);
        assert_eq!(
            of_heading("Success Criteria", true),
            Some(Section::Criteria)
        );
    }
}
