//! Rules as messages.

use muster_proto::v1 as wire;

use super::{View, count, time};
use crate::plan::event::RuleSide;
use crate::plan::model::Rule;
use crate::plan::state::Side;

fn side(side: &RuleSide) -> wire::RuleSide {
    use wire::rule_side::Side;
    wire::RuleSide {
        side: Some(match side {
            RuleSide::Task(id) => Side::Task(id.to_string()),
            RuleSide::Phase(id) => Side::Phase(id.to_string()),
            RuleSide::Matching(selector) => Side::Matching(selector.to_string()),
        }),
    }
}

impl View<'_> {
    /// A rule.
    pub(in super::super) fn rule(&self, rule: &Rule) -> wire::Rule {
        let ended = rule.ended.as_ref();
        let named = |side| count(self.plan.rule_members(rule.id, side).count());
        let one = |side: &RuleSide| u32::from(ended.is_none() && matches!(side, RuleSide::Task(_)));
        wire::Rule {
            id: rule.id.to_string(),
            waiting: Some(side(&rule.waiting)),
            on: Some(side(&rule.on)),
            note: rule.note.to_string(),
            waiting_tasks: named(Side::Waiting).max(one(&rule.waiting)),
            on_tasks: named(Side::On).max(one(&rule.on)),
            added_by: rule.added_by.to_string(),
            added_at: Some(time(rule.added_at)),
            ended: ended.is_some(),
            ended_because: ended.map_or_else(String::new, |ended| ended.note.to_string()),
            revision: rule.revision,
        }
    }
}
