//! The codes of what an importer did not take as written, and their bounded list: past the limit entries
//! are counted, so that a hostile file cannot fill the memory.

use crate::plan::import::Diagnostic;

/// The most diagnostics listed one by one.
const MAX_LISTED: usize = 20_000;

/// The stable codes.
pub mod code {
    /// A status sign with several meanings and no legend was read with its usual one.
    pub const AMBIGUOUS_STATUS: &str = "ambiguous_status";
    /// A dependency's name fits several tasks; it binds none.
    pub const AMBIGUOUS_DEPENDENCY: &str = "ambiguous_dependency";
    /// A line of arrows was not read as dependencies.
    pub const ARROW_NOT_IMPORTED: &str = "arrow_not_imported";
    /// A task said to be blocked, without a row in the blocked queue, comes in as planned.
    pub const BLOCKED_AS_PLANNED: &str = "blocked_as_planned";
    /// A row of the blocked queue reaches no single task.
    pub const BLOCKER_WITHOUT_TASK: &str = "blocker_without_task";
    /// A box stands in a place that holds no tasks.
    pub const BOX_NOT_IMPORTED: &str = "box_not_imported";
    /// A plain bullet stands where tasks are boxes.
    pub const BULLET_NOT_A_TASK: &str = "bullet_not_a_task";
    /// A comment is never closed, so the rest of the file is part of it.
    pub const COMMENT_NOT_CLOSED: &str = "comment_not_closed";
    /// A criterion that belongs to no phase was left out.
    pub const CRITERION_NOT_IMPORTED: &str = "criterion_not_imported";
    /// The written current phase is not the lowest phase that is not completed.
    pub const CURRENT_PHASE_MISMATCH: &str = "current_phase_mismatch";
    /// The last of two days is before the first.
    pub const DATES_OUT_OF_ORDER: &str = "dates_out_of_order";
    /// A decision blocks no task.
    pub const DECISION_BLOCKS_NOTHING: &str = "decision_blocks_nothing";
    /// A deliverable was left out.
    pub const DELIVERABLE_NOT_IMPORTED: &str = "deliverable_not_imported";
    /// A name stands for a family of tasks; the message lists them.
    pub const DEPENDENCY_ON_GROUP: &str = "dependency_on_group";
    /// The list of diagnostics was cut.
    pub const DIAGNOSTICS_CUT: &str = "diagnostics_cut";
    /// A discovered row says that it is in a sprint already; it comes in untriaged.
    pub const DISCOVERED_IN_SPRINT: &str = "discovered_in_sprint";
    /// A second task has an id that is taken; it keeps none.
    pub const DUPLICATE_EXTERNAL_ID: &str = "duplicate_external_id";
    /// A second phase has a number that is taken; it keeps none.
    pub const DUPLICATE_PHASE_ID: &str = "duplicate_phase_id";
    /// A dependency points at a task or phase that comes later in the phase order.
    pub const EDGE_AGAINST_PHASE_ORDER: &str = "edge_against_phase_order";
    /// A row has no title.
    pub const EMPTY_ROW: &str = "empty_row";
    /// A row has more cells than its table has columns.
    pub const EXTRA_CELLS: &str = "extra_cells";
    /// A key line of the header was left out.
    pub const HEADER_NOT_IMPORTED: &str = "header_not_imported";
    /// A heading's remark (weeks, priority, hours) was left out.
    pub const HEADING_REMARK_NOT_IMPORTED: &str = "heading_remark_not_imported";
    /// A row or box inside HTML or indented code was not read.
    pub const HTML_NOT_READ: &str = "html_not_read";
    /// A task in progress comes in as planned.
    pub const IN_PROGRESS_AS_PLANNED: &str = "in_progress_as_planned";
    /// A task in review comes in as planned.
    pub const IN_REVIEW_AS_PLANNED: &str = "in_review_as_planned";
    /// A line is nested deeper than is read.
    pub const NESTING_TOO_DEEP: &str = "nesting_too_deep";
    /// A note asks for a decision before the task may start.
    pub const NOTE_ASKS_FOR_DECISION: &str = "note_asks_for_decision";
    /// The phase overview gives another goal than the phase's own section, which is kept.
    pub const OVERVIEW_GOAL_NOT_TAKEN: &str = "overview_goal_not_taken";
    /// A phase's own dependencies were left out.
    pub const PHASE_DEPENDENCY_NOT_IMPORTED: &str = "phase_dependency_not_imported";
    /// The phase overview gives another name than the phase's own heading, which is kept.
    pub const PHASE_NAME_MISMATCH: &str = "phase_name_mismatch";
    /// A phase's status disagrees with another statement or with its tasks.
    pub const PHASE_STATUS_MISMATCH: &str = "phase_status_mismatch";
    /// A placeholder was dropped, or kept as a title without its brackets.
    pub const PLACEHOLDER: &str = "placeholder";
    /// A priority below P3 comes in as P3.
    pub const PRIORITY_RAISED: &str = "priority_raised";
    /// A written progress number differs from the computed one.
    pub const PROGRESS_MISMATCH: &str = "progress_mismatch";
    /// A row of a register that is not imported.
    pub const ROW_NOT_IMPORTED: &str = "row_not_imported";
    /// A row of tasks stands outside every phase.
    pub const ROW_OUTSIDE_PHASE: &str = "row_outside_phase";
    /// A written session number is beyond what can be counted on from.
    pub const SESSION_NUMBER_TOO_HIGH: &str = "session_number_too_high";
    /// A table has no column that names tasks.
    pub const TABLE_NOT_READ: &str = "table_not_read";
    /// The file is a template, read because it was allowed.
    pub const TEMPLATE: &str = "template";
    /// A box below a task, or a phase's criterion, was ticked; it comes in open.
    pub const TICK_NOT_IMPORTED: &str = "tick_not_imported";
    /// A task names more dependencies than it may have.
    pub const TOO_MANY_DEPENDENCIES: &str = "too_many_dependencies";
    /// Days could not be read.
    pub const UNREADABLE_DATES: &str = "unreadable_dates";
    /// An estimate could not be read.
    pub const UNREADABLE_ESTIMATE: &str = "unreadable_estimate";
    /// A number could not be read.
    pub const UNREADABLE_NUMBER: &str = "unreadable_number";
    /// A priority could not be read.
    pub const UNREADABLE_PRIORITY: &str = "unreadable_priority";
    /// A status could not be read; it counts as planned.
    pub const UNREADABLE_STATUS: &str = "unreadable_status";
    /// A dependency's name fits nothing.
    pub const UNRESOLVED_DEPENDENCY: &str = "unresolved_dependency";
    /// A name in a Dependents column fits no single task.
    pub const UNRESOLVED_DEPENDENT: &str = "unresolved_dependent";
    /// A name among the tasks of the sprint in the header fits no single task.
    pub const UNRESOLVED_SPRINT_TASK: &str = "unresolved_sprint_task";
    /// A YAML task inside the markdown was not read.
    pub const YAML_TASK_NOT_IMPORTED: &str = "yaml_task_not_imported";
}

/// The diagnostics of one file.
#[derive(Debug, Default)]
pub(super) struct Diagnostics {
    listed: Vec<Diagnostic>,
    cut: usize,
}

impl Diagnostics {
    /// Adds one; past the limit it is only counted.
    pub fn add(&mut self, line: u32, code: &str, message: impl FnOnce() -> String) {
        if self.listed.len() < MAX_LISTED {
            self.listed.push(Diagnostic {
                line,
                code: code.to_owned(),
                message: message(),
            });
        } else {
            self.cut += 1;
        }
    }

    /// How many listed ones carry a code.
    pub fn count(&self, code: &str) -> usize {
        self.listed
            .iter()
            .filter(|diagnostic| diagnostic.code == code)
            .count()
    }

    /// All of them by line, with a last one that counts those cut.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.listed.sort_by_key(|diagnostic| diagnostic.line);
        if self.cut > 0 {
            let line = self.listed.last().map_or(1, |diagnostic| diagnostic.line);
            let message = format!("{} more diagnostics are not listed", self.cut);
            self.listed.push(Diagnostic {
                line,
                code: code::DIAGNOSTICS_CUT.to_owned(),
                message,
            });
        }
        self.listed
    }
}

/// A text as it may stand in a message: on one line and short.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut line: String = text
        .chars()
        .take(LONGEST)
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_the_limit_diagnostics_are_counted_and_not_kept() {
        let mut diagnostics = Diagnostics::default();
        for line in 0..MAX_LISTED + 7 {
            diagnostics.add(u32::try_from(line).unwrap(), code::EMPTY_ROW, String::new);
        }
        let listed = diagnostics.finish();
        assert_eq!(listed.len(), MAX_LISTED + 1);
        assert_eq!(listed[MAX_LISTED].code, code::DIAGNOSTICS_CUT);
        assert!(listed[MAX_LISTED].message.starts_with("7 more"));
    }

    #[test]
    fn a_shown_text_is_short_and_on_one_line() {
        assert_eq!(shown("a\nb"), "a b");
        assert_eq!(shown(&"ä".repeat(200)).chars().count(), 81);
    }
}
