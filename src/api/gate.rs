//! What every request passes before its service sees it: who calls, whether they may, a span for the log,
//! and a net for panics. Neither tokens nor bodies reach the log.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tonic::body::Body;
use tonic::codegen::http::{Request, Response, header::AUTHORIZATION};
use tonic::{Code, Status};
use tower::{Layer, Service};
use tracing::{Instrument as _, Span, field::Empty};

use super::access::{self, TABLE, Wanted};
use super::frames::SmallFrames;
use super::meter::{CallMeter, Why, name_of};
use super::status;
use crate::clock::Stopwatch;
use crate::engine::EngineHandle;

/// Puts the gate in front of every service.
#[derive(Clone)]
pub(super) struct GateLayer {
    engine: EngineHandle,
    meter: Arc<CallMeter>,
}

impl GateLayer {
    pub(super) fn new(engine: EngineHandle, meter: Arc<CallMeter>) -> Self {
        Self { engine, meter }
    }
}

impl<S> Layer<S> for GateLayer {
    type Service = Gate<S>;

    fn layer(&self, inner: S) -> Gate<S> {
        Gate {
            inner,
            engine: self.engine.clone(),
            meter: Arc::clone(&self.meter),
        }
    }
}

/// The gate in front of a service.
#[derive(Clone)]
pub(super) struct Gate<S> {
    inner: S,
    engine: EngineHandle,
    meter: Arc<CallMeter>,
}

impl<S> Service<Request<Body>> for Gate<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let span = span_of(&request);
        let wanted = access::wanted(request.uri().path());
        let mut passage = Passage {
            meter: Arc::clone(&self.meter),
            wanted,
            watch: Stopwatch::start(),
            answered: false,
        };
        if let Err(refusal) = self.admit(&mut request, wanted, &span) {
            let response = refusal.into_http();
            span.in_scope(|| passage.end(&response));
            return Box::pin(std::future::ready(Ok(response)));
        }
        let answer = without_panic(self.inner.call(request));
        let timed = async move {
            let answered = answer.await;
            let response = if wanted == Wanted::Open {
                answered
            } else {
                with_reason(answered)
            };
            passage.end(&response);
            Ok(response.map(SmallFrames::of))
        };
        Box::pin(timed.instrument(span))
    }
}

impl<S> Gate<S> {
    /// Finds out who calls and leaves it with the request, or says why they may not.
    fn admit(
        &self,
        request: &mut Request<Body>,
        wanted: Wanted,
        span: &Span,
    ) -> Result<(), Status> {
        match wanted {
            Wanted::Open | Wanted::Unknown => Ok(()),
            Wanted::Method(row) => {
                let (_, method, permission) = TABLE[row];
                let header = request.headers().get(AUTHORIZATION);
                let bytes = header.map(tonic::codegen::http::HeaderValue::as_bytes);
                let caller = access::authenticate(&self.engine, bytes)?;
                span.record("actor.id", tracing::field::display(&caller.actor));
                access::authorize(&caller, method, permission)?;
                request.extensions_mut().insert(caller);
                Ok(())
            }
        }
    }
}

/// The response, whose status carries a reason: our services' do, the transport's own get one.
fn with_reason(response: Response<Body>) -> Response<Body> {
    match Status::from_header_map(response.headers()) {
        Some(status) if status.code() != Code::Ok && status.details().is_empty() => {
            status::of_transport(&status).into_http()
        }
        _ => response,
    }
}

fn span_of(request: &Request<Body>) -> Span {
    tracing::debug_span!(
        "request",
        method = request.uri().path(),
        actor.id = Empty,
        project.id = Empty,
        request.id = Empty
    )
}

/// A call on its way through the gate: counted and logged once, when it is answered or when its caller
/// goes away before.
struct Passage {
    meter: Arc<CallMeter>,
    wanted: Wanted,
    watch: Stopwatch,
    answered: bool,
}

impl Passage {
    fn end(&mut self, response: &Response<Body>) {
        let status = response.extensions().get::<Status>();
        let code = status.map_or_else(|| code_of(response), Status::code);
        self.tell(code, status.and_then(Why::of));
    }

    fn tell(&mut self, code: Code, why: Option<Why>) {
        self.answered = true;
        let row = match self.wanted {
            Wanted::Method(row) => Some(row),
            Wanted::Open | Wanted::Unknown => None,
        };
        self.meter.answered(row, code, why, &self.watch);
        let code = name_of(code);
        tracing::debug!(
            code,
            outcome = why.map_or(code, Why::name),
            duration_ms = self.watch.elapsed().as_micros() as f64 / 1_000.0,
            "answered"
        );
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        if !self.answered {
            self.tell(Code::Cancelled, None);
        }
    }
}

/// The code of an answer that the transport made.
fn code_of(response: &Response<Body>) -> Code {
    let status = response.headers().get(Status::GRPC_STATUS);
    status.map_or(Code::Ok, |value| Code::from_bytes(value.as_bytes()))
}

/// Polls an answer so that its panic becomes an INTERNAL status: one bad request never takes the
/// connection, let alone the daemon, with it.
async fn without_panic<F>(answer: F) -> Response<Body>
where
    F: Future<Output = Result<Response<Body>, Infallible>>,
{
    let mut answer = std::pin::pin!(answer);
    poll_fn(
        |context| match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(Ok(response))) => Poll::Ready(response),
            Ok(Poll::Ready(Err(never))) => match never {},
            Err(_) => Poll::Ready(status::internal("a handler panicked").into_http()),
        },
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_an_internal_status() {
        let response = without_panic(async { panic!("on purpose") }).await;
        assert_eq!(response.headers()["grpc-status"], "13");
    }

    #[tokio::test]
    async fn an_answer_passes_as_it_is() {
        let answer = std::future::ready(Ok(Status::not_found("gone").into_http()));
        let response = without_panic(answer).await;
        assert_eq!(response.headers()["grpc-status"], "5");
    }

    #[test]
    fn a_call_counts_once_whether_it_is_answered_or_given_up() {
        let meter = Arc::new(CallMeter::new());
        let passage = || Passage {
            meter: Arc::clone(&meter),
            wanted: Wanted::Method(0),
            watch: Stopwatch::start(),
            answered: false,
        };
        drop(passage());
        passage().end(&Response::new(Body::empty()));
        passage().end(&status::denied("not yours").into_http());
        let codes = [("OK", 1), ("CANCELLED", 1), ("PERMISSION_DENIED", 1)];
        assert_eq!(meter.calls()[0].codes, codes);
        assert_eq!(meter.refusals(), [("NOT_ALLOWED", 1)]);
    }
}
