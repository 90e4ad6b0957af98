//! What a batch adds to one project: events decided one after the other and written down, each chained
//! to the one before it, on a plan that nobody else sees.

use std::sync::Arc;

use super::board::Weighed;
use super::pending::{Came, Found};
use super::request::Span;
use super::{EngineError, Step};
use crate::plan::codec::{self, DOCUMENT_BYTES_MAX};
use crate::plan::event::Recorded;
use crate::plan::fact::Facts;
use crate::plan::refusal::Reason;
use crate::plan::{Command, Plan, Refusal, decide};
use crate::store::Record;
use crate::store::codec::hash_of;

/// What a batch adds to one project.
pub(super) struct Draft {
    /// The version it goes on from.
    pub base_version: u64,
    /// The plan's wakes there.
    pub base_wakes: u64,
    pub plan: Arc<Plan>,
    pub hash: String,
    pub records: Vec<Record>,
    pub events: Vec<Weighed>,
}

impl Draft {
    /// Nothing yet, on a plan and the hash of its newest event.
    pub fn on(plan: &Arc<Plan>, hash: &str) -> Self {
        Self {
            base_version: plan.version(),
            base_wakes: plan.wakes(),
            plan: Arc::clone(plan),
            hash: hash.to_owned(),
            records: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Decides one step and writes down what it does.
    pub fn take(&mut self, step: &Step, facts: &Facts) -> Result<Came, EngineError> {
        if matches!(step.command, Command::ClaimTask(_)) && !self.plan.is_settled() {
            Arc::make_mut(&mut self.plan).settle();
        }
        let decided = decide(&self.plan, &step.command, facts)?;
        if let Some(version) = decided.repeats {
            return Ok(Came {
                plan: Arc::clone(&self.plan),
                found: Found::Before {
                    project: step.project.as_str().into(),
                    span: Span {
                        first: version,
                        count: 1,
                    },
                },
            });
        }
        let mut events = Vec::with_capacity(decided.events.len());
        for recorded in decided.events {
            events.push(self.write(recorded)?);
        }
        if !events.is_empty() {
            self.plan = Arc::new(decided.plan);
        }
        Ok(Came {
            plan: Arc::clone(&self.plan),
            found: Found::Fresh(events),
        })
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
