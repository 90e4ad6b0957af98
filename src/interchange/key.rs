//! Key lines, "**Goal:** value": which words are keys, wherever the emphasis and the colon stand.

/// What a key line states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Project,
    Description,
    SprintGoal,
    SprintDates,
    SprintTasks,
    /// Draft, current or superseded.
    DocumentStatus,
    CurrentPhase,
    /// Written progress of the phase, or of the whole plan outside one.
    Progress,
    /// Known, and not imported.
    Unused,
    Goal,
    Status,
    Role,
    Criteria,
    Deliverables,
    Tasks,
    Priority,
    Depends,
    Dependents,
    Estimate,
    Area,
    Notes,
    Legend,
}

/// The longest key that is looked for, in bytes.
const LONGEST: usize = 48;

/// Splits a line into its key and where its value starts, in bytes; a line without a known key is text.
pub(super) fn split(text: &str) -> Option<(Key, usize)> {
    let colon = text.bytes().take(LONGEST).position(|byte| byte == b':')?;
    let name = super::table::name(&text[..colon]);
    let key = match name.as_str() {
        "project" | "project name" | "system" => Key::Project,
        "description" | "scope" | "summary" => Key::Description,
        "sprint goal" => Key::SprintGoal,
        "sprint dates" => Key::SprintDates,
        "sprint tasks" | "sprint backlog" | "sprint commitment" | "committed tasks" => {
            Key::SprintTasks
        }
        "document status" | "doc status" | "plan status" => Key::DocumentStatus,
        "current phase" => Key::CurrentPhase,
        "overall progress" | "progress" | "completion" => Key::Progress,
        "start date" | "target launch" | "target completion" | "target date" => Key::Unused,
        "goal" | "purpose" | "objective" => Key::Goal,
        "status" | "state" => Key::Status,
        "agent" | "lead" | "owner" | "role" | "assigned to" | "assignee" | "lead agent" => {
            Key::Role
        }
        "success criteria"
        | "exit criteria"
        | "acceptance criteria"
        | "acceptance"
        | "checkpoint"
        | "independent test"
        | "definition of done"
        | "done when" => Key::Criteria,
        "deliverables" | "deliverable" | "outputs" => Key::Deliverables,
        "tasks" | "task list" => Key::Tasks,
        "priority" => Key::Priority,
        "depends on" | "dependencies" | "dependency" | "prerequisites" | "blocked by" => {
            Key::Depends
        }
        "dependents" | "blocks" | "unblocks" => Key::Dependents,
        "estimate" | "estimated" | "effort" | "duration" | "estimated time" => Key::Estimate,
        "area" => Key::Area,
        "notes" | "note" => Key::Notes,
        "status key" | "legend" | "status legend" | "status values" => Key::Legend,
        _ if name.starts_with("phase ") && name.ends_with(" progress") => Key::Progress,
        _ => return None,
    };
    Some((key, colon + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_keys_are_split_from_their_values() {
        assert_eq!(split("Goal: x"), Some((Key::Goal, 5)));
        assert_eq!(split("Phase 12 progress: 1/5"), Some((Key::Progress, 18)));
        assert_eq!(split("Add observability: logging"), None);
        assert_eq!(split("no key"), None);
    }
}
