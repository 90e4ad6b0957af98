//! What policy `strict` asks a holder to attest: pre-checks before the start, acceptance and post-checks with
//! the completion, and no next claim while a post-check is open. Everything that is missing is told at once.

use super::super::super::bench::Bench;
use super::super::super::check::{Check, CheckSet, Stage};
use super::super::super::event::ProgressReported;
use super::super::super::id::TaskId;
use super::super::super::model::Agent;
use super::super::super::refusal::{Reason, Refusal};
use super::super::super::settings::Policy;
use super::super::super::state::{Plan, clipped};
use super::super::{Complete, session, text};
use super::review::HandedOver;

/// Names in one list of a request.
const NAMES_MAX: usize = 32;
/// Numbers in one list of a request.
const NUMBERS_MAX: usize = 2 * text::LIST_MAX;
/// Bookkeeping that plans list among their post-checks and that the daemon does by itself.
const TICKED_BY_THE_DAEMON: [&str; 8] = [
    "tasks_status_updated",
    "iplan_status_updated",
    "completion_date_added",
    "session_log_date",
    "session_log_task_id",
    "session_log_status",
    "session_log_summary",
    "session_logged",
];

/// The checks written in the field `checked` of a request: names of one stage, or `all`.
pub fn read(stage: Stage, written: &[String]) -> Result<CheckSet, Refusal> {
    if written.len() > NAMES_MAX {
        let long = format!(
            "has {} entries; at most {NAMES_MAX} are taken",
            written.len()
        );
        return Err(Refusal::field("checked", long).fact("limit", NAMES_MAX));
    }
    let mut set = CheckSet::NONE;
    for name in written {
        set = set.and(read_one(stage, name.trim())?);
    }
    Ok(set)
}

fn read_one(stage: Stage, name: &str) -> Result<CheckSet, Refusal> {
    if name == "all" {
        return Ok(CheckSet::of(stage));
    }
    let known = CheckSet::of(stage).names().replace(',', ", ");
    let wrong =
        |what: String| Refusal::field("checked", format!("names {what}; here name {known} or all"));
    match Check::ALL.into_iter().find(|check| check.as_str() == name) {
        Some(check) if check.stage() == stage => Ok(CheckSet::only(check)),
        Some(check) => Err(wrong(match check.stage() {
            Stage::Pre => format!("{name}, which is attested before the task is started"),
            Stage::Post => format!("{name}, which is attested when the task is done"),
        })),
        None if TICKED_BY_THE_DAEMON.contains(&name) => {
            Err(wrong(format!("{name}, which the daemon ticks by itself")))
        }
        None => Err(wrong(format!("`{}`, which is no check", clipped(name)))),
    }
}

pub fn policy(plan: &Plan) -> Policy {
    plan.project()
        .map_or(Policy::Standard, |project| project.settings.policy)
}

/// The pre-checks a start rests on, with the one the daemon made; refused while one is missing.
pub fn for_start(
    plan: &Plan,
    id: TaskId,
    fence: u64,
    given: CheckSet,
) -> Result<CheckSet, Refusal> {
    if policy(plan) != Policy::Strict {
        return Ok(given);
    }
    let kept = plan
        .task(id)
        .map_or(CheckSet::NONE, |view| view.state.checks);
    let checked = given.and(kept).and(CheckSet::DAEMON);
    let missing = CheckSet::PRE.without(checked);
    if missing.is_empty() {
        return Ok(checked);
    }
    let refusal = Refusal::new(
        Reason::ChecksMissing,
        format!(
            "{id} cannot be started yet: attest {}; look at each, then start it",
            spoken(missing)
        ),
    );
    Err(named(refusal, missing)
        .fact("task", id)
        .next(format!("start {id} --fence {fence} --checked all")))
}

/// Refuses a claim that is to start whatever it gets and attests too little for it.
pub fn for_blind_start(plan: &Plan, given: CheckSet) -> Result<(), Refusal> {
    let missing = CheckSet::PRE.without(given.and(CheckSet::DAEMON));
    if policy(plan) != Policy::Strict || missing.is_empty() {
        return Ok(());
    }
    let refusal = Refusal::new(
        Reason::ChecksMissing,
        format!(
            "a task cannot be started unchecked: {} is missing; claim it, look at it, then start it",
            spoken(missing)
        ),
    );
    Err(named(refusal, missing)
        .next("claim")
        .next("claim --start --checked all"))
}

fn spoken(checks: CheckSet) -> String {
    checks.names().replace(',', ", ")
}

fn named(mut refusal: Refusal, missing: CheckSet) -> Refusal {
    for check in missing.iter() {
        refusal = refusal.item(
            check.as_str(),
            format!("is not attested: {}", check.meaning()),
        );
    }
    refusal
}

/// The acceptance criteria a completion ticks, each once, in order.
pub fn accepted(plan: &Plan, id: TaskId, complete: &Complete) -> Result<Vec<u32>, Refusal> {
    let count = plan.task(id).map_or(0, |view| view.spec.acceptance.len());
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    if complete.accept_all {
        return Ok((1..=count).collect());
    }
    if complete.accepted.len() > NUMBERS_MAX {
        return Err(
            Refusal::field("accepted", format!("has more than {NUMBERS_MAX} entries"))
                .fact("limit", NUMBERS_MAX),
        );
    }
    let unknown = |number: &&u32| !(1..=count).contains(*number);
    if let Some(number) = complete.accepted.iter().find(unknown) {
        let has = match count {
            0 => "none".to_owned(),
            1 => "one, number 1".to_owned(),
            count => format!("1 to {count}"),
        };
        return Err(Refusal::field(
            "accepted",
            format!("names criterion {number}; {id} has {has}"),
        )
        .next(format!("task show {id}")));
    }
    let mut accepted = complete.accepted.clone();
    accepted.sort_unstable();
    accepted.dedup();
    Ok(accepted)
}

/// What a completion under `strict` lacks beyond its words: criteria not ticked, post-checks not attested.
pub struct Lacking {
    /// Numbers and texts of the criteria.
    pub criteria: Vec<(usize, String)>,
    /// The post-checks.
    pub checks: CheckSet,
}

impl Lacking {
    pub fn of(plan: &Plan, id: TaskId, accepted: &[u32], checked: CheckSet) -> Self {
        let Some(view) = plan.task(id) else {
            return Self {
                criteria: Vec::new(),
                checks: CheckSet::POST,
            };
        };
        let ticked =
            |number: usize| u32::try_from(number).is_ok_and(|number| accepted.contains(&number));
        let numbered = (1..).zip(&*view.spec.acceptance);
        Self {
            criteria: numbered
                .filter(|(number, _)| !ticked(*number))
                .map(|(number, text)| (number, text.to_string()))
                .collect(),
            checks: CheckSet::POST.without(checked.and(view.state.checks)),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.criteria.is_empty() && self.checks.is_empty()
    }

    /// Adds each of them to a refusal.
    pub fn name_in(&self, mut refusal: Refusal) -> Refusal {
        for (number, text) in &self.criteria {
            refusal = refusal.item(
                format!("criterion {number}"),
                format!("is not ticked: {}", clipped(text)),
            );
        }
        named(refusal, self.checks)
    }
}

/// Refuses another claim while the agent owes a post-check of a task it completed or handed in.
pub fn nothing_owed(plan: &Plan, agent: &Agent) -> Result<(), Refusal> {
    if agent.owes.is_empty() || policy(plan) != Policy::Strict {
        return Ok(());
    }
    let owed = agent.owes.iter().filter_map(|id| {
        let done = plan.handed_over(*id)?;
        Some((*id, done.fence, done.open_checks))
    });
    let owed: Vec<(TaskId, u64, CheckSet)> = owed.collect();
    let which: Vec<String> = owed
        .iter()
        .map(|(id, _, open)| format!("{} of {id}", spoken(*open)))
        .collect();
    let mut refusal = Refusal::new(
        Reason::ChecksOpen,
        format!(
            "{} has not attested {} yet; that comes before the next claim",
            agent.name,
            which.join(", ")
        ),
    );
    for (id, fence, open) in owed {
        for check in open.iter() {
            refusal = refusal.item(
                id,
                format!("{} is open: {}", check.as_str(), check.meaning()),
            );
        }
        refusal = refusal.next(format!(
            "attest {id} --fence {fence} --checked {}",
            open.names()
        ));
    }
    Err(refusal)
}

/// Attests post-checks of a task that this very fence completed or handed in; false when it did not.
pub fn attest_handed_over(
    bench: &mut Bench<'_>,
    task: &str,
    fence: u64,
    note: &str,
    written: &[String],
) -> Result<bool, Refusal> {
    let id = bench.plan.resolve_task(task)?;
    let own = |done: &HandedOver<'_>| {
        fence != 0 && done.fence == fence && done.agent == bench.facts.actor.agent()
    };
    let Some(open) = bench
        .plan
        .handed_over(id)
        .filter(own)
        .map(|done| done.open_checks)
    else {
        return Ok(false);
    };
    let checked = read(Stage::Post, written)?;
    let note = text::long("note", note)?;
    if open.without(checked) == open {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!(
                "{} of {id} is not open; nothing is left to attest there",
                spoken(checked)
            ),
        )
        .item(id, "has no such open check")
        .next(format!("task show {id}")));
    }
    if let Some(name) = bench.facts.actor.agent() {
        bench.session = session::current(&bench.plan, name, None)?;
    }
    bench.record(ProgressReported {
        task: id,
        fence,
        note,
        percent: None,
        checked,
    });
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(stage: Stage, names: &[&str]) -> Result<CheckSet, Refusal> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        read(stage, &names)
    }

    #[test]
    fn all_means_the_checks_of_the_stage() {
        assert_eq!(given(Stage::Pre, &["all"]), Ok(CheckSet::PRE));
        assert_eq!(
            given(Stage::Post, &["all", "docs_updated"]),
            Ok(CheckSet::POST)
        );
        assert_eq!(given(Stage::Post, &[]), Ok(CheckSet::NONE));
    }

    #[test]
    fn what_is_no_check_of_the_stage_is_refused_with_those_that_are() {
        for (name, says) in [
            (
                "tests_dreamt_of",
                "which is no check; here name tests_passing",
            ),
            ("verified_req", "attested before the task is started"),
            ("session_log_date", "which the daemon ticks by itself"),
            ("", "which is no check"),
        ] {
            let refusal = given(Stage::Post, &[name]).expect_err("no check of this stage");
            assert!(refusal.message.contains(says), "{refusal}");
        }
        assert!(given(Stage::Pre, &["all"; NAMES_MAX + 1]).is_err());
    }
}
