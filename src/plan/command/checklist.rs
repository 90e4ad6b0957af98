//! The checklist: what a run looks at, what came of each item, and when it is over. Nothing ticks itself: an item
//! is done because somebody said so, or because what gives its result was asked and answered.

use std::sync::Arc;

#[cfg(test)]
use serde::{Deserialize, Serialize};

use super::super::bench::Bench;
use super::super::event::{
    ChecklistAsked, ChecklistDefined, ChecklistEnded, ChecklistItemSettled, ChecklistMissed,
    ChecklistStarted, Executor, ItemSpec, ItemState, SlotEnded, Text,
};
use super::super::fact::Actor;
use super::super::id::ChecklistId;
use super::super::model::ChecklistRun;
use super::super::refusal::{Reason, Refusal};
use super::super::state::{Plan, clipped};
use super::super::time::Timestamp;
use super::{schedule, text};

/// Items a checklist may have.
const ITEMS_MAX: usize = 50;
/// The longest window of a run, in minutes: a week.
const WINDOW_MINUTES_MAX: u32 = 7 * 24 * 60;
/// Runs a project keeps in sight.
const RUNS_MAX: usize = 100_000;
/// What an item may say, in characters; more is cut.
pub const RESULT_CHARS_MAX: usize = 4_000;

/// What can be asked of checklists.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
#[expect(
    missing_docs,
    reason = "a variant's fields are those of its request, documented there"
)]
pub enum Checking {
    /// Says what runs look at from here on.
    Define {
        items: Vec<ItemSpec>,
        window_minutes: u32,
    },
    /// Starts a run, or looks once more at what is open of the one under way; `run` names the schedule and its run
    /// that this is for.
    Start { run: Option<(String, u32)> },
    /// Records what came of an item (the daemon itself).
    Settle {
        checklist: ChecklistId,
        item: u32,
        state: ItemState,
        result: String,
    },
    /// Says by hand what came of an item, by number or name.
    Tick {
        checklist: Option<ChecklistId>,
        item: String,
        skip: bool,
        note: String,
    },
    /// Ends a run whose time is over (the daemon itself).
    End { checklist: ChecklistId },
}

impl Checking {
    /// Whether an actor may ask for it.
    pub fn is_for(&self, actor: &Actor) -> bool {
        match self {
            Self::Settle { .. } | Self::End { .. } => *actor == Actor::System,
            Self::Define { .. } | Self::Start { .. } => actor.coordinates(),
            Self::Tick { .. } => actor.agent().is_some() || actor.coordinates(),
        }
    }
}

pub fn decide(bench: &mut Bench<'_>, checking: &Checking) -> Result<(), Refusal> {
    match checking {
        Checking::Define {
            items,
            window_minutes,
        } => define(bench, items, *window_minutes),
        Checking::Start { run } => start(bench, run.as_ref()),
        Checking::Settle {
            checklist,
            item,
            state,
            result,
        } => settle(bench, *checklist, *item, *state, result),
        Checking::Tick {
            checklist,
            item,
            skip,
            note,
        } => tick(bench, *checklist, item, *skip, note),
        Checking::End { checklist } => end(bench, *checklist),
    }
}

fn define(bench: &mut Bench<'_>, items: &[ItemSpec], window_minutes: u32) -> Result<(), Refusal> {
    if items.is_empty() || items.len() > ITEMS_MAX {
        return Err(Refusal::field(
            "items",
            format!(
                "has {} entries; it must have from 1 to {ITEMS_MAX}",
                items.len()
            ),
        ));
    }
    if !(1..=WINDOW_MINUTES_MAX).contains(&window_minutes) {
        return Err(Refusal::field(
            "window_minutes",
            format!("is {window_minutes}; it must be from 1 to {WINDOW_MINUTES_MAX}"),
        ));
    }
    let mut checked: Vec<ItemSpec> = Vec::with_capacity(items.len());
    for item in items {
        let name = text::required_line("items", &item.name)?;
        if checked.iter().any(|other| other.name == name) {
            let twice = format!("has `{}` twice; each name once", clipped(&name));
            return Err(Refusal::field("items", twice));
        }
        let executor = match &item.executor {
            Executor::Command(command) => Executor::Command(text::name("items", command)?),
            other => other.clone(),
        };
        checked.push(ItemSpec { name, executor });
    }
    bench.record(ChecklistDefined {
        items: checked,
        window_minutes,
    });
    Ok(())
}

/// A run by its id; none named = the newest.
pub fn found(plan: &Plan, id: Option<ChecklistId>) -> Result<&ChecklistRun, Refusal> {
    let run = match id {
        Some(id) => plan.checklist_run(id),
        None => plan.newest_checklist_run(),
    };
    run.ok_or_else(|| {
        let message = match id {
            Some(id) => format!("no checklist {id} in this project"),
            None => "the checklist never ran in this project".to_owned(),
        };
        Refusal::new(Reason::ChecklistNotFound, message).next("checklist run")
    })
}

fn open(plan: &Plan, id: Option<ChecklistId>) -> Result<&ChecklistRun, Refusal> {
    let run = found(plan, id)?;
    if run.ended_at.is_none() {
        return Ok(run);
    }
    Err(Refusal::new(
        Reason::IllegalTransition,
        format!("{} is {}; start another run", run.id, run.status()),
    )
    .item(run.id, run.status())
    .next("checklist run"))
}

fn start(bench: &mut Bench<'_>, for_run: Option<&(String, u32)>) -> Result<(), Refusal> {
    let mut name: Text = "".into();
    if let Some((schedule, run)) = for_run {
        name = Arc::clone(&schedule::under_way(&bench.plan, schedule, *run)?.name);
    }
    let now = bench.now();
    let day = bench.plan.local_day(now);
    let under_way = bench.plan.open_checklist_run();
    let id = match under_way.map(|run| (run.id, run.day == day && now < run.closes_at)) {
        Some((id, true)) => {
            look_again(bench, id);
            id
        }
        other => {
            if let Some((id, _)) = other {
                bench.record(ChecklistEnded {
                    checklist: id,
                    complete: false,
                });
            }
            begin(bench, Arc::clone(&name))?
        }
    };
    if let Some((_, run)) = for_run {
        bench.record(SlotEnded {
            schedule: name,
            run: *run,
            failed: false,
            note: format!("started {id}").into(),
            report: None,
        });
    }
    Ok(())
}

/// The id of the next run.
fn next_id(plan: &Plan) -> ChecklistId {
    let newest = plan.checklist_runs.last();
    ChecklistId(newest.map_or(1, |(id, _)| id.0 + 1))
}

/// Records that the run of a day was missed, unless that day, or one after it, has a run of its own. What a
/// schedule owes beyond the newest day is counted by the schedule alone.
pub(super) fn missed(bench: &mut Bench<'_>, schedule: &Text, due_at: Timestamp) {
    let day = bench.plan.local_day(due_at);
    let newest = bench.plan.newest_checklist_run();
    let has_a_run = newest.is_some_and(|run| run.day >= day);
    // A slot that went by must not stand in the way of the next one.
    if has_a_run || bench.plan.checklist_runs.len() >= RUNS_MAX {
        return;
    }
    if let Some(open) = bench.plan.open_checklist_run().map(|run| run.id) {
        bench.record(ChecklistEnded {
            checklist: open,
            complete: false,
        });
    }
    bench.record(ChecklistMissed {
        checklist: next_id(&bench.plan),
        day,
        items: bench.plan.checklist().items.to_vec(),
        due_at,
        schedule: Arc::clone(schedule),
    });
}

fn begin(bench: &mut Bench<'_>, schedule: Text) -> Result<ChecklistId, Refusal> {
    let checklist = next_id(&bench.plan);
    if bench.plan.checklist_runs.len() >= RUNS_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!("the project has {RUNS_MAX} checklists, which is the limit; no more are kept"),
        )
        .fact("limit", RUNS_MAX));
    }
    let list = bench.plan.checklist();
    let window_ms = i64::from(list.window_minutes) * 60_000;
    let now = bench.now();
    bench.record(ChecklistStarted {
        checklist,
        day: bench.plan.local_day(now),
        items: list.items.to_vec(),
        closes_at: Timestamp(now.0.saturating_add(window_ms)),
        schedule,
    });
    Ok(checklist)
}

/// What is open and gives its own result is looked at once more.
fn look_again(bench: &mut Bench<'_>, id: ChecklistId) {
    let Some(run) = bench.plan.checklist_run(id) else {
        return;
    };
    let again = run.each().filter(|(_, item)| {
        let open = matches!(item.state, ItemState::NeedsAttention | ItemState::Failed);
        open && item.spec.executor != Executor::Manual
    });
    let items: Vec<u32> = again.map(|(number, _)| number).collect();
    bench.record(ChecklistAsked {
        checklist: id,
        items,
    });
}

fn settle(
    bench: &mut Bench<'_>,
    id: ChecklistId,
    number: u32,
    state: ItemState,
    result: &str,
) -> Result<(), Refusal> {
    let run = open(&bench.plan, Some(id))?;
    let pending = run
        .item(number)
        .is_some_and(|item| item.state == ItemState::Pending);
    if !pending || state == ItemState::Pending {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("item {number} of {id} does not wait for a result; see where it stands"),
        )
        .next(format!("checklist show {id}")));
    }
    // What commands and services print has no end; what is kept has.
    let result: String = result.chars().take(RESULT_CHARS_MAX).collect();
    bench.record(ChecklistItemSettled {
        checklist: id,
        item: number,
        state,
        result: text::long("result", &result)?,
    });
    end_if_over(bench, id);
    Ok(())
}

fn tick(
    bench: &mut Bench<'_>,
    id: Option<ChecklistId>,
    written: &str,
    skip: bool,
    note: &str,
) -> Result<(), Refusal> {
    let run = open(&bench.plan, id)?;
    let id = run.id;
    let wanted = written.trim().to_lowercase();
    let found = run.each().find(|(number, item)| {
        number.to_string() == wanted || item.spec.name.to_lowercase() == wanted
    });
    let Some((number, item)) = found else {
        let names = run
            .each()
            .map(|(number, item)| format!("{number} {}", item.spec.name));
        let names: Vec<String> = names.collect();
        return Err(Refusal::field(
            "item",
            format!("is `{}`; {id} has {}", clipped(written), names.join(", ")),
        ));
    };
    if item.state.is_over() {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("item {number} of {id} is {} already", item.state.as_str()),
        )
        .next(format!("checklist show {id}")));
    }
    // A tick over a result that asks for attention says why that is settled.
    let result = if item.state == ItemState::Pending && !skip {
        text::long("note", note)?
    } else {
        text::required_long("note", note)?
    };
    bench.record(ChecklistItemSettled {
        checklist: id,
        item: number,
        state: if skip {
            ItemState::Skipped
        } else {
            ItemState::Done
        },
        result,
    });
    end_if_over(bench, id);
    Ok(())
}

fn end_if_over(bench: &mut Bench<'_>, id: ChecklistId) {
    let over = bench
        .plan
        .checklist_run(id)
        .is_some_and(ChecklistRun::is_over);
    if over {
        bench.record(ChecklistEnded {
            checklist: id,
            complete: true,
        });
    }
}

fn end(bench: &mut Bench<'_>, id: ChecklistId) -> Result<(), Refusal> {
    let run = open(&bench.plan, Some(id))?;
    if bench.facts.now < run.closes_at {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("{id} is open until its time is over; wait for it"),
        )
        .next(format!("checklist show {id}")));
    }
    bench.record(ChecklistEnded {
        checklist: id,
        complete: false,
    });
    Ok(())
}
