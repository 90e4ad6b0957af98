//! Phases: added, changed, opened out of order, closed, reopened, left out.

use super::super::bench::Bench;
use super::super::event::{
    AddedPhase, PhaseCompleted, PhaseOrderOverridden, PhaseReopened, PhaseSkipped, PhaseUpdated,
    PhasesAdded, TaskDeferred,
};
use super::super::id::PhaseNo;
use super::super::model::PhaseState;
use super::super::refusal::{Reason, Refusal};
use super::super::state::Plan;
use super::super::window::Window;
use super::lease::end_live_claim;
use super::{NewPhase, PhaseChanges, PhaseTiming, text};

/// Phases a project may have.
pub const PHASES_MAX: usize = 1_000;

pub fn create(bench: &mut Bench<'_>, phases: &[NewPhase]) -> Result<(), Refusal> {
    if phases.is_empty() {
        return Err(Refusal::field("phases", "is empty"));
    }
    let mut reordered = false;
    for phase in phases {
        reordered |= add(bench, phase)?;
    }
    if reordered {
        bench.plan.check_whole()?;
    }
    Ok(())
}

/// Adds a phase; true when it may have changed what stands before others.
fn add(bench: &mut Bench<'_>, phase: &NewPhase) -> Result<bool, Refusal> {
    if bench.plan.phases().count() >= PHASES_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!(
                "the project has {PHASES_MAX} phases, which is the limit; nothing can be added"
            ),
        )
        .fact("limit", PHASES_MAX));
    }
    let id = if phase.id.trim().is_empty() {
        free_phase_id(&bench.plan)
    } else {
        text::id("id", &phase.id)?.to_string()
    };
    if let Some(other) = taken(&bench.plan, &id) {
        return Err(Refusal::new(
            Reason::PhaseExists,
            format!(
                "there is a phase {id} already: {}",
                bench.plan.phase(other).map_or("", |phase| &phase.name)
            ),
        )
        .next("phase list"));
    }
    let lead_role = slug_of(&bench.plan, &phase.lead_role)?;
    let predecessors = ids_of(&bench.plan, phase.predecessors.as_deref())?;
    let after = match phase.after.trim() {
        "" => None,
        after => Some(bench.plan.resolve_phase(after)?),
    };
    let added = AddedPhase {
        name: text::required_line("name", &phase.name)?.to_string(),
        goal: text::long("goal", &phase.goal)?.to_string(),
        lead_role: Some(lead_role).filter(|slug| !slug.is_empty()),
        criteria: text::list("criteria", &phase.criteria)?
            .iter()
            .map(ToString::to_string)
            .collect(),
        predecessors,
        after: after.map(|no| bench.plan.phase_id(no).to_owned()),
        completed: false,
        window: checked(phase.timing)?,
        ordering: phase.timing.ordering.unwrap_or_default(),
        id: id.clone(),
    };
    let inserted = added.after.is_some() || added.predecessors.is_some();
    bench.record(PhasesAdded {
        phases: vec![added],
    });
    Ok(inserted)
}

/// The slug of a role as written; empty when nothing is.
fn slug_of(plan: &Plan, written: &str) -> Result<String, Refusal> {
    if written.trim().is_empty() {
        return Ok(String::new());
    }
    let role = plan.resolve_role(written.trim())?;
    Ok(plan.role_slug(Some(role)).to_owned())
}

/// The window that is stated, when it is one.
fn checked(timing: PhaseTiming) -> Result<Option<Window>, Refusal> {
    let checked = timing.window.map(Window::checked).transpose();
    checked.map_err(|wrong| Refusal::field("window", wrong))
}

fn taken(plan: &Plan, id: &str) -> Option<PhaseNo> {
    plan.phase_no(id)
}

/// The lowest whole number above every numbered phase.
pub fn free_phase_id(plan: &Plan) -> String {
    let numbers = plan.phases().filter_map(|phase| {
        phase
            .id
            .split('.')
            .next()
            .and_then(|whole| whole.parse::<u32>().ok())
    });
    let mut next = numbers.max().map_or(1, |highest| highest.saturating_add(1));
    while taken(plan, &next.to_string()).is_some() {
        next += 1;
    }
    next.to_string()
}

fn ids_of(plan: &Plan, written: Option<&[String]>) -> Result<Option<Vec<String>>, Refusal> {
    let Some(written) = written else {
        return Ok(None);
    };
    let ids = written.iter().map(|text| {
        let no = plan.resolve_phase(text)?;
        Ok(plan.phase_id(no).to_owned())
    });
    ids.collect::<Result<Vec<_>, _>>().map(Some)
}

pub fn update(bench: &mut Bench<'_>, phase: &str, changes: &PhaseChanges) -> Result<(), Refusal> {
    let no = bench.plan.resolve_phase(phase)?;
    let (name, goal) = (changes.name.as_deref(), changes.goal.as_deref());
    let lead = changes.lead_role.as_deref();
    let event = PhaseUpdated {
        phase: bench.plan.phase_id(no).to_owned(),
        name: name
            .map(|name| text::required_line("name", name))
            .transpose()?
            .map(|name| name.to_string()),
        goal: goal
            .map(|goal| text::long("goal", goal))
            .transpose()?
            .map(|goal| goal.to_string()),
        lead_role: lead.map(|role| slug_of(&bench.plan, role)).transpose()?,
        criteria_added: text::list("criteria", &changes.criteria_added)?
            .iter()
            .map(ToString::to_string)
            .collect(),
        predecessors: ids_of(&bench.plan, changes.predecessors.as_deref())?,
        window: checked(changes.timing)?,
        window_dropped: changes.timing.drop_window,
        ordering: changes.timing.ordering,
    };
    if event
        == (PhaseUpdated {
            phase: event.phase.clone(),
            ..PhaseUpdated::default()
        })
    {
        return Err(Refusal::field("update_mask", "names nothing to change"));
    }
    if !event.criteria_added.is_empty() {
        let stated = open_phase(&bench.plan, no)?.criteria.len();
        check_criteria(stated + event.criteria_added.len())?;
    }
    let reordered = event.predecessors.is_some();
    bench.record(event);
    if reordered {
        bench.plan.check_whole()?;
    }
    Ok(())
}

fn check_criteria(count: usize) -> Result<(), Refusal> {
    if count <= text::LIST_MAX {
        return Ok(());
    }
    let limit = text::LIST_MAX;
    Err(Refusal::new(
        Reason::LimitReached,
        format!("a phase has at most {limit} criteria, not {count}; put some into one"),
    )
    .fact("limit", limit))
}

/// The phase, when it is not closed.
pub fn open_phase(plan: &Plan, no: PhaseNo) -> Result<&super::super::model::Phase, Refusal> {
    let phase = plan
        .phase(no)
        .ok_or_else(|| Refusal::new(Reason::PhaseNotFound, "no such phase; look at the list"))?;
    if phase.state == PhaseState::Open {
        return Ok(phase);
    }
    let word = if phase.state == PhaseState::Skipped {
        "left out"
    } else {
        "completed"
    };
    Err(Refusal::new(
        Reason::PhaseClosed,
        format!(
            "phase {} ({}) is {word}; open it again first, or use a later phase",
            phase.id, phase.name
        ),
    )
    .item(format!("phase {}", phase.id), word)
    .next(format!("phase reopen {} --reason …", phase.id))
    .next("phase list"))
}

pub fn override_order(bench: &mut Bench<'_>, phase: &str, reason: &str) -> Result<(), Refusal> {
    let no = bench.plan.resolve_phase(phase)?;
    let reason = text::required_long("reason", reason)?.to_string();
    let phase = open_phase(&bench.plan, no)?.id.to_string();
    if bench.plan.phase_is_open(no) {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("phase {phase} is open already; its tasks can be claimed"),
        )
        .next("claim"));
    }
    bench.record(PhaseOrderOverridden { phase, reason });
    Ok(())
}

pub fn close(bench: &mut Bench<'_>, phase: &str) -> Result<(), Refusal> {
    let no = bench.plan.resolve_phase(phase)?;
    let phase = open_phase(&bench.plan, no)?.id.to_string();
    let missing = bench
        .plan
        .missing_for_close(no, bench.now())
        .unwrap_or_else(|| {
            vec![(
                format!("phase {phase}"),
                "has no tasks, criteria, deliverables or gates and holds nothing up; leave it out instead"
                    .to_owned(),
            )]
        });
    if missing.is_empty() {
        bench.record(PhaseCompleted { phase });
        return Ok(());
    }
    let mut refusal = Refusal::new(
        Reason::PhaseUnfinished,
        format!("phase {phase} cannot be closed yet; it lacks what is listed"),
    );
    for (subject, description) in missing {
        refusal = refusal.item(subject, description);
    }
    let lacks = bench.plan.phase_gate_lacks(no, bench.now());
    if let Some(lack) = lacks.into_iter().find(|lack| !lack.next.is_empty()) {
        refusal = refusal.next(lack.next);
    }
    Err(refusal.next(format!("phase show {phase}")))
}

pub fn reopen(bench: &mut Bench<'_>, phase: &str, reason: &str) -> Result<(), Refusal> {
    let no = bench.plan.resolve_phase(phase)?;
    let reason = text::required_long("reason", reason)?.to_string();
    let found = bench
        .plan
        .phase(no)
        .map(|phase| (phase.id.to_string(), phase.state));
    match found {
        Some((phase, PhaseState::Completed | PhaseState::Skipped)) => {
            bench.record(PhaseReopened { phase, reason });
            Ok(())
        }
        Some((phase, PhaseState::Open)) => Err(Refusal::new(
            Reason::IllegalTransition,
            format!("phase {phase} is not closed; there is nothing to open again"),
        )
        .next(format!("phase show {phase}"))),
        None => Err(Refusal::new(
            Reason::PhaseNotFound,
            "no such phase; look at the list",
        )),
    }
}

pub fn skip(bench: &mut Bench<'_>, phase: &str, reason: &str) -> Result<(), Refusal> {
    let no = bench.plan.resolve_phase(phase)?;
    let reason = text::required_long("reason", reason)?;
    let phase = open_phase(&bench.plan, no)?.id.to_string();
    let open: Vec<_> = bench
        .plan
        .tasks_of(no)
        .filter(|view| !view.state.status.is_terminal())
        .map(|view| view.id)
        .collect();
    for task in open {
        end_live_claim(bench, task, &reason);
        let reason = format!("phase {phase} was left out: {reason}").into();
        bench.record(TaskDeferred {
            task,
            target: "".into(),
            reason,
        });
    }
    bench.record(PhaseSkipped {
        phase,
        reason: reason.to_string(),
    });
    Ok(())
}
