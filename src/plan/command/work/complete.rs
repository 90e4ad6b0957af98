//! Finishing a task. The answer says what it set free, and the same fence gets the same answer again.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::super::bench::Bench;
use super::super::super::check::{CheckSet, Stage};
use super::super::super::event::{
    BlockerResolved, CompletionCheck, CriterionCheck, Event, TaskCompleted, Text,
};
use super::super::super::evidence::EvidenceKind;
use super::super::super::id::{BlockerId, PhaseNo, TaskId};
use super::super::super::model::{Blocker, Completion, Status};
use super::super::super::refusal::{Reason, Refusal};
use super::super::super::settings::Policy;
use super::super::super::state::{Plan, TaskView};
use super::super::gate::judge_command;
use super::super::queue::withdraw_idle_blockers;
use super::super::{Complete, reference, text};
use super::checks::{self, Lacking};
use super::{held_by_actor, not_started, nothing_open, review};

/// Tasks listed as set free.
const UNBLOCKED_LISTED_MAX: usize = 50;

pub fn complete(bench: &mut Bench<'_>, complete: &Complete) -> Result<(), Refusal> {
    if let Some(version) = completed_before(bench, complete)? {
        bench.repeats = Some(version);
        return Ok(());
    }
    let id = bench.plan.resolve_task(&complete.task)?;
    let done = finishing(bench, complete)?;
    review::none_needed(&bench.plan, id, done.fence)?;
    carry_through(bench, id, |bench| {
        bench.record(TaskCompleted {
            task: id,
            fence: done.fence,
            summary: done.summary,
            verification: done.verification,
            evidence: done.evidence,
            technologies: done.technologies,
            tests_passed_percent: done.tests_passed_percent,
            accepted: done.accepted,
            checked: done.checked,
            open_checks: done.open_checks,
            gate_checks: done.gate_checks,
            held_ms: done.held_ms,
            unblocked: Vec::new(),
            unblocked_total: 0,
            phases_opened: Vec::new(),
        });
    });
    Ok(())
}

/// What a holder brings to finish its task, or to have it reviewed, found to be all that is asked for.
pub struct Finishing {
    pub task: TaskId,
    pub fence: u64,
    pub summary: Text,
    pub verification: Text,
    pub evidence: Vec<Text>,
    pub technologies: Vec<Text>,
    pub tests_passed_percent: Option<u8>,
    pub accepted: Vec<u32>,
    pub checked: CheckSet,
    pub open_checks: CheckSet,
    pub gate_checks: Vec<CompletionCheck>,
    pub held_ms: u64,
}

/// Looks at what a holder brings; whatever is missing is refused, all of it at once.
pub fn finishing(bench: &mut Bench<'_>, complete: &Complete) -> Result<Finishing, Refusal> {
    let (id, lease) = held_by_actor(bench, &complete.task, complete.fence)?;
    nothing_open(&bench.plan, id, "completed")?;
    let summary = text::long("summary", &complete.summary)?;
    let verification = text::long("verification", &complete.verification)?;
    let evidence = text::list("evidence", &complete.evidence)?;
    let technologies = text::list("technologies", &complete.technologies)?;
    if complete
        .tests_passed_percent
        .is_some_and(|percent| percent > 100)
    {
        return Err(Refusal::field("tests_passed_percent", "is more than 100"));
    }
    let accepted = checks::accepted(&bench.plan, id, complete)?;
    let checked = checks::read(Stage::Post, &complete.checked)?;
    let open_checks = check_policy(
        &bench.plan,
        id,
        lease.fence,
        &Brought {
            summary: !summary.is_empty(),
            verification: !verification.is_empty(),
            evidence: &evidence,
            accepted: &accepted,
            checked,
            checks_later: complete.checks_later,
        },
    )?;
    let way_on = finish_command(&bench.plan, id, lease.fence) + " --plans-completed";
    let plans = reference::for_completion(&bench.plan, id, complete.plans_completed, &way_on)?;
    let gate_checks = gate_checks(&bench.plan, id, complete)?;
    reference::complete_plans(bench, id, plans);
    let held_before = bench.plan.task(id).map_or(0, |view| view.state.held_ms);
    let now = bench.now();
    Ok(Finishing {
        task: id,
        fence: lease.fence,
        summary,
        verification,
        evidence,
        technologies,
        tests_passed_percent: complete.tests_passed_percent,
        accepted,
        checked,
        open_checks,
        gate_checks,
        held_ms: held_before + now.since_ms(lease.claimed_at),
    })
}

/// Records that a task is finished and what follows from it, and writes into that event what it set free.
pub fn carry_through(bench: &mut Bench<'_>, id: TaskId, record: impl FnOnce(&mut Bench<'_>)) {
    let waiting = may_become_ready(&bench.plan, id);
    let open_before: Vec<PhaseNo> = bench.plan.index.open_phases.to_vec();
    let place = bench.events.len();
    record(bench);
    settle_reopened(bench, id);
    withdraw_idle_blockers(bench, id, &format!("{id} was completed"));
    if let Some(phase) = bench.plan.task(id).map(|view| view.spec.phase) {
        bench.touch(phase);
    }
    bench.close_phases();
    let opened: Vec<PhaseNo> = bench
        .plan
        .index
        .open_phases
        .iter()
        .copied()
        .filter(|no| !open_before.contains(no))
        .collect();
    let free = set_free(&bench.plan, &waiting, &opened);
    let phases: Vec<String> = opened
        .iter()
        .map(|no| bench.plan.phase_id(*no).to_owned())
        .collect();
    // What was set free is for the answer alone: applying the event never reads it.
    let recorded = bench.events.get_mut(place);
    match recorded.map(|recorded| &mut recorded.event) {
        Some(Event::TaskCompleted(event)) => {
            event.unblocked_total = free.total;
            event.unblocked = free.listed;
            event.phases_opened = phases;
        }
        Some(Event::TaskApproved(event)) => {
            event.unblocked_total = free.total;
            event.unblocked = free.listed;
            event.phases_opened = phases;
        }
        _ => {}
    }
}

/// How the commands came out that gates ask for before this completion; each of them must be there.
fn gate_checks(
    plan: &Plan,
    id: TaskId,
    complete: &Complete,
) -> Result<Vec<CompletionCheck>, Refusal> {
    let required = plan.commands_for_completion(id);
    let mut checks = Vec::new();
    let mut failed = Vec::new();
    for wanted in &required {
        let brought = complete.gate_results.iter().find(|result| {
            result.gate == wanted.gate
                && result.criterion == wanted.criterion
                && result.command == wanted.command
        });
        let gate = plan.gate(wanted.gate);
        let place = (wanted.criterion as usize).saturating_sub(1);
        let criterion = gate.and_then(|gate| gate.criteria.get(place));
        let (Some(result), Some(criterion)) = (brought, criterion) else {
            let commands = required.iter().map(|it| (it.gate, &it.command));
            let refusal = Refusal::new(
                Reason::GateNotRun,
                format!(
                    "{id} cannot be completed before the daemon has run what its gates ask for; finish it again"
                ),
            );
            return Err(commands.fold(refusal, |refusal, (gate, command)| {
                refusal.item(command, format!("{gate} asks for it"))
            }));
        };
        let measure = match &criterion.check {
            CriterionCheck::Command { measure, .. } => measure.as_ref(),
            _ => None,
        };
        let outcome = judge_command(wanted.criterion, measure, &result.outcome);
        text::long("output", &outcome.evidence)?;
        if criterion.must_pass && !outcome.passed {
            failed.push((
                wanted,
                Arc::clone(&criterion.name),
                outcome.evidence.clone(),
            ));
        }
        checks.push(CompletionCheck {
            gate: wanted.gate,
            command: Arc::clone(&wanted.command),
            outcome,
        });
    }
    if failed.is_empty() {
        return Ok(checks);
    }
    let names: Vec<&str> = failed.iter().map(|(wanted, ..)| &*wanted.command).collect();
    let refusal = Refusal::new(
        Reason::GateFailed,
        format!(
            "{id} is not completed: {} failed; see to it and finish again, the task stays yours",
            names.join(", ")
        ),
    );
    let refusal = failed
        .iter()
        .fold(refusal, |refusal, (wanted, name, evidence)| {
            let subject = format!("{} of {} ({name})", wanted.command, wanted.gate);
            refusal.item(subject, &**evidence)
        });
    Err(refusal.next(finish_command(plan, id, complete.fence)))
}

/// The version of the event, when this very fence completed the task before.
fn completed_before(bench: &Bench<'_>, complete: &Complete) -> Result<Option<u64>, Refusal> {
    let done = completed_under(bench, &complete.task, complete.fence)?;
    Ok(done.map(|(_, done)| done.version))
}

/// The task and how it was finished, when the actor finished it under this very fence.
pub fn completed_under(
    bench: &Bench<'_>,
    task: &str,
    fence: u64,
) -> Result<Option<(TaskId, Arc<Completion>)>, Refusal> {
    let id = bench.plan.resolve_task(task)?;
    let done = bench
        .plan
        .task(id)
        .and_then(|view| view.state.completion.clone());
    let same = done.filter(|done| {
        fence != 0 && done.fence == fence && done.agent.as_ref() == bench.facts.actor.agent()
    });
    Ok(same.map(|done| (id, done)))
}

/// What a completion brings, as far as policies ask for it.
struct Brought<'a> {
    summary: bool,
    verification: bool,
    evidence: &'a [Text],
    accepted: &'a [u32],
    checked: CheckSet,
    checks_later: bool,
}

/// Refuses a completion that lacks what the policy asks for, all of it at once; else the post-checks its
/// agent owes from here on.
fn check_policy(
    plan: &Plan,
    id: TaskId,
    fence: u64,
    brought: &Brought<'_>,
) -> Result<CheckSet, Refusal> {
    let policy = checks::policy(plan);
    let unshown = EvidenceKind::missing(required_evidence(plan), brought.evidence);
    let wants_words = policy != Policy::Relaxed;
    if !wants_words && unshown.is_empty() {
        return Ok(CheckSet::NONE);
    }
    let is_claimed = |view: TaskView<'_>| view.state.status == Status::Claimed;
    if wants_words && plan.task(id).is_some_and(is_claimed) {
        return Err(not_started(id, fence));
    }
    let mut lacking = Lacking {
        criteria: Vec::new(),
        checks: CheckSet::NONE,
    };
    let mut owed = CheckSet::NONE;
    if policy == Policy::Strict {
        lacking = Lacking::of(plan, id, brought.accepted, brought.checked);
        if brought.checks_later {
            owed = std::mem::take(&mut lacking.checks);
        }
    }
    let has_words = !wants_words || brought.summary && brought.verification;
    if has_words && lacking.is_empty() && unshown.is_empty() {
        return Ok(owed);
    }
    let (reason, what) = if !lacking.is_empty() {
        let words = "tick what was accepted and attest its checks, with summary and verification";
        (Reason::ChecksMissing, words.to_owned())
    } else if has_words {
        let kinds: Vec<&str> = unshown.iter().map(|kind| kind.as_str()).collect();
        let words = format!("bring evidence of the kind {}", kinds.join(" and "));
        (Reason::EvidenceMissing, words)
    } else {
        let words = "say what was done and how it was shown to work";
        (Reason::EvidenceMissing, words.to_owned())
    };
    let mut refusal = Refusal::new(reason, format!("{id} cannot be completed yet: {what}"));
    if wants_words && !brought.summary {
        refusal = refusal.item("summary", "is missing: what was done");
    }
    if wants_words && !brought.verification {
        refusal = refusal.item("verification", "is missing: how it was shown to work");
    }
    for kind in unshown {
        let kind = kind.as_str();
        let missing = format!("is missing: a line such as `{kind}: …`");
        refusal = refusal.item(format!("evidence of the kind {kind}"), missing);
    }
    let refusal = lacking.name_in(refusal);
    Err(refusal.next(finish_command(plan, id, fence)))
}

/// The kinds of evidence that the project asks finished work for.
fn required_evidence(plan: &Plan) -> &[EvidenceKind] {
    plan.project()
        .map_or(&[], |project| &project.settings.required_evidence)
}

/// The command that completes a task, or hands it in for its review, under the project's policy.
pub fn finish_command(plan: &Plan, id: TaskId, fence: u64) -> String {
    let verb = if plan.needs_review(id) {
        "submit"
    } else {
        "done"
    };
    let mut command = format!("{verb} {id} --fence {fence} --summary … --verification …");
    if checks::policy(plan) == Policy::Strict {
        let ticks = |view: TaskView<'_>| !view.spec.acceptance.is_empty();
        if plan.task(id).is_some_and(ticks) {
            command.push_str(" --accept all");
        }
        command.push_str(" --checked all");
    }
    for kind in required_evidence(plan) {
        command.push_str(&format!(" --evidence '{}: …'", kind.as_str()));
    }
    command
}

/// Blockers that waited for this task to be finished again are settled with it.
fn settle_reopened(bench: &mut Bench<'_>, id: TaskId) {
    let settled: Vec<_> = bench
        .plan
        .blockers_waiting_for(id)
        .map(|blocker| blocker.id)
        .collect();
    for blocker in settled {
        let resolution = format!("{id} is completed again").into();
        bench.record(BlockerResolved {
            blocker,
            resolution,
            withdrawn: false,
        });
    }
}

impl Plan {
    /// Open blockers that settle by themselves when this task is completed again.
    pub(in super::super) fn blockers_waiting_for(
        &self,
        id: TaskId,
    ) -> impl Iterator<Item = &Blocker> {
        let range = (id, BlockerId(0))..=(id, BlockerId(u32::MAX));
        let settled = self.index.settled_by.range(range);
        settled.filter_map(|(_, blocker)| self.blocker(*blocker))
    }
}

struct Free {
    listed: Vec<TaskId>,
    total: u32,
}

/// The tasks that are not claimable and that this task's completion may set free.
fn may_become_ready(plan: &Plan, id: TaskId) -> Vec<TaskId> {
    let mut waiting: BTreeSet<TaskId> = plan.dependents(id).collect();
    waiting.extend(plan.behind_as_all_above(id));
    let reopened = plan.blockers_waiting_for(id);
    waiting.extend(reopened.flat_map(|blocker| blocker.tasks.iter().copied()));
    // With its last open task a phase may pass, and others behind it.
    let last = |phase| plan.tally(phase).open() == 1;
    if plan.task(id).is_some_and(|view| last(view.spec.phase)) {
        waiting.extend(plan.index.phase_dependents.iter().map(|(_, other)| *other));
    }
    waiting.retain(|other| !plan.is_ready(*other));
    waiting.into_iter().collect()
}

/// What a completion made claimable: dependents that were not, and what waited in phases it opened.
fn set_free(plan: &Plan, waiting: &[TaskId], opened: &[PhaseNo]) -> Free {
    let in_opened = |id: &TaskId| {
        plan.task(*id)
            .is_some_and(|view| opened.contains(&view.spec.phase))
    };
    let free = waiting
        .iter()
        .copied()
        .filter(|id| plan.is_ready(*id) && !in_opened(id));
    let mut listed: Vec<TaskId> = free.collect();
    let mut total = u32::try_from(listed.len()).unwrap_or(u32::MAX);
    for phase in plan.workable_phases().filter(|no| opened.contains(no)) {
        let room = UNBLOCKED_LISTED_MAX.saturating_sub(listed.len());
        listed.extend(plan.ready_in(phase).take(room));
        total += plan.ready_count(phase);
    }
    listed.truncate(UNBLOCKED_LISTED_MAX);
    Free { listed, total }
}
