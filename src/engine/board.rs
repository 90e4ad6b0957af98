//! What is published of one project: its plan, its newest events and its leases. Nothing gets onto a
//! board before it is durable.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use arc_swap::ArcSwap;
use tokio::sync::watch;

use super::lease::Leases;
use crate::plan::Plan;
use crate::plan::event::Recorded;

/// An event with the size of its document in bytes.
pub(super) type Weighed = (Arc<Recorded>, usize);

/// What watchers wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moved {
    /// The newest published version.
    pub version: u64,
    /// Nothing will follow: the daemon stops.
    pub ended: bool,
}

/// One project as everybody but the writer sees it.
pub(super) struct Board {
    slug: Arc<str>,
    plan: ArcSwap<Plan>,
    recent: RwLock<Recent>,
    moved: watch::Sender<Moved>,
    leases: Mutex<Leases>,
}

impl Board {
    pub fn new(slug: Arc<str>, plan: Arc<Plan>, recent: Recent, leases: Leases) -> Self {
        let moved = Moved {
            version: plan.version(),
            ended: false,
        };
        Self {
            slug,
            plan: ArcSwap::new(plan),
            recent: RwLock::new(recent),
            moved: watch::Sender::new(moved),
            leases: Mutex::new(leases),
        }
    }

    pub fn slug(&self) -> &Arc<str> {
        &self.slug
    }

    /// The published plan.
    pub fn plan(&self) -> Arc<Plan> {
        self.plan.load_full()
    }

    /// The leases; whoever needs them together with the plan loads the plan while holding them.
    pub fn leases(&self) -> MutexGuard<'_, Leases> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Publishes what was appended and hands back the plan it replaces.
    pub fn publish(&self, plan: Arc<Plan>, events: &[Weighed]) -> Arc<Plan> {
        let mut recent = self.recent.write().unwrap_or_else(PoisonError::into_inner);
        for event in events {
            recent.push(event.clone());
        }
        drop(recent);
        let version = plan.version();
        let old = self.plan.swap(plan);
        if old.version() != version {
            self.moved.send_modify(|moved| moved.version = version);
        }
        old
    }

    /// Published events above a version from memory; none when they go back too far.
    pub fn recent(&self, after: u64, limit: usize) -> Option<Vec<Arc<Recorded>>> {
        let version = self.plan.load().version();
        if after >= version {
            return Some(Vec::new());
        }
        let recent = self.recent.read().unwrap_or_else(PoisonError::into_inner);
        recent.between(after, version, limit)
    }

    /// Wakes at every published version.
    pub fn moves(&self) -> watch::Receiver<Moved> {
        self.moved.subscribe()
    }

    /// Tells every watcher that nothing follows.
    pub fn end(&self) {
        self.moved.send_modify(|moved| moved.ended = true);
    }
}

/// The newest events of a project, within a budget: each weighs 1 and 1 more per whole KiB of its
/// document, so that large events cannot fill the memory.
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(super) struct Recent {
    events: VecDeque<Weighed>,
    weight: usize,
    budget: usize,
}

impl Recent {
    pub fn new(budget: usize) -> Self {
        Self {
            events: VecDeque::new(),
            weight: 0,
            budget,
        }
    }

    pub fn push(&mut self, event: Weighed) {
        self.weight += weight(&event);
        self.events.push_back(event);
        while self.weight > self.budget {
            let Some(oldest) = self.events.pop_front() else {
                return;
            };
            self.weight -= weight(&oldest);
        }
    }

    /// The version of the oldest event that is held.
    pub fn oldest(&self) -> Option<u64> {
        self.events.front().map(|(event, _)| event.version)
    }

    /// Whether an older event with a document of so many bytes would be held as well.
    pub fn has_room_for(&self, bytes: usize) -> bool {
        self.weight + weight_of(bytes) <= self.budget
    }

    /// Takes in the event before the oldest, for which there is room.
    pub fn push_older(&mut self, event: Weighed) {
        self.weight += weight(&event);
        self.events.push_front(event);
    }

    fn between(&self, after: u64, until: u64, limit: usize) -> Option<Vec<Arc<Recorded>>> {
        let first = self.events.front()?.0.version;
        let skip = usize::try_from((after + 1).checked_sub(first)?).ok()?;
        let events = self.events.iter().skip(skip).take(limit);
        let published = events.take_while(|(event, _)| event.version <= until);
        Some(published.map(|(event, _)| Arc::clone(event)).collect())
    }
}

fn weight((_, bytes): &Weighed) -> usize {
    weight_of(*bytes)
}

fn weight_of(bytes: usize) -> usize {
    1 + bytes / 1024
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::event::ProjectResumed;
    use crate::plan::fact::Actor;
    use crate::plan::time::Timestamp;

    fn event(version: u64) -> Arc<Recorded> {
        Arc::new(Recorded {
            version,
            at: Timestamp(0),
            actor: Actor::System,
            session: None,
            request: None,
            event: ProjectResumed {}.into(),
        })
    }

    fn check(budget: usize, bytes: usize, after: u64, expected: Option<&[u64]>) {
        let mut recent = Recent::new(budget);
        for version in 1..=10 {
            recent.push((event(version), bytes));
        }
        let found = recent.between(after, 9, 3);
        let versions: Option<Vec<u64>> =
            found.map(|events| events.iter().map(|event| event.version).collect());
        assert_eq!(versions.as_deref(), expected, "after {after}");
    }

    #[test]
    fn recent_events_are_found_by_version_and_end_where_publishing_does() {
        check(10, 100, 0, Some(&[1, 2, 3]));
        check(10, 100, 7, Some(&[8, 9]));
        check(4, 100, 6, Some(&[7, 8, 9]));
    }

    #[test]
    fn events_that_were_dropped_are_not_mistaken_for_none() {
        check(4, 100, 5, None);
        check(0, 100, 5, None);
    }

    #[test]
    fn a_large_event_counts_as_many() {
        check(10, 4 * 1024, 8, Some(&[9]));
        check(10, 4 * 1024, 7, None);
    }
}
