//! Rules: a wait stated once for every task a selector names, followed in the append in which a task comes to be
//! named. What a rule leads to are ordinary dependencies; tasks that are held or finished keep what they have.

use std::collections::BTreeMap;

use super::super::bench::Bench;
use super::super::event::{
    DecisionExtended, DependenciesAdded, On, RuleAdded, RuleEnded, RuleSide,
};
use super::super::graph::STEPS_A_COMMAND_MAX;
use super::super::id::{DecisionId, RuleId, TaskId};
use super::super::model::Status;
use super::super::refusal::{Reason, Refusal};
use super::super::state::{Match, Plan, Side};
use super::decision::NAMED_MAX;
use super::{RuleSideRef, dependency, text};

/// Rules in force at once.
const RULES_MAX: usize = 100;
/// Rules a project may ever state.
const RULES_EVER_MAX: usize = 10_000;
/// Waits that rules add in one append.
const WAITS_MAX: usize = 10_000;

pub fn add(
    bench: &mut Bench<'_>,
    waiting: &RuleSideRef,
    on: &RuleSideRef,
    note: &str,
) -> Result<(), Refusal> {
    let plan = &bench.plan;
    let in_force = plan.rules().filter(|rule| rule.ended.is_none()).count();
    for (count, limit, what) in [
        (in_force, RULES_MAX, "rules in force"),
        (plan.rules.len(), RULES_EVER_MAX, "rules"),
    ] {
        if count >= limit {
            let message = format!("there are {limit} {what}, which is the limit; end one first");
            return Err(Refusal::new(Reason::LimitReached, message)
                .fact("limit", limit)
                .next("rule list"));
        }
    }
    let waiting = side(plan, "waiting", waiting)?;
    let on = side(plan, "on", on)?;
    if matches!(waiting, RuleSide::Phase(_)) {
        let description = "names a phase; phases wait by their order, name its tasks as phase:ID";
        return Err(Refusal::field("waiting", description));
    }
    if let (RuleSide::Task(task), RuleSide::Task(_) | RuleSide::Phase(_)) = (&waiting, &on) {
        let description = "names one task, and so does the other side; state a dependency instead";
        return Err(Refusal::field("waiting", description).next(format!("task depend {task} …")));
    }
    let same = |rule: &&super::super::model::Rule| {
        rule.ended.is_none() && rule.waiting == waiting && rule.on == on
    };
    if let Some(rule) = plan.rules().find(same) {
        let message = format!("{} says the same already; there is nothing to add", rule.id);
        return Err(Refusal::new(Reason::DependencyExists, message).next("rule list"));
    }
    let rule = RuleId(plan.rules.last().map_or(1, |(id, _)| id.0 + 1));
    bench.record(RuleAdded {
        rule,
        waiting,
        on,
        note: text::long("note", note)?,
    });
    Ok(())
}

fn side(plan: &Plan, field: &str, written: &RuleSideRef) -> Result<RuleSide, Refusal> {
    Ok(match written {
        RuleSideRef::Task(task) => {
            let id = plan.resolve_task(task)?;
            dependency::check_not_split(plan, &On::Task(id))?;
            RuleSide::Task(id)
        }
        RuleSideRef::Phase(phase) => {
            RuleSide::Phase(plan.phase_id(plan.resolve_phase(phase)?).into())
        }
        RuleSideRef::Matching(selector) => {
            plan.selector(field, selector)?;
            RuleSide::Matching(text::required_line(field, selector)?)
        }
    })
}

pub fn end(bench: &mut Bench<'_>, id: RuleId, reason: &str) -> Result<(), Refusal> {
    let Some(rule) = bench.plan.rule(id) else {
        let message = format!("no rule {id} in this project");
        return Err(Refusal::new(Reason::RuleNotFound, message)
            .item(id, "does not exist")
            .next("rule list"));
    };
    if rule.ended.is_some() {
        let message = format!("{id} has ended already; there is nothing to do");
        return Err(Refusal::new(Reason::IllegalTransition, message).next("rule list --all"));
    }
    let reason = text::required_long("reason", reason)?;
    bench.record(RuleEnded { rule: id, reason });
    Ok(())
}

/// Follows the rules in force, and the open decisions, for what they came to name by what was recorded.
pub fn follow(bench: &mut Bench<'_>) -> Result<(), Refusal> {
    let matches = std::mem::take(&mut bench.matches);
    if matches.is_empty() {
        return Ok(());
    }
    let mut waits: BTreeMap<TaskId, Vec<(On, RuleId)>> = BTreeMap::new();
    let mut count = 0;
    let mut extended: BTreeMap<DecisionId, Vec<TaskId>> = BTreeMap::new();
    for found in matches {
        match found {
            Match::Decision(decision, task) => {
                if is_open(&bench.plan, task) {
                    extended.entry(decision).or_default().push(task);
                }
            }
            Match::Rule(rule, side, task) => {
                for (task, on) in bench.plan.demanded(rule, side, task) {
                    let list = waits.entry(task).or_default();
                    if list.iter().all(|(other, _)| *other != on) {
                        list.push((on, rule));
                        count += 1;
                    }
                    if count > WAITS_MAX {
                        return Err(too_many_waits(rule));
                    }
                }
            }
        }
    }
    for (decision, tasks) in extended {
        extend(bench, decision, tasks)?;
    }
    let mut steps_left = STEPS_A_COMMAND_MAX;
    for (task, on) in waits {
        let view = bench.plan.task(task);
        let stated = view.map_or(0, |view| view.spec.dependencies.len());
        let rule = on.first().map(|(_, rule)| *rule);
        let by_rule = |refusal: Refusal| match rule {
            Some(rule) => refusal
                .fact("rule", rule)
                .next(format!("rule end {rule} --reason …")),
            None => refusal,
        };
        dependency::check_count(stated + on.len()).map_err(by_rule)?;
        for (on, _) in &on {
            bench
                .plan
                .check_no_cycle(task, on, &mut steps_left)
                .map_err(by_rule)?;
        }
        let on = on.into_iter().map(|(on, _)| on).collect();
        bench.record(DependenciesAdded { task, on });
    }
    Ok(())
}

fn is_open(plan: &Plan, task: TaskId) -> bool {
    plan.task(task)
        .is_some_and(|view| !view.state.status.is_terminal())
}

/// An open decision holds up what its selectors name, as far as it may name tasks.
fn extend(bench: &mut Bench<'_>, decision: DecisionId, tasks: Vec<TaskId>) -> Result<(), Refusal> {
    let named = bench
        .plan
        .decision(decision)
        .map_or(0, |it| it.blocks.len());
    if named + tasks.len() > NAMED_MAX {
        let message = format!(
            "{decision} would hold up {} tasks by its selectors; {NAMED_MAX} are the limit, decide it first",
            named + tasks.len()
        );
        return Err(Refusal::new(Reason::LimitReached, message)
            .fact("limit", NAMED_MAX)
            .next(format!("decision decide {decision} --answer …")));
    }
    bench.record(DecisionExtended { decision, tasks });
    Ok(())
}

fn too_many_waits(rule: RuleId) -> Refusal {
    let message = format!(
        "{rule} would add more than {WAITS_MAX} waits at once; narrow what it names, or wait for a whole phase"
    );
    Refusal::new(Reason::LimitReached, message)
        .fact("limit", WAITS_MAX)
        .next("task list --matching …")
}

impl Plan {
    /// The waits that a rule asks for because one of its sides names a task, and that are not stated.
    fn demanded(&self, id: RuleId, side: Side, task: TaskId) -> Vec<(TaskId, On)> {
        let Some(rule) = self.rule(id) else {
            return Vec::new();
        };
        let (waiting, on) = match side {
            Side::Waiting => (vec![task], self.waited_for(id, &rule.on)),
            Side::On => {
                let waiting = self.rule_members(id, Side::Waiting).collect();
                (waiting, vec![On::Task(task)])
            }
        };
        let mut waits = Vec::new();
        for task in waiting.into_iter().flat_map(|it| self.in_place_of(it)) {
            for on in &on {
                if waits.len() > WAITS_MAX {
                    return waits;
                }
                if self.may_wait(task, on) {
                    waits.push((task, on.clone()));
                }
            }
        }
        waits
    }

    /// What a side of a rule stands for as something to wait for.
    fn waited_for(&self, id: RuleId, side: &RuleSide) -> Vec<On> {
        match side {
            RuleSide::Phase(phase) => vec![On::Phase(phase.clone())],
            RuleSide::Task(task) => self.in_place_of(*task).into_iter().map(On::Task).collect(),
            RuleSide::Matching(_) => self.rule_members(id, Side::On).map(On::Task).collect(),
        }
    }

    /// A task, or the parts that stand in its place.
    fn in_place_of(&self, task: TaskId) -> Vec<TaskId> {
        let mut found = Vec::new();
        let mut todo = vec![task];
        while let Some(id) = todo.pop() {
            match self.task(id).map_or(&[] as &[_], |it| it.spec.split_into()) {
                [] => found.push(id),
                parts => todo.extend(parts),
            }
        }
        found.sort_unstable();
        found
    }

    /// Whether a task that is not begun could wait for something that it does not wait for yet.
    fn may_wait(&self, task: TaskId, on: &On) -> bool {
        let Some(view) = self.task(task) else {
            return false;
        };
        let begun = !matches!(view.state.status, Status::Planned | Status::Deferred);
        let gone = |id: &TaskId| {
            let status = self.task(*id).map(|view| view.state.status);
            status.is_none_or(|status| status == Status::Cancelled)
        };
        let to_itself_or_gone = matches!(on, On::Task(id) if *id == task || gone(id));
        let within =
            matches!(on, On::Phase(phase) if self.phase_no(phase) == Some(view.spec.phase));
        let stated = view.spec.dependencies.iter().any(|other| other.on == *on);
        !begun && !to_itself_or_gone && !within && !stated
    }
}
