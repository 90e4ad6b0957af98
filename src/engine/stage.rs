//! A batch being decided, on plans that nobody else sees. All steps of a submission are taken in or
//! none, and what one submission did is seen by the next.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::board::Board;
use super::draft::Draft;
use super::held::Now;
use super::pending::{Came, Found, Origin, Pending, Reply};
use super::request::{Footprint, RequestMemory, Scope, Span};
use super::waiting::WaitingRoom;
use super::{DAEMON, EngineError, Limits, Step, Submission};
use crate::plan::command::Claim;
use crate::plan::fact::{Facts, Guards};
use crate::plan::refusal::{Class, Reason};
use crate::plan::time::Timestamp;
use crate::plan::{Command, Plan, Refusal};

/// One project as the writer holds it: always what its board publishes.
pub(super) struct Log {
    pub board: Arc<Board>,
    pub plan: Arc<Plan>,
    /// The hash of the newest event.
    pub hash: String,
    /// The version of the newest snapshot that was found or ordered; 0 when none was.
    pub snapshot_version: u64,
}

/// What a batch is decided against.
pub(super) struct Ground<'a> {
    pub logs: &'a HashMap<Arc<str>, Log>,
    pub memory: &'a RequestMemory,
    pub waiting: &'a WaitingRoom,
    pub limits: &'a Limits,
    pub guards: Guards,
    pub now: Now,
}

/// What a batch, or one submission of it, adds to each project.
type Drafts = BTreeMap<Arc<str>, Draft>;

/// What is to be done with a submission once the batch is durable.
pub(super) enum Verdict {
    /// Answer it.
    Reply(Reply),
    /// Let it wait; the plan says in which line.
    Wait(Arc<Plan>),
    /// It is void: nobody waits for it, or it is not due any more.
    Void,
}

/// A batch being decided.
#[derive(Default)]
pub(super) struct Stage {
    pub drafts: Drafts,
    pub requests: HashMap<Scope, Footprint>,
    pub verdicts: Vec<(Pending, Verdict)>,
    /// Bytes of documents so far.
    pub bytes: usize,
}

impl Stage {
    /// Decides one more submission.
    pub fn take(&mut self, pending: Pending, ground: &Ground<'_>) {
        let verdict = self.judge(&pending, ground);
        self.verdicts.push((pending, verdict));
    }

    fn judge(&mut self, pending: &Pending, ground: &Ground<'_>) -> Verdict {
        let claim = pending.claim().is_some();
        if claim && pending.is_abandoned() {
            return Verdict::Void;
        }
        if let Origin::Clock(due) = &pending.origin {
            let log = ground.logs.get(pending.project());
            let still_due =
                log.is_some_and(|log| log.board.leases().begin_ending(*due, &log.plan, ground.now));
            if !still_due {
                return Verdict::Void;
            }
        }
        if ground.guards.request_memory()
            && let Some(answer) = self.recall(&pending.submission, ground)
        {
            return Verdict::Reply(answer);
        }
        if claim {
            self.settle(pending.project(), ground);
        }
        let waits = claim && pending.deadline_ms > ground.now.monotonic_ms;
        if waits && self.others_go_first(pending, ground) {
            return self.wait(pending, ground);
        }
        let (came, drafts) = match self.attempt(&pending.submission, ground) {
            Ok(done) => done,
            Err(EngineError::Refused(refusal))
                if waits && can_change_by_waiting(refusal.reason) =>
            {
                return self.wait(pending, ground);
            }
            Err(error) => return Verdict::Reply(Err(error)),
        };
        self.merge(&pending.submission, &came, drafts, ground);
        Verdict::Reply(Ok(came))
    }

    /// Whether this batch made something claimable that others of the same line wait for. Who names a
    /// task or goes on with a held one takes nobody's turn, and waits for no turn.
    fn others_go_first(&self, pending: &Pending, ground: &Ground<'_>) -> bool {
        let of_the_line = |claim: &Claim| {
            pending.ticket.is_none() && !claim.resume && claim.task.trim().is_empty()
        };
        pending.claim().is_some_and(of_the_line)
            && self.drafts.get(pending.project()).is_some_and(|draft| {
                draft.plan.wakes() != draft.base_wakes
                    && ground.waiting.has_line_for(pending, &draft.plan)
            })
    }

    fn wait(&self, pending: &Pending, ground: &Ground<'_>) -> Verdict {
        let plan = self.working(pending.project(), ground);
        plan.map_or(Verdict::Void, |plan| Verdict::Wait(Arc::clone(plan)))
    }

    /// The newest plan of a project, this batch's included.
    fn working<'a>(&'a self, project: &str, ground: &'a Ground<'_>) -> Option<&'a Arc<Plan>> {
        let staged = self.drafts.get(project).map(|draft| &draft.plan);
        staged.or_else(|| ground.logs.get(project).map(|log| &log.plan))
    }

    /// Brings a project's claim order up to date, once for all claims of the batch.
    fn settle(&mut self, project: &str, ground: &Ground<'_>) {
        let Some(plan) = self.working(project, ground) else {
            return;
        };
        if plan.is_settled() {
            return;
        }
        if let Some((slug, log)) = ground.logs.get_key_value(project) {
            let draft = self
                .drafts
                .entry(Arc::clone(slug))
                .or_insert_with(|| Draft::on(&log.plan, &log.hash));
            Arc::make_mut(&mut draft.plan).settle();
        }
    }

    /// The answer to a request that was carried out before.
    fn recall(&self, submission: &Submission, ground: &Ground<'_>) -> Option<Reply> {
        let scope = Scope::of(submission)?;
        let request = submission.request.as_ref()?;
        let find = |scope: &Scope| {
            let staged = self.requests.get(scope);
            staged.or_else(|| ground.memory.find(scope, ground.now.wall_ms))
        };
        if find(&scope)?.digest != request.digest {
            let id = request.id.to_string();
            return Some(Err(EngineError::RequestIdReused(id)));
        }
        let mut came = Vec::new();
        for (place, step) in submission.steps.iter().enumerate() {
            let alike = |steps: &[Step]| {
                let same = steps.iter().filter(|other| other.project == step.project);
                same.count()
            };
            let (nth, of) = (alike(&submission.steps[..place]), alike(&submission.steps));
            let left = find(&scope.in_project(&step.project));
            let span = left.filter(|left| left.digest == request.digest);
            let span = span.map_or(Span { first: 0, count: 0 }, |left| left.span(nth, of));
            came.push(Came {
                plan: Arc::clone(self.working(&step.project, ground)?),
                found: Found::Before {
                    project: step.project.as_str().into(),
                    span,
                },
            });
        }
        Some(Ok(came))
    }

    /// Decides every step of a submission, each on what the ones before it did.
    fn attempt(
        &self,
        submission: &Submission,
        ground: &Ground<'_>,
    ) -> Result<(Vec<Came>, Drafts), EngineError> {
        let facts = Facts {
            now: Timestamp(ground.now.wall_ms),
            actor: submission.actor.clone(),
            request: submission.request.clone(),
            guards: ground.guards,
        };
        let mut drafts = Drafts::new();
        let mut came = Vec::with_capacity(submission.steps.len());
        for step in &submission.steps {
            let draft = match drafts.get_mut(step.project.as_str()) {
                Some(draft) => draft,
                None => drafts
                    .entry(step.project.as_str().into())
                    .or_insert(self.start(step, ground)?),
            };
            came.push(draft.take(step, &facts)?);
        }
        Ok((came, drafts))
    }

    /// Where a step goes on from.
    fn start(&self, step: &Step, ground: &Ground<'_>) -> Result<Draft, EngineError> {
        if let Some(draft) = self.drafts.get(step.project.as_str()) {
            return Ok(Draft::on(&draft.plan, &draft.hash));
        }
        if let Some(log) = ground.logs.get(step.project.as_str()) {
            return Ok(Draft::on(&log.plan, &log.hash));
        }
        match &step.command {
            Command::CreateProject { slug, .. } if *slug == step.project => {
                let staged = self.drafts.keys();
                let new = staged.filter(|slug| !ground.logs.contains_key(*slug));
                let others = ground.logs.keys().filter(|slug| ***slug != *DAEMON).count();
                if *step.project != *DAEMON && others + new.count() >= ground.limits.projects {
                    return Err(EngineError::Overloaded { what: "projects" });
                }
                Ok(Draft::on(&Arc::default(), ""))
            }
            Command::CreateProject { .. } => {
                let description = "is not the project that the request names";
                Err(Refusal::field("slug", description).into())
            }
            _ => Err(not_found(&step.project).into()),
        }
    }

    /// Takes in what a submission did.
    fn merge(
        &mut self,
        submission: &Submission,
        came: &[Came],
        drafts: Drafts,
        ground: &Ground<'_>,
    ) {
        if drafts.values().any(|draft| !draft.events.is_empty()) {
            self.remember(submission, came, ground.now.wall_ms);
        }
        for (slug, draft) in drafts {
            if draft.events.is_empty() {
                continue;
            }
            self.bytes += draft.events.iter().map(|(_, bytes)| bytes).sum::<usize>();
            match self.drafts.get_mut(&slug) {
                Some(staged) => {
                    staged.plan = draft.plan;
                    staged.hash = draft.hash;
                    staged.records.extend(draft.records);
                    staged.events.extend(draft.events);
                }
                None => {
                    self.drafts.insert(slug, draft);
                }
            }
        }
    }

    fn remember(&mut self, submission: &Submission, came: &[Came], at_ms: i64) {
        let (Some(scope), Some(request)) = (Scope::of(submission), &submission.request) else {
            return;
        };
        for (step, came) in submission.steps.iter().zip(came) {
            let span = match &came.found {
                Found::Before { span, .. } => *span,
                Found::Fresh(events) => Span {
                    first: events.first().map_or(0, |event| event.version),
                    count: events.len() as u64,
                },
            };
            self.requests
                .entry(scope.in_project(&step.project))
                .and_modify(|left| left.spans.push(span))
                .or_insert_with(|| Footprint {
                    digest: Arc::clone(&request.digest),
                    at_ms,
                    spans: vec![span],
                });
        }
    }
}

/// Whether a claim that found nothing waits. Of a finished plan the caller learns at once: nothing but new
/// work would change it, and whoever adds that is not waited for.
fn can_change_by_waiting(reason: Reason) -> bool {
    reason.class() == Class::Nothing && reason != Reason::PlanComplete
}

/// The refusal for a slug that no project has.
pub(super) fn not_found(project: &str) -> Refusal {
    let clipped: String = project.chars().take(60).collect();
    Refusal::new(
        Reason::ProjectNotFound,
        format!("no project `{clipped}` on this daemon"),
    )
    .next("project list")
}
