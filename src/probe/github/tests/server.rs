//! A server that plays GitHub and keeps what it was sent, so that "it never arrived" can be checked.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::Value;
use tokio_stream::wrappers::ReceiverStream;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// Path and query.
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    /// How many with the same path and query arrived before.
    pub(super) before: usize,
    /// Where the server answers, for links to itself.
    pub(super) origin: String,
}

impl Seen {
    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap_or("not text"))
    }

    /// A field of the query.
    pub(super) fn asks(&self, field: &str) -> bool {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        query.split('&').any(|found| found == field)
    }
}

/// An answer.
pub(super) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Content,
    delay: Duration,
}

enum Content {
    Whole(Vec<u8>),
    /// A chunk again and again, with a pause before each but the first; then it ends, breaks or hangs.
    Pieces {
        piece: Vec<u8>,
        times: usize,
        pause: Duration,
        then: Then,
    },
}

/// How a body in pieces ends.
#[derive(Clone, Copy)]
pub(super) enum Then {
    End,
    Break,
    Hang,
}

impl Answer {
    pub(super) fn json(value: &Value) -> Self {
        Self::bytes(value.to_string().into_bytes())
    }

    pub(super) fn bytes(body: Vec<u8>) -> Self {
        Self {
            status: 200,
            headers: vec![("content-type", "application/json; charset=utf-8".to_owned())],
            body: Content::Whole(body),
            delay: Duration::ZERO,
        }
    }

    pub(super) fn complaint(status: u16, message: &str) -> Self {
        let message = serde_json::json!({"message": message, "documentation_url": "https://docs"});
        Self::json(&message).status(status)
    }

    pub(super) fn pieces(piece: &[u8], times: usize, pause: Duration, then: Then) -> Self {
        let mut answer = Self::bytes(Vec::new());
        answer.body = Content::Pieces {
            piece: piece.to_vec(),
            times,
            pause,
            then,
        };
        answer
    }

    pub(super) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// With a header, in place of one of the same name.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    fn response(self) -> Response {
        let mut response = Response::builder().status(self.status);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        let body = match self.body {
            Content::Whole(body) => Body::from(body),
            Content::Pieces {
                piece,
                times,
                pause,
                then,
            } => in_pieces(piece.into(), times, pause, then),
        };
        response.body(body).expect("a response of the test")
    }
}

fn in_pieces(piece: Bytes, times: usize, pause: Duration, then: Then) -> Body {
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Bytes, std::io::Error>>(1);
    tokio::spawn(async move {
        for time in 0..times {
            if time > 0 {
                tokio::time::sleep(pause).await;
            }
            if sender.send(Ok(piece.clone())).await.is_err() {
                return;
            }
        }
        match then {
            Then::End => {}
            Then::Break => {
                let _ = sender.send(Err(std::io::Error::other("broken"))).await;
            }
            Then::Hang => sender.closed().await,
        }
    });
    Body::from_stream(ReceiverStream::new(receiver))
}

/// The running server.
pub(super) struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    most_at_once: Arc<AtomicUsize>,
}

impl Server {
    /// Starts one that answers each request by a function.
    pub(super) async fn start<F>(answer: F) -> Self
    where
        F: Fn(&Seen) -> Answer + Send + Sync + 'static,
    {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let most_at_once = Arc::new(AtomicUsize::new(0));
        let app = Router::new().fallback({
            let (seen, most) = (Arc::clone(&seen), Arc::clone(&most_at_once));
            let (answer, at_once) = (Arc::new(answer), Arc::new(AtomicUsize::new(0)));
            move |request: Request| {
                let now = at_once.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                let request = note(&seen, address, &request);
                let answer = answer(&request);
                let at_once = Arc::clone(&at_once);
                async move {
                    tokio::time::sleep(answer.delay).await;
                    at_once.fetch_sub(1, Ordering::SeqCst);
                    answer.response()
                }
            }
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            address,
            seen,
            most_at_once,
        }
    }

    /// Starts one that answers by path, and with 404 elsewhere.
    pub(super) async fn with(answers: Vec<(&'static str, Value)>) -> Self {
        let answers: BTreeMap<&str, Value> = answers.into_iter().collect();
        Self::start(move |seen| match answers.get(seen.path()) {
            Some(value) => Answer::json(value),
            None => Answer::complaint(404, "Not Found"),
        })
        .await
    }

    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.clone()
    }

    pub(super) fn requests(&self) -> usize {
        self.seen().len()
    }

    /// How many requests were under way at one time, at most.
    pub(super) fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::SeqCst)
    }

    /// Whether a text arrived anywhere: in a target or a header.
    pub(super) fn received(&self, text: &str) -> bool {
        self.seen().iter().any(|seen| {
            let mut values = seen.headers.values();
            let holds = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(text);
            seen.target.contains(text) || values.any(|value| holds(value.as_bytes()))
        })
    }
}

fn note(seen: &Mutex<Vec<Seen>>, address: SocketAddr, request: &Request) -> Seen {
    let mut all = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let target = request.uri().to_string();
    let before = all.iter().filter(|seen| seen.target == target).count();
    let one = Seen {
        target,
        headers: request.headers().clone(),
        before,
        origin: format!("http://{address}"),
    };
    all.push(one.clone());
    one
}
