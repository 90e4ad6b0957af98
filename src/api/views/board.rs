//! The board, what roles have at hand, and tasks in time, as messages.

use muster_proto::v1 as wire;

use super::super::enums;
use super::texts;
use crate::plan::Plan;
use crate::plan::id::TaskId;
use crate::plan::outlook::{BoardColumn, Column, RoleOutlook};
use crate::plan::schedule::{After, Slot};

pub(in super::super) fn task_brief(plan: &Plan, id: TaskId) -> wire::TaskBrief {
    let Some(view) = plan.task(id) else {
        return wire::TaskBrief::default();
    };
    wire::TaskBrief {
        id: id.to_string(),
        title: view.spec.title.to_string(),
        phase: plan.phase_id(view.spec.phase).to_owned(),
        role: plan.role_slug(view.state.role).to_owned(),
        priority: view.spec.priority.into(),
        status: enums::task_status(view.state.status).into(),
        ready: plan.is_ready(id),
        blocked: plan.is_held_up(id),
        holder: view
            .state
            .lease
            .as_ref()
            .map_or_else(String::new, |lease| lease.agent.to_string()),
        skills: texts(&view.spec.skills),
    }
}

fn briefs(plan: &Plan, ids: &[TaskId]) -> Vec<wire::TaskBrief> {
    ids.iter().map(|id| task_brief(plan, *id)).collect()
}

pub(in super::super) fn board_column(plan: &Plan, column: &BoardColumn) -> wire::BoardColumn {
    let kind = match column.column {
        Column::Ready => wire::BoardColumnKind::Ready,
        Column::Waiting => wire::BoardColumnKind::Waiting,
        Column::Blocked => wire::BoardColumnKind::Blocked,
        Column::Claimed => wire::BoardColumnKind::Claimed,
        Column::InProgress => wire::BoardColumnKind::InProgress,
        Column::InReview => wire::BoardColumnKind::InReview,
        Column::Completed => wire::BoardColumnKind::Completed,
        Column::Deferred => wire::BoardColumnKind::Deferred,
        Column::Cancelled => wire::BoardColumnKind::Cancelled,
    };
    wire::BoardColumn {
        kind: kind.into(),
        count: column.count,
        tasks: briefs(plan, &column.tasks),
    }
}

pub(in super::super) fn role_outlook(plan: &Plan, row: &RoleOutlook) -> wire::RoleOutlook {
    wire::RoleOutlook {
        role: plan.role_slug(row.role).to_owned(),
        ready: row.ready,
        ready_tasks: briefs(plan, &row.ready_tasks),
        held: row.held,
        agents: row.agents,
        idle: row.idle,
        could_start: row.could_start,
        next: briefs(plan, &row.next),
    }
}

pub(in super::super) fn scheduled_task(plan: &Plan, slot: &Slot) -> wire::ScheduledTask {
    let link = match slot.after {
        After::Nothing => wire::PathLink::None,
        After::Dependency => wire::PathLink::Dependency,
        After::AllAbove => wire::PathLink::AllAbove,
        After::Phase => wire::PathLink::Phase,
        After::PhaseOrder => wire::PathLink::PhaseOrder,
    };
    wire::ScheduledTask {
        task: Some(task_brief(plan, slot.task)),
        minutes: slot.minutes,
        earliest_start_minutes: slot.earliest_start,
        earliest_finish_minutes: slot.earliest_finish,
        slack_minutes: slot.slack,
        link: link.into(),
    }
}
