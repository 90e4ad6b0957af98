//! From a command to events. A family's file decides on a bench: each event it records is applied at
//! once, so later steps of the same command see what the earlier ones did.

use super::command::{
    Command, agent, decision, dependency, import, lease, phase, project, queue, session, task, work,
};
use super::event::{Event, PhaseCompleted, Recorded};
use super::fact::{Actor, Facts};
use super::id::{PhaseNo, SessionId};
use super::model::{PhaseState, ProjectStatus};
use super::refusal::{Reason, Refusal};
use super::settings::PhaseClose;
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

/// Decides a command, or says why not. Nothing outside the arguments is looked at.
pub fn decide(plan: &Plan, command: &Command, facts: &Facts) -> Result<Decided, Refusal> {
    let mut bench = Bench {
        plan: plan.clone(),
        facts,
        events: Vec::new(),
        session: None,
        touched: Vec::new(),
        repeats: None,
    };
    route(&mut bench, command)?;
    bench.close_phases();
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
        Command::ArchiveProject { reason } => project::archive(bench, reason),
        Command::AddRole(role) => project::add_role(bench, role),
        Command::ImportPlan(plan) => import::import(bench, plan),
        Command::CreatePhases(phases) => phase::create(bench, phases),
        Command::UpdatePhase {
            phase,
            name,
            goal,
            criteria_added,
            predecessors,
        } => phase::update(
            bench,
            phase,
            name.as_deref(),
            goal.as_deref(),
            criteria_added,
            predecessors.as_deref(),
        ),
        Command::MeetCriterion {
            phase,
            criterion,
            evidence,
        } => phase::meet_criterion(bench, phase, *criterion, evidence),
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
        Command::StartTask { task, fence } => work::start(bench, task, *fence),
        Command::ReportProgress {
            task,
            fence,
            note,
            percent,
        } => work::report_progress(bench, task, *fence, note, *percent),
        Command::CompleteTask(complete) => work::complete::complete(bench, complete),
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
        } => decision::open(bench, question, options, blocks),
        Command::Decide {
            decision,
            answer,
            rationale,
            record_uri,
        } => decision::decide(bench, *decision, answer, rationale, record_uri),
        Command::RegisterAgent {
            agent,
            roles,
            skills,
            capacity,
            model,
        } => agent::register(bench, agent, roles, skills, *capacity, model),
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
        | Command::ReleaseTask { .. } => actor.agent().is_some(),
        Command::OpenBlocker(_)
        | Command::ResolveBlocker { .. }
        | Command::EscalateBlocker { .. }
        | Command::ReportDiscovered(_) => actor.agent().is_some() || actor.coordinates(),
        Command::ExpireLease { .. } | Command::AbandonSession { .. } => *actor == Actor::System,
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
    Ok(())
}

/// Where a command is worked out: a plan of its own, and what was recorded on it so far.
pub(super) struct Bench<'a> {
    pub plan: Plan,
    pub facts: &'a Facts,
    pub events: Vec<Recorded>,
    pub session: Option<SessionId>,
    pub repeats: Option<u64>,
    touched: Vec<PhaseNo>,
}

impl Bench<'_> {
    /// Records an event and applies it. Time never falls within a project.
    pub fn record(&mut self, event: impl Into<Event>) {
        let recorded = Recorded {
            version: self.plan.version() + 1,
            at: self.facts.now.max(self.plan.last_at()),
            actor: self.facts.actor.clone(),
            session: self.session,
            request: self.facts.request.clone(),
            event: event.into(),
        };
        self.plan.apply(&recorded);
        self.events.push(recorded);
    }

    /// The next fencing token.
    pub fn next_fence(&self) -> u64 {
        self.plan.fence() + 1
    }

    /// A phase whose conditions may hold now.
    pub fn touch(&mut self, phase: PhaseNo) {
        if !self.touched.contains(&phase) {
            self.touched.push(phase);
        }
    }

    /// Closes the touched phases whose conditions hold, in the same append.
    pub fn close_phases(&mut self) {
        let by_itself = self
            .plan
            .project()
            .is_some_and(|project| project.settings.phase_close == PhaseClose::Auto);
        for phase in std::mem::take(&mut self.touched) {
            if by_itself
                && self
                    .plan
                    .missing_for_close(phase)
                    .is_some_and(|missing| missing.is_empty())
            {
                let phase = self.plan.phase_id(phase).to_owned();
                self.record(PhaseCompleted { phase });
            }
        }
    }
}

impl Plan {
    /// What an open phase still lacks before it can close; none when it is not open or asks for nothing.
    pub fn missing_for_close(&self, no: PhaseNo) -> Option<Vec<(String, String)>> {
        let phase = self.phase(no)?;
        let tally = self.tally(no);
        if phase.state != PhaseState::Open || (tally.all() == 0 && phase.criteria.is_empty()) {
            return None;
        }
        let open = tally.open();
        let tasks = (open > 0).then(|| {
            let noun = if open == 1 { "task is" } else { "tasks are" };
            (
                format!("phase {}", phase.id),
                format!("{open} {noun} not finished"),
            )
        });
        let criteria = phase
            .criteria
            .iter()
            .enumerate()
            .filter(|(_, criterion)| criterion.met.is_none());
        let criteria = criteria.map(|(place, criterion)| {
            (
                format!("criterion {} of phase {}", place + 1, phase.id),
                criterion.text.to_string(),
            )
        });
        Some(tasks.into_iter().chain(criteria).collect())
    }
}
