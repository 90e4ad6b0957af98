//! The log of a session, read from the project's log between its start and its end: never more of it than the
//! limits here, never by the writer, and from the store where it is no longer in memory.

use std::collections::BTreeSet;
use std::sync::Arc;

use muster_proto::v1 as wire;
use prost::Message as _;
use tonic::Status;

use super::page::BYTES_MAX;
use super::views::time;
use super::{Api, enums, status};
use crate::plan::Plan;
use crate::plan::event::{Event, Recorded};
use crate::plan::id::{SessionId, TaskId};
use crate::plan::model::Session;
use crate::report::session::{Entry, Outcome, SessionLog, fill_in, without_claim};

/// The log gives so many events at once.
const PAGE_EVENTS: u64 = 10_000;
/// So many events are read of a session.
const EVENTS_MAX: u64 = 100_000;
/// So many before it, for the claims of what it took over.
const BEFORE_EVENTS_MAX: u64 = 50_000;
/// An answer holds so many entries.
const ENTRIES_MAX: usize = 1_000;
/// And so many ids in each list.
const IDS_MAX: usize = 10_000;

/// What was read of a session.
struct Read {
    entries: Vec<Entry>,
    claimed: Vec<TaskId>,
    is_cut: bool,
}

impl Api {
    /// Answers with a session and its log. `shown` is the session without what only its log says; `agent` is
    /// who asks, where that is an agent.
    pub(super) async fn with_log(
        &self,
        project: &str,
        plan: &Plan,
        session: &Session,
        mut shown: wire::Session,
        agent: Option<&str>,
    ) -> Result<wire::GetSessionResponse, Status> {
        let read = self.read_session(project, plan, session).await?;
        let completed = completed(plan, session.id, &read.entries);
        let ids = |tasks: &[TaskId]| {
            let ids = tasks.iter().take(IDS_MAX);
            ids.map(ToString::to_string).collect()
        };
        shown.claimed = ids(&read.claimed);
        shown.completed = ids(&completed);
        let is_cut = read.is_cut || read.claimed.len() > IDS_MAX || completed.len() > IDS_MAX;
        let room = BYTES_MAX.saturating_sub(shown.encoded_len());
        let entries = read.entries.iter();
        let (tasks, all) = fitting(entries.map(|entry| message(plan, entry, agent)), room);
        Ok(wire::GetSessionResponse {
            session: Some(shown),
            tasks,
            truncated: is_cut || !all,
        })
    }

    async fn read_session(
        &self,
        project: &str,
        plan: &Plan,
        session: &Session,
    ) -> Result<Read, Status> {
        let failed = |error| status::failed(&error);
        let before = self
            .engine
            .version_before(project, session.started_at.0)
            .await
            .map_err(failed)?;
        let newest = match session.ended_at {
            Some(at) => {
                let last = self.engine.version_before(project, at.0.saturating_add(1));
                last.await.map_err(failed)?.min(plan.version())
            }
            None => plan.version(),
        };
        let end = newest.min(before.saturating_add(EVENTS_MAX));
        let mut log = SessionLog::new(session.id);
        let mut claimed = Vec::new();
        let mut known = BTreeSet::new();
        let mut at = before;
        while at < end {
            let page = self.history_between(project, at, end).await?;
            // Large events make a short page, so only an empty one is the end.
            let Some(last) = page.last() else { break };
            at = last.version;
            for recorded in &page {
                log.take(recorded);
                if let Event::TaskClaimed(claim) = &recorded.event
                    && claim.session == session.id
                    && known.insert(claim.task)
                {
                    claimed.push(claim.task);
                }
            }
        }
        let is_cut = end < newest;
        let mut entries = log.finish(plan, is_cut);
        self.find_claims(project, before, &mut entries).await?;
        Ok(Read {
            entries,
            claimed,
            is_cut,
        })
    }

    /// Looks before a session for the claims of what it took over.
    async fn find_claims(
        &self,
        project: &str,
        before: u64,
        entries: &mut [Entry],
    ) -> Result<(), Status> {
        let mut wanted = without_claim(entries);
        let first = before.saturating_sub(BEFORE_EVENTS_MAX);
        let mut until = before;
        while until > first && !wanted.is_empty() {
            let from = until.saturating_sub(PAGE_EVENTS).max(first);
            let mut events = Vec::new();
            let mut at = from;
            while at < until {
                let page = self.history_between(project, at, until).await?;
                let Some(last) = page.last() else { break };
                at = last.version;
                // The rest is not looked at, and may be large.
                let claims = |event: &Event| matches!(event, Event::TaskClaimed(_));
                events.extend(page.into_iter().filter(|it| claims(&it.event)));
            }
            for recorded in events.iter().rev() {
                fill_in(entries, &mut wanted, recorded);
            }
            until = from;
        }
        Ok(())
    }

    /// Events with a version above `after` and up to `until`, as many as the log gives at once.
    async fn history_between(
        &self,
        project: &str,
        after: u64,
        until: u64,
    ) -> Result<Vec<Arc<Recorded>>, Status> {
        let limit = until.saturating_sub(after).min(PAGE_EVENTS);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let page = self.engine.history(project, after, limit).await;
        page.map_err(|error| status::failed(&error))
    }
}

/// What was completed in a session, in order: also what was handed in there and approved later.
fn completed(plan: &Plan, session: SessionId, entries: &[Entry]) -> Vec<TaskId> {
    let done = entries
        .iter()
        .filter(|entry| entry.outcome == Outcome::Completed)
        .map(|entry| (entry.ended_at, entry.task));
    let now_done = plan.completed_in(session).map(|id| {
        let task = plan.task(id);
        let completion = task.and_then(|task| task.state.completion.as_ref());
        (completion.map(|completion| completion.at), id)
    });
    let mut all: Vec<_> = done.chain(now_done).collect();
    all.sort_by_key(|(at, _)| *at);
    let mut known = BTreeSet::new();
    let tasks = all.into_iter().map(|(_, task)| task);
    tasks.filter(|task| known.insert(*task)).collect()
}

/// As many entries as an answer holds, and whether these are all.
fn fitting(
    tasks: impl Iterator<Item = wire::SessionTask>,
    mut room: usize,
) -> (Vec<wire::SessionTask>, bool) {
    let mut fitting = Vec::new();
    for task in tasks {
        let bytes = task.encoded_len();
        if fitting.len() == ENTRIES_MAX || bytes > room {
            return (fitting, false);
        }
        room -= bytes;
        fitting.push(task);
    }
    (fitting, true)
}

fn message(plan: &Plan, entry: &Entry, agent: Option<&str>) -> wire::SessionTask {
    let lease = plan.task(entry.task);
    let lease = lease.and_then(|task| task.state.lease.as_ref());
    // A live fence is shown to its holder alone.
    let is_others =
        lease.is_some_and(|lease| lease.fence == entry.fence && Some(&*lease.agent) != agent);
    wire::SessionTask {
        task: entry.task.to_string(),
        title: plan.title(entry.task).to_owned(),
        fence: if is_others { 0 } else { entry.fence },
        taken_over: entry.taken_over,
        claimed_at: entry.claimed_at.map(time),
        outcome: enums::session_outcome(entry.outcome).into(),
        ended_at: entry.ended_at.map(time),
        note: entry.note.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(count: usize, note_bytes: usize, expected: (usize, bool)) {
        let task = |_| wire::SessionTask {
            note: "x".repeat(note_bytes),
            ..wire::SessionTask::default()
        };
        let (tasks, all) = fitting((0..count).map(task), BYTES_MAX);
        assert_eq!((tasks.len(), all), expected, "{count} of {note_bytes}");
        let bytes: usize = tasks.iter().map(prost::Message::encoded_len).sum();
        assert!(bytes <= BYTES_MAX);
    }

    #[test]
    fn an_answer_holds_what_fits_and_says_when_that_is_not_all() {
        check(0, 0, (0, true));
        check(ENTRIES_MAX, 10, (ENTRIES_MAX, true));
        check(ENTRIES_MAX + 1, 10, (ENTRIES_MAX, false));
        check(100, 64 * 1024, (47, false));
    }
}
