//! Blockers that do not wait for the next report: those that became urgent and were not told of, and those that stand
//! for too long. Both follow from the plan and an instant alone, so that nothing is told twice after a restart.

use super::event::{Job, ReportKind};
use super::id::BlockerId;
use super::model::{BlockerStatus, Schedule};
use super::state::Plan;
use super::time::Timestamp;

/// How long after a report that was published at once the next one waits, in milliseconds: what becomes urgent
/// meanwhile is told in one.
const QUIET_MS: u64 = 60_000;

/// Something urgent that no blocker report has told of.
#[derive(Debug, Clone, Copy)]
pub struct Untold<'a> {
    /// The schedule whose addressee is told at once.
    pub schedule: &'a Schedule,
    /// The version at which the first of what is untold became urgent.
    pub version: u64,
}

impl Plan {
    /// What is urgent and untold. What became so before the schedule was set, or went on, is none of its business.
    pub fn untold(&self) -> Option<Untold<'_>> {
        if !self.keeps_time() {
            return None;
        }
        let tells = |it: &&Schedule| it.paused.is_none() && it.spec.job == Job::Blockers;
        let schedule = self.schedules().find(tells)?;
        let urgent = self.open_blockers().filter_map(|blocker| blocker.urgent);
        let urgent = urgent.filter(|(at, _)| *at >= schedule.since);
        let versions: Vec<u64> = urgent.map(|(_, version)| version).collect();
        let first = *versions.iter().min()?;
        // A report may be published behind one that tells of more; those before the first blocker tell of none.
        let behind = self.reports().rev();
        let behind = behind.take_while(|report| report.version > first);
        let tell = behind.filter(|report| report.kind == ReportKind::Blockers);
        let told = tell.map(|report| report.as_of).max().unwrap_or(0);
        let version = versions.into_iter().filter(|it| *it > told).min()?;
        Some(Untold { schedule, version })
    }

    /// Until when what is untold waits because something was told at once a short while ago. What was published ahead of
    /// this instant, by a clock that was set back since, keeps nothing waiting.
    pub fn quiet_until(&self, now: Timestamp) -> Option<Timestamp> {
        let recent = self.reports().rev();
        let mut recent = recent.take_while(|it| now.since_ms(it.published_at) < QUIET_MS);
        let last = recent.find(|report| report.at_once && report.published_at <= now)?;
        let quiet_ms = i64::try_from(QUIET_MS).unwrap_or(i64::MAX);
        Some(Timestamp(last.published_at.0.saturating_add(quiet_ms)))
    }

    /// Open blockers that nobody escalated for longer than the project allows, by number.
    pub fn to_escalate(&self, now: Timestamp) -> impl Iterator<Item = BlockerId> {
        let after_ms = self.escalate_after_minutes().map(u64::from);
        let after_ms = after_ms.map(|minutes| minutes * 60_000);
        let waits = self.open_blockers().filter(move |blocker| {
            let age_ms = now.since_ms(blocker.since);
            blocker.status == BlockerStatus::Open && after_ms.is_some_and(|after| age_ms > after)
        });
        waits.map(|blocker| blocker.id)
    }

    /// After how many minutes an open blocker is escalated; none = never.
    pub(super) fn escalate_after_minutes(&self) -> Option<u32> {
        let settings = &self.project()?.settings;
        Some(settings.escalate_after_minutes).filter(|minutes| *minutes > 0)
    }
}
