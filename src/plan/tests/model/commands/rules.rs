//! Commands about rules, and decisions that name tasks by selectors.

use super::{Step, pick};
use crate::plan::Plan;
use crate::plan::command::{Command, RuleSideRef};
use crate::plan::id::RuleId;

const SELECTORS: &[&str] = &[
    "area:API",
    "area:Infrastructure",
    "All tasks found",
    "part",
    "area:api part",
    "phase:1 area:API",
    "phase:99",
    "All",
];

impl Step {
    fn named(&self, plan: &Plan, by: u16) -> RuleSideRef {
        match by % 7 {
            0 => RuleSideRef::Task(Self::any_task(plan, by / 7)),
            1 => RuleSideRef::Phase(Self::any_phase(plan, by / 7)),
            _ => RuleSideRef::Matching(Self::selector(by / 7)),
        }
    }

    pub(super) fn selector(by: u16) -> String {
        SELECTORS[usize::from(by) % SELECTORS.len()].to_owned()
    }

    pub(super) fn rules(&self, plan: &Plan) -> Command {
        match self.kind {
            191..=193 => Command::AddRule {
                waiting: self.named(plan, self.a),
                on: self.named(plan, self.b),
                note: String::new(),
            },
            194 => {
                let followed = plan.rules().filter(|rule| rule.ended.is_none());
                let followed: Vec<RuleId> = followed.map(|rule| rule.id).collect();
                let rule = pick(&followed, self.a).unwrap_or(RuleId(u32::from(self.b % 4) + 1));
                let reason = if self.c.is_multiple_of(9) {
                    ""
                } else {
                    "enough"
                };
                Command::EndRule {
                    rule,
                    reason: reason.to_owned(),
                }
            }
            _ => Command::OpenDecision {
                question: "Which shape?".to_owned(),
                options: Vec::new(),
                blocks: Vec::new(),
                phases: Vec::new(),
                selectors: vec![Self::selector(self.a), Self::selector(self.b)],
            },
        }
    }
}
