//! The log of a project: pages of it, and following it. A slow follower is not sent more than it takes.

use std::sync::Arc;

use muster_proto::v1 as wire;
use prost::Message as _;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::access::Caller;
use super::agent::no_session;
use super::call::Call;
use super::page::{BYTES_MAX, Page};
use super::validate::{bad, instant, optional_id};
use super::{Api, status, views};
use crate::engine::{EngineHandle, Look, Watch};
use crate::plan::Plan;
use crate::plan::event::Recorded;
use crate::plan::naming::Naming;

/// Messages that wait for a slow follower; it reads on from the log when it catches up.
const MESSAGES_AHEAD: usize = 1;

/// A follower's message takes no further event once it holds so many bytes: with thousands of followers
/// that do not read, what waits for them must stay small.
const MESSAGE_BYTES: usize = 128 * 1024;

type Answered<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl wire::event_service_server::EventService for Api {
    async fn list_events(
        &self,
        request: Request<wire::ListEventsRequest>,
    ) -> Answered<wire::ListEventsResponse> {
        let call = self.open(request)?;
        if let Some(naming) = naming(&call.plan, &call.body.task, &call.body.session)? {
            return self.list_naming(&call, naming).await;
        }
        let page = self.page("events", call.body.page_size, &call.body.page_token)?;
        if call.body.newest && page.after.is_some() {
            return Err(bad("newest", "goes without a page_token"));
        }
        let version = call.plan.version();
        let wanted = Wanted {
            after: call
                .body
                .after_version
                .max(page.after::<u64>()?.unwrap_or(0)),
            since_ms: match (call.body.since, &page.after) {
                (Some(since), None) => Some(instant("since", since)?.0),
                _ => None,
            },
            newest: call.body.newest,
        };
        let found = self.events(&call.project, version, &page, &wanted).await?;
        let (events, next_page_token) = shown(&found, &page, wanted.newest)?;
        Ok(Response::new(wire::ListEventsResponse {
            events,
            next_page_token,
            version,
        }))
    }

    type WatchEventsStream = ReceiverStream<Result<wire::WatchEventsResponse, Status>>;

    async fn watch_events(
        &self,
        request: Request<wire::WatchEventsRequest>,
    ) -> Answered<Self::WatchEventsStream> {
        let call = self.open(request)?;
        let naming = naming(&call.plan, &call.body.task, &call.body.session)?;
        let watch = self
            .engine
            .watch(&call.project, call.body.after_version)
            .map_err(|error| status::failed(&error))?;
        let (send, receive) = mpsc::channel(MESSAGES_AHEAD);
        let follower = Follower {
            engine: self.engine.clone(),
            caller: call.caller,
            naming,
        };
        tokio::spawn(follower.follow(watch, send));
        Ok(Response::new(ReceiverStream::new(receive)))
    }
}

/// Which events a page is made of.
struct Wanted {
    after: u64,
    since_ms: Option<i64>,
    newest: bool,
}

/// What events are asked for by the task and the session they name; none when all are.
fn naming(plan: &Plan, task: &str, session: &str) -> Result<Option<Naming>, Status> {
    let task = match task.trim() {
        "" => None,
        task => Some(
            plan.resolve_task(task)
                .map_err(|refusal| status::refused(&refusal))?,
        ),
    };
    let session = optional_id("session", session)?;
    if let Some(unknown) = session.filter(|id| plan.session(*id).is_none()) {
        return Err(no_session(unknown));
    }
    Ok(Naming::new(task, session))
}

impl Api {
    /// A page of the events that name something. It ends where it is full or where enough was looked at.
    async fn list_naming(
        &self,
        call: &Call<wire::ListEventsRequest>,
        naming: Naming,
    ) -> Answered<wire::ListEventsResponse> {
        let body = &call.body;
        let newest = body.newest;
        // Pages that go back are no pages of the list that goes ahead.
        let list = if newest { "events back" } else { "events" };
        let page = self.page(list, body.page_size, &body.page_token)?;
        let go_on: Option<u64> = page.after()?;
        let version = call.plan.version();
        let mut versions = body.after_version..version;
        if let Some(since) = body.since {
            let since_ms = instant("since", since)?.0;
            let before = self.engine.version_before(&call.project, since_ms).await;
            let before = before.map_err(|error| status::failed(&error))?;
            versions.start = versions.start.max(before);
        }
        match go_on {
            Some(until) if newest => versions.end = versions.end.min(until),
            Some(after) => versions.start = versions.start.max(after),
            None => {}
        }
        let look = Look {
            naming,
            versions,
            limit: page.size(),
            newest,
        };
        let seen = self.engine.look(&call.project, look).await;
        let seen = seen.map_err(|error| status::failed(&error))?;
        let (events, cut) = shown(&seen.events, &page, newest)?;
        let is_cut = events.len() < seen.events.len();
        let next_page_token = match (newest, events.first()) {
            (true, Some(first)) if is_cut => {
                page.token(&first.version.saturating_sub(1).to_string())
            }
            (false, _) if is_cut => cut,
            _ if seen.rest.is_empty() => String::new(),
            (true, _) => page.token(&seen.rest.end.to_string()),
            (false, _) => page.token(&seen.rest.start.to_string()),
        };
        Ok(Response::new(wire::ListEventsResponse {
            events,
            next_page_token,
            version,
        }))
    }

    /// The events a page may be filled from, in order; one more than fits where there are more.
    async fn events(
        &self,
        project: &str,
        version: u64,
        page: &Page,
        wanted: &Wanted,
    ) -> Result<Vec<Arc<Recorded>>, Status> {
        let size = u64::try_from(page.size()).unwrap_or(u64::MAX);
        let failed = |error| status::failed(&error);
        let mut after = wanted.after;
        if let Some(since_ms) = wanted.since_ms {
            let before = self.engine.version_before(project, since_ms);
            after = after.max(before.await.map_err(failed)?);
        }
        let limit = if wanted.newest {
            after = after.max(version.saturating_sub(size));
            page.size()
        } else {
            page.size() + 1
        };
        let read = self.engine.history(project, after, limit);
        let mut events = read.await.map_err(failed)?;
        if wanted.newest && events.len() > page.size() {
            events.drain(..events.len() - page.size());
        }
        Ok(events)
    }
}

/// As many events as a page and a message hold, and the token of the next page.
fn shown(
    found: &[Arc<Recorded>],
    page: &Page,
    newest: bool,
) -> Result<(Vec<wire::Event>, String), Status> {
    let mut all = Vec::new();
    for recorded in found.iter().take(page.size() + 1) {
        all.push(views::event(recorded)?);
    }
    if newest {
        // The newest stay when a message cannot hold all.
        let mut bytes = 0;
        let fitting = all
            .iter()
            .rev()
            .take_while(|event| {
                bytes += event.encoded_len();
                bytes <= BYTES_MAX
            })
            .count();
        all.drain(..all.len() - fitting.max(1).min(all.len()));
        return Ok((all, String::new()));
    }
    Ok(page.fill(
        all.into_iter(),
        |event| event.version.to_string(),
        |event| event,
    ))
}

/// Somebody who follows a project.
struct Follower {
    engine: EngineHandle,
    caller: Caller,
    naming: Option<Naming>,
}

impl Follower {
    /// Sends what happens until the follower goes, its token is revoked or the daemon stops.
    async fn follow(
        self,
        mut watch: Watch,
        send: mpsc::Sender<Result<wire::WatchEventsResponse, Status>>,
    ) {
        loop {
            let next = tokio::select! {
                biased;
                () = send.closed() => return,
                next = watch.next() => next,
            };
            let events = match next {
                Ok(events) => events,
                Err(error) => {
                    // Whoever has gone needs no reason.
                    let _ = send.send(Err(status::failed(&error))).await;
                    return;
                }
            };
            let mut left = events.into_iter();
            while let Some(message) = message(&mut left, self.naming.as_ref()) {
                let message = if self.caller.is_welcome(&self.engine) {
                    message
                } else {
                    Err(status::unauthenticated("this token was revoked"))
                };
                let ends = message.is_err();
                if send.send(message).await.is_err() || ends {
                    return;
                }
            }
        }
    }
}

/// The next events that are asked for, in a message; none when none are left. Made only when there is room
/// for it.
fn message(
    left: &mut impl Iterator<Item = Arc<Recorded>>,
    naming: Option<&Naming>,
) -> Option<Result<wire::WatchEventsResponse, Status>> {
    let mut events = Vec::new();
    let mut bytes = 0;
    while bytes < MESSAGE_BYTES
        && let Some(recorded) = left.next()
    {
        match views::event(&recorded) {
            Ok(event) => {
                let is_it = |naming: &Naming| naming.is(recorded.session, &event.document);
                if naming.is_none_or(is_it) {
                    bytes += event.encoded_len();
                    events.push(event);
                }
            }
            Err(status) => return Some(Err(status)),
        }
    }
    (!events.is_empty()).then_some(Ok(wire::WatchEventsResponse { events }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::event::ProjectPaused;
    use crate::plan::fact::Actor;
    use crate::plan::time::Timestamp;

    fn recorded(version: u64, bytes: usize) -> Arc<Recorded> {
        Arc::new(Recorded {
            version,
            at: Timestamp(0),
            actor: Actor::System,
            session: None,
            request: None,
            event: ProjectPaused {
                reason: "x".repeat(bytes),
            }
            .into(),
        })
    }

    fn versions(events: &[wire::Event]) -> Vec<u64> {
        events.iter().map(|event| event.version).collect()
    }

    #[test]
    fn a_message_holds_what_a_client_takes_and_nothing_is_lost() {
        let events: Vec<_> = (1..=20).map(|version| recorded(version, 250_000)).collect();
        let mut left = events.into_iter();
        let messages: Vec<_> = std::iter::from_fn(|| message(&mut left, None))
            .map(Result::unwrap)
            .collect();
        assert!(messages.len() > 1);
        assert!(
            messages
                .iter()
                .all(|message| message.encoded_len() < 4 << 20)
        );
        let all: Vec<u64> = messages
            .iter()
            .flat_map(|message| versions(&message.events))
            .collect();
        assert_eq!(all, (1..=20).collect::<Vec<u64>>());
    }

    #[test]
    fn the_newest_stay_when_a_page_cannot_hold_all() {
        let events: Vec<_> = (1..=20).map(|version| recorded(version, 250_000)).collect();
        let page = Page::read("events", 100, "", 1_000).unwrap();
        let (shown, token) = shown(&events, &page, true).unwrap();
        assert_eq!(versions(&shown).last(), Some(&20));
        assert!(shown.len() < 20 && token.is_empty());
    }

    #[test]
    fn the_next_page_begins_after_the_last_event_shown() {
        let events: Vec<_> = (1..=3).map(|version| recorded(version, 1)).collect();
        let page = Page::read("events", 2, "", 1_000).unwrap();
        let (shown, token) = shown(&events, &page, false).unwrap();
        assert_eq!(versions(&shown), [1, 2]);
        let next = Page::read("events", 2, &token, 1_000).unwrap();
        assert_eq!(next.after::<u64>().unwrap(), Some(2));
    }
}
