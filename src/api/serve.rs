//! The server: every service behind the gate, with health and reflection, and a limit on everything a
//! client can make it hold.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use muster_proto::v1 as wire;
use muster_proto::v1::admin_service_server::AdminServiceServer;
use muster_proto::v1::agent_service_server::AgentServiceServer;
use muster_proto::v1::ceremony_service_server::CeremonyServiceServer;
use muster_proto::v1::event_service_server::EventServiceServer;
use muster_proto::v1::gate_service_server::GateServiceServer;
use muster_proto::v1::phase_service_server::PhaseServiceServer;
use muster_proto::v1::queue_service_server::QueueServiceServer;
use muster_proto::v1::register_service_server::RegisterServiceServer;
use muster_proto::v1::rule_service_server::RuleServiceServer;
use muster_proto::v1::sprint_service_server::SprintServiceServer;
use muster_proto::v1::task_service_server::TaskServiceServer;
use muster_proto::v1::work_service_server::WorkServiceServer;
use muster_proto::v1::workflow_service_server::WorkflowServiceServer;
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::codegen::http;
use tonic::service::Routes;
use tonic::transport::{Identity, Server, ServerTlsConfig};
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tower::{Layer as _, Service};

use super::Api;
use super::connections::Connections;
use super::gate::GateLayer;
use super::project_door::ProjectDoor;

/// A silent connection is asked for a sign of life so often, and cut off when none comes.
const KEEPALIVE_EVERY: Duration = Duration::from_secs(20);
const KEEPALIVE_WITHIN: Duration = Duration::from_secs(10);
/// A client that connects and says nothing does not keep its place.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// Calls at one time on one connection; a claim that waits is one.
const STREAMS_PER_CONNECTION_MAX: u32 = 1_000;
/// Streams that a client opened and reset before they were taken: the mark of a reset flood.
const PENDING_RESETS_MAX: usize = 32;
const HEADER_BYTES_MAX: u32 = 16 * 1024;
/// A request around a plan file holds a little more than the file.
const IMPORT_ENVELOPE_BYTES: usize = 1024 * 1024;
/// How often health looks whether writes still go through.
const HEALTH_EVERY: Duration = Duration::from_millis(500);
/// So many looks in a row without a sign of the writer, and it is taken to be stuck: half a minute.
const SILENT_LOOKS_MAX: u32 = 60;

/// The certificate chain and its key, as PEM texts.
#[derive(Clone)]
pub struct TlsFiles {
    /// The chain, the server's own certificate first.
    pub certificate: Vec<u8>,
    /// The private key.
    pub key: Vec<u8>,
}

impl TlsFiles {
    /// Looks whether a server could speak TLS with them.
    ///
    /// # Errors
    /// They are no PEM files, or do not belong together.
    pub fn check(&self) -> Result<(), ServeError> {
        let server = Server::builder().tls_config(tls_config(self.clone()));
        server.map(drop).map_err(ServeError::Tls)
    }
}

/// Where and how to serve.
pub struct ServeOptions {
    /// Bound already, so that a taken port is told before anything else happens.
    pub listener: std::net::TcpListener,
    /// None = no TLS.
    pub tls: Option<TlsFiles>,
    /// Open connections at one time.
    pub connections: usize,
}

/// The server cannot be started or went on its own.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The listener cannot be used.
    #[error("the listener cannot be used")]
    Listener(#[source] std::io::Error),
    /// The certificate and the key do not work together.
    #[error(
        "the certificate and its key cannot be used; see that both are PEM and belong together"
    )]
    Tls(#[source] tonic::transport::Error),
    /// The descriptors of the interface cannot be read.
    #[error("the interface cannot describe itself")]
    Reflection(#[source] tonic_reflection::server::Error),
    /// The transport failed.
    #[error("the server failed")]
    Transport(#[source] tonic::transport::Error),
}

/// What health says; the name of every service and the empty one say the same.
#[derive(Clone)]
pub struct Health {
    reporter: HealthReporter,
    alive: Arc<AtomicBool>,
}

impl Health {
    /// Health that says SERVING.
    pub fn new() -> Self {
        Self {
            reporter: HealthReporter::new(),
            alive: Arc::new(AtomicBool::new(true)),
        }
    }

    /// Whether the writer gets on, or rests with nothing to do. A daemon that is not alive will not mend
    /// itself; start it anew.
    pub fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Relaxed)
    }

    /// Says whether calls are taken.
    pub async fn set_serving(&self, serving: bool) {
        let status = if serving {
            ServingStatus::Serving
        } else {
            ServingStatus::NotServing
        };
        for service in SERVICES.iter().copied().chain([""]) {
            self.reporter.set_service_status(service, status).await;
        }
    }

    /// Says NOT_SERVING as soon as writes no longer go through; runs until it is dropped.
    pub async fn follow(&self, api: &Api) {
        let mut pulse = api.engine.pulse();
        let mut silent_looks = 0;
        loop {
            silent_looks = if pulse.beats() { 0 } else { silent_looks + 1 };
            let alive = silent_looks < SILENT_LOOKS_MAX;
            if !alive && self.alive.swap(false, Ordering::Relaxed) {
                tracing::error!(
                    "the writer is stuck; writes wait until it is not, or until a restart"
                );
            }
            self.alive.store(alive, Ordering::Relaxed);
            self.set_serving(alive && api.engine.writable().is_ok())
                .await;
            tokio::time::sleep(HEALTH_EVERY).await;
        }
    }
}

impl Default for Health {
    fn default() -> Self {
        Self::new()
    }
}

const SERVICES: &[&str] = &[
    wire::work_service_server::SERVICE_NAME,
    wire::project_service_server::SERVICE_NAME,
    wire::task_service_server::SERVICE_NAME,
    wire::phase_service_server::SERVICE_NAME,
    wire::gate_service_server::SERVICE_NAME,
    wire::queue_service_server::SERVICE_NAME,
    wire::register_service_server::SERVICE_NAME,
    wire::rule_service_server::SERVICE_NAME,
    wire::sprint_service_server::SERVICE_NAME,
    wire::workflow_service_server::SERVICE_NAME,
    wire::ceremony_service_server::SERVICE_NAME,
    wire::agent_service_server::SERVICE_NAME,
    wire::event_service_server::SERVICE_NAME,
    wire::admin_service_server::SERVICE_NAME,
];

/// Puts the server together; the future serves until `stop` completes, then answers the calls that are
/// under way, however long they take, so put a time limit around it.
///
/// # Errors
/// See [`ServeError`]; what is wrong with the certificate is told before anything is served.
pub fn serve(
    api: Api,
    health: Health,
    options: ServeOptions,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<impl Future<Output = Result<(), ServeError>> + Send + 'static, ServeError> {
    options
        .listener
        .set_nonblocking(true)
        .map_err(ServeError::Listener)?;
    let listener = TcpListener::from_std(options.listener).map_err(ServeError::Listener)?;
    let connections = Connections::new(
        listener,
        options.connections,
        Arc::clone(&api.meter.connections),
    );

    let mut server = Server::builder()
        .http2_keepalive_interval(Some(KEEPALIVE_EVERY))
        .http2_keepalive_timeout(Some(KEEPALIVE_WITHIN))
        .max_concurrent_streams(Some(STREAMS_PER_CONNECTION_MAX))
        .http2_max_pending_accept_reset_streams(Some(PENDING_RESETS_MAX))
        .http2_max_header_list_size(Some(HEADER_BYTES_MAX));
    if let Some(tls) = options.tls {
        server = server
            .tls_config(tls_config(tls))
            .map_err(ServeError::Tls)?;
    }

    let told = health.clone();
    let health = tonic_health::server::HealthService::from_health_reporter(health.reporter);
    let (v1, v1alpha) = (
        reflection().build_v1().map_err(ServeError::Reflection)?,
        reflection()
            .build_v1alpha()
            .map_err(ServeError::Reflection)?,
    );
    let router = server
        .layer(GateLayer::new(api.engine.clone(), Arc::clone(&api.meter)))
        .add_routes(services(&api))
        .add_service(tonic_health::pb::health_server::HealthServer::new(health))
        .add_service(v1)
        .add_service(v1alpha);
    Ok(async move {
        told.set_serving(true).await;
        router
            .serve_with_incoming_shutdown(connections, stop)
            .await
            .map_err(ServeError::Transport)
    })
}

/// Our services, each with a limit on what it takes in.
fn services(api: &Api) -> Routes {
    let message = api.options.message_bytes;
    let import = message.max(
        api.options
            .import_bytes
            .saturating_add(IMPORT_ENVELOPE_BYTES),
    );
    let api = || api.clone();
    Routes::new(WorkServiceServer::new(api()).max_decoding_message_size(message))
        .add_service(ProjectDoor::new(&api(), message, import))
        .add_service(TaskServiceServer::new(api()).max_decoding_message_size(message))
        .add_service(PhaseServiceServer::new(api()).max_decoding_message_size(message))
        .add_service(GateServiceServer::new(api()).max_decoding_message_size(message))
        .add_service(QueueServiceServer::new(api()).max_decoding_message_size(message))
        .add_service(RegisterServiceServer::new(api()).max_decoding_message_size(message))
        .add_service(RuleServiceServer::new(api()).max_decoding_message_size(message))
        .add_service(SprintServiceServer::new(api()).max_decoding_message_size(message))
        .add_service(WorkflowServiceServer::new(api()).max_decoding_message_size(message))
        .add_service(CeremonyServiceServer::new(api()).max_decoding_message_size(message))
        .add_service(AgentServiceServer::new(api()).max_decoding_message_size(message))
        .add_service(EventServiceServer::new(api()).max_decoding_message_size(message))
        .add_service(AdminServiceServer::new(api()).max_decoding_message_size(message))
}

/// Our services behind the gate as a function of requests: what [`serve`] serves, without a port. For
/// fuzzing; a request needs its token here as everywhere.
#[doc(hidden)]
pub fn without_port(
    api: &Api,
) -> impl Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible, Future: Send>
+ Clone
+ use<> {
    GateLayer::new(api.engine.clone(), Arc::clone(&api.meter)).layer(services(api).prepare())
}

/// How a port of ours speaks TLS.
pub fn tls_config(tls: TlsFiles) -> ServerTlsConfig {
    let identity = Identity::from_pem(tls.certificate, tls.key);
    ServerTlsConfig::new()
        .identity(identity)
        .timeout(HANDSHAKE_WITHIN)
}

fn reflection() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(wire::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost::Message as _;

    #[test]
    fn every_service_of_the_interface_is_known_to_health() {
        let set = prost_types::FileDescriptorSet::decode(wire::FILE_DESCRIPTOR_SET).unwrap();
        let mut described: Vec<String> = set
            .file
            .iter()
            .filter(|file| file.package() == "muster.v1")
            .flat_map(|file| &file.service)
            .map(|service| format!("muster.v1.{}", service.name()))
            .collect();
        described.sort();
        let mut known: Vec<&str> = SERVICES.to_vec();
        known.sort_unstable();
        assert_eq!(described, known);
    }
}
