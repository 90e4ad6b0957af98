//! Pages over plain HTTP on a port of their own: figures for Prometheus, health for probes. Nothing here
//! changes anything, and nothing that people or agents wrote is shown but the names of projects.

mod files;
mod metrics;
mod process;

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tonic::service::Routes;
use tonic::transport::Server;

use crate::api::{Api, Connections, Health, ServeError, TlsFiles, tls_config};

/// Whoever scrapes and probes keeps a connection or two; more are a fault or an attack.
const CONNECTIONS_MAX: usize = 32;
/// Pages asked for at one time on one connection.
const STREAMS_PER_CONNECTION_MAX: u32 = 4;
const HEADER_BYTES_MAX: u32 = 16 * 1024;
/// A connection is closed after so long, so that a forgotten one does not keep its place.
const CONNECTION_AGE_MAX: Duration = Duration::from_secs(600);
const CONNECTION_GRACE: Duration = Duration::from_secs(10);

const PLAIN: &str = "text/plain; charset=utf-8";

/// Where and what to serve.
pub struct WebOptions {
    /// Bound already.
    pub listener: std::net::TcpListener,
    /// None = no TLS.
    pub tls: Option<TlsFiles>,
    /// The services whose figures are shown.
    pub api: Api,
    /// What health says.
    pub health: Health,
    /// The folder of the store.
    pub data_dir: PathBuf,
    /// Projects with series of their own.
    pub projects: usize,
    /// The limit of connections of the main port.
    pub connections_max: usize,
    /// When the daemon started, in milliseconds since the Unix epoch.
    pub started_ms: i64,
}

/// What the pages are made from.
struct Site {
    api: Api,
    health: Health,
    data_dir: PathBuf,
    projects: usize,
    connections_max: usize,
    started_ms: i64,
}

/// Puts the pages together; the future serves until `stop` completes, then ends what is under way.
///
/// # Errors
/// The listener or the certificate cannot be used.
pub fn serve(
    options: WebOptions,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<impl Future<Output = Result<(), ServeError>> + Send + 'static, ServeError> {
    let listener = options.listener;
    listener
        .set_nonblocking(true)
        .map_err(ServeError::Listener)?;
    let listener = TcpListener::from_std(listener).map_err(ServeError::Listener)?;
    let connections = Connections::new(listener, CONNECTIONS_MAX, Arc::<AtomicUsize>::default());
    let mut server = Server::builder()
        .accept_http1(true)
        .max_concurrent_streams(Some(STREAMS_PER_CONNECTION_MAX))
        .http2_max_header_list_size(Some(HEADER_BYTES_MAX))
        .max_connection_age(CONNECTION_AGE_MAX)
        .max_connection_age_grace(CONNECTION_GRACE);
    if let Some(tls) = options.tls {
        server = server
            .tls_config(tls_config(tls))
            .map_err(ServeError::Tls)?;
    }
    let site = Arc::new(Site {
        api: options.api,
        health: options.health,
        data_dir: options.data_dir,
        projects: options.projects,
        connections_max: options.connections_max,
        started_ms: options.started_ms,
    });
    let pages = Router::new()
        .route("/metrics", get(show_metrics))
        .route("/healthz", get(show_health))
        .route("/readyz", get(show_readiness))
        .fallback(show_nothing)
        .with_state(site);
    let router = server.add_routes(Routes::from(pages));
    Ok(async move {
        router
            .serve_with_incoming_shutdown(connections, stop)
            .await
            .map_err(ServeError::Transport)
    })
}

async fn show_metrics(State(site): State<Arc<Site>>) -> Response {
    // Files are looked at, and a daemon of many projects has much to add up.
    let text = tokio::task::spawn_blocking(move || metrics::render(&site)).await;
    match text {
        Ok(Ok(text)) => page(StatusCode::OK, metrics::CONTENT_TYPE, text),
        Ok(Err(_)) | Err(_) => plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the figures cannot be written\n",
        ),
    }
}

/// Whether the process should live on.
async fn show_health(State(site): State<Arc<Site>>) -> Response {
    if site.health.is_alive() {
        plain(StatusCode::OK, "ok\n")
    } else {
        plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "the writer is stuck; start the daemon anew\n",
        )
    }
}

/// Whether calls should be sent here.
async fn show_readiness(State(site): State<Arc<Site>>) -> Response {
    match site.api.unready() {
        Some(why) => plain(StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
        None if site.health.is_alive() => plain(StatusCode::OK, "ok\n"),
        None => plain(StatusCode::SERVICE_UNAVAILABLE, "the writer is stuck\n"),
    }
}

async fn show_nothing() -> Response {
    plain(
        StatusCode::NOT_FOUND,
        "there is /metrics, /healthz and /readyz\n",
    )
}

fn plain(status: StatusCode, text: impl Into<String>) -> Response {
    page(status, PLAIN, text.into())
}

fn page(status: StatusCode, content_type: &'static str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, text).into_response()
}
