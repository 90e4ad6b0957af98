//! The end of a batch: one append for all projects, then the boards, then the answers. After a failed
//! append nothing of the batch is shown to anybody and nothing is ever written again, unless the store
//! only had no room: then nothing of it is stored either, and writes go on once there is room.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::EngineError;
use super::board::{Board, Recent, Weighed};
use super::fold::{FoldError, Folding};
use super::lease::{Due, Leases};
use super::pending::{Came, Found, Origin, Pending, Reply};
use super::request::Recall;
use super::shared::Shared;
use super::stage::{Log, Stage, Verdict};
use super::writer::Writer;
use crate::clock::Stopwatch;
use crate::failpoint::{self, Point};
use crate::plan::Plan;
use crate::plan::Refusal;
use crate::plan::event::{Event, Severity};
use crate::plan::refusal::Reason;
use crate::store::{Append, Outcome, StoreError};
use crate::telemetry;

/// Old plans are handed on to be dropped by so many, or when nothing else is to be done.
const REAPED_AT_ONCE: usize = 32;

/// Batches in a row that may meet another writer's events before their submissions are given up.
const CONFLICTS_MAX: u32 = 8;

/// Whether an event changes which tasks the claims of an agent match.
fn changes_lines(weighed: &Weighed) -> bool {
    matches!(
        weighed.0.event,
        Event::AssignmentAdded(_) | Event::AssignmentEnded(_) | Event::AgentRetired(_)
    )
}

impl Shared {
    /// Calls whoever has to do with these events. They are published by then: who comes sooner finds nothing, and
    /// is not called again.
    fn call(&self, events: &[Weighed]) {
        if events.iter().any(moves_the_clock) {
            self.timetable.notify_one();
        }
        if events.iter().any(asks_for_looks) {
            self.checklists.notify_one();
        }
        if events.iter().any(presses) {
            self.urgent.notify_one();
        }
        if events.iter().any(addresses) {
            self.letters.notify_one();
        }
    }
}

/// Whether an event changes what is due, or what is under way.
fn moves_the_clock(weighed: &Weighed) -> bool {
    matches!(
        weighed.0.event,
        Event::SchedulesSet(_)
            | Event::ScheduleResumed(_)
            | Event::SlotFired(_)
            | Event::ProjectUpdated(_)
            | Event::ProjectResumed(_)
    )
}

/// Whether an event leaves items of a checklist to be looked at.
fn asks_for_looks(weighed: &Weighed) -> bool {
    matches!(
        weighed.0.event,
        Event::ChecklistStarted(_) | Event::ChecklistAsked(_)
    )
}

/// Whether an event makes a blocker urgent.
fn presses(weighed: &Weighed) -> bool {
    match &weighed.0.event {
        Event::BlockerOpened(opened) => opened.severity == Severity::Critical,
        Event::BlockerUpdated(updated) => updated.severity == Some(Severity::Critical),
        Event::BlockerEscalated(_) => true,
        _ => false,
    }
}

/// Whether an event addresses a report to a channel.
fn addresses(weighed: &Weighed) -> bool {
    match &weighed.0.event {
        Event::ReportPublished(published) => !published.channels.is_empty(),
        Event::ReportReaddressed(_) => true,
        _ => false,
    }
}

impl Writer {
    /// Makes a batch durable and tells everybody.
    pub(super) fn commit(&mut self, mut stage: Stage) {
        if !self.guards.durable_first() {
            answer_early(&mut stage);
        }
        let moved = match self.append(&mut stage) {
            Ok(moved) => moved,
            Err(StoreError::Full { source }) => return self.put_off(stage, source.as_deref()),
            Err(error) => return self.fail(stage, &error),
        };
        let mut woken = Vec::new();
        let mut reassigned = Vec::new();
        for (slug, mut draft) in std::mem::take(&mut stage.drafts) {
            if !moved.contains(&slug) {
                woken.push((Arc::clone(&slug), draft.wakes()));
                let (hash, events) = (
                    std::mem::take(&mut draft.hash),
                    std::mem::take(&mut draft.events),
                );
                let plan = draft.into_plan();
                if events.iter().any(changes_lines) {
                    reassigned.push((Arc::clone(&slug), Arc::clone(&plan)));
                }
                self.take_over(&slug, plan, hash, &events);
            }
        }
        self.conflicts = if moved.is_empty() {
            0
        } else {
            self.conflicts + 1
        };
        for slug in &moved {
            woken.push((Arc::clone(slug), 1));
            if let Err(error) = self.catch_up(slug) {
                tracing::error!(
                    project.id = %slug,
                    "the log of {slug} was moved by another and cannot be followed"
                );
                return self.fail(stage, &error);
            }
        }
        let now_ms = self.shared.clock.now_ms();
        for (scope, footprint) in stage.requests.drain() {
            if !moved.contains(scope.project()) {
                self.memory.remember(scope, footprint, now_ms);
            }
        }
        self.tell(stage.verdicts, &moved);
        for (slug, plan) in reassigned {
            self.waiting.regroup(&slug, &plan);
        }
        for (slug, wakes) in woken {
            if wakes > 0 {
                self.waiting.wake(&slug, wakes);
            }
        }
    }

    /// Appends all drafts at once; the projects that stand elsewhere than was thought.
    fn append(&mut self, stage: &mut Stage) -> Result<BTreeSet<Arc<str>>, StoreError> {
        let mut slugs = Vec::new();
        let mut batch = Vec::new();
        for (slug, draft) in &mut stage.drafts {
            if draft.records.is_empty() {
                continue;
            }
            slugs.push(Arc::clone(slug));
            batch.push(Append {
                project: slug.to_string(),
                expected_version: draft.base_version(),
                epoch: 0,
                records: std::mem::take(&mut draft.records),
            });
        }
        if batch.is_empty() {
            return Ok(BTreeSet::new());
        }
        self.restless = true;
        failpoint::hit(Point::AppendBegin).map_err(injected)?;
        let watch = Stopwatch::start();
        let outcomes = self.store.append(&batch)?;
        let took = watch.elapsed();
        self.commit_takes = (self.commit_takes * 7 + took) / 8;
        self.shared.meter.committed(took, &batch);
        failpoint::hit(Point::AppendCommitted).map_err(injected)?;
        if outcomes.len() != slugs.len() {
            return Err(StoreError::Unwritable {
                reason: "it did not answer for every project".to_owned(),
                source: None,
            });
        }
        let moved = slugs.into_iter().zip(outcomes);
        Ok(moved
            .filter(|(_, outcome)| matches!(outcome, Outcome::Conflict { .. }))
            .map(|(slug, _)| slug)
            .collect())
    }

    /// Publishes a project's new state and goes on from it.
    pub(super) fn take_over(
        &mut self,
        slug: &Arc<str>,
        plan: Arc<Plan>,
        hash: String,
        events: &[Weighed],
    ) {
        self.shared.meter.published(events);
        let now = self.shared.now();
        self.unsettled |= !plan.is_settled();
        let Some(log) = self.logs.get_mut(slug) else {
            self.open(slug, plan, hash, events);
            return self.shared.call(events);
        };
        let old = log.board.publish(Arc::clone(&plan), events);
        self.shared.call(events);
        if plan.has_other_gate_work(&log.plan) {
            self.shared.gate_work.notify_one();
        }
        log.plan = plan;
        log.hash = hash;
        if let Some(desk) = &self.desk {
            log.order_snapshot(slug, self.shared.limits.snapshot_events, desk);
        }
        let mut leases = log.board.leases();
        leases.follow(&log.plan, events, now);
        self.look_at_ms = self.look_at_ms.min(leases.check_at_ms());
        self.patience_ms = self.patience_ms.min(leases.patience_ms());
        drop(leases);
        self.reaped.push(old);
        self.reap(REAPED_AT_ONCE);
    }

    /// Puts up a project that did not exist before.
    fn open(&mut self, slug: &Arc<str>, plan: Arc<Plan>, hash: String, events: &[Weighed]) {
        let mut recent = Recent::new(self.shared.limits.recent_events);
        for event in events {
            recent.push(event.clone());
        }
        let leases = Leases::restored(&plan, self.shared.now());
        self.look_at_ms = self.look_at_ms.min(leases.check_at_ms());
        let board = Board::new(Arc::clone(slug), Arc::clone(&plan), recent, leases);
        let board = Arc::new(board);
        self.shared.put_up(Arc::clone(&board));
        let log = Log {
            board,
            plan,
            hash,
            snapshot_version: 0,
        };
        self.logs.insert(Arc::clone(slug), log);
    }

    /// Takes in what another writer appended.
    fn catch_up(&mut self, slug: &Arc<str>) -> Result<(), FoldError> {
        let mut folding = match self.logs.get(slug) {
            Some(log) => Folding::after(Plan::clone(&log.plan), &log.hash),
            None => Folding::new(),
        };
        let mut events = Vec::new();
        let mut recall = Recall::default();
        folding.read_on(&*self.shared.reader, slug, |event| {
            recall.take(slug, &event.0);
            events.push(event);
        })?;
        let folded = folding.finish();
        self.take_over(slug, Arc::new(folded.plan), folded.hash, &events);
        let now_ms = self.shared.clock.now_ms();
        for (scope, footprint) in recall.finish(i64::MIN) {
            self.memory.remember(scope, footprint, now_ms);
        }
        Ok(())
    }

    /// Answers a durable batch; what was decided against a log that had moved is decided again.
    fn tell(&mut self, verdicts: Vec<(Pending, Verdict)>, moved: &BTreeSet<Arc<str>>) {
        let mut again = Vec::new();
        self.answered = [0, self.answered[0]];
        for (pending, verdict) in verdicts {
            let steps = pending.submission.steps.iter();
            let unstored = steps.filter(|step| moved.contains(step.project.as_str()));
            match (unstored.count(), verdict) {
                (0, verdict) => self.tell_one(pending, verdict),
                (_, Verdict::Void) => {}
                (_, _) if self.conflicts > CONFLICTS_MAX => {
                    let message = "another writer keeps changing this project; ask again";
                    let refusal = Refusal::new(Reason::VersionConflict, message);
                    self.tell_one(pending, Verdict::Reply(Err(refusal.into())));
                }
                (unstored, Verdict::Reply(Ok(_))) if unstored < pending.submission.steps.len() => {
                    // Some of its projects took their events and some did not.
                    tracing::error!("a request over several projects was recorded in part");
                    self.tell_one(pending, Verdict::Reply(Err(EngineError::OutcomeUnknown)));
                }
                (_, _) => again.push(pending),
            }
        }
        for pending in again.into_iter().rev() {
            self.queue.push_front(pending);
        }
    }

    fn tell_one(&mut self, pending: Pending, verdict: Verdict) {
        let reply = match verdict {
            Verdict::Void => return self.look_again(&pending),
            Verdict::Wait => return self.park(pending),
            Verdict::Reply(reply) => reply,
        };
        if let Origin::Clock(due) = &pending.origin {
            let due = *due;
            if let Some(refused) = refused(&reply) {
                tracing::debug!(
                    project.id = pending.project(),
                    task.id = due.task().map(tracing::field::display),
                    session.id = due.session().map(tracing::field::display),
                    outcome = refused,
                    "what was due in {} is not to be recorded",
                    pending.project()
                );
                self.spare(pending.project(), due);
            }
        }
        let published = |came: Came| {
            let plan = &self.logs.get(&came.project)?.plan;
            Some((came, Arc::clone(plan)))
        };
        let told = reply.and_then(|came| {
            let told: Option<Vec<_>> = came.into_iter().map(published).collect();
            // A step's project was published before its answer is told.
            told.ok_or(EngineError::Unreadable)
        });
        self.answered[0] += usize::from(matches!(pending.origin, Origin::Caller(_)));
        pending.answer(told);
    }

    /// Lets a claim wait in the line that the published plan says.
    fn park(&mut self, pending: Pending) {
        if let Some((slug, log)) = self.logs.get_key_value(pending.project()) {
            self.waiting.park(pending, slug, &log.plan);
        }
    }

    /// Gives what was due and could not be recorded a fresh term.
    fn spare(&mut self, project: &str, due: Due) {
        if let Some(log) = self.logs.get(project) {
            let now = self.shared.now();
            let mut leases = log.board.leases();
            leases.spare(due, &log.plan, now);
            self.look_at_ms = self.look_at_ms.min(leases.check_at_ms());
        }
    }

    /// What was due is not any more, and will be at another time.
    fn look_again(&mut self, pending: &Pending) {
        if let (Origin::Clock(_), Some(log)) = (&pending.origin, self.logs.get(pending.project())) {
            let check_at_ms = log.board.leases().check_at_ms();
            self.look_at_ms = self.look_at_ms.min(check_at_ms);
        }
    }

    /// Gives a batch up for which there was no room: nothing of it is stored, and its callers are told so.
    fn put_off(&mut self, stage: Stage, source: Option<&(dyn std::error::Error + Send + Sync)>) {
        if self.shared.set_full(true) {
            let source = source.map(ToString::to_string);
            tracing::error!(
                source,
                "the disk is full: writes are refused until there is room; reads go on"
            );
        }
        self.room.closed(self.shared.now().monotonic_ms);
        self.let_go(stage, &EngineError::StoreFull);
        for pending in self.queue.drain(..).chain(self.waiting.take_all()) {
            pending.answer(Err(EngineError::StoreFull));
        }
    }

    /// Answers a batch that was not published, and gives what was due in it a fresh term.
    fn let_go(&mut self, stage: Stage, why: &EngineError) {
        for (pending, verdict) in stage.verdicts {
            if let Origin::Clock(due) = &pending.origin {
                self.spare(pending.project(), *due);
            }
            if !matches!(verdict, Verdict::Void) {
                pending.answer(Err(why.clone()));
            }
        }
    }

    /// Ends all writing: whether the batch was stored cannot be told.
    fn fail(&mut self, stage: Stage, error: &(dyn std::error::Error + 'static)) {
        let error = telemetry::chain(error);
        tracing::error!(error, "writes have stopped; reads go on");
        self.shared.stop_writes(EngineError::StoreReadOnly);
        self.let_go(stage, &EngineError::OutcomeUnknown);
        for pending in self.queue.drain(..).chain(self.waiting.take_all()) {
            pending.answer(Err(EngineError::StoreReadOnly));
        }
    }
}

/// Answers before anything is durable, as only the negative control of a test does it.
fn answer_early(stage: &mut Stage) {
    let drafts = &stage.drafts;
    let early = |came: Came| {
        let plan = drafts.get(&came.project)?.plan().clone();
        Some((came, Arc::new(plan)))
    };
    let mut left = Vec::new();
    for (pending, verdict) in std::mem::take(&mut stage.verdicts) {
        match (&pending.origin, verdict) {
            (Origin::Caller(_), Verdict::Reply(Ok(came))) => {
                let told: Option<Vec<_>> = came.into_iter().map(early).collect();
                pending.answer(told.ok_or(EngineError::Unreadable));
            }
            (_, verdict) => left.push((pending, verdict)),
        }
    }
    stage.verdicts = left;
}

/// An error that a failpoint asks for.
fn injected(error: std::io::Error) -> StoreError {
    StoreError::Unwritable {
        reason: "the disk reports an input or output error".to_owned(),
        source: Some(Box::new(error)),
    }
}

/// Why the clock's demand came to nothing, if it did.
fn refused(reply: &Reply) -> Option<&'static str> {
    match reply {
        Err(EngineError::Refused(refusal)) => Some(refusal.reason.code()),
        Err(_) => Some("not carried out"),
        Ok(came) => {
            let nothing = |found: &Found| match found {
                Found::Fresh(events) => events.is_empty(),
                Found::Before(_) => true,
            };
            came.iter()
                .all(|came| nothing(&came.found))
                .then_some("nothing was recorded")
        }
    }
}
