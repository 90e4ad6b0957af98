//! A batch being decided, on plans that nobody else sees. All steps of a submission are taken in or
//! none, and what one submission did is seen by the next.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::board::Board;
use super::draft::{Draft, Mark};
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

/// The drafts that a submission touched, and where each stood before; none for one that it began.
type Marks = Vec<(Arc<str>, Option<Mark>)>;

/// What is to be done with a submission once the batch is durable.
pub(super) enum Verdict {
    /// Answer it.
    Reply(Reply),
    /// Let it wait.
    Wait,
    /// It is void: nobody waits for it, or it is not due any more.
    Void,
}

/// A batch being decided.
#[derive(Default)]
pub(super) struct Stage {
    /// What it adds to each project.
    pub drafts: BTreeMap<Arc<str>, Draft>,
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
            return Verdict::Wait;
        }
        match self.attempt(&pending.submission, ground) {
            Ok(came) => Verdict::Reply(Ok(came)),
            Err(EngineError::Refused(refusal))
                if waits && can_change_by_waiting(refusal.reason) =>
            {
                Verdict::Wait
            }
            Err(error) => Verdict::Reply(Err(error)),
        }
    }

    /// Whether this batch made something claimable that others of the same line wait for. Who names a
    /// task or goes on with a held one takes nobody's turn, and waits for no turn.
    fn others_go_first(&self, pending: &Pending, ground: &Ground<'_>) -> bool {
        let of_the_line = |claim: &Claim| {
            pending.ticket.is_none() && !claim.resume && claim.task.trim().is_empty()
        };
        pending.claim().is_some_and(of_the_line)
            && self.drafts.get(pending.project()).is_some_and(|draft| {
                draft.wakes() != 0 && ground.waiting.has_line_for(pending, draft.plan())
            })
    }

    /// Brings a project's claim order up to date, once for all claims of the batch.
    fn settle(&mut self, project: &str, ground: &Ground<'_>) {
        if let Some(draft) = self.drafts.get_mut(project) {
            return draft.settle();
        }
        if let Some((slug, log)) = ground.logs.get_key_value(project)
            && !log.plan.is_settled()
        {
            let mut draft = Draft::on(&log.plan, &log.hash);
            draft.settle();
            self.drafts.insert(Arc::clone(slug), draft);
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
                project: self.known(&step.project, ground)?,
                found: Found::Before(span),
            });
        }
        Some(Ok(came))
    }

    /// The slug of a project, also of one that this batch makes.
    fn known(&self, project: &str, ground: &Ground<'_>) -> Option<Arc<str>> {
        let staged = self.drafts.get_key_value(project).map(|(slug, _)| slug);
        let slug = staged.or_else(|| ground.logs.get_key_value(project).map(|(slug, _)| slug));
        slug.cloned()
    }

    /// Decides every step of a submission, each on what the ones before it did. After a refusal the batch
    /// is as it was before.
    fn attempt(
        &mut self,
        submission: &Submission,
        ground: &Ground<'_>,
    ) -> Result<Vec<Came>, EngineError> {
        let facts = Facts {
            now: Timestamp(ground.now.wall_ms),
            actor: submission.actor.clone(),
            request: submission.request.clone(),
            guards: ground.guards,
        };
        let mut marks = Marks::new();
        let mut came = Vec::with_capacity(submission.steps.len());
        for step in &submission.steps {
            match self.attempt_one(step, &facts, &mut marks, ground) {
                Ok(done) => came.push(done),
                Err(error) => {
                    self.roll_back(marks);
                    return Err(error);
                }
            }
        }
        let mut recorded = false;
        for (slug, mark) in &marks {
            if let Some(draft) = self.drafts.get(slug) {
                let bytes = draft.bytes_since(mark.as_ref());
                recorded |= bytes > 0;
                self.bytes += bytes;
            }
        }
        if recorded {
            self.remember(submission, &came, ground.now.wall_ms);
        }
        Ok(came)
    }

    fn attempt_one(
        &mut self,
        step: &Step,
        facts: &Facts,
        marks: &mut Marks,
        ground: &Ground<'_>,
    ) -> Result<Came, EngineError> {
        let slug = match self.known(&step.project, ground) {
            Some(slug) => slug,
            None => step.project.as_str().into(),
        };
        if !self.drafts.contains_key(&slug) {
            let draft = self.start(step, ground)?;
            self.drafts.insert(Arc::clone(&slug), draft);
            marks.push((Arc::clone(&slug), None));
        }
        let draft = self
            .drafts
            .get_mut(&slug)
            .ok_or_else(|| not_found(&step.project))?;
        if !marks.iter().any(|(marked, _)| *marked == slug) {
            marks.push((Arc::clone(&slug), Some(draft.mark())));
        }
        draft.take(slug, step, facts)
    }

    /// Takes back what the steps of a submission did before one of them was refused.
    fn roll_back(&mut self, marks: Marks) {
        for (slug, mark) in marks {
            match (mark, self.drafts.get_mut(&slug)) {
                (Some(mark), Some(draft)) => draft.roll_back(mark),
                (None, _) => {
                    self.drafts.remove(&slug);
                }
                (Some(_), None) => {}
            }
        }
    }

    /// Where a step goes on from when the batch has nothing of its project yet.
    fn start(&self, step: &Step, ground: &Ground<'_>) -> Result<Draft, EngineError> {
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

    fn remember(&mut self, submission: &Submission, came: &[Came], at_ms: i64) {
        let (Some(scope), Some(request)) = (Scope::of(submission), &submission.request) else {
            return;
        };
        for (step, came) in submission.steps.iter().zip(came) {
            let span = match &came.found {
                Found::Before(span) => *span,
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
