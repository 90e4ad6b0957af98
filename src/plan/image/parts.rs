//! The form in bytes of everything a plan is made of. Each type names all it has, so that what a plan
//! gains is not forgotten here: it does not compile.

use super::super::day::Day;
use super::super::event::{
    BlockerKind, Cadence, Comparison, CompletionCheck, CriterionOutcome, Dependency, Derived, Duty,
    FiringCause, GateCriterion, IntegrationWords, ItemSpec, ItemState, Job, Level, MarkKind,
    Measure, MeasuredValue, MetricMet, MilestoneKind, Oversight, PhaseOrdering, ReferenceKind,
    ReferenceStatus, ReportKind, RequiredRole, RiskKind, RiskStatus, RiskWords, RolloutStatus,
    RolloutWords, RunTrigger, ScheduleSpec, Selection, SessionSummary, Severity, Slots, SpanUnit,
    SuccessCriterion, SuccessMetric, Urgency, WorkflowDefinition, WorkflowInput, WorkflowOutput,
    WorkflowSpan,
};
use super::super::evidence::EvidenceKind;
use super::super::id::{
    AssignmentId, BlockerId, ChecklistId, DecisionId, DeliverableId, DiscoveredId, GateId,
    GateRunId, IntegrationId, MilestoneId, PhaseNo, ReportId, RiskId, RoleNo, RolloutId, RuleId,
    SessionId, SprintId, TaskId, WorkflowRunId,
};
use super::super::import::{Diagnostic, DocumentStatus, ImportedSprint, Source};
use super::super::lineage::Lineage;
use super::super::model::{
    Agent, Answer, Approval, Assignees, Assignment, AssignmentEnd, Blocker, BlockerStatus,
    BurndownPoint, Checklist, ChecklistItem, ChecklistRun, Commitment, Completion, Criterion,
    CriterionResult, Decision, Deliverable, DeliverableStatus, Delivery, DeliveryState, Discovered,
    Firing, Gate, GateRun, GateWaiver, IntegrationPoint, Judgement, LastTurn, Lease, Leftover,
    Mark, Metric, Milestone, MilestoneStatus, Phase, PhaseState, PointTest, Project, ProjectStatus,
    Proposal, ProvidedInput, Reference, Report, Review, Risk, RiskStep, RoleWindow, Rollout,
    RolloutEnd, Rule, RunEnd, RunItem, RunStatus, Schedule, ScopeChange, Session, SessionStatus,
    Settled, Signature, Spec, Sprint, SprintResult, SprintStatus, Standup, StandupEntry,
    StandupReport, State, Status, Submission, SuccessAttestation, TaskReferences, Token,
    TurnEnding, Workflow, WorkflowRun, WorkflowRunStatus,
};
use super::super::recurrence::Slot;
use super::super::role::RoleSpec;
use super::super::settings::{
    CommitmentGuard, PhaseClose, Policy, RoleWindowPolicy, Settings, SizePolicy, Staffing,
    WindowsFrom, WorkingDay,
};
use super::super::time::{Estimate, EstimateUnit, Timestamp};
use super::super::window::{Window, WindowUnit};
use super::bytes::part;

part! {
    number TaskId;
    number SessionId;
    number BlockerId;
    number DiscoveredId;
    number DecisionId;
    number DeliverableId;
    number MilestoneId;
    number RiskId;
    number RuleId;
    number SprintId;
    number WorkflowRunId;
    number AssignmentId;
    number Day;
    number IntegrationId;
    number RolloutId;
    number GateId;
    number GateRunId;
    number ReportId;
    number ChecklistId;
    number PhaseNo;
    number RoleNo;
    number Timestamp;
}

part! {
    enum ProjectStatus { Draft = 0, Active = 1, Paused = 2, Archived = 3, Completed = 4 }
    enum PhaseState { Open = 0, Completed = 1, Skipped = 2 }
    enum Status {
        Planned = 0, Claimed = 1, InProgress = 2, InReview = 3, Completed = 4, Deferred = 5,
        Cancelled = 6,
    }
    enum SessionStatus { Open = 0, Closed = 1, Abandoned = 2 }
    enum BlockerStatus { Open = 0, Escalated = 1, Resolved = 2, Withdrawn = 3 }
    enum BlockerKind {
        Dependency = 0, Decision = 1, External = 2, Inconsistency = 3, Input = 4, Failure = 5,
        Other = 6,
    }
    enum DeliverableStatus { Pending = 0, Submitted = 1, Accepted = 2, Rejected = 3 }
    enum MilestoneStatus { Pending = 0, Reached = 1, Missed = 2 }
    enum MilestoneKind { Ordinary = 0, Launch = 1 }
    enum SprintStatus { Planned = 0, Active = 1, Closed = 2, Withdrawn = 3 }
    enum RiskKind { Technical = 0, Schedule = 1, Other = 2 }
    enum RiskStatus { Active = 0, Mitigated = 1, Accepted = 2, Occurred = 3, Closed = 4 }
    enum Level { Low = 0, Medium = 1, High = 2 }
    enum Severity { Low = 0, Medium = 1, High = 2, Critical = 3 }
    enum EstimateUnit { Session = 0, Minute = 1, Hour = 2, Day = 3, Week = 4 }
    enum Comparison { Lt = 0, Le = 1, Gt = 2, Ge = 3, Eq = 4 }
    enum Derived {
        NoCriticalBlocker = 0, NoOpenBlocker = 1, AllTasksCompleted = 2, NothingUntriaged = 3,
        AllCriteriaMet = 4, AllDeliverablesAccepted = 5,
        AllIntegrationTested = 60,
    }
    enum RolloutStatus {
        Draft = 0, Ready = 1, Rolling = 2, Succeeded = 3, RolledBack = 4, Failed = 5,
    }
    enum ReferenceKind { Req = 0, Spec = 1, Tasks = 2, Iplan = 3, Adr = 4, Other = 5 }
    enum ReferenceStatus { NotStarted = 0, InProgress = 1, Completed = 2, Cancelled = 3 }
    enum RunTrigger { Asked = 0, PhaseDone = 1, WorkDone = 2, ProjectDone = 3 }
    enum RunStatus { Pending = 0, Passed = 1, Failed = 2, Waived = 3 }
    enum Policy { Relaxed = 0, Standard = 1, Strict = 2 }
    enum PhaseClose { Auto = 0, ByHand = 1 }
    enum WorkingDay {
        Monday = 0, Tuesday = 1, Wednesday = 2, Thursday = 3, Friday = 4, Saturday = 5, Sunday = 6,
    }
    enum SizePolicy { Warn = 0, Refuse = 1, Off = 2 }
    enum CommitmentGuard { Warn = 0, Refuse = 1, Off = 2 }
    enum Staffing { Refuse = 0, Warn = 1 }
    enum SpanUnit { Day = 0, Week = 1 }
    enum Cadence { Daily = 0, Weekly = 1, Monthly = 2 }
    enum WorkflowRunStatus {
        Pending = 0, WaitingInput = 1, Running = 2, Gating = 3, Completed = 4, Failed = 5,
        Cancelled = 6,
    }
    enum RoleWindowPolicy { Warn = 0, Refuse = 1, Off = 2 }
    enum Duty { Primary = 0, Backup = 1 }
    enum PhaseOrdering { Priority = 0, Table = 1 }
    enum WindowUnit { Day = 0, Week = 1 }
    enum Job {
        Standup = 0, Blockers = 1, WeeklyReview = 2, StakeholderUpdate = 3, Oversight = 4,
        SprintClose = 5, Reminder = 6, Checklist = 7,
    }
    enum ReportKind {
        Standup = 0, Blockers = 1, WeeklyReview = 2, StakeholderUpdate = 3, SprintReview = 4,
        Oversight = 5,
    }
    enum ItemState { Pending = 0, Done = 1, NeedsAttention = 2, Failed = 3, Skipped = 4 }
    enum Urgency { Info = 0, Warning = 1, Critical = 2 }
    enum FiringCause { OnTime = 0, CaughtUp = 1, Asked = 2 }
    enum DeliveryState { Waiting = 0, Delivered = 1, Dead = 2 }
    enum TurnEnding { Done = 0, Failed = 1, Skipped = 2, Missed = 3 }
    enum EvidenceKind { Test = 0, Review = 1, Commit = 2, Document = 3 }
    enum WindowsFrom { Project = 0, Sprint = 1, Workflow = 2 }
    enum MarkKind {
        LeaseEnding = 0, OverEstimate = 1, PhaseLate = 2, MilestoneAtRisk = 3, AgentSilent = 4,
        DiscoveredGrowing = 5,
    }
    enum DocumentStatus { Draft = 0, Current = 1, Superseded = 2 }
}

part! {
    struct Estimate { tenths, unit }
    struct RoleSpec { slug, title, aliases, parent, backs_up, tier }
    struct Settings {
        policy, session_minutes, time_zone, working_days, workday_minutes, standup_minutes, phase_close, size_policy, lease_min_ms, lease_max_ms,
        lease_default_ms, progress_timeout_ms, hard_limit_ms, strikes, areas, roles,
        accepting_roles, start_date, target_date, commitment_guard, sprint_only,
        review, review_areas, reviewing_roles,
        required_references,
        staffing,
        holidays, role_windows,
        required_evidence, windows_from, escalate_after_minutes,
    }
    struct Source { name, digest, bytes, status }
    struct Diagnostic { line, code, message }
    struct ImportedSprint { sprint, dates, goal, committed, completed, velocity, line }
    struct Project {
        slug, name, description, status, status_reason, settings, sources, diagnostics, settled, sprint_goal,
        completed, created_at, revision,
    }
    struct Criterion { text, met, withdrawn }
    struct Window { unit, from, to }
    struct RoleWindow { phase, role, time }
    struct AssignmentEnd { by, at, reason }
    struct Assignment { id, agent, subject, duty, end, added_by, added_at, revision }
    struct Assignees { primary, backups }
    struct Phase {
        no, id, name, goal, lead_role, criteria, stated_predecessors, state, started_at, closed_at,
        override_reason, window, ordering, last_ordinal, revision,
    }
    struct Dependency { on, in_force }
    struct Spec {
        title, phase, ordinal, description, area, role, priority, review, estimate, notes, acceptance,
        skills, aliases, dependencies, waived, origin, lineage, created_at,
    }
    struct Lease {
        agent, session, attempt, fence, lease_ms, claimed_at, chain_since, progress_at, progress,
    }
    struct Leftover { attempt, agent, at, ending, note }
    struct Completion {
        at, agent, session, fence, version, summary, verification, evidence, technologies,
        tests_passed_percent, accepted, held_ms, open_checks,
        approval,
    }
    struct Lineage { split_from, split_into }
    struct State {
        status, role, attempt, strikes, open_blockers, open_decisions, lease, started_at, held_ms,
        leftover, completion, reason, checks, revision,
    }
    struct Agent {
        name, roles, skills, capacity, model, retired, holds, owes, open_sessions, last_event_at,
        registered_at, fell_silent, revision,
    }
    struct SessionSummary { done, technologies, blockers, verification, next }
    struct Session {
        id, agent, status, scope, model, started_at, ended_at, summary, carried, revision,
    }
    struct Blocker {
        id, kind, status, tasks, phase, reason, waits_for, owner, resolution_path, severity, since,
        since_text, opened_by, escalated, urgent, resolution, revision,
    }
    struct Discovered {
        id, title, notes, priority, area, found_on, found_in, found_in_text, suggested_phase, found_by,
        found_at, triage, triage_note, triaged_at, revision,
    }
    struct Answer { text, rationale, record_uri, consequences, by, at }
    struct Proposal { answer, rationale, by, at }
    struct Decision {
        id, question, options, blocks, opened_by, opened_at, phases, selectors, proposals, answer,
        supersedes, superseded_by, deprecated, revisit, revision,
    }
    struct Submission { artefact, note, by, at }
    struct Judgement { text, by, at }
    struct Deliverable {
        id, name, uri, phase, task, workflow, acceptance, status, submission, judgement, added_by,
        added_at, revision,
    }
    struct ChecklistItem { text, ticked }
    struct Settled { by, at, note }
    struct Milestone {
        id, name, kind, due, checklist, phases, tasks, deliverables, status, settled, added_by,
        added_at, revision,
    }
    struct Rule { id, waiting, on, note, added_by, added_at, ended, revision }
    struct Review {
        author, session, attempt, fence, at, version, summary, verification, evidence, technologies,
        tests_passed_percent, accepted, gate_checks, held_ms, open_checks,
    }
    struct CriterionOutcome { criterion, passed, value, evidence }
    struct CompletionCheck { gate, command, outcome }
    struct Approval { by, note, submitted_at }
    struct RiskWords { kind, text, impact, impact_days, likelihood, mitigation, owner }
    struct RiskStep { note, by, at }
    struct Risk { id, words, status, step, blocker, added_by, added_at, revision }
    struct Selection { phase, area, role, tasks }
    struct Measure { metric, comparison, threshold }
    struct GateCriterion { name, must_pass, check }
    struct Gate { id, name, scope, criteria, runs, retired, defined_by, defined_at, revision }
    struct CriterionResult { passed, value, evidence, by, at, version }
    struct GateWaiver { by, at, reason, until, expired }
    struct GateRun {
        id, gate, criteria, results, status, stale, trigger, asked_by, commit, started_at, settled_at,
        waiver, revision,
    }
    struct Metric { name, value, evidence, by, at, revision }
    struct Commitment { tasks, warning, by, at }
    struct ScopeChange { added, removed, reason, by, at }
    struct BurndownPoint { at, open }
    struct SprintResult { completed, sessions, carried_over, carried_to, by, at }
    struct Sprint {
        id, goal, start, end, status, tasks, commitment, scope_changes, burndown, result, withdrawn, planned_by,
        planned_at, revision,
    }
    struct IntegrationWords { name, sides, protocol, test_strategy, due, contact }
    struct PointTest { passed, said, blocker }
    struct IntegrationPoint { id, words, confirmed, test, withdrawn, added_by, added_at, revision }
    struct SuccessMetric { name, measure }
    struct RolloutWords { name, approach, deployment, steps, rollback_plan, success }
    struct MetricMet { metric, value, evidence }
    struct RolloutEnd { said, metrics, blocker }
    struct Rollout {
        id, words, status, rollback_tested, started, done, end, since, created_by, created_at,
        revision,
    }
    struct Reference { kind, name, uri, status }
    struct TaskReferences { task, references, revision }
    struct WorkflowSpan { amount, unit }
    struct RequiredRole { role, count, stream }
    struct Oversight { role, cadence }
    struct WorkflowInput { name, description, required }
    struct WorkflowOutput { name, acceptance }
    struct SuccessCriterion { name, check }
    struct WorkflowDefinition {
        title, number, tier, objective, duration, effort, elicit, roles, oversight, inputs, outputs,
        gates, sign_offs, criteria, phases, next, next_by_itself,
    }
    struct Workflow {
        slug, definition, definitions, newest_run, retired, defined_by, defined_at, revision,
    }
    struct ProvidedInput { input, value, carried, by, at }
    struct SuccessAttestation { holds, evidence, by, at }
    struct Signature { approved, note, by, at, version }
    struct MeasuredValue { criterion, value }
    struct RunEnd { by, at, reason, values }
    struct WorkflowRun {
        id, workflow, definition, definition_number, after, status, confirmed, outputs, inputs,
        attested, signatures, warning, finished, opened_by, opened_at, opened_version, started_at,
        since, end, revision,
    }
    struct ItemSpec { name, executor }
    struct Checklist { items, window_minutes }
    struct RunItem { spec, state, result, by, at }
    struct ChecklistRun {
        id, day, items, schedule, opened_by, opened_at, closes_at, ended_at, complete, missed,
        revision,
    }
    struct Slots {
        built, next, shipped, tests_passed_percent, metrics, version, monitoring, blockers, changes,
    }
    struct StandupEntry { role, by, at, late, slots, text, version }
    struct StandupReport { report, as_of, at }
    struct Standup { day, schedule, opened_by, opened_at, closes_at, entries, held, revision }
    struct Mark { kind, subject, detail, since }
    struct Slot { day, minute_of_day, again }
    struct ScheduleSpec { job, when, zone, role, note, catch_up_ms }
    struct Firing { run, slot, due_at, cause, fired_at, version }
    struct LastTurn { slot, ending, note, report, at }
    struct Schedule {
        name, spec, since, handled, newest_slot, under_way, last, fired, missed, skipped, paused, revision,
    }
    struct Report {
        id, kind, title, urgency, role, schedule, slot, at_once, since, until, as_of, version, more_parts,
        published_at, deliveries,
    }
    struct Delivery { state, attempts, at, note }
    struct Token { id, secret_hash, principal, issued_at, revoked_at }
}
