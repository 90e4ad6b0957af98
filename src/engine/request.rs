//! Which requests were carried out and where their events are, so that a repeat is answered and never
//! carried out twice. Holds the newest requests only, and can always be rebuilt from the log.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::Submission;
use crate::plan::event::Recorded;
use crate::plan::fact::{Actor, RequestKey};
use crate::plan::image::part;

/// At most so many requests are remembered.
pub(super) const REMEMBERED_MAX: usize = 65_536;

/// A request is remembered for so long, in milliseconds of recorded time.
pub(super) const REMEMBERED_MS: i64 = 24 * 60 * 60 * 1000;

/// Whose request id it is: ids of different callers or projects have nothing to do with each other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Scope {
    actor: Actor,
    project: Arc<str>,
    id: Arc<str>,
}

impl Scope {
    /// The scope of a submission; none when it carries no id or asks for nothing.
    pub fn of(submission: &Submission) -> Option<Self> {
        let first = submission.steps.first()?;
        let request = submission.request.as_ref()?;
        Some(Self {
            actor: submission.actor.clone(),
            project: first.project.as_str().into(),
            id: Arc::clone(&request.id),
        })
    }

    /// The project's slug.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// The same request in another project.
    pub fn in_project(&self, project: &str) -> Self {
        Self {
            project: project.into(),
            ..self.clone()
        }
    }
}

/// Where events stand in a project's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// The version of the first.
    pub first: u64,
    /// How many; 0 where nothing was to be done.
    pub count: u64,
}

/// What a request left in one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Footprint {
    /// The digest of the request's body.
    pub digest: Arc<str>,
    /// When it was recorded, in milliseconds since the epoch.
    pub at_ms: i64,
    /// What each of its steps in this project recorded; a single span where the log alone was left to
    /// tell, which does not say where a step ends.
    pub spans: Vec<Span>,
}

impl Footprint {
    /// The events of the `nth` of `steps` steps in this project.
    pub fn span(&self, nth: usize, steps: usize) -> Span {
        if self.spans.len() == steps {
            return self.spans[nth];
        }
        let first = self.spans.first().map_or(0, |span| span.first);
        let count = self.spans.iter().map(|span| span.count).sum();
        Span { first, count }
    }
}

/// The newest requests.
#[derive(Debug, Default)]
pub(super) struct RequestMemory {
    footprints: HashMap<Arc<Scope>, Footprint>,
    /// From the oldest on, with the time of each.
    order: VecDeque<(i64, Arc<Scope>)>,
}

impl RequestMemory {
    /// What a request left, when it is remembered at `now_ms`.
    pub fn find(&self, scope: &Scope, now_ms: i64) -> Option<&Footprint> {
        let footprint = self.footprints.get(scope)?;
        is_recent(footprint.at_ms, now_ms).then_some(footprint)
    }

    /// Remembers a request, and forgets those that are too old or too many at `now_ms`.
    pub fn remember(&mut self, scope: Scope, footprint: Footprint, now_ms: i64) {
        let scope = Arc::new(scope);
        let at_ms = footprint.at_ms;
        let before = self.footprints.insert(Arc::clone(&scope), footprint);
        // An id used again after its first use was forgotten stands at its new place only.
        if before.is_some() {
            self.order.retain(|(_, other)| *other != scope);
        }
        self.order.push_back((at_ms, scope));
        while let Some((at_ms, oldest)) = self.order.front() {
            if is_recent(*at_ms, now_ms) && self.order.len() <= REMEMBERED_MAX {
                return;
            }
            self.footprints.remove(oldest);
            self.order.pop_front();
        }
    }
}

fn is_recent(at_ms: i64, now_ms: i64) -> bool {
    now_ms.saturating_sub(at_ms) < REMEMBERED_MS
}

/// Collects the requests of one log as it is read from its start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Recall {
    found: VecDeque<(Scope, Footprint)>,
}

/// A request of one log as a snapshot keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remembered {
    actor: Actor,
    id: Arc<str>,
    digest: Arc<str>,
    at_ms: i64,
    first: u64,
    count: u64,
}

part! {
    struct Remembered { actor, id, digest, at_ms, first, count }
}

impl Recall {
    /// What was collected before, in the order of the log.
    pub fn restored(project: &Arc<str>, requests: Vec<Remembered>) -> Self {
        let found = requests.into_iter().map(|request| {
            let scope = Scope {
                actor: request.actor,
                project: Arc::clone(project),
                id: request.id,
            };
            let span = Span {
                first: request.first,
                count: request.count,
            };
            let footprint = Footprint {
                digest: request.digest,
                at_ms: request.at_ms,
                spans: vec![span],
            };
            (scope, footprint)
        });
        Self {
            found: found.collect(),
        }
    }

    /// What was collected, in the order of the log.
    pub fn records(&self) -> impl Iterator<Item = Remembered> {
        self.found.iter().map(|(scope, footprint)| {
            // What the log tells of a request is one span.
            let span = footprint.span(0, 1);
            Remembered {
                actor: scope.actor.clone(),
                id: Arc::clone(&scope.id),
                digest: Arc::clone(&footprint.digest),
                at_ms: footprint.at_ms,
                first: span.first,
                count: span.count,
            }
        })
    }

    /// Takes the next event of `project` in.
    pub fn take(&mut self, project: &Arc<str>, recorded: &Recorded) {
        if let Some(request) = &recorded.request {
            let at = (recorded.version, recorded.at.0);
            self.take_request(project, recorded.actor.clone(), request, at);
        }
    }

    /// Takes the request of the next event of `project` in, recorded at this version and time.
    pub fn take_request(
        &mut self,
        project: &Arc<str>,
        actor: Actor,
        request: &RequestKey,
        (version, at_ms): (u64, i64),
    ) {
        let scope = Scope {
            actor,
            project: Arc::clone(project),
            id: Arc::clone(&request.id),
        };
        if let Some((newest, footprint)) = self.found.back_mut()
            && *newest == scope
            && footprint.digest == request.digest
            && let [span] = footprint.spans.as_mut_slice()
            && span.first + span.count == version
        {
            span.count += 1;
            return;
        }
        let span = Span {
            first: version,
            count: 1,
        };
        let footprint = Footprint {
            digest: Arc::clone(&request.digest),
            at_ms,
            spans: vec![span],
        };
        if self.found.len() >= REMEMBERED_MAX {
            self.found.pop_front();
        }
        self.found.push_back((scope, footprint));
    }

    /// Ends one log's collection: those recorded after `since_ms`.
    pub fn finish(self, since_ms: i64) -> impl Iterator<Item = (Scope, Footprint)> {
        self.found
            .into_iter()
            .filter(move |(_, footprint)| footprint.at_ms > since_ms)
    }
}

/// The memory as the logs tell it at `now_ms`.
pub(super) fn rebuild(mut found: Vec<(Scope, Footprint)>, now_ms: i64) -> RequestMemory {
    found.sort_by_key(|(_, footprint)| footprint.at_ms);
    let surplus = found.len().saturating_sub(REMEMBERED_MAX);
    let mut memory = RequestMemory::default();
    memory.footprints.reserve(found.len() - surplus);
    for (scope, footprint) in found.into_iter().skip(surplus) {
        memory.remember(scope, footprint, now_ms);
    }
    memory
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::event::ProjectResumed;
    use crate::plan::time::Timestamp;

    fn scope(id: &str) -> Scope {
        Scope {
            actor: Actor::System,
            project: "p".into(),
            id: id.into(),
        }
    }

    fn footprint(at_ms: i64) -> Footprint {
        Footprint {
            digest: "d".into(),
            at_ms,
            spans: vec![Span { first: 1, count: 1 }],
        }
    }

    fn recorded(version: u64, id: &str, at_ms: i64) -> Recorded {
        Recorded {
            version,
            at: Timestamp(at_ms),
            actor: Actor::System,
            session: None,
            request: Some(RequestKey {
                id: id.into(),
                digest: "d".into(),
            }),
            event: ProjectResumed {}.into(),
        }
    }

    #[test]
    fn a_request_is_forgotten_after_a_day() {
        let mut memory = RequestMemory::default();
        memory.remember(scope("a"), footprint(0), 0);
        assert!(memory.find(&scope("a"), REMEMBERED_MS - 1).is_some());
        assert!(memory.find(&scope("a"), REMEMBERED_MS).is_none());
        memory.remember(scope("b"), footprint(REMEMBERED_MS), REMEMBERED_MS);
        assert_eq!(memory.footprints.len(), 1, "the old one is gone for good");
    }

    #[test]
    fn the_oldest_request_makes_room_for_the_newest() {
        let mut memory = RequestMemory::default();
        for number in 0..=REMEMBERED_MAX {
            memory.remember(scope(&number.to_string()), footprint(0), 0);
        }
        assert!(memory.find(&scope("0"), 0).is_none());
        assert!(memory.find(&scope("1"), 0).is_some());
        assert_eq!(memory.footprints.len(), REMEMBERED_MAX);
        assert_eq!(memory.order.len(), REMEMBERED_MAX);
    }

    #[test]
    fn the_log_tells_where_the_events_of_a_request_are() {
        let project: Arc<str> = "p".into();
        let mut recall = Recall::default();
        for (version, id) in [(1, "a"), (2, "a"), (3, "b"), (4, "c"), (5, "c")] {
            recall.take(&project, &recorded(version, id, 10));
        }
        let memory = rebuild(recall.finish(0).collect(), 10);
        let span = |id: &str| memory.find(&scope(id), 10).map(|found| found.span(0, 1));
        assert_eq!(span("a"), Some(Span { first: 1, count: 2 }));
        assert_eq!(span("b"), Some(Span { first: 3, count: 1 }));
        assert_eq!(span("c"), Some(Span { first: 4, count: 2 }));
    }

    #[test]
    fn what_was_collected_goes_on_from_where_it_was_kept() {
        let project: Arc<str> = "p".into();
        let events = [(1, "a"), (2, "a"), (3, "b"), (4, "b"), (5, "c"), (6, "b")];
        let whole = |events: &[(u64, &str)]| {
            let mut recall = Recall::default();
            for (version, id) in events {
                recall.take(&project, &recorded(*version, id, 10));
            }
            recall
        };
        for cut in 0..=events.len() {
            let before = whole(&events[..cut]);
            let mut again = Recall::restored(&project, before.records().collect());
            assert_eq!(again, before);
            for (version, id) in &events[cut..] {
                again.take(&project, &recorded(*version, id, 10));
            }
            assert_eq!(again, whole(&events), "cut at {cut}");
        }
    }

    #[test]
    fn a_step_is_told_from_the_next_while_the_process_lives() {
        let spans = vec![Span { first: 1, count: 2 }, Span { first: 3, count: 0 }];
        let lived = Footprint {
            spans,
            ..footprint(0)
        };
        assert_eq!(lived.span(0, 2), Span { first: 1, count: 2 });
        assert_eq!(lived.span(1, 2), Span { first: 3, count: 0 });
        assert_eq!(footprint(0).span(1, 2), Span { first: 1, count: 1 });
    }
}
