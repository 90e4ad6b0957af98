//! What rules do to a plan. Those in force know the tasks they name; a task that comes to be named is handed on,
//! and the command that made it so follows the rule in the same append.

use std::sync::Arc;

use super::super::event::{DecisionExtended, RuleAdded, RuleEnded, RuleSide};
use super::super::fact::Actor;
use super::super::id::{DecisionId, RuleId, TaskId};
use super::super::model::{Rule, Settled, Spec};
use super::super::selector::Selector;
use super::super::state::{Match, Plan, Side};
use super::super::time::Timestamp;
use super::{edit, with};

impl Plan {
    pub(super) fn rule_added(&mut self, event: &RuleAdded, at: Timestamp, actor: &Actor) {
        let rule = Rule {
            id: event.rule,
            waiting: event.waiting.clone(),
            on: event.on.clone(),
            note: Arc::clone(&event.note),
            added_by: actor.clone(),
            added_at: at,
            ended: None,
            revision: self.version,
        };
        self.rules.insert(event.rule, Arc::new(rule));
        self.watch_for(event.rule);
        for (side, selector) in self.selectors_of(event.rule) {
            for task in self.named_by(&selector) {
                self.names(Match::Rule(event.rule, side, task));
            }
        }
        // Where both are single there is no selector that names anything.
        if let RuleSide::Task(task) = event.waiting {
            self.names(Match::Rule(event.rule, Side::Waiting, task));
        }
    }

    pub(super) fn rule_ended(&mut self, event: &RuleEnded, at: Timestamp, actor: &Actor) {
        let version = self.version;
        edit(&mut self.rules, &event.rule, |rule| {
            rule.ended = Some(Settled {
                by: actor.clone(),
                at,
                note: Arc::clone(&event.reason),
            });
            rule.revision = version;
        });
        self.index.selectors.remove(&(event.rule, Side::Waiting));
        self.index.selectors.remove(&(event.rule, Side::On));
        for side in [Side::Waiting, Side::On] {
            let members: Vec<TaskId> = self.rule_members(event.rule, side).collect();
            for task in members {
                self.index.rule_members.remove(&(event.rule, side, task));
            }
        }
    }

    pub(super) fn decision_extended(&mut self, event: &DecisionExtended) {
        let (id, version) = (event.decision, self.version);
        edit(&mut self.decisions, &id, |decision| {
            let blocks = decision.blocks.iter().chain(&event.tasks);
            decision.blocks = blocks.copied().collect();
            decision.revision = version;
        });
        for task in &event.tasks {
            let ids = self.index.decisions_of.entry(*task).or_default();
            let mut more = with(ids, id);
            more.sort_unstable();
            *ids = more;
            self.block(*task, |state| state.open_decisions += 1);
        }
    }

    /// The selectors of a rule or decision are kept as they are read, so that a new task costs no reading.
    pub(in super::super) fn watch_for(&mut self, id: RuleId) {
        let Some(rule) = self.rules.get(&id).map(Arc::clone) else {
            return;
        };
        for (side, what) in [(Side::Waiting, &rule.waiting), (Side::On, &rule.on)] {
            if let RuleSide::Matching(text) = what
                && let Ok(selector) = self.selector("selector", text)
            {
                let selectors = &mut self.index.selectors;
                selectors.insert((id, side), Arc::new(selector));
            }
        }
    }

    /// The same for an open decision.
    pub(in super::super) fn watch_for_decision(&mut self, id: DecisionId) {
        let texts = self.decisions.get(&id).map(|it| it.selectors.clone());
        let texts = texts.unwrap_or_default();
        let read = texts.iter();
        let read = read.filter_map(|text| self.selector("selectors", text).ok());
        let read: Arc<[Selector]> = read.collect();
        if !read.is_empty() {
            self.index.decision_selectors.insert(id, read);
        }
    }

    fn selectors_of(&self, id: RuleId) -> Vec<(Side, Arc<Selector>)> {
        let both = self
            .index
            .selectors
            .range((id, Side::Waiting)..=(id, Side::On));
        both.map(|((_, side), selector)| (*side, Arc::clone(selector)))
            .collect()
    }

    /// Every task that a selector names, in the order of ids or, where it names a phase, of that phase.
    pub(in super::super) fn named_by(&self, selector: &Selector) -> Vec<TaskId> {
        match selector.phase() {
            Some(no) => {
                let all = self.tasks_of(no).filter(|view| selector.takes(view.spec));
                all.map(|view| view.id).collect()
            }
            None => {
                let all = self.specs.iter();
                let all = all.filter(|(_, spec)| selector.takes(spec));
                all.map(|(id, _)| *id).collect()
            }
        }
    }

    /// The tasks that one side of a rule in force names, by id.
    pub fn rule_members(&self, id: RuleId, side: Side) -> impl Iterator<Item = TaskId> {
        let range = (id, side, TaskId(0))..=(id, side, TaskId(u32::MAX));
        let members = self.index.rule_members.range(range);
        members.map(|&(_, _, task)| task)
    }

    fn names(&mut self, found: Match) {
        if let Match::Rule(rule, side, task) = found {
            self.index.rule_members.insert((rule, side, task));
        }
        self.index.matches.push(found);
    }

    /// Looks what names a task that is new or has other words; `before` are those it had.
    pub(super) fn look_for_rules(&mut self, id: TaskId, before: Option<&Spec>) {
        let index = &self.index;
        if index.selectors.is_empty() && index.decision_selectors.is_empty() {
            return;
        }
        let Some(spec) = self.specs.get(&id).map(Arc::clone) else {
            return;
        };
        let mut found = Vec::new();
        let mut gone = Vec::new();
        for ((rule, side), selector) in &index.selectors {
            match (
                before.is_some_and(|it| selector.takes(it)),
                selector.takes(&spec),
            ) {
                (false, true) => found.push(Match::Rule(*rule, *side, id)),
                (true, false) => gone.push((*rule, *side, id)),
                _ => {}
            }
        }
        for (decision, selectors) in &index.decision_selectors {
            let new = |it: &Selector| it.takes(&spec) && !before.is_some_and(|old| it.takes(old));
            let blocks = || {
                let decision = self.decisions.get(decision);
                decision.is_some_and(|it| it.blocks.contains(&id))
            };
            if selectors.iter().any(new) && !blocks() {
                found.push(Match::Decision(*decision, id));
            }
        }
        for member in gone {
            self.index.rule_members.remove(&member);
        }
        for one in found {
            self.names(one);
        }
    }

    /// What the selectors of the rules in force and of the open decisions name, found anew; for a plan that was put
    /// together from an image.
    pub(in super::super) fn tie_rules(&mut self) {
        let in_force = self.rules.iter().filter(|(_, rule)| rule.ended.is_none());
        let in_force: Vec<RuleId> = in_force.map(|(id, _)| *id).collect();
        for id in in_force {
            self.watch_for(id);
            let rule = self.rules.get(&id).map(|rule| rule.waiting.clone());
            if let Some(RuleSide::Task(task)) = rule {
                self.names(Match::Rule(id, Side::Waiting, task));
            }
            for (side, selector) in self.selectors_of(id) {
                for task in self.named_by(&selector) {
                    self.names(Match::Rule(id, side, task));
                }
            }
        }
        let open = self.decisions.iter();
        let open = open.filter(|(_, it)| it.answer.is_none() && !it.selectors.is_empty());
        let open: Vec<DecisionId> = open.map(|(id, _)| *id).collect();
        for id in open {
            self.watch_for_decision(id);
        }
        self.index.matches.clear();
    }
}
