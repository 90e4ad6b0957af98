//! Enumerations of schedules, reports and checklists.

use muster_proto::v1 as wire;
use tonic::Status;

use super::known;
use crate::plan::event::{Executor, FiringCause, ItemSpec, ItemState, Job, ReportKind, Urgency};
use crate::plan::model::TurnEnding;

pub(in super::super) fn schedule_job(job: Job) -> wire::ScheduleJob {
    match job {
        Job::Standup => wire::ScheduleJob::Standup,
        Job::Blockers => wire::ScheduleJob::Blockers,
        Job::WeeklyReview => wire::ScheduleJob::WeeklyReview,
        Job::StakeholderUpdate => wire::ScheduleJob::StakeholderUpdate,
        Job::Oversight => wire::ScheduleJob::Oversight,
        Job::SprintClose => wire::ScheduleJob::SprintClose,
        Job::Reminder => wire::ScheduleJob::Reminder,
        Job::Checklist => wire::ScheduleJob::Checklist,
    }
}

pub(in super::super) fn read_schedule_job(number: i32) -> Result<Option<Job>, Status> {
    Ok(match known("job", number)? {
        wire::ScheduleJob::Unspecified => None,
        wire::ScheduleJob::Standup => Some(Job::Standup),
        wire::ScheduleJob::Blockers => Some(Job::Blockers),
        wire::ScheduleJob::WeeklyReview => Some(Job::WeeklyReview),
        wire::ScheduleJob::StakeholderUpdate => Some(Job::StakeholderUpdate),
        wire::ScheduleJob::Oversight => Some(Job::Oversight),
        wire::ScheduleJob::SprintClose => Some(Job::SprintClose),
        wire::ScheduleJob::Reminder => Some(Job::Reminder),
        wire::ScheduleJob::Checklist => Some(Job::Checklist),
    })
}

pub(in super::super) fn firing_cause(cause: FiringCause) -> wire::FiringCause {
    match cause {
        FiringCause::OnTime => wire::FiringCause::OnTime,
        FiringCause::CaughtUp => wire::FiringCause::CaughtUp,
        FiringCause::Asked => wire::FiringCause::Asked,
    }
}

pub(in super::super) fn turn_ending(ending: TurnEnding) -> wire::TurnEnding {
    match ending {
        TurnEnding::Done => wire::TurnEnding::Done,
        TurnEnding::Failed => wire::TurnEnding::Failed,
        TurnEnding::Skipped => wire::TurnEnding::Skipped,
        TurnEnding::Missed => wire::TurnEnding::Missed,
    }
}

pub(in super::super) fn report_kind(kind: ReportKind) -> wire::ReportKind {
    match kind {
        ReportKind::Standup => wire::ReportKind::Standup,
        ReportKind::Blockers => wire::ReportKind::Blockers,
        ReportKind::WeeklyReview => wire::ReportKind::WeeklyReview,
        ReportKind::StakeholderUpdate => wire::ReportKind::StakeholderUpdate,
        ReportKind::SprintReview => wire::ReportKind::SprintReview,
        ReportKind::Oversight => wire::ReportKind::Oversight,
    }
}

pub(in super::super) fn read_report_kind(number: i32) -> Result<Option<ReportKind>, Status> {
    Ok(match known("kind", number)? {
        wire::ReportKind::Unspecified => None,
        wire::ReportKind::Standup => Some(ReportKind::Standup),
        wire::ReportKind::Blockers => Some(ReportKind::Blockers),
        wire::ReportKind::WeeklyReview => Some(ReportKind::WeeklyReview),
        wire::ReportKind::StakeholderUpdate => Some(ReportKind::StakeholderUpdate),
        wire::ReportKind::SprintReview => Some(ReportKind::SprintReview),
        wire::ReportKind::Oversight => Some(ReportKind::Oversight),
    })
}

pub(in super::super) fn report_urgency(urgency: Urgency) -> wire::ReportUrgency {
    match urgency {
        Urgency::Info => wire::ReportUrgency::Info,
        Urgency::Warning => wire::ReportUrgency::Warning,
        Urgency::Critical => wire::ReportUrgency::Critical,
    }
}

pub(in super::super) fn checklist_item(item: &ItemSpec) -> wire::ChecklistItem {
    use wire::ChecklistExecutor as To;
    let (executor, command) = match &item.executor {
        Executor::BlockingIssues => (To::BlockingIssues, ""),
        Executor::PullRequests => (To::PullRequests, ""),
        Executor::Gates => (To::Gates, ""),
        Executor::Dashboard => (To::Dashboard, ""),
        Executor::Standup => (To::Standup, ""),
        Executor::Command(name) => (To::Command, &**name),
        Executor::Manual => (To::Manual, ""),
    };
    wire::ChecklistItem {
        name: item.name.to_string(),
        executor: executor.into(),
        command: command.to_owned(),
    }
}

pub(in super::super) fn checklist_item_state(state: ItemState) -> wire::ChecklistItemState {
    match state {
        ItemState::Pending => wire::ChecklistItemState::Pending,
        ItemState::Done => wire::ChecklistItemState::Done,
        ItemState::NeedsAttention => wire::ChecklistItemState::NeedsAttention,
        ItemState::Failed => wire::ChecklistItemState::Failed,
        ItemState::Skipped => wire::ChecklistItemState::Skipped,
    }
}
