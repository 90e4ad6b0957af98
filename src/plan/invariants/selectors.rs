//! The rules about selectors: what rules in force and open decisions name is what their words say.

use std::collections::BTreeSet;

use super::super::event::RuleSide;
use super::super::id::{DecisionId, RuleId, TaskId};
use super::super::state::{Plan, Side};
use super::Broken;

impl Plan {
    pub(super) fn check_selectors(&self, broken: &mut Broken) {
        let mut members: BTreeSet<(RuleId, Side, TaskId)> = BTreeSet::new();
        for (id, rule) in &self.rules {
            let number_said = rule.ended.as_ref().is_none_or(|it| !it.note.is_empty());
            broken.unless(number_said && *id == rule.id, || {
                format!("{id} is kept as {rule:?}")
            });
            if rule.ended.is_some() {
                continue;
            }
            for (side, names) in [(Side::Waiting, &rule.waiting), (Side::On, &rule.on)] {
                match names {
                    RuleSide::Task(task) if side == Side::Waiting => {
                        members.insert((*id, side, *task));
                    }
                    RuleSide::Task(_) | RuleSide::Phase(_) => {}
                    RuleSide::Matching(text) => match self.selector("selector", text) {
                        Ok(selector) => {
                            let named = self.specs.iter().filter(|(_, spec)| selector.takes(spec));
                            members.extend(named.map(|(task, _)| (*id, side, *task)));
                        }
                        Err(refusal) => broken.unless(false, || format!("{id}: {refusal}")),
                    },
                }
            }
        }
        let kept: BTreeSet<_> = self.index.rule_members.iter().copied().collect();
        broken.same("tasks named by rules", &kept, &members);
        let open = self.decisions.iter();
        let open = open.filter(|(_, it)| it.answer.is_none() && !it.selectors.is_empty());
        let open: BTreeSet<DecisionId> = open.map(|(id, _)| *id).collect();
        let watched = self.index.decision_selectors.keys().copied().collect();
        broken.same("open decisions with selectors", &watched, &open);
        broken.unless(self.index.matches.is_empty(), || {
            format!("{:?} were left unfollowed", self.index.matches)
        });
    }
}
