//! The time of one live lease, on the monotonic clock: a wall clock that jumps expires nothing.

use crate::clock::Clock;
use crate::plan::Plan;
use crate::plan::event::{ExpiryCause, Text};
use crate::plan::id::SessionId;
use crate::plan::model::Lease;
use crate::plan::time::Timestamp;

/// Both clocks at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    /// Milliseconds since the epoch.
    pub wall_ms: i64,
    /// Milliseconds on the monotonic clock.
    pub monotonic_ms: u64,
}

impl Now {
    pub fn of(clock: &dyn Clock) -> Self {
        Self {
            wall_ms: clock.now_ms(),
            monotonic_ms: clock.monotonic_ms(),
        }
    }
}

/// A live lease's time.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub fence: u64,
    pub agent: Text,
    pub session: SessionId,
    pub term_ms: u64,
    /// On the monotonic clock.
    deadline_ms: u64,
    pub last_beat_ms: i64,
    chain_since: Timestamp,
    /// When the chain of resumes began, on the monotonic clock; before 0 when it began before us.
    chain_start_ms: i64,
    /// The hard limit does not count before: the daemon was away.
    spared_until_ms: u64,
    /// Its expiry is being recorded: a sign of life comes too late.
    pub ending: bool,
    /// A short standstill was not counted since the last sign of life; a second one is.
    passed_over: bool,
}

impl Held {
    /// A claim that was just recorded.
    pub fn new(lease: &Lease, now: Now) -> Self {
        let age_ms = Timestamp(now.wall_ms).since_ms(lease.chain_since);
        Self {
            fence: lease.fence,
            agent: lease.agent.clone(),
            session: lease.session,
            term_ms: lease.lease_ms,
            deadline_ms: now.monotonic_ms.saturating_add(lease.lease_ms),
            last_beat_ms: now.wall_ms,
            chain_since: lease.chain_since,
            chain_start_ms: signed(now.monotonic_ms).saturating_sub(signed(age_ms)),
            spared_until_ms: 0,
            ending: false,
            passed_over: false,
        }
    }

    /// A claim that a start found: it gets a fresh term, whatever the hard limit says.
    pub fn restored(lease: &Lease, now: Now) -> Self {
        let mut held = Self::new(lease, now);
        held.last_beat_ms = lease.claimed_at.max(lease.progress_at).0;
        held.spared_until_ms = held.deadline_ms;
        held
    }

    /// Goes on with the chain of resumes of the attempt before.
    pub fn succeed(&mut self, before: &Self) {
        if before.chain_since == self.chain_since {
            self.chain_start_ms = before.chain_start_ms;
            self.spared_until_ms = before.spared_until_ms;
        }
    }

    /// A sign of life.
    pub fn renew(&mut self, now: Now) {
        if !self.ending {
            self.deadline_ms = now.monotonic_ms.saturating_add(self.term_ms);
            self.last_beat_ms = now.wall_ms;
            self.passed_over = false;
        }
    }

    /// Its expiry could not be recorded: it gets a fresh term.
    pub fn spare(&mut self, now: Now) {
        self.ending = false;
        self.renew(now);
        self.spared_until_ms = self.deadline_ms;
    }

    /// The daemon stood still for a time that does not count. Once after each sign of life, so that a
    /// machine that is always late still finds out who has gone.
    pub fn pass_over(&mut self, stalled_ms: u64, now: Now) {
        if std::mem::replace(&mut self.passed_over, true) {
            return;
        }
        let fresh_ms = now.monotonic_ms.saturating_add(self.term_ms);
        let later_ms = self.deadline_ms.saturating_add(stalled_ms).min(fresh_ms);
        self.deadline_ms = self.deadline_ms.max(later_ms);
    }

    /// The daemon stood still for `stalled_ms`.
    pub fn forgive(&mut self, stalled_ms: u64, now: Now) {
        let fresh_ms = now.monotonic_ms.saturating_add(self.term_ms);
        self.deadline_ms = self.deadline_ms.max(fresh_ms);
        self.chain_start_ms = self.chain_start_ms.saturating_add(signed(stalled_ms));
        self.spared_until_ms = fresh_ms;
    }

    fn hard_due_ms(&self, hard_limit_ms: u64) -> u64 {
        let due = self.chain_start_ms.saturating_add(signed(hard_limit_ms));
        u64::try_from(due).unwrap_or(0).max(self.spared_until_ms)
    }

    /// When it ends if nothing is heard any more, on the monotonic clock.
    pub fn due_ms(&self, hard_limit_ms: u64) -> u64 {
        self.deadline_ms.min(self.hard_due_ms(hard_limit_ms))
    }

    /// How long the lease runs if nothing is heard any more.
    pub fn remaining_ms(&self, plan: &Plan, now: Now) -> u64 {
        self.due_ms(hard_limit_ms(plan))
            .saturating_sub(now.monotonic_ms)
    }

    /// Why it ends now, if it does.
    pub fn overdue(&self, hard_limit_ms: u64, now: Now) -> Option<ExpiryCause> {
        if now.monotonic_ms >= self.hard_due_ms(hard_limit_ms) {
            return Some(ExpiryCause::HardLimit);
        }
        (now.monotonic_ms >= self.deadline_ms).then_some(ExpiryCause::Silence)
    }
}

/// The longest a chain of resumes may hold a task of this plan.
pub(super) fn hard_limit_ms(plan: &Plan) -> u64 {
    plan.project()
        .map_or(u64::MAX, |project| project.settings.hard_limit_ms)
}

/// The same number as a distance that may be negative.
fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}
