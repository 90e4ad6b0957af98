//! What marks do to a plan: they stand in it and change nothing else.

use std::sync::Arc;

use super::super::event::MarksChanged;
use super::super::model::Mark;
use super::super::state::Plan;
use super::super::time::Timestamp;

impl Plan {
    pub(super) fn marks_changed(&mut self, event: &MarksChanged, at: Timestamp) {
        for cleared in &event.cleared {
            let key = (cleared.kind, Arc::clone(&cleared.subject));
            self.marks.remove(&key);
        }
        for raised in &event.raised {
            let key = (raised.kind, Arc::clone(&raised.subject));
            let known = self.marks.get(&key).map(|mark| mark.since);
            let mark = Mark {
                kind: raised.kind,
                subject: Arc::clone(&raised.subject),
                detail: Arc::clone(&raised.detail),
                since: known.unwrap_or(at),
            };
            self.marks.insert(key, Arc::new(mark));
        }
    }

    /// Nobody looks at a project that is over.
    pub(super) fn watched_no_more(&mut self) {
        self.marks = super::super::runs::RunMap::default();
    }
}
