//! The phases of a plan file as they come in: their ids, roles, criteria, and whether they are over.

use std::collections::BTreeSet;

use super::super::super::bench::Bench;
use super::super::super::event::{AddedPhase, Arrival, PhaseOrdering, PhasesAdded};
use super::super::super::import::{Diagnostic, ImportedPhase, ImportedPlan, ImportedStatus};
use super::super::super::state::Plan;
use super::super::{task, text};
use super::{arrival, clip_line, clip_long, diagnose};

pub fn phases(
    plan: &Plan,
    file: &ImportedPlan,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<AddedPhase> {
    let stated: BTreeSet<String> = file
        .phases
        .iter()
        .filter_map(|phase| phase.id.as_deref())
        .map(str::to_lowercase)
        .collect();
    let open = open_tasks(file);
    let mut taken = BTreeSet::new();
    let mut next = 1_u32;
    let mut added = Vec::with_capacity(file.phases.len());
    for (place, phase) in file.phases.iter().enumerate() {
        let written = phase
            .id
            .as_deref()
            .and_then(|id| text::id("phase", id).ok());
        let id = match written.filter(|id| !taken.contains(&id.to_lowercase())) {
            Some(id) => id.to_string(),
            None => {
                while taken.contains(&next.to_string()) || stated.contains(&next.to_string()) {
                    next += 1;
                }
                if let Some(id) = &phase.id {
                    let message = format!(
                        "phase id `{}` is taken or malformed; the phase is {next} here",
                        clip_line(id, 40)
                    );
                    diagnose(diagnostics, phase.line, "phase_id_changed", message);
                }
                next.to_string()
            }
        };
        taken.insert(id.to_lowercase());
        let lead_role = phase.lead_role.as_deref().and_then(|written| {
            let found = plan.resolve_role(written).ok();
            if found.is_none() {
                let message = format!(
                    "no role `{}` in the catalogue; the phase leads to any role",
                    clip_line(written, 40)
                );
                diagnose(diagnostics, phase.line, "unknown_role", message);
            }
            found.map(|role| plan.role_slug(Some(role)).to_owned())
        });
        added.push(AddedPhase {
            name: required(&phase.name, &id),
            goal: clip_long(phase.goal.as_deref().unwrap_or("")),
            lead_role,
            criteria: criteria(phase, diagnostics),
            predecessors: None,
            after: None,
            window: phase.window.filter(|window| window.is_sound()),
            ordering: PhaseOrdering::Priority,
            completed: comes_in_completed(open[place], phase, diagnostics),
            id,
        });
    }
    added
}

fn required(name: &str, id: &str) -> String {
    let name = clip_line(name, text::LINE_CHARS_MAX);
    if name.trim().is_empty() {
        format!("Phase {id}")
    } else {
        name
    }
}

/// How many tasks of each phase come in open.
fn open_tasks(file: &ImportedPlan) -> Vec<usize> {
    let mut open = vec![0; file.phases.len()];
    for task in &file.tasks {
        if let Some(count) = open.get_mut(task.phase)
            && arrival(task.status) == Arrival::Planned
        {
            *count += 1;
        }
    }
    open
}

/// A phase written complete comes in completed when all its tasks are terminal.
fn comes_in_completed(
    open: usize,
    phase: &ImportedPhase,
    diagnostics: &mut Vec<Diagnostic>,
) -> bool {
    if phase.status != ImportedStatus::Completed {
        return false;
    }
    if open > 0 {
        let message = format!(
            "the phase is written complete, but {open} of its tasks are not; it comes in open"
        );
        diagnose(diagnostics, phase.line, "phase_not_complete", message);
    }
    open == 0
}

/// The success criteria that are taken; those beyond the limit are a diagnostic.
fn criteria(phase: &ImportedPhase, diagnostics: &mut Vec<Diagnostic>) -> Vec<String> {
    let more = phase.criteria.len().saturating_sub(text::LIST_MAX);
    if more > 0 {
        let message = format!("{more} more success criteria of the phase are not taken");
        diagnose(diagnostics, phase.line, "criteria_cut", message);
    }
    let taken = phase.criteria.iter().take(text::LIST_MAX);
    let lines = taken.map(|text| clip_line(text, text::LINE_CHARS_MAX));
    lines.filter(|line| !line.is_empty()).collect()
}

/// Records added phases in as many events as the limits ask for.
pub fn record(bench: &mut Bench<'_>, phases: Vec<AddedPhase>) {
    let mut chunk: Vec<AddedPhase> = Vec::new();
    let mut bytes = 0;
    for phase in phases {
        let size = serde_json::to_string(&phase).map_or(usize::MAX, |json| json.len());
        if !chunk.is_empty() && bytes + size > task::EVENT_BYTES_MAX {
            bench.record(PhasesAdded {
                phases: std::mem::take(&mut chunk),
            });
            bytes = 0;
        }
        bytes = bytes.saturating_add(size);
        chunk.push(phase);
    }
    bench.record(PhasesAdded { phases: chunk });
}
