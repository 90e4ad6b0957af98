//! Projects, their settings, and tokens, as messages.

use muster_proto::v1 as wire;

use super::super::{enums, reference};
use super::phase::counts;
use super::{View, count, time};
use crate::plan::day::Day;
use crate::plan::event::Principal;
use crate::plan::import::DocumentStatus;
use crate::plan::model::{Project, Token};
use crate::plan::settings::{
    CommitmentGuard, PhaseClose, Policy, RoleWindowPolicy, Settings, SizePolicy, Staffing,
    WindowsFrom, WorkingDay,
};

impl View<'_> {
    /// The project; none before its first event.
    pub(in super::super) fn project(&self) -> Option<wire::Project> {
        let project = self.plan.project()?;
        let total = self.plan.total();
        Some(wire::Project {
            slug: project.slug.to_string(),
            name: project.name.to_string(),
            description: project.description.to_string(),
            status: enums::project_status(project.status).into(),
            status_reason: project.status_reason.to_string(),
            settings: Some(settings(&project.settings)),
            sources: sources(project),
            tally: Some(counts(&total)),
            percent: total.percent(),
            current_phase: self
                .plan
                .current_phase()
                .map_or_else(String::new, |no| self.phase_id(no)),
            sprint_goal: project.sprint_goal.to_string(),
            version: self.plan.version(),
            revision: project.revision,
            updated_at: None,
            updated_by: String::new(),
            created_at: Some(time(project.created_at)),
            changed_at: Some(time(self.plan.last_at())),
            diagnostics: count(project.open_diagnostics()),
            active_sprint: self.active_sprint(),
            completed_at: project.completed.as_ref().map(|said| time(said.at)),
            completed_by: project
                .completed
                .as_ref()
                .map_or_else(String::new, |said| said.by.to_string()),
        })
    }
}

fn working_day(day: WorkingDay) -> wire::DayOfWeek {
    match day {
        WorkingDay::Monday => wire::DayOfWeek::Monday,
        WorkingDay::Tuesday => wire::DayOfWeek::Tuesday,
        WorkingDay::Wednesday => wire::DayOfWeek::Wednesday,
        WorkingDay::Thursday => wire::DayOfWeek::Thursday,
        WorkingDay::Friday => wire::DayOfWeek::Friday,
        WorkingDay::Saturday => wire::DayOfWeek::Saturday,
        WorkingDay::Sunday => wire::DayOfWeek::Sunday,
    }
}

/// A day as it is written; empty when nothing is said.
pub(super) fn day(day: Option<Day>) -> String {
    day.map_or_else(String::new, |day| day.to_string())
}

fn settings(settings: &Settings) -> wire::ProjectSettings {
    let policy = match settings.policy {
        Policy::Relaxed => wire::CompletionPolicy::Relaxed,
        Policy::Standard => wire::CompletionPolicy::Standard,
        Policy::Strict => wire::CompletionPolicy::Strict,
    };
    let closing = match settings.phase_close {
        PhaseClose::Auto => wire::PhaseClosing::Auto,
        PhaseClose::ByHand => wire::PhaseClosing::ByHand,
    };
    let size = match settings.size_policy {
        SizePolicy::Warn => wire::TaskSizePolicy::Warn,
        SizePolicy::Refuse => wire::TaskSizePolicy::Refuse,
        SizePolicy::Off => wire::TaskSizePolicy::Off,
    };
    let guard = match settings.commitment_guard {
        CommitmentGuard::Warn => wire::CommitmentGuard::Warn,
        CommitmentGuard::Refuse => wire::CommitmentGuard::Refuse,
        CommitmentGuard::Off => wire::CommitmentGuard::Off,
    };
    let staffing = match settings.staffing {
        Staffing::Refuse => wire::StaffingPolicy::Refuse,
        Staffing::Warn => wire::StaffingPolicy::Warn,
    };
    let role_windows = match settings.role_windows {
        RoleWindowPolicy::Warn => wire::RoleWindowPolicy::Warn,
        RoleWindowPolicy::Refuse => wire::RoleWindowPolicy::Refuse,
        RoleWindowPolicy::Off => wire::RoleWindowPolicy::Off,
    };
    let windows_from = match settings.windows_from {
        WindowsFrom::Project => wire::WindowsFrom::Project,
        WindowsFrom::Sprint => wire::WindowsFrom::Sprint,
        WindowsFrom::Workflow => wire::WindowsFrom::Workflow,
    };
    wire::ProjectSettings {
        required_evidence: settings
            .required_evidence
            .iter()
            .map(|kind| enums::evidence_kind(Some(*kind)).into())
            .collect(),
        windows_from: windows_from.into(),
        escalate_after_minutes: Some(settings.escalate_after_minutes),
        staffing: staffing.into(),
        holidays: settings.holidays.iter().map(ToString::to_string).collect(),
        role_windows: role_windows.into(),
        commitment_guard: guard.into(),
        sprint_only: settings.sprint_only,
        required_references: settings
            .required_references
            .iter()
            .map(|kind| reference::kind(*kind).into())
            .collect(),
        policy: policy.into(),
        session_minutes: settings.session_minutes,
        time_zone: settings.time_zone.clone(),
        working_days: settings
            .working_days
            .iter()
            .map(|day| working_day(*day).into())
            .collect(),
        workday_minutes: settings.workday_minutes,
        standup_minutes: settings.standup_minutes,
        phase_closing: closing.into(),
        size_policy: size.into(),
        lease_min_ms: settings.lease_min_ms,
        lease_max_ms: settings.lease_max_ms,
        lease_default_ms: settings.lease_default_ms,
        progress_timeout_ms: settings.progress_timeout_ms,
        hard_limit_ms: settings.hard_limit_ms,
        strikes: settings.strikes.into(),
        areas: settings.areas.clone(),
        accepting_roles: settings.accepting_roles.clone(),
        review: settings.review,
        review_areas: settings.review_areas.clone(),
        reviewing_roles: settings.reviewing_roles.clone(),
        start_date: day(settings.start_date),
        target_date: day(settings.target_date),
    }
}

fn sources(project: &Project) -> Vec<wire::PlanSource> {
    let sources = project.sources.iter().enumerate();
    let sources = sources.map(|(place, source)| wire::PlanSource {
        name: source.name.clone(),
        digest: source.digest.clone(),
        size_bytes: source.bytes,
        status: document_status(project.source_status(place)).into(),
    });
    sources.collect()
}

fn document_status(status: Option<DocumentStatus>) -> wire::DocumentStatus {
    match status {
        None => wire::DocumentStatus::Unspecified,
        Some(DocumentStatus::Draft) => wire::DocumentStatus::Draft,
        Some(DocumentStatus::Current) => wire::DocumentStatus::Current,
        Some(DocumentStatus::Superseded) => wire::DocumentStatus::Superseded,
    }
}

/// A token without its secret.
pub(in super::super) fn token(token: &Token) -> wire::Token {
    let (kind, name, project) = match &token.principal {
        Principal::Coordinator { name } => (wire::PrincipalKind::Coordinator, name, None),
        Principal::Agent { name, project } => (wire::PrincipalKind::Agent, name, Some(project)),
        Principal::Observer { name, project } => {
            (wire::PrincipalKind::Observer, name, project.as_ref())
        }
    };
    wire::Token {
        id: token.id.to_string(),
        kind: kind.into(),
        name: name.to_string(),
        project: project.map_or_else(String::new, ToString::to_string),
        issued_at: Some(time(token.issued_at)),
        revoked_at: token.revoked_at.map(time),
    }
}
