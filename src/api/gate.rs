//! What every request passes before its service sees it: who calls, whether they may, a span for the log,
//! and a net for panics. Neither tokens nor bodies reach the log.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use tonic::body::Body;
use tonic::codegen::http::{Request, Response, header::AUTHORIZATION};
use tonic::{Code, Status};
use tower::{Layer, Service};
use tracing::{Instrument as _, Span, field::Empty};

use super::access::{self, Wanted};
use super::frames::SmallFrames;
use super::status;
use crate::clock::Stopwatch;
use crate::engine::EngineHandle;

/// Puts the gate in front of every service.
#[derive(Clone)]
pub(super) struct GateLayer {
    engine: EngineHandle,
}

impl GateLayer {
    pub(super) fn new(engine: EngineHandle) -> Self {
        Self { engine }
    }
}

impl<S> Layer<S> for GateLayer {
    type Service = Gate<S>;

    fn layer(&self, inner: S) -> Gate<S> {
        Gate {
            inner,
            engine: self.engine.clone(),
        }
    }
}

/// The gate in front of a service.
#[derive(Clone)]
pub(super) struct Gate<S> {
    inner: S,
    engine: EngineHandle,
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
        if let Err(refusal) = self.admit(&mut request, &span) {
            let response = refusal.into_http();
            span.in_scope(|| log(&response, &Stopwatch::start()));
            return Box::pin(std::future::ready(Ok(response)));
        }
        let is_ours = access::wanted(request.uri().path()) != Wanted::Open;
        let answer = without_panic(self.inner.call(request));
        let timed = async move {
            let watch = Stopwatch::start();
            let answered = answer.await;
            let response = if is_ours {
                with_reason(answered)
            } else {
                answered
            };
            log(&response, &watch);
            Ok(response.map(SmallFrames::of))
        };
        Box::pin(timed.instrument(span))
    }
}

impl<S> Gate<S> {
    /// Finds out who calls and leaves it with the request, or says why they may not.
    fn admit(&self, request: &mut Request<Body>, span: &Span) -> Result<(), Status> {
        match access::wanted(request.uri().path()) {
            Wanted::Open | Wanted::Unknown => Ok(()),
            Wanted::Method(method, permission) => {
                let header = request.headers().get(AUTHORIZATION);
                let bytes = header.map(tonic::codegen::http::HeaderValue::as_bytes);
                let caller = access::authenticate(&self.engine, bytes)?;
                span.record("principal", tracing::field::display(&caller.actor));
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
        principal = Empty,
        request_id = Empty
    )
}

fn log(response: &Response<Body>, watch: &Stopwatch) {
    let code = response
        .headers()
        .get("grpc-status")
        .and_then(|value| value.to_str().ok())
        .unwrap_or("0");
    let micros = u64::try_from(watch.elapsed().as_micros()).unwrap_or(u64::MAX);
    tracing::debug!(code, micros, "answered");
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
}
