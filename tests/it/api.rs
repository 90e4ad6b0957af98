//! The generated clients with a token, and the reading of what they are refused with.

use muster_proto::v1;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use std::time::Duration;

/// Puts a token on every call.
#[derive(Clone)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

impl tonic::service::Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request
                .metadata_mut()
                .insert("authorization", token.clone());
        }
        Ok(request)
    }
}

type Authorized = InterceptedService<Channel, Bearer>;

/// Somebody with a token and a connection of their own.
#[derive(Clone)]
pub struct Caller {
    pub channel: Channel,
    bearer: Bearer,
}

macro_rules! services {
    ($($name:ident: $module:ident :: $client:ident,)+) => {
        impl Caller {
            $(pub fn $name(&self) -> v1::$module::$client<Authorized> {
                v1::$module::$client::with_interceptor(self.channel.clone(), self.bearer.clone())
            })+
        }
    };
}

services! {
    work: work_service_client::WorkServiceClient,
    projects: project_service_client::ProjectServiceClient,
    tasks: task_service_client::TaskServiceClient,
    phases: phase_service_client::PhaseServiceClient,
    agents: agent_service_client::AgentServiceClient,
    events: event_service_client::EventServiceClient,
    ceremonies: ceremony_service_client::CeremonyServiceClient,
    admin: admin_service_client::AdminServiceClient,
}

impl Caller {
    /// A caller of the daemon at `url`; connects with the first call, again whenever that is needed.
    /// Needs a runtime around it.
    pub fn new(url: &str, token: Option<&str>) -> Self {
        let endpoint =
            Endpoint::from_shared(url.to_owned()).expect("the daemon's address is a URL");
        let channel = endpoint
            .tcp_nodelay(true)
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(60))
            .connect_lazy();
        Self::over(channel, token)
    }

    /// A caller over a connection that is there.
    pub fn over(channel: Channel, token: Option<&str>) -> Self {
        let value = token.map(|token| {
            let value = format!("Bearer {token}");
            value.parse().expect("a token is printable")
        });
        Self {
            channel,
            bearer: Bearer(value),
        }
    }
}

/// The stable reason of a refusal; empty when it carries none.
pub fn reason(status: &Status) -> String {
    status
        .get_details_error_info()
        .map_or_else(String::new, |info| info.reason)
}

/// The call was refused with this code and reason, and with a sentence.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(outcome: Result<T, Status>, code: Code, why: &str) -> Status {
    let status = outcome.expect_err("the call is refused");
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (code, why),
        "{status:?}"
    );
    assert!(
        status.message().len() > 10,
        "a refusal is a sentence: {status:?}"
    );
    status
}
