//! Claims: which task an agent gets, or every reason why it gets none.

use std::sync::Arc;

use super::super::super::bench::Bench;
use super::super::super::check::{CheckSet, Stage};
use super::super::super::event::{Subject, TaskClaimed, Text};
use super::super::super::explain::Cause;
use super::super::super::fact::Actor;
use super::super::super::id::{RoleNo, SessionId, TaskId};
use super::super::super::model::{Agent, ProjectStatus, Status};
use super::super::super::refusal::{Reason, Refusal};
use super::super::super::settings::RoleWindowPolicy;
use super::super::super::state::{Class, Plan, TaskView};
use super::super::{Claim, session, text};
use super::{begin, checks, time};

/// What gates wait for is named so often in the answer to a claim that finds nothing.
const LACKS_NAMED: usize = 3;
/// Ids listed with an empty answer.
const WAITING_LISTED_MAX: usize = 5;

pub fn claim(bench: &mut Bench<'_>, claim: &Claim) -> Result<(), Refusal> {
    let Actor::Agent(name) = &bench.facts.actor else {
        return Err(Refusal::new(
            Reason::NotAllowed,
            "only an agent claims tasks; use an agent's token",
        ));
    };
    let name = Arc::clone(name);
    let model = text::line("model", &claim.model)?;
    let only = match claim.role.trim() {
        "" => None,
        role => Some(own_role(&bench.plan, &name, role)?),
    };
    let checked = checks::read(Stage::Pre, &claim.checked)?;
    if !checked.is_empty() && !claim.start {
        return Err(Refusal::field(
            "checked",
            "goes with start; without it nothing is begun that could rest on checks",
        ));
    }
    bench.plan.settle();
    let open = session::current(&bench.plan, &name, claim.session)?;
    let agent = bench.plan.agents.get(&name).cloned();
    let agent = agent
        .ok_or_else(|| Refusal::new(Reason::AgentNotFound, "no such agent; register it first"))?;
    if claim.resume && !agent.holds.is_empty() {
        let id = held_task(&bench.plan, &agent, &claim.task)?;
        return resume(bench, &name, id, open, model, claim, checked);
    }
    let wanted = match claim.task.trim() {
        "" => None,
        task => Some(bench.plan.resolve_task(task)?),
    };
    if let Some(id) = wanted {
        check_named(&bench.plan, &agent, only, id)?;
        time::in_time(&bench.plan, id, claim)?;
    }
    check_capacity(&bench.plan, &agent)?;
    checks::nothing_owed(&bench.plan, &agent)?;
    if claim.start {
        checks::for_blind_start(&bench.plan, checked)?;
    }
    let id = match wanted {
        Some(id) => id,
        None => {
            let picked = pick(&bench.plan, &agent, only, claim);
            picked.ok_or_else(|| nothing(&bench.plan, &agent, only, claim))?
        }
    };
    let session = open.unwrap_or_else(|| session::open_session(bench, &name, "".into(), model));
    bench.session = Some(session);
    grant(bench, &name, id, session, claim, false);
    if claim.start {
        let fence = bench.plan.fence();
        begin(bench, id, fence, checked)?;
    }
    Ok(())
}

fn own_role(plan: &Plan, name: &str, role: &str) -> Result<RoleNo, Refusal> {
    let no = plan.resolve_role(role)?;
    let own = plan
        .agent(name)
        .is_some_and(|agent| agent.roles.contains(&no));
    if own {
        return Ok(no);
    }
    let roles = plan
        .agent(name)
        .map(|agent| roles_of(plan, agent))
        .unwrap_or_default();
    Err(Refusal::new(
        Reason::RoleMismatch,
        format!(
            "{name} does not have the role {}; it has {roles}",
            plan.role_slug(Some(no))
        ),
    )
    .fact("roles", roles)
    .next("claim"))
}

fn roles_of(plan: &Plan, agent: &Agent) -> String {
    let slugs: Vec<&str> = agent
        .roles
        .iter()
        .map(|role| plan.role_slug(Some(*role)))
        .collect();
    slugs.join(", ")
}

/// The term granted for the one asked for.
fn term(plan: &Plan, asked_ms: u64) -> u64 {
    let Some(project) = plan.project() else {
        return asked_ms;
    };
    let settings = &project.settings;
    let asked = if asked_ms == 0 {
        settings.lease_default_ms
    } else {
        asked_ms
    };
    asked.clamp(settings.lease_min_ms, settings.lease_max_ms)
}

fn grant(
    bench: &mut Bench<'_>,
    name: &Text,
    id: TaskId,
    session: SessionId,
    claim: &Claim,
    resumed: bool,
) {
    let out = bench.plan.task_out_of_time(id, claim.today);
    let out = out.filter(|_| !resumed);
    let attempt = bench.plan.task(id).map_or(0, |view| view.state.attempt) + 1;
    let event = TaskClaimed {
        task: id,
        agent: Arc::clone(name),
        session,
        attempt,
        fence: bench.next_fence(),
        lease_ms: term(&bench.plan, claim.lease_ms),
        resumed,
        warning: out.map(|out| bench.plan.told(&out).into()),
    };
    bench.record(event);
}

/// The held task a resume means.
fn held_task(plan: &Plan, agent: &Agent, written: &str) -> Result<TaskId, Refusal> {
    let listed = |mut refusal: Refusal| {
        for id in &agent.holds {
            refusal = refusal
                .item(id, plan.title(*id))
                .next(format!("claim --resume --task {id}"));
        }
        refusal
    };
    if !written.trim().is_empty() {
        let id = plan.resolve_task(written)?;
        if agent.holds.contains(&id) {
            return Ok(id);
        }
        let refusal = Refusal::new(
            Reason::TaskHeld,
            format!("{} does not hold {id}", agent.name),
        );
        return Err(listed(refusal));
    }
    match agent.holds[..] {
        [only] => Ok(only),
        _ => Err(listed(Refusal::new(
            Reason::SeveralHeld,
            format!("{} holds several tasks; say which to resume", agent.name),
        ))),
    }
}

fn resume(
    bench: &mut Bench<'_>,
    name: &Text,
    id: TaskId,
    open: Option<SessionId>,
    model: Text,
    claim: &Claim,
    checked: CheckSet,
) -> Result<(), Refusal> {
    // A refusal names the fence that is live, which a resume would replace.
    let starts = |view: &TaskView<'_>| claim.start && view.state.status == Status::Claimed;
    let held = bench.plan.task(id).filter(starts);
    if let Some(lease) = held.and_then(|view| view.state.lease.as_ref()) {
        checks::for_start(&bench.plan, id, lease.fence, checked)?;
    }
    // Without a session named, the task stays in the one it is held in while that is open.
    let own = bench
        .plan
        .task(id)
        .and_then(|view| view.state.lease.as_ref().map(|lease| lease.session))
        .filter(|own| claim.session.is_none() && bench.plan.index.open_sessions.contains(own));
    let session = own
        .or(open)
        .unwrap_or_else(|| session::open_session(bench, name, "".into(), model));
    bench.session = Some(session);
    grant(bench, name, id, session, claim, true);
    let claimed = bench
        .plan
        .task(id)
        .is_some_and(|view| view.state.status == Status::Claimed);
    if claim.start && claimed {
        let fence = bench.plan.fence();
        begin(bench, id, fence, checked)?;
    }
    Ok(())
}

fn check_capacity(plan: &Plan, agent: &Agent) -> Result<(), Refusal> {
    if agent.holds.len() < agent.capacity as usize {
        return Ok(());
    }
    let mut refusal = Refusal::new(
        Reason::AtCapacity,
        format!(
            "{} holds {} already; go on with it, or give it back",
            agent.name,
            held_words(&agent.holds)
        ),
    )
    .fact("capacity", agent.capacity);
    let several = agent.holds.len() > 1;
    for id in &agent.holds {
        refusal = refusal.item(id, plan.title(*id));
    }
    for id in agent.holds.iter().take(WAITING_LISTED_MAX) {
        let task = if several {
            format!(" --task {id}")
        } else {
            String::new()
        };
        refusal = refusal
            .next(format!("claim --resume{task}"))
            .next(format!("release {id}"));
    }
    Err(refusal)
}

fn held_words(holds: &[TaskId]) -> String {
    let listed: Vec<String> = holds
        .iter()
        .take(WAITING_LISTED_MAX)
        .map(ToString::to_string)
        .collect();
    let more = holds.len().saturating_sub(listed.len());
    if more == 0 {
        listed.join(", ")
    } else {
        format!("{} and {more} more", listed.join(", "))
    }
}

/// What stands in the way of working a task, apart from who holds it; none when nothing does.
pub fn obstacles(plan: &Plan, id: TaskId) -> Option<Refusal> {
    let causes: Vec<Cause> = plan
        .explain(id)
        .into_iter()
        .filter(|cause| cause.code != "NOT_PLANNED" && !cause.is_remark())
        .collect();
    let first = causes.first()?;
    let reason = match first.code {
        "PROJECT_PAUSED" => Reason::ProjectPaused,
        "PHASE_LOCKED" | "PHASE_GATING" => Reason::PhaseLocked,
        "PHASE_CLOSED" => Reason::PhaseClosed,
        "DEPENDENCY_UNMET" | "DEPENDENCY_DROPPED" => Reason::DependencyUnmet,
        "DECISION_OPEN" => Reason::DecisionOpen,
        "NOT_IN_SPRINT" => Reason::NotInSprint,
        _ => Reason::TaskBlocked,
    };
    let message = match causes.len() {
        1 => format!("{id} cannot be worked on: {}", first.message),
        count => format!(
            "{id} cannot be worked on for {count} reasons: {}",
            first.message
        ),
    };
    let mut refusal = Refusal::new(reason, message);
    for cause in &causes {
        refusal = refusal.item(
            cause.refs.first().map_or(cause.code, String::as_str),
            &*cause.message,
        );
    }
    Some(refusal.next(format!("why {id}")))
}

fn check_named(
    plan: &Plan,
    agent: &Agent,
    only: Option<RoleNo>,
    id: TaskId,
) -> Result<(), Refusal> {
    let Some(view) = plan.task(id) else {
        return Err(Refusal::new(
            Reason::TaskNotFound,
            format!("no task {id}; look at the list"),
        ));
    };
    match view.state.status {
        Status::Planned => {}
        Status::Claimed | Status::InProgress | Status::InReview => {
            let refusal = super::super::task::held(plan, id);
            let mine = agent.holds.contains(&id);
            return Err(if mine {
                refusal.next(format!("claim --resume --task {id}"))
            } else {
                refusal
            });
        }
        other @ (Status::Completed | Status::Deferred | Status::Cancelled) => {
            return Err(super::super::task::illegal(id, other, "claimed"));
        }
    }
    let role = view.state.role;
    let unskilled = Class {
        skills: [].into(),
        ..plan.class_of(view.id, view.spec, view.state.role)
    };
    if plan.nearness(agent, only, &unskilled).is_none() {
        return Err(Refusal::new(
            Reason::RoleMismatch,
            format!(
                "{id} is for the role {}; {} has {}",
                plan.role_slug(role),
                agent.name,
                roles_of(plan, agent)
            ),
        )
        .item(id, format!("for the role {}", plan.role_slug(role)))
        .fact("role", plan.role_slug(role))
        .next("claim"));
    }
    let missing: Vec<&str> = view
        .spec
        .skills
        .iter()
        .filter(|skill| !agent.skills.contains(skill))
        .map(|skill| &**skill)
        .collect();
    if !missing.is_empty() {
        return Err(Refusal::new(
            Reason::SkillMissing,
            format!(
                "{id} needs {}, which {} lacks",
                missing.join(", "),
                agent.name
            ),
        )
        .item(id, format!("needs {}", missing.join(", ")))
        .next("claim"));
    }
    obstacles(plan, id).map_or(Ok(()), Err)
}

/// The next task for an agent, in the order that people are shown as well.
fn pick(plan: &Plan, agent: &Agent, only: Option<RoleNo>, claim: &Claim) -> Option<TaskId> {
    let holds_back = plan.role_window_policy() == RoleWindowPolicy::Refuse;
    let first = plan.in_claim_order(1, |phase, class| {
        let out = || plan.out_of_time(class.role, phase, claim.today).is_some();
        if holds_back && out() {
            return None;
        }
        plan.nearness(agent, only, class)
    });
    first.first().copied()
}

/// Whether an open task may be there that an agent looks after.
fn may_be_assigned(plan: &Plan, agent: &Agent) -> bool {
    plan.is_assigned(&agent.name)
        && plan.in_force_of(&agent.name).any(|it| match it.subject {
            Subject::Area(_) => true,
            Subject::Task(id) => plan.is_open(id),
        })
}

/// Why there is nothing to claim, with what it waits for.
fn nothing(plan: &Plan, agent: &Agent, only: Option<RoleNo>, claim: &Claim) -> Refusal {
    if let Some(project) = plan
        .project()
        .filter(|project| project.status != ProjectStatus::Active)
    {
        if project.status == ProjectStatus::Completed {
            let message = match &*project.status_reason {
                "" => "the project is completed".to_owned(),
                note => format!("the project is completed: {note}"),
            };
            return answer(Reason::PlanComplete, message, 60_000);
        }
        let word = if project.status == ProjectStatus::Draft {
            "a draft"
        } else {
            "paused"
        };
        let why = if project.status_reason.is_empty() {
            String::new()
        } else {
            format!(": {}", project.status_reason)
        };
        return answer(
            Reason::Paused,
            format!("the project is {word}{why}"),
            30_000,
        );
    }
    let total = plan.total();
    let gating: Vec<String> = plan
        .phases()
        .filter(|phase| plan.tally(phase.no).open() == 0)
        .filter(|phase| plan.asks_for_something(phase.no))
        .map(|phase| format!("phase {}", phase.id))
        .collect();
    let at_the_end = plan.is_worked_off();
    let project_lacks = match at_the_end {
        true => plan.project_gate_lacks(plan.last_at()),
        false => Vec::new(),
    };
    let project_gates = plan.project_gates().into_iter();
    let project_gates = project_gates
        .filter(|id| project_lacks.iter().any(|lack| lack.gate == *id))
        .map(|id| id.to_string());
    let gating: Vec<String> = gating.into_iter().chain(project_gates).collect();
    if total.all() == 0 && gating.is_empty() {
        let message = "the plan has no tasks yet; the coordinator adds some".to_owned();
        return answer(Reason::WaitingOnCoordinator, message, 30_000);
    }
    if total.open() == 0 {
        if gating.is_empty() {
            let done = total.completed;
            return answer(
                Reason::PlanComplete,
                format!("every task is finished ({done} completed)"),
                60_000,
            );
        }
        let mut message = format!(
            "every task is finished; {} waits for the coordinator",
            gating.join(", ")
        );
        let lacks = plan
            .phases()
            .flat_map(|phase| plan.phase_gate_lacks(phase.no, plan.last_at()))
            .chain(project_lacks);
        for lack in lacks.take(LACKS_NAMED) {
            message.push_str(&format!(
                "; {}: {} (from {})",
                lack.subject, lack.description, lack.who
            ));
        }
        return listed(
            answer(Reason::WaitingOnCoordinator, message, 30_000),
            gating,
        );
    }
    let mine = |role: Option<RoleNo>| plan.agent_fit(agent, only, role).is_some();
    let by_role = plan.index.open_by_role.keys().any(|role| mine(*role));
    let by_care = only.is_none() && may_be_assigned(plan, agent);
    if !by_role && !by_care {
        let message = format!("no open task is for {}", roles_of(plan, agent));
        return answer(Reason::NoTaskForRole, message, 60_000);
    }
    if let Some(beyond) = beyond_the_sprint(plan) {
        return beyond;
    }
    if let Some(held_back) = time::held_back(plan, agent, only, claim) {
        return held_back;
    }
    let under_way: Vec<String> = plan
        .live()
        .take(WAITING_LISTED_MAX)
        .map(|view| view.id.to_string())
        .collect();
    let ready = plan.next_ready(None, WAITING_LISTED_MAX * 4);
    let fillable = |id: &TaskId| {
        let class = plan.index.ready_keys.get(id).map(|key| &key.class);
        class.is_some_and(|class: &Class| plan.can_be_taken(class))
    };
    let for_others: Vec<String> = ready
        .iter()
        .filter(|id| fillable(id))
        .map(ToString::to_string)
        .collect();
    if !under_way.is_empty() {
        let message = format!(
            "your tasks wait for work under way: {}",
            under_way.join(", ")
        );
        return listed(answer(Reason::WaitingOnWork, message, 5_000), under_way);
    }
    if !for_others.is_empty() {
        let message = format!(
            "your tasks wait for tasks of other roles: {}",
            for_others.join(", ")
        );
        return listed(answer(Reason::WaitingOnWork, message, 5_000), for_others);
    }
    if let Some(first) = ready.first() {
        let mut roles: Vec<String> = Vec::new();
        for id in &ready {
            let role = plan.task(*id).and_then(|view| view.state.role);
            let role = plan.role_slug(role).to_owned();
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
        let message = format!(
            "{first} is ready, but no registered agent can take it; the coordinator registers one for {}",
            roles.join(", ")
        );
        return listed(answer(Reason::WaitingOnCoordinator, message, 30_000), roles);
    }
    let waiting = plan.waiting_ids(WAITING_LISTED_MAX);
    let message = if waiting.is_empty() {
        "nothing can go on before the coordinator acts".to_owned()
    } else {
        let first: Vec<&str> = waiting
            .iter()
            .take(WAITING_LISTED_MAX)
            .map(String::as_str)
            .collect();
        format!(
            "nothing can go on before the coordinator settles {}",
            first.join(", ")
        )
    };
    listed(
        answer(Reason::WaitingOnCoordinator, message, 30_000),
        waiting,
    )
}

/// That nothing is left which may be handed out, where that is only the active sprint.
fn beyond_the_sprint(plan: &Plan) -> Option<Refusal> {
    if !plan.is_sprint_only() {
        return None;
    }
    let Some(sprint) = plan.active_sprint() else {
        let message = format!(
            "only tasks of an active sprint are handed out, and none is active; the coordinator goes on \
             with `{}`",
            plan.way_to_a_sprint()
        );
        return Some(answer(Reason::WaitingOnCoordinator, message, 30_000));
    };
    if plan.progress_of(sprint).0 > 0 {
        return None;
    }
    let id = sprint.id;
    let message = format!(
        "every task of {id} is finished, and only its tasks are handed out; the coordinator goes on with \
         `sprint close {id}` or `sprint add {id} TASK`"
    );
    let refusal = answer(Reason::WaitingOnCoordinator, message, 30_000);
    Some(listed(refusal, vec![id.to_string()]))
}

pub(super) fn answer(reason: Reason, message: String, retry_after_ms: u64) -> Refusal {
    Refusal::new(reason, message).fact("retry_after_ms", retry_after_ms)
}

pub(super) fn listed(mut refusal: Refusal, ids: Vec<String>) -> Refusal {
    for id in ids.into_iter().take(WAITING_LISTED_MAX) {
        refusal = refusal.item(id, "");
    }
    refusal
}
