//! From a command to events, or to a refusal: who may ask, then the family that decides.

use super::bench::Bench;
use super::command::{
    Command, agent, assignment, checklist, criterion, decision, deliverable, dependency,
    diagnostic, ending, gate, import, integration, lease, milestone, phase, project, queue,
    queue_edit, reference, restore, risk, role_window, rollout, rule, schedule, session, split,
    sprint, standup, task, watch, work, workflow,
};
use super::event::Recorded;
use super::fact::{Actor, Facts};
use super::model::ProjectStatus;
use super::refusal::{Reason, Refusal};
use super::state::Plan;

/// What a command leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The plan with the events applied.
    pub plan: Plan,
    /// What is to be recorded, in order, all in one append.
    pub events: Vec<Recorded>,
    /// The command was carried out before: the version of the event that answers it. No events then.
    pub repeats: Option<u64>,
}

/// A refusal of a command that was decided on a plan of one's own.
#[derive(Debug)]
pub struct Undecided {
    /// Why not.
    pub refusal: Refusal,
    /// The plan as it was; none when the refusal came after something was applied, so that it must be
    /// folded again.
    pub plan: Option<Plan>,
}

/// Decides a command, or says why not. Nothing outside the arguments is looked at.
pub fn decide(plan: &Plan, command: &Command, facts: &Facts) -> Result<Decided, Refusal> {
    decide_on(plan.clone(), command, facts).map_err(|undecided| undecided.refusal)
}

/// The same on a plan that is given away: what nobody else shares is changed in place instead of copied.
///
/// # Errors
/// The refusal, with the plan given back where it is unchanged.
pub fn decide_on(plan: Plan, command: &Command, facts: &Facts) -> Result<Decided, Box<Undecided>> {
    let was_open = !plan.index.open_by_role.is_empty();
    let mut bench = Bench::on(plan, facts);
    let routed = route(&mut bench, command).and_then(|()| rule::follow(&mut bench));
    if let Err(refusal) = routed {
        let plan = bench.events.is_empty().then_some(bench.plan);
        return Err(Box::new(Undecided { refusal, plan }));
    }
    bench.close_phases();
    workflow::advance(&mut bench);
    if let Err(refusal) = ending::stays_completed(&bench.plan) {
        return Err(Box::new(Undecided {
            refusal,
            plan: None,
        }));
    }
    ending::run_project_gates(&mut bench, was_open);
    milestone::reach_those_done(&mut bench);
    rollout::settle_readiness(&mut bench);
    Ok(Decided {
        plan: bench.plan,
        events: bench.events,
        repeats: bench.repeats,
    })
}

fn route(bench: &mut Bench<'_>, command: &Command) -> Result<(), Refusal> {
    may(bench, command)?;
    match command {
        Command::CreateProject {
            slug,
            name,
            description,
            settings,
            draft,
        } => project::create(bench, slug, name, description, settings, *draft),
        Command::UpdateProject {
            name,
            description,
            settings,
        } => project::update(
            bench,
            name.as_deref(),
            description.as_deref(),
            settings.as_deref(),
        ),
        Command::PauseProject { reason } => project::pause(bench, reason),
        Command::ResumeProject => project::resume(bench),
        Command::CompleteProject { note } => ending::complete(bench, note),
        Command::ArchiveProject { reason } => project::archive(bench, reason),
        Command::AddRole(role) => project::add_role(bench, role),
        Command::UpdateRole { role, changes } => project::update_role(bench, role, changes),
        Command::RestoreProject => restore::restore(bench),
        Command::DeleteProject {
            project,
            events,
            last_hash,
        } => restore::delete(bench, project, *events, last_hash),
        Command::ImportPlan(plan) => import::import(bench, plan),
        Command::SettleDiagnostic { number, note } => diagnostic::settle(bench, *number, note),
        Command::CreatePhases(phases) => phase::create(bench, phases),
        Command::UpdatePhase { phase, changes } => phase::update(bench, phase, changes),
        Command::SetRoleWindow { role, phase, time } => role_window::set(bench, role, phase, *time),
        Command::MeetCriterion {
            phase,
            criterion,
            evidence,
        } => criterion::meet(bench, phase, *criterion, evidence),
        Command::ChangeCriterion {
            phase,
            criterion,
            change,
        } => criterion::change(bench, phase, *criterion, change),
        Command::OverridePhaseOrder { phase, reason } => {
            phase::override_order(bench, phase, reason)
        }
        Command::ClosePhase { phase } => phase::close(bench, phase),
        Command::ReopenPhase { phase, reason } => phase::reopen(bench, phase, reason),
        Command::SkipPhase { phase, reason } => phase::skip(bench, phase, reason),
        Command::CreateTasks(tasks) => task::create(bench, tasks),
        Command::UpdateTask {
            task,
            changes,
            revision,
        } => task::update(bench, task, changes, *revision),
        Command::DeferTask {
            task,
            target,
            reason,
        } => task::defer(bench, task, target, reason),
        Command::ReinstateTask { task } => task::reinstate(bench, task),
        Command::CancelTask {
            task,
            reason,
            waive_dependents,
        } => task::cancel(bench, task, reason, *waive_dependents),
        Command::ReopenTask { task, reason } => task::reopen(bench, task, reason),
        Command::SplitTask { task, parts, chain } => split::split(bench, task, parts, *chain),
        Command::AddDependencies { task, on } => dependency::add(bench, task, on),
        Command::RemoveDependency { task, on } => dependency::remove(bench, task, on),
        Command::WaiveDependency { task, on, reason } => dependency::waive(bench, task, on, reason),
        Command::StartSession {
            scope,
            model,
            another,
        } => session::start(bench, scope, model, *another),
        Command::EndSession {
            session,
            summary,
            leases,
        } => session::end(bench, *session, summary, *leases),
        Command::AbandonSession { session } => session::abandon(bench, *session),
        Command::ClaimTask(claim) => work::claim::claim(bench, claim),
        Command::StartTask {
            task,
            fence,
            checked,
        } => work::start(bench, task, *fence, checked),
        Command::ReportProgress {
            task,
            fence,
            note,
            percent,
            checked,
        } => work::report_progress(bench, task, *fence, note, *percent, checked),
        Command::CompleteTask(complete) => work::complete::complete(bench, complete),
        Command::SubmitForReview(submitted) => work::review::submit(bench, submitted),
        Command::ApproveTask { task, note } => work::review::approve(bench, task, note),
        Command::RequestChanges { task, reason } => {
            work::review::request_changes(bench, task, reason)
        }
        Command::ReleaseTask {
            task,
            fence,
            cause,
            reason,
        } => work::release(bench, task, *fence, *cause, reason),
        Command::ExpireLease { task, fence, cause } => lease::expire(bench, *task, *fence, *cause),
        Command::RevokeClaim { task, reason } => lease::revoke(bench, task, reason),
        Command::OpenBlocker(blocker) => queue::open_blocker(bench, blocker),
        Command::ResolveBlocker {
            blocker,
            resolution,
            withdraw,
        } => queue::resolve_blocker(bench, *blocker, resolution, *withdraw),
        Command::EscalateBlocker {
            blocker,
            reason,
            owner,
        } => queue::escalate_blocker(bench, *blocker, reason, owner),
        Command::UpdateBlocker { blocker, changes } => {
            queue_edit::blocker(bench, *blocker, changes)
        }
        Command::UpdateDecision { decision, changes } => {
            queue_edit::decision(bench, *decision, changes)
        }
        Command::UpdateDiscovered {
            discovered,
            changes,
        } => queue_edit::discovered(bench, *discovered, changes),
        Command::ReportDiscovered(discovered) => queue::report_discovered(bench, discovered),
        Command::TriageDiscovered {
            discovered,
            verdict,
            note,
        } => queue::triage(bench, *discovered, verdict, note),
        Command::OpenDecision {
            question,
            options,
            blocks,
            phases,
            selectors,
        } => decision::open(bench, question, options, (blocks, phases, selectors)),
        Command::ProposeDecision {
            decision,
            answer,
            rationale,
        } => decision::propose(bench, *decision, answer, rationale),
        Command::Decide { decision, ruling } => decision::decide(bench, *decision, ruling),
        Command::SupersedeDecision {
            decision,
            question,
            ruling,
        } => decision::supersede(bench, *decision, question, ruling),
        Command::DeprecateDecision { decision, reason } => {
            decision::deprecate(bench, *decision, reason)
        }
        Command::RevisitTask {
            decision,
            task,
            note,
        } => decision::revisit(bench, *decision, task, note),
        Command::AddRule { waiting, on, note } => rule::add(bench, waiting, on, note),
        Command::EndRule { rule, reason } => rule::end(bench, *rule, reason),
        Command::CreateDeliverable(new) => deliverable::add(bench, new),
        Command::UpdateDeliverable {
            deliverable,
            changes,
        } => deliverable::update(bench, *deliverable, changes),
        Command::SubmitDeliverable {
            deliverable,
            artefact,
            note,
        } => deliverable::submit(bench, *deliverable, artefact, note),
        Command::AcceptDeliverable { deliverable, note } => {
            deliverable::accept(bench, *deliverable, note)
        }
        Command::RejectDeliverable {
            deliverable,
            reason,
        } => deliverable::reject(bench, *deliverable, reason),
        Command::CreateMilestone(new) => milestone::add(bench, new),
        Command::UpdateMilestone { milestone, changes } => {
            milestone::update(bench, *milestone, changes)
        }
        Command::TickMilestone { milestone, item } => milestone::tick(bench, *milestone, *item),
        Command::ReachMilestone { milestone, note } => milestone::reach(bench, *milestone, note),
        Command::MissMilestone { milestone, reason } => milestone::miss(bench, *milestone, reason),
        Command::CreateRisk(new) => risk::add(bench, new),
        Command::UpdateRisk { risk, changes } => risk::update(bench, *risk, changes),
        Command::MoveRisk {
            risk,
            to,
            note,
            holds,
        } => risk::step(bench, *risk, *to, note, holds),
        Command::DefineGate(new) => gate::define(bench, new),
        Command::RetireGate { gate, reason } => gate::retire(bench, gate, reason),
        Command::RunGate { gate, commit } => gate::run(bench, gate, commit),
        Command::AttestCriterion {
            gate,
            criterion,
            holds,
            evidence,
        } => gate::attest(bench, gate, criterion, *holds, evidence),
        Command::ApproveCriterion {
            gate,
            criterion,
            approved,
            evidence,
        } => gate::approve(bench, gate, criterion, *approved, evidence),
        Command::WaiveGateRun {
            gate,
            reason,
            until,
        } => gate::waive(bench, gate, reason, *until),
        Command::ExpireGateWaiver { run } => gate::expire_waiver(bench, *run),
        Command::RecordGateResult {
            run,
            criterion,
            outcome,
            commit,
        } => gate::command_result(bench, *run, *criterion, outcome, commit),
        Command::ReportMetric {
            metric,
            value,
            evidence,
        } => gate::report_metric(bench, metric, value, evidence),
        Command::PlanSprint(new) => sprint::add(bench, new),
        Command::CommitSprint { sprint, tasks } => sprint::commit(bench, *sprint, tasks),
        Command::ChangeSprint {
            sprint,
            add,
            remove,
            reason,
        } => sprint::change_scope(bench, *sprint, add, remove, reason),
        Command::UpdateSprint { sprint, changes } => sprint::update(bench, *sprint, changes),
        Command::WithdrawSprint { sprint, reason } => sprint::withdraw(bench, *sprint, reason),
        Command::CloseSprint { sprint, carry_to } => sprint::close(bench, *sprint, *carry_to),
        Command::CreateIntegration(new) => integration::add(bench, new),
        Command::UpdateIntegration {
            integration,
            changes,
        } => integration::update(bench, *integration, changes),
        Command::ConfirmIntegration { integration, note } => {
            integration::confirm(bench, *integration, note)
        }
        Command::TestIntegration {
            integration,
            evidence,
        } => integration::test(bench, *integration, evidence),
        Command::FailIntegration {
            integration,
            reason,
            holds,
        } => integration::fail(bench, *integration, reason, holds),
        Command::WithdrawIntegration {
            integration,
            reason,
        } => integration::withdraw(bench, *integration, reason),
        Command::CreateRollout(new) => rollout::create(bench, new),
        Command::UpdateRollout { rollout, changes } => rollout::update(bench, *rollout, changes),
        Command::TestRollback { rollout, evidence } => {
            rollout::test_rollback(bench, *rollout, evidence)
        }
        Command::StartRollout { rollout } => rollout::start(bench, *rollout),
        Command::TickRollout {
            rollout,
            step,
            note,
        } => rollout::step(bench, *rollout, *step, note),
        Command::EndRollout(ending) => rollout::end(bench, ending),
        Command::AddReference { task, reference } => reference::add(bench, task, reference),
        Command::RemoveReference { task, reference } => reference::remove(bench, task, reference),
        Command::SetReferenceStatus {
            task,
            reference,
            status,
            fence,
        } => reference::set_status(bench, task, reference, *status, *fence),
        Command::DefineWorkflow(new) => workflow::define(bench, new),
        Command::RetireWorkflow { workflow, reason } => workflow::retire(bench, workflow, reason),
        Command::StartWorkflow { workflow, restart } => workflow::start(bench, workflow, *restart),
        Command::ProvideInput(provided) => workflow::provide(bench, provided),
        Command::AttestWorkflowCriterion(said) => workflow::attest(bench, said),
        Command::SignWorkflow(said) => workflow::sign(bench, said),
        Command::FinishWorkflow { run, note } => workflow::finish(bench, run, note),
        Command::EndWorkflowRun(end) => workflow::end(bench, end),
        Command::CreateAssignment(new) => assignment::add(bench, new),
        Command::UpdateAssignment { assignment, duty } => {
            assignment::update(bench, *assignment, *duty)
        }
        Command::EndAssignment { assignment, reason } => {
            assignment::end(bench, *assignment, reason)
        }
        Command::RegisterAgent {
            agent,
            roles,
            skills,
            capacity,
            model,
        } => agent::register(bench, agent, roles, skills, *capacity, model),
        Command::Time(timing) => schedule::decide(bench, timing),
        Command::Check(checking) => checklist::decide(bench, checking),
        Command::Gather(gathering) => standup::decide(bench, gathering),
        Command::Watch(watching) => watch::decide(bench, watching),
        Command::RetireAgent { agent, reason } => agent::retire(bench, agent, reason),
        Command::IssueToken {
            token,
            secret_hash,
            principal,
        } => agent::issue_token(bench, token, secret_hash, principal),
        Command::RevokeToken { token, reason } => agent::revoke_token(bench, token, reason),
    }
}

/// Who may ask for a command, before anything else is looked at; finer rules stand with the command.
fn may(bench: &Bench<'_>, command: &Command) -> Result<(), Refusal> {
    let actor = &bench.facts.actor;
    let allowed = match command {
        Command::StartSession { .. }
        | Command::EndSession { .. }
        | Command::ClaimTask(_)
        | Command::StartTask { .. }
        | Command::ReportProgress { .. }
        | Command::CompleteTask(_)
        | Command::SubmitForReview(_)
        | Command::ReleaseTask { .. } => actor.agent().is_some(),
        Command::OpenBlocker(_)
        | Command::ResolveBlocker { .. }
        | Command::EscalateBlocker { .. }
        | Command::ProposeDecision { .. }
        | Command::ReportDiscovered(_)
        | Command::UpdateDiscovered { .. }
        | Command::SubmitDeliverable { .. }
        | Command::AcceptDeliverable { .. }
        | Command::RejectDeliverable { .. }
        | Command::TestIntegration { .. }
        | Command::FailIntegration { .. }
        | Command::TestRollback { .. }
        | Command::TickRollout { .. }
        | Command::SetReferenceStatus { .. }
        | Command::RunGate { .. }
        | Command::AttestCriterion { .. }
        | Command::ApproveCriterion { .. }
        | Command::AttestWorkflowCriterion(_)
        | Command::SignWorkflow(_)
        | Command::ReportMetric { .. }
        | Command::ApproveTask { .. }
        | Command::RequestChanges { .. } => actor.agent().is_some() || actor.coordinates(),
        Command::ExpireLease { .. }
        | Command::AbandonSession { .. }
        | Command::ExpireGateWaiver { .. }
        | Command::RecordGateResult { .. }
        | Command::RestoreProject
        | Command::DeleteProject { .. } => *actor == Actor::System,
        Command::Time(timing) => timing.is_for(actor),
        Command::Check(checking) => checking.is_for(actor),
        Command::Gather(gathering) => gathering.is_for(actor),
        Command::Watch(watching) => watching.is_for(actor),
        _ => actor.coordinates(),
    };
    if !allowed {
        let who = match actor {
            Actor::Agent(_) => "an agent; a coordinator does this",
            Actor::Observer(_) => {
                "an observer; who only reads needs another token to change things"
            }
            Actor::Coordinator(_) | Actor::System => "a coordinator; an agent does this",
        };
        return Err(Refusal::new(
            Reason::NotAllowed,
            format!("not allowed for {who}"),
        ));
    }
    let Some(project) = bench.plan.project() else {
        return match command {
            Command::CreateProject { .. } => Ok(()),
            _ => Err(Refusal::new(
                Reason::ProjectNotFound,
                "there is no such project; name another, or make it by importing a plan",
            )),
        };
    };
    if let Some(name) = actor.agent() {
        match bench.plan.agent(name) {
            None => {
                return Err(Refusal::new(
                    Reason::AgentNotFound,
                    format!("no agent `{name}` is registered in this project; a coordinator registers it"),
                )
                .next(format!("agent register {name} --role ROLE")));
            }
            Some(agent) if agent.retired => {
                return Err(Refusal::new(
                    Reason::AgentRetired,
                    format!("agent `{name}` has left the project; it can do nothing more here"),
                ));
            }
            Some(_) => {}
        }
    }
    if project.status == ProjectStatus::Archived && *actor != Actor::System {
        return Err(Refusal::new(
            Reason::ProjectArchived,
            "the project is archived; it can be read and no longer changed",
        ));
    }
    // Said before anything about closed phases, which would only lead here in the end.
    let begins = matches!(
        command,
        Command::CreateTasks(_)
            | Command::ReopenTask { .. }
            | Command::ReinstateTask { .. }
            | Command::ReopenPhase { .. }
            | Command::StartWorkflow { .. }
    );
    if begins && bench.plan.has_ended() {
        return Err(ending::over("its tasks and phases"));
    }
    Ok(())
}
