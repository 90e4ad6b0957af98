//! Connections of the demo's and the bench's people: each opens its own and carries its own bearer token,
//! as processes on different machines would.

use std::net::SocketAddr;
use std::time::Duration;

use muster_proto::v1::admin_service_client::AdminServiceClient;
use muster_proto::v1::agent_service_client::AgentServiceClient;
use muster_proto::v1::ceremony_service_client::CeremonyServiceClient;
use muster_proto::v1::event_service_client::EventServiceClient;
use muster_proto::v1::phase_service_client::PhaseServiceClient;
use muster_proto::v1::project_service_client::ProjectServiceClient;
use muster_proto::v1::queue_service_client::QueueServiceClient;
use muster_proto::v1::task_service_client::TaskServiceClient;
use muster_proto::v1::work_service_client::WorkServiceClient;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use tonic_health::pb::health_client::HealthClient;

use crate::cli::Failure;
use crate::clock;
use crate::operate::failure::{caused, failure};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection with a token; dropping it, and the clients made from it, closes it.
#[derive(Clone)]
pub(super) struct Wire {
    channel: Channel,
    bearer: Bearer,
}

/// Puts the token into every call.
#[derive(Clone)]
pub(super) struct Bearer(MetadataValue<Ascii>);

impl Bearer {
    fn of(token: &str) -> Result<Self, Failure> {
        let mut value: MetadataValue<Ascii> = format!("Bearer {}", token.trim())
            .parse()
            .map_err(|error| caused("TOKEN_INVALID", &error))?;
        value.set_sensitive(true);
        Ok(Self(value))
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request
            .metadata_mut()
            .insert("authorization", self.0.clone());
        Ok(request)
    }
}

pub(super) type Service = InterceptedService<Channel, Bearer>;

impl Wire {
    /// Opens a connection of its own to the daemon.
    pub(super) async fn open(address: SocketAddr, token: &str) -> Result<Self, Failure> {
        let bearer = Bearer::of(token)?;
        let channel = Endpoint::from_shared(format!("http://{address}"))
            .map_err(|error| caused("CANNOT_CONNECT", &error))?
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true)
            .connect()
            .await
            .map_err(|error| caused("CANNOT_CONNECT", &error))?;
        Ok(Self { channel, bearer })
    }

    /// The same connection in the name of somebody else.
    pub(super) fn with_token(&self, token: &str) -> Result<Self, Failure> {
        Ok(Self {
            channel: self.channel.clone(),
            bearer: Bearer::of(token)?,
        })
    }

    /// The health service, which asks nobody who they are.
    pub(super) fn health(&self) -> HealthClient<Channel> {
        HealthClient::new(self.channel.clone())
    }

    fn service(&self) -> Service {
        InterceptedService::new(self.channel.clone(), self.bearer.clone())
    }

    pub(super) fn work(&self) -> WorkServiceClient<Service> {
        WorkServiceClient::new(self.service())
    }

    pub(super) fn projects(&self) -> ProjectServiceClient<Service> {
        ProjectServiceClient::new(self.service())
    }

    pub(super) fn tasks(&self) -> TaskServiceClient<Service> {
        TaskServiceClient::new(self.service())
    }

    pub(super) fn phases(&self) -> PhaseServiceClient<Service> {
        PhaseServiceClient::new(self.service())
    }

    pub(super) fn queues(&self) -> QueueServiceClient<Service> {
        QueueServiceClient::new(self.service())
    }

    pub(super) fn agents(&self) -> AgentServiceClient<Service> {
        AgentServiceClient::new(self.service())
    }

    pub(super) fn events(&self) -> EventServiceClient<Service> {
        EventServiceClient::new(self.service())
    }

    pub(super) fn ceremonies(&self) -> CeremonyServiceClient<Service> {
        CeremonyServiceClient::new(self.service())
    }

    pub(super) fn admin(&self) -> AdminServiceClient<Service> {
        AdminServiceClient::new(self.service())
    }
}

/// A fresh request id, so that a call could be repeated safely.
pub(super) fn request_id() -> Result<String, Failure> {
    clock::new_request_id().map_err(|error| caused("NO_RANDOM_BYTES", &error))
}

/// Why a call had no answer, with who called and what.
pub(super) fn refused(who: &str, what: &str, status: &Status) -> Failure {
    failure(
        "CALL_REFUSED",
        format!(
            "{who}: {what} was answered with {:?}: {}",
            status.code(),
            status.message()
        ),
    )
}
