//! What a batch adds to one project: events decided one after the other and written down, each chained
//! to the one before it, on a plan that nobody else sees. The plan is copied once a batch, where it is
//! first touched, and changed in place from there on.

use std::sync::Arc;

use super::board::Weighed;
use super::pending::{Came, Found};
use super::request::Span;
use super::{EngineError, Step};
use crate::plan::codec::{self, DOCUMENT_BYTES_MAX};
use crate::plan::event::Recorded;
use crate::plan::fact::Facts;
use crate::plan::refusal::Reason;
use crate::plan::{Command, Plan, Refusal, decide_on};
use crate::store::Record;
use crate::store::codec::hash_of;

/// What a batch adds to one project.
pub(super) struct Draft {
    base: Arc<Plan>,
    /// With the batch's events; none while it is the base.
    plan: Option<Plan>,
    /// Refusals have left half-changed plans behind: every further step keeps a copy to go back to.
    careful: bool,
    pub hash: String,
    pub records: Vec<Record>,
    pub events: Vec<Weighed>,
}

/// A place in a draft to go back to.
pub(super) struct Mark {
    events: usize,
    hash: String,
}

impl Draft {
    /// Nothing yet, on a plan and the hash of its newest event.
    pub fn on(base: &Arc<Plan>, hash: &str) -> Self {
        Self {
            base: Arc::clone(base),
            plan: None,
            careful: false,
            hash: hash.to_owned(),
            records: Vec::new(),
            events: Vec::new(),
        }
    }

    /// The plan with everything the batch did to it so far.
    pub fn plan(&self) -> &Plan {
        self.plan.as_ref().unwrap_or(&self.base)
    }

    /// The version the batch goes on from.
    pub fn base_version(&self) -> u64 {
        self.base.version()
    }

    /// How many tasks may have become claimable by the batch.
    pub fn wakes(&self) -> u64 {
        self.plan().wakes().wrapping_sub(self.base.wakes())
    }

    /// Brings the claim order up to date.
    pub fn settle(&mut self) {
        if !self.plan().is_settled() {
            let mut plan = self.take_plan();
            plan.settle();
            self.plan = Some(plan);
        }
    }

    /// Ends the draft: the plan to publish.
    pub fn into_plan(self) -> Arc<Plan> {
        self.plan.map_or(self.base, Arc::new)
    }

    /// Where the draft stands.
    pub fn mark(&self) -> Mark {
        Mark {
            events: self.events.len(),
            hash: self.hash.clone(),
        }
    }

    /// Bytes of documents written since a mark, or since the start.
    pub fn bytes_since(&self, mark: Option<&Mark>) -> usize {
        let from = mark.map_or(0, |mark| mark.events);
        self.events.iter().skip(from).map(|(_, bytes)| bytes).sum()
    }

    /// Takes everything back that was done since a mark.
    pub fn roll_back(&mut self, mark: Mark) {
        if self.events.len() > mark.events {
            self.go_back(mark);
        }
    }

    fn go_back(&mut self, mark: Mark) {
        self.events.truncate(mark.events);
        self.records.truncate(mark.events);
        self.hash = mark.hash;
        self.fold_again();
    }

    /// Decides one step and writes down what it does. What a refused step left is for `roll_back`.
    pub fn take(
        &mut self,
        project: Arc<str>,
        step: &Step,
        facts: &Facts,
    ) -> Result<Came, EngineError> {
        if matches!(step.command, Command::ClaimTask(_)) {
            self.settle();
        }
        let plan = self.take_plan();
        let spare =
            (self.careful || !checks_before_it_records(&step.command)).then(|| plan.clone());
        let decided = match decide_on(plan, &step.command, facts) {
            Ok(decided) => decided,
            Err(undecided) => {
                self.plan = undecided.plan.or(spare);
                if self.plan.is_none() {
                    self.fold_again();
                }
                return Err(undecided.refusal.into());
            }
        };
        self.plan = Some(decided.plan);
        if let Some(first) = decided.repeats {
            let span = Span { first, count: 1 };
            return Ok(Came {
                project,
                found: Found::Before(span),
            });
        }
        let before = self.mark();
        let written: Result<Vec<_>, _> = decided
            .events
            .into_iter()
            .map(|recorded| self.write(recorded))
            .collect();
        match written {
            Ok(events) => Ok(Came {
                project,
                found: Found::Fresh(events),
            }),
            Err(error) => {
                // What was applied and not written down must go as well.
                self.go_back(before);
                Err(error)
            }
        }
    }

    fn take_plan(&mut self) -> Plan {
        self.plan.take().unwrap_or_else(|| Plan::clone(&self.base))
    }

    /// Folds what is written down anew. It costs as much as the batch so far, so that from here on no
    /// step of the batch can bring it about again.
    fn fold_again(&mut self) {
        self.careful = true;
        let mut plan = Plan::clone(&self.base);
        for (event, _) in &self.events {
            plan.apply(event);
        }
        self.plan = Some(plan);
    }

    /// Writes one event down, chained to the one before it.
    fn write(&mut self, recorded: Recorded) -> Result<Arc<Recorded>, EngineError> {
        let document = codec::encode(&recorded, &self.hash).map_err(|_| {
            let message = "what was asked cannot be written down as JSON";
            Refusal::new(Reason::InvalidField, message)
        })?;
        let bytes = document.len();
        if bytes > DOCUMENT_BYTES_MAX {
            let message = format!(
                "this would be recorded in {bytes} bytes, at most {DOCUMENT_BYTES_MAX} are \
                 allowed; say it in fewer words or in several requests"
            );
            let refusal = Refusal::new(Reason::LimitReached, message);
            return Err(refusal.fact("limit", DOCUMENT_BYTES_MAX).into());
        }
        self.hash = hash_of(&document);
        self.records.push(Record {
            version: recorded.version,
            at_ms: recorded.at.0,
            kind: recorded.event.kind().to_owned(),
            document,
            hash: self.hash.clone(),
        });
        let recorded = Arc::new(recorded);
        self.events.push((Arc::clone(&recorded), bytes));
        Ok(recorded)
    }
}

/// Whether a command is refused, if it is, before it records anything; those that make the bulk of an
/// agent's day do.
fn checks_before_it_records(command: &Command) -> bool {
    matches!(
        command,
        Command::ClaimTask(_)
            | Command::StartTask { .. }
            | Command::ReportProgress { .. }
            | Command::CompleteTask(_)
            | Command::SubmitForReview(_)
            | Command::ReleaseTask { .. }
    )
}
