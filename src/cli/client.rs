//! The connection to the daemon. Every call has a deadline, carries the token, and is repeated with the
//! same request id when the daemon could not be reached, so that a restart costs a caller nothing.

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use muster_proto::v1::admin_service_client::AdminServiceClient;
use muster_proto::v1::agent_service_client::AgentServiceClient;
use muster_proto::v1::ceremony_service_client::CeremonyServiceClient;
use muster_proto::v1::event_service_client::EventServiceClient;
use muster_proto::v1::gate_service_client::GateServiceClient;
use muster_proto::v1::phase_service_client::PhaseServiceClient;
use muster_proto::v1::project_service_client::ProjectServiceClient;
use muster_proto::v1::queue_service_client::QueueServiceClient;
use muster_proto::v1::register_service_client::RegisterServiceClient;
use muster_proto::v1::rule_service_client::RuleServiceClient;
use muster_proto::v1::sprint_service_client::SprintServiceClient;
use muster_proto::v1::task_service_client::TaskServiceClient;
use muster_proto::v1::work_service_client::WorkServiceClient;
use muster_proto::v1::workflow_service_client::WorkflowServiceClient;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt as _;

use super::Globals;
use super::access::{self, Speaker, Surroundings};
use super::exit::Exit;
use super::failure::Failure;

/// Where the daemon listens unless told otherwise.
const SERVER_DEFAULT: &str = "http://127.0.0.1:7733";

/// How long a call may take; a claim that waits adds its wait.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a call may take that reads or writes much.
pub const LONG_CALL_TIMEOUT: Duration = Duration::from_secs(600);
/// How long a call may take that waits for commands of gates: each may run for four hours.
pub const GATED_CALL_TIMEOUT: Duration = Duration::from_secs(5 * 3_600);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Pauses before the repeats of a call that did not reach the daemon.
const BACKOFF_MS: [u64; 4] = [50, 150, 400, 1_000];
/// A daemon that asks for a longer pause than this is not waited for.
const RETRY_DELAY_MAX: Duration = Duration::from_secs(2);
/// A page of 1,000 tasks with all their words.
const ANSWER_BYTES_MAX: usize = 256 << 20;
/// A plan file of 16 MiB and what surrounds it.
const QUESTION_BYTES_MAX: usize = 20 << 20;
/// Silence after which a followed connection is asked whether it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// The connection every call of a verb goes through.
#[derive(Debug, Clone)]
pub struct Client {
    channel: InterceptedService<Channel, Bearer>,
    server: String,
}

/// Adds the token to each call.
#[derive(Debug, Clone)]
pub struct Bearer(MetadataValue<Ascii>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request
            .metadata_mut()
            .insert("authorization", self.0.clone());
        Ok(request)
    }
}

macro_rules! services {
    ($($name:ident: $service:ident;)+) => {
        $(
            /// The client of the service.
            pub fn $name(&self) -> $service<InterceptedService<Channel, Bearer>> {
                $service::new(self.channel.clone())
                    .max_decoding_message_size(ANSWER_BYTES_MAX)
                    .max_encoding_message_size(QUESTION_BYTES_MAX)
            }
        )+
    };
}

impl Client {
    services! {
        admin: AdminServiceClient;
        agents: AgentServiceClient;
        ceremonies: CeremonyServiceClient;
        events: EventServiceClient;
        gates: GateServiceClient;
        phases: PhaseServiceClient;
        projects: ProjectServiceClient;
        queues: QueueServiceClient;
        registers: RegisterServiceClient;
        sprints: SprintServiceClient;
        rules: RuleServiceClient;
        tasks: TaskServiceClient;
        work: WorkServiceClient;
        workflows: WorkflowServiceClient;
    }

    /// Prepares the connection that the flags and the surroundings name; it is made by the first call.
    ///
    /// # Errors
    /// The address, the certificate or the token cannot be used, or there is no token.
    pub fn new(globals: &Globals, speaker: Speaker) -> Result<Self, Failure> {
        let server = globals
            .server
            .as_deref()
            .map(str::trim)
            .filter(|server| !server.is_empty())
            .unwrap_or(SERVER_DEFAULT);
        let endpoint = endpoint(server, globals)?;
        let host = endpoint.uri().host().unwrap_or_default();
        let token = access::token(globals, &Surroundings::of_process(), speaker, host)?;
        let bearer = format!("Bearer {token}")
            .parse()
            .map_err(|_| Failure::usage("the token holds characters that no token has"))?;
        let channel = InterceptedService::new(endpoint.connect_lazy(), Bearer(bearer));
        Ok(Self {
            channel,
            server: server.to_owned(),
        })
    }

    /// Makes a call, and again while the daemon cannot be reached; the request must be the same each
    /// time, its id too.
    ///
    /// # Errors
    /// What the daemon refused, or that it was not reached.
    pub async fn call<Answer, Making, Made>(&self, make: Making) -> Result<Answer, Failure>
    where
        Making: Fn() -> Made,
        Made: Future<Output = Result<Response<Answer>, Status>>,
    {
        let mut pauses = BACKOFF_MS.iter();
        loop {
            let status = match make().await {
                Ok(answer) => return Ok(answer.into_inner()),
                Err(status) => status,
            };
            match pauses.next() {
                Some(pause_ms) if is_worth_repeating(&status) => {
                    tokio::time::sleep(Duration::from_millis(*pause_ms)).await;
                }
                _ => return Err(self.failure(status)),
            }
        }
    }

    /// What a status means to the caller.
    pub fn failure(&self, status: Status) -> Failure {
        if ran_out(&status) {
            return Failure::new(
                Exit::Unavailable,
                "DEADLINE_EXCEEDED",
                format!("{} took too long to answer", self.server),
            );
        }
        if !is_local(&status) {
            return Failure::from(status);
        }
        let why = cause(&status);
        let failure = Failure::new(
            Exit::Unavailable,
            "CANNOT_CONNECT",
            format!("no answer from {}: {why}", self.server),
        );
        if access::is_loopback(
            self.server
                .parse::<tonic::transport::Uri>()
                .ok()
                .as_ref()
                .and_then(|address| address.host())
                .unwrap_or_default(),
        ) {
            failure.next("serve")
        } else {
            failure
        }
    }
}

/// Calls a method of a service, with its request, until the daemon was reached.
macro_rules! call {
    ($client:expr, $service:ident.$method:ident($request:expr)) => {
        $crate::cli::client::call!(
            $client,
            $service.$method($request),
            $crate::cli::client::CALL_TIMEOUT
        )
    };
    ($client:expr, $service:ident.$method:ident($request:expr), $timeout:expr) => {{
        let client = $client;
        let request = $request;
        let timeout = $timeout;
        client.call(move || {
            let mut service = client.$service();
            let mut request = tonic::Request::new(request.clone());
            request.set_timeout(timeout);
            async move { service.$method(request).await }
        })
    }};
}
pub(super) use call;

fn endpoint(server: &str, globals: &Globals) -> Result<Endpoint, Failure> {
    let unusable = || {
        Failure::usage(format!(
            "`{server}` is no address of a daemon; write --server or MUSTER_SERVER like {SERVER_DEFAULT} \
             or https://host:7733"
        ))
    };
    // The library also takes `unix:…`, which looks like http to whoever asks for its scheme.
    let scheme = server.split_once("://").map(|(scheme, _)| scheme);
    let endpoint = Endpoint::from_shared(server.to_owned()).map_err(|_| unusable())?;
    if endpoint.uri().host().unwrap_or_default().is_empty() {
        return Err(unusable());
    }
    let endpoint = match scheme.map(str::to_ascii_lowercase).as_deref() {
        Some("http") => endpoint,
        Some("https") => endpoint.tls_config(tls(globals)?).map_err(|error| {
            Failure::usage(format!(
                "the certificate for {server} cannot be used: {}",
                deepest(&error)
            ))
        })?,
        _ => return Err(unusable()),
    };
    Ok(endpoint
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE)
        .tcp_nodelay(true))
}

fn tls(globals: &Globals) -> Result<ClientTlsConfig, Failure> {
    let variable = || {
        std::env::var_os("MUSTER_CA_FILE")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
    };
    let path = globals.ca_file.clone().or_else(variable).ok_or_else(|| {
        Failure::usage(
            "an https:// server needs the certificate it is trusted by: give --ca-file or MUSTER_CA_FILE \
             (a PEM file)",
        )
    })?;
    let pem = std::fs::read(&path).map_err(|error| {
        Failure::usage(format!(
            "the certificate file {} cannot be read: {error}",
            path.display()
        ))
    })?;
    Ok(ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem)))
}

/// Whether a status was made on this side of the wire.
fn is_local(status: &Status) -> bool {
    std::error::Error::source(status).is_some()
}

/// Whether the deadline of a call passed, seen here or by the daemon, which says it with a bare
/// `CANCELLED`.
fn ran_out(status: &Status) -> bool {
    let mut source = std::error::Error::source(status);
    while let Some(error) = source {
        if error.is::<tonic::TimeoutExpired>() {
            return true;
        }
        source = error.source();
    }
    status.code() == Code::Cancelled && !is_local(status)
}

/// Whether the same call may fare better in a moment.
pub fn is_worth_repeating(status: &Status) -> bool {
    // A deadline that ran out has been waited for long enough.
    if ran_out(status) {
        return false;
    }
    if is_local(status) {
        return true;
    }
    let delay = status
        .get_details_retry_info()
        .and_then(|info| info.retry_delay);
    status.code() == Code::Unavailable && delay.is_none_or(|delay| delay <= RETRY_DELAY_MAX)
}

/// What is at the bottom of a failed connection.
fn cause(status: &Status) -> String {
    std::error::Error::source(status).map_or_else(|| status.message().to_owned(), deepest)
}

fn deepest(error: &(dyn std::error::Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tonic_types::ErrorDetails;

    fn with_source(code: Code, source: impl std::error::Error + Send + Sync + 'static) -> Status {
        let mut status = Status::new(code, "said here");
        status.set_source(Arc::new(source));
        status
    }

    fn from_daemon(code: Code, retry_ms: Option<u64>) -> Status {
        let mut details =
            ErrorDetails::with_error_info("REASON", "muster", std::collections::HashMap::new());
        details.set_retry_info(retry_ms.map(Duration::from_millis));
        Status::with_error_details(code, "said there", details)
    }

    #[test]
    fn a_lost_connection_and_a_daemon_that_restarts_are_tried_again() {
        let lost = std::io::Error::other("connection reset");
        assert!(is_worth_repeating(&with_source(Code::Unknown, lost)));
        assert!(is_worth_repeating(&from_daemon(
            Code::Unavailable,
            Some(1_000)
        )));
        assert!(is_worth_repeating(&Status::unavailable("a proxy says so")));
    }

    #[test]
    fn a_refusal_a_long_pause_and_a_deadline_are_not_tried_again() {
        assert!(!is_worth_repeating(&from_daemon(
            Code::Unavailable,
            Some(30_000)
        )));
        for code in [
            Code::FailedPrecondition,
            Code::Internal,
            Code::Unauthenticated,
            Code::Cancelled,
        ] {
            assert!(!is_worth_repeating(&from_daemon(code, None)), "{code:?}");
        }
        let expired = with_source(Code::Cancelled, tonic::TimeoutExpired(()));
        assert!(!is_worth_repeating(&expired));
    }

    fn refusal_of(server: &str, ca_file: Option<&str>) -> Exit {
        let globals = Globals {
            ca_file: ca_file.map(PathBuf::from),
            ..Globals::default()
        };
        match endpoint(server, &globals) {
            Ok(_) => Exit::Done,
            Err(failure) => failure.exit(),
        }
    }

    #[test]
    fn an_address_must_be_http_or_https_with_a_host() {
        assert_eq!(refusal_of("http://127.0.0.1:7733", None), Exit::Done);
        assert_eq!(refusal_of("http://[::1]:7733/", None), Exit::Done);
        for server in [
            "127.0.0.1:7733",
            "ftp://host",
            "http://",
            "not an address",
            "unix:/tmp/x",
        ] {
            assert_eq!(refusal_of(server, None), Exit::Usage, "{server}");
        }
    }

    #[test]
    fn an_https_address_needs_a_certificate_that_can_be_read() {
        let missing = refusal_of("https://localhost:7733", Some("/nowhere/at/all.pem"));
        assert_eq!(missing, Exit::Usage);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(&path, made.cert.pem()).unwrap();
        let path = path.to_str().unwrap();
        assert_eq!(refusal_of("https://localhost:7733", Some(path)), Exit::Done);
    }
}
