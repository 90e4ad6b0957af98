//! Events that name a task or a session. Ids are whole JSON strings in what is stored, so that looking for one
//! between its quotes finds those that name it and none that names `T-120` where `T-12` is meant.

use super::id::{SessionId, TaskId};

/// Which events are looked for: those that name all that is stated here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    task: Option<String>,
    session: Option<(SessionId, String)>,
}

impl Naming {
    /// Events that name both; none where nothing is looked for.
    pub fn new(task: Option<TaskId>, session: Option<SessionId>) -> Option<Self> {
        if task.is_none() && session.is_none() {
            return None;
        }
        Some(Self {
            task: task.map(|id| format!("\"{id}\"")),
            session: session.map(|id| (id, format!("\"{id}\""))),
        })
    }

    /// Whether a stored document may be one of them: never wrong when it says no, and far cheaper than
    /// reading the event.
    pub fn may_be(&self, document: &str) -> bool {
        let names = |quoted: &String| document.contains(quoted.as_str());
        let session = self.session.as_ref();
        self.task.as_ref().is_none_or(names) && session.is_none_or(|(_, quoted)| names(quoted))
    }

    /// Whether an event is one of them, by the session it was recorded in and its own data as JSON. What its
    /// envelope has besides, such as a request's id, is no mention.
    pub fn is(&self, session: Option<SessionId>, data: &str) -> bool {
        let names = |quoted: &String| data.contains(quoted.as_str());
        let wanted = self.session.as_ref();
        self.task.as_ref().is_none_or(names)
            && wanted.is_none_or(|(id, quoted)| session == Some(*id) || names(quoted))
    }
}

#[cfg(test)]
mod tests {
    use super::super::codec;
    use super::super::event::{Event, Recorded, SessionStarted, TaskReleased};
    use super::super::fact::{Actor, RequestKey};
    use super::super::time::Timestamp;
    use super::*;
    use crate::plan::event::ReleaseCause;

    fn recorded(session: u32, request: &str, event: impl Into<Event>) -> Recorded {
        Recorded {
            version: 7,
            at: Timestamp(0),
            actor: Actor::Agent("T-12".into()),
            session: Some(SessionId(session)),
            request: Some(RequestKey {
                id: request.into(),
                digest: "".into(),
            }),
            event: event.into(),
        }
    }

    fn released(task: u32, reason: &str) -> TaskReleased {
        TaskReleased {
            task: TaskId(task),
            fence: 4,
            cause: ReleaseCause::Returned,
            reason: reason.into(),
        }
    }

    #[track_caller]
    fn check(recorded: &Recorded, task: Option<u32>, session: Option<u32>, expected: bool) {
        let naming = Naming::new(task.map(TaskId), session.map(SessionId)).unwrap();
        let document = codec::encode(recorded, "").unwrap();
        let data = recorded.event.to_data().unwrap();
        let found = naming.may_be(&document) && naming.is(recorded.session, &data);
        assert_eq!(found, expected, "{document}");
        let is = naming.is(recorded.session, &data);
        assert_eq!(is, expected, "the look at the document left {document} out");
    }

    #[test]
    fn an_event_is_found_by_what_it_names_and_by_its_session() {
        let event = recorded(3, "r", released(12, "see \"T-13\""));
        check(&event, Some(12), None, true);
        check(&event, Some(12), Some(3), true);
        check(&event, None, Some(3), true);
        check(&event, Some(1), None, false);
        check(&event, Some(120), None, false);
        check(&event, Some(13), None, false);
        check(&event, Some(12), Some(4), false);
        check(&event, None, Some(30), false);
    }

    #[test]
    fn a_session_is_also_found_by_its_own_events_and_by_what_it_took_over() {
        let started = SessionStarted {
            session: SessionId(9),
            agent: "dev-1".into(),
            scope: "".into(),
            model: "".into(),
            adopted: vec![TaskId(5), TaskId(6)],
        };
        let event = recorded(8, "r", started);
        check(&event, Some(6), Some(9), true);
        check(&event, Some(5), Some(8), true);
        check(&event, Some(7), Some(9), false);
    }

    #[test]
    fn neither_an_actor_nor_a_request_that_is_called_like_an_id_is_a_mention() {
        check(&recorded(3, "T-12", released(1, "")), Some(12), None, false);
        check(&recorded(3, "S-4", released(1, "")), None, Some(4), false);
    }

    #[test]
    fn nothing_is_looked_for_where_nothing_is_named() {
        assert_eq!(Naming::new(None, None), None);
    }
}
