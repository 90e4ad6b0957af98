//! The door of ProjectService: a plan file may be large, no other message of it may.

use std::convert::Infallible;
use std::task::{Context, Poll};

use muster_proto::v1::project_service_server::ProjectServiceServer;
use tonic::body::Body;
use tonic::codegen::BoxFuture;
use tonic::codegen::http::{Request, Response};
use tonic::server::NamedService;
use tower::Service;

use super::Api;

/// What the one method with large requests is called on the wire.
const LARGE: &str = "/muster.v1.ProjectService/ImportPlan";

/// ProjectService with a limit of its own for plan files.
#[derive(Clone)]
pub(super) struct ProjectDoor {
    small: ProjectServiceServer<Api>,
    large: ProjectServiceServer<Api>,
}

impl ProjectDoor {
    /// Requests of `import_bytes` for plan files, of `message_bytes` for everything else.
    pub fn new(api: &Api, message_bytes: usize, import_bytes: usize) -> Self {
        let with = |bytes| ProjectServiceServer::new(api.clone()).max_decoding_message_size(bytes);
        Self {
            small: with(message_bytes),
            large: with(import_bytes),
        }
    }
}

impl NamedService for ProjectDoor {
    const NAME: &'static str = <ProjectServiceServer<Api> as NamedService>::NAME;
}

impl Service<Request<Body>> for ProjectDoor {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Response<Body>, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if request.uri().path() == LARGE {
            self.large.call(request)
        } else {
            self.small.call(request)
        }
    }
}
