//! What no honest client sends: the call is refused, the connection and the server go on.

use super::*;
use tonic::client::Grpc;
use tonic::codec::{BufferSettings, Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;

/// Sends bytes as they are.
#[derive(Default, Clone)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        use prost::bytes::BufMut as _;
        buffer.put_slice(&item);
        Ok(())
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::default()
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        use prost::bytes::Buf as _;
        let bytes = buffer.copy_to_bytes(buffer.remaining());
        Ok(Some(bytes.to_vec()))
    }
}

async fn send(served: &Served, path: &'static str, bytes: Vec<u8>) -> Result<Vec<u8>, Status> {
    let mut client = Grpc::new(served.channel());
    client.ready().await.expect("the server goes on");
    let mut request = Request::new(bytes);
    let header = format!("Bearer {}", served.coordinator);
    request
        .metadata_mut()
        .insert("authorization", header.parse().expect("plain ASCII"));
    client
        .unary(request, PathAndQuery::from_static(path), Raw)
        .await
        .map(tonic::Response::into_inner)
}

#[tokio::test]
async fn bytes_that_are_no_message_are_refused_and_the_server_goes_on() {
    let served = Served::start().await;
    served.import().await;
    let path = "/muster.v1.TaskService/GetTask";
    for bytes in [
        vec![0xff; 10],
        vec![0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f],
        vec![0x12, 0x02, 0xc3, 0x28],
        vec![0x0b; 100_000],
    ] {
        let outcome = send(&served, path, bytes).await;
        check(outcome, Code::InvalidArgument, "MALFORMED_REQUEST");
    }
    let task = wire::GetTaskRequest {
        task: "T-1".to_owned(),
        ..Default::default()
    };
    served
        .tasks(&served.coordinator)
        .get_task(task)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_message_over_the_limit_is_refused() {
    let served = Served::start().await;
    let path = "/muster.v1.TaskService/GetTask";
    let outcome = send(&served, path, vec![0; 2 << 20]).await;
    check(outcome, Code::ResourceExhausted, "LIMIT_REACHED");
    // Only a plan file may be larger than a message.
    let path = "/muster.v1.ProjectService/GetProject";
    let outcome = send(&served, path, vec![0; 3 << 19]).await;
    check(outcome, Code::ResourceExhausted, "LIMIT_REACHED");
    let mut projects = served.projects(&served.coordinator);
    let large = "x".repeat((1 << 20) + 1);
    check(
        projects.import_plan(plan_file("shop.md", &large)).await,
        Code::ResourceExhausted,
        "LIMIT_REACHED",
    );
}

#[tokio::test]
async fn an_unknown_method_is_unimplemented() {
    let served = Served::start().await;
    let outcome = send(&served, "/muster.v1.TaskService/DropAll", Vec::new()).await;
    check(outcome, Code::Unimplemented, "UNIMPLEMENTED");
    let outcome = send(&served, "/no.such.Service/Call", Vec::new()).await;
    check(outcome, Code::Unimplemented, "");
}

#[tokio::test]
async fn a_file_that_is_no_plan_is_told_from_one_without_tasks() {
    let served = Served::start().await;
    let mut projects = served.projects(&served.coordinator);
    check(
        projects
            .import_plan(plan_file("notes.md", "# Notes\n\nNothing to do.\n"))
            .await,
        Code::NotFound,
        "NO_TASKS",
    );
    let binary = wire::ImportPlanRequest {
        content: vec![0, 159, 146, 150].into(),
        ..plan_file("plan.md", "")
    };
    check(
        projects.import_plan(binary).await,
        Code::InvalidArgument,
        "UNREADABLE_FILE",
    );
    check(
        projects.import_plan(plan_file("", PLAN)).await,
        Code::InvalidArgument,
        "INVALID_FIELD",
    );
    assert!(served.handle.projects().is_empty());
}

#[tokio::test]
async fn health_and_reflection_answer_without_a_token() {
    let served = Served::start().await;
    let mut health = tonic_health::pb::health_client::HealthClient::new(served.channel());
    for service in ["", "muster.v1.WorkService"] {
        let request = tonic_health::pb::HealthCheckRequest {
            service: service.to_owned(),
        };
        let answer = health.check(request).await.unwrap().into_inner();
        let serving = tonic_health::pb::health_check_response::ServingStatus::Serving;
        assert_eq!(answer.status(), serving, "{service}");
    }
    let path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    // A list of services is asked for with field 7 and an empty text.
    let answer = send(&served, path, vec![0x3a, 0x00]).await.unwrap();
    let text = String::from_utf8_lossy(&answer).into_owned();
    assert!(text.contains("muster.v1.WorkService"), "{text}");
}
