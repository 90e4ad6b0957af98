//! Bytes that are no message, messages that are too large, and connections that speak something else: the
//! daemon answers what can be answered and goes on.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use muster_proto::v1;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::MetadataValue;
use tonic::{Code, Request, Status};

use crate::api::Caller;
use crate::crash::{add_plain_tasks, make_project};
use crate::daemon::Daemon;

/// Sends bytes as they are.
#[derive(Default)]
struct Bytes;

impl Codec for Bytes {
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

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        use prost::bytes::BufMut as _;
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        use prost::bytes::Buf as _;
        let mut bytes = vec![0; buffer.remaining()];
        buffer.copy_to_slice(&mut bytes);
        Ok(Some(bytes))
    }
}

async fn send(caller: &Caller, token: &str, path: &str, bytes: Vec<u8>) -> Result<(), Status> {
    let mut client = tonic::client::Grpc::new(caller.channel.clone());
    client.ready().await.expect("the daemon is there");
    let mut request = Request::new(bytes);
    let value: MetadataValue<_> = format!("Bearer {token}").parse().expect("printable");
    request.metadata_mut().insert("authorization", value);
    let path = path.parse().expect("a path");
    client.unary(request, path, Bytes).await.map(drop)
}

fn a_yard() -> Daemon {
    let daemon = Daemon::start();
    make_project(&daemon, "yard", 1_000, 60_000);
    add_plain_tasks(&daemon, "yard", &["Lay the keel"]);
    daemon
}

/// The daemon still answers, and nothing has changed.
fn still_serves(daemon: &Daemon, version: u64) {
    assert_eq!(daemon.version("yard"), version);
    let log = daemon.log_text();
    assert!(!log.contains("panicked"), "{log}");
}

#[test]
fn bytes_that_are_no_message_are_refused() {
    let daemon = a_yard();
    let version = daemon.version("yard");
    let (caller, token) = (daemon.coordinator(), daemon.coordinator_token());
    // A group inside a group inside a group.
    let deep = vec![0x1b; 2_000];
    let hostile: &[(&str, Vec<u8>)] = &[
        ("a field without its value", vec![0x0a]),
        (
            "a length beyond the end",
            vec![0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f],
        ),
        ("a text that is no UTF-8", vec![0x0a, 0x02, 0xff, 0xfe]),
        ("a number where a text belongs", vec![0x08, 0x01]),
        (
            "a number without end",
            vec![0x08; 1].into_iter().chain(vec![0xff; 20]).collect(),
        ),
        ("field number zero", vec![0x02, 0x00]),
        ("an unknown wire type", vec![0x0f, 0x00]),
        ("groups without end", deep),
    ];
    for path in [
        "/muster.v1.ProjectService/PauseProject",
        "/muster.v1.TaskService/CreateTask",
        "/muster.v1.AdminService/CreateToken",
    ] {
        for (what, bytes) in hostile {
            let outcome = daemon.block_on(send(&caller, &token, path, bytes.clone()));
            let status = outcome.expect_err(what);
            let code = status.code();
            assert!(
                matches!(code, Code::InvalidArgument | Code::Internal),
                "{path}: {what}: {status:?}"
            );
        }
    }
    still_serves(&daemon, version);
    daemon.finish();
}

#[test]
fn an_unknown_method_is_unimplemented_and_health_needs_no_token() {
    let daemon = a_yard();
    let (caller, token) = (daemon.coordinator(), daemon.coordinator_token());
    for path in [
        "/muster.v1.TaskService/Explode",
        "/muster.v2.TaskService/GetTask",
        "/no/where",
    ] {
        let outcome = daemon.block_on(send(&caller, &token, path, Vec::new()));
        assert_eq!(
            outcome.expect_err(path).code(),
            Code::Unimplemented,
            "{path}"
        );
    }
    let nobody = daemon.caller(None);
    let mut health = tonic_health::pb::health_client::HealthClient::new(nobody.channel.clone());
    let request = tonic_health::pb::HealthCheckRequest {
        service: String::new(),
    };
    let answer = daemon
        .block_on(health.check(request))
        .expect("health is answered");
    let serving = tonic_health::pb::health_check_response::ServingStatus::Serving;
    assert_eq!(answer.into_inner().status(), serving);
    daemon.finish();
}

#[test]
fn a_message_beyond_the_limit_is_refused() {
    let daemon = a_yard();
    let version = daemon.version("yard");
    let mut tasks = daemon.coordinator().tasks();
    let create = |title: String, notes: String| v1::CreateTaskRequest {
        task: Some(v1::NewTask {
            title,
            notes,
            ..Default::default()
        }),
        ..Default::default()
    };
    let huge = create("One".to_owned(), "n".repeat(5 << 20));
    let status = daemon
        .block_on(tasks.create_task(huge))
        .expect_err("it is too large");
    let code = status.code();
    assert!(
        matches!(code, Code::ResourceExhausted | Code::OutOfRange),
        "{status:?}"
    );

    let long = create("t".repeat(100_000), String::new());
    let status = daemon
        .block_on(tasks.create_task(long))
        .expect_err("the title is too long");
    let code = status.code();
    assert!(
        matches!(code, Code::InvalidArgument | Code::ResourceExhausted),
        "{status:?}"
    );

    let many = v1::BatchCreateTasksRequest {
        tasks: vec![
            v1::NewTask {
                title: "x".to_owned(),
                ..Default::default()
            };
            1_001
        ],
        ..Default::default()
    };
    let status = daemon
        .block_on(tasks.batch_create_tasks(many))
        .expect_err("there are too many");
    let code = status.code();
    assert!(
        matches!(code, Code::InvalidArgument | Code::ResourceExhausted),
        "{status:?}"
    );
    assert!(
        status.message().contains("1000") || status.message().contains("1,000"),
        "{status:?}"
    );

    let negative = v1::ListTasksRequest {
        page_size: -1,
        ..Default::default()
    };
    let status = daemon
        .block_on(tasks.list_tasks(negative))
        .expect_err("no page is below 0");
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    let forged = v1::ListTasksRequest {
        page_token: "forged".to_owned(),
        ..Default::default()
    };
    let status = daemon
        .block_on(tasks.list_tasks(forged))
        .expect_err("no such page");
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    still_serves(&daemon, version);
    daemon.finish();
}

#[test]
fn connections_that_speak_something_else_are_let_go() {
    let daemon = a_yard();
    let version = daemon.version("yard");
    let mut held = Vec::new();
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let mut garbage = preface.to_vec();
    garbage.extend([0xff; 400]);
    let spoken: &[&[u8]] = &[
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        &[0; 1_000],
        preface,
        &garbage,
    ];
    for bytes in spoken {
        let mut connection = TcpStream::connect(daemon.address()).expect("the port is open");
        let limit = Some(Duration::from_millis(300));
        connection
            .set_read_timeout(limit)
            .expect("a limit can be set");
        // The other side may hang up in the middle of it; that is its right.
        let _ = connection.write_all(bytes);
        let mut answer = [0; 64];
        let _ = connection.read(&mut answer);
        held.push(connection);
    }
    still_serves(&daemon, version);
    // Connections that stay half open do not keep the daemon from stopping.
    daemon.finish();
    drop(held);
}
