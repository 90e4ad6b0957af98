//! What the daemon does while it watches, by chance.

use super::Step;
use crate::plan::Plan;
use crate::plan::command::{Command, NewReport, Watching};
use crate::plan::event::{MarkKind, RaisedMark, ReportKind};
use crate::plan::fact::Actor;

impl Step {
    pub(super) fn watch(&self, plan: &Plan) -> (Actor, Command) {
        let watching = match self.kind {
            211 => self.marks(),
            _ if self.a.is_multiple_of(2) => Watching::Escalate,
            _ => {
                let report = NewReport {
                    kind: if self.b.is_multiple_of(9) {
                        ReportKind::Standup
                    } else {
                        ReportKind::Blockers
                    },
                    run: None,
                    ..self.report(plan, None)
                };
                Watching::Tell(Box::new(report))
            }
        };
        (self.daemon(plan), Command::Watch(watching))
    }

    fn marks(&self) -> Watching {
        let subjects = ["T-1", "T-2", "dev", "1", ""];
        // Seldom more than may stand.
        let many = if self.c.is_multiple_of(50) { 300 } else { 4 };
        let present = (0..usize::from(self.a) % many).map(|place| {
            let kind = MarkKind::ALL[(place + usize::from(self.b)) % MarkKind::ALL.len()];
            let subject = match place {
                // Seldom nothing at all, which is refused.
                0 => subjects[usize::from(self.b) % if self.c.is_multiple_of(9) { 5 } else { 4 }]
                    .to_owned(),
                place => format!("T-{place}"),
            };
            RaisedMark {
                kind,
                subject: subject.into(),
                detail: ["looked at", "looked at again"][usize::from(self.c % 2)].into(),
            }
        });
        Watching::Mark(present.collect())
    }
}
