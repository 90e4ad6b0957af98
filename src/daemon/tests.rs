//! Whole daemons in the process: what is on the disk before the port opens, what a restart keeps, how
//! stopping ends for clients that do not end by themselves.

use super::*;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::config::LoadOptions;
use crate::store::faulty::{Fault, FaultyStore};
use crate::store::memory::MemoryStore;
use muster_proto::v1 as wire;
use tonic::metadata::MetadataValue;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Status};
use wire::admin_service_client::AdminServiceClient;

fn settings(data_dir: &Path, more: &[(&str, &str)]) -> Settings {
    let mut options = LoadOptions::default();
    let data_dir = data_dir.to_str().expect("a plain path");
    let own = [
        ("server.listen", "127.0.0.1:0"),
        ("server.data_dir", data_dir),
    ];
    for (key, value) in own.iter().chain(more) {
        options.flags.insert((*key).to_owned(), (*value).to_owned());
    }
    Settings::load(options).expect("good settings")
}

async fn start(data_dir: &Path) -> Running {
    Daemon::start(DaemonOptions::new(settings(data_dir, &[])))
        .await
        .expect("a good start")
}

fn refused(started: Result<Running, StartError>) -> String {
    match started {
        Ok(_) => panic!("it must not start"),
        Err(error) => error.to_string(),
    }
}

fn token(running: &Running) -> String {
    let text = std::fs::read_to_string(&running.token_file).expect("it is written");
    text.trim().to_owned()
}

fn with_token<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    let header = MetadataValue::try_from(format!("Bearer {token}")).expect("plain ASCII");
    request.metadata_mut().insert("authorization", header);
    request
}

async fn status(channel: Channel, token: &str) -> Result<wire::GetStatusResponse, Status> {
    AdminServiceClient::new(channel)
        .get_status(with_token(wire::GetStatusRequest::default(), token))
        .await
        .map(tonic::Response::into_inner)
}

fn channel(running: &Running) -> Channel {
    Endpoint::from_shared(format!("http://{}", running.address))
        .expect("an address")
        .connect_lazy()
}

const SOON: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn the_coordinator_finds_its_token_and_a_restart_keeps_it() {
    let home = tempfile::tempdir().unwrap();
    let first = start(home.path()).await;
    let kept = token(&first);
    let mode = std::fs::metadata(&first.token_file)
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let answer = status(channel(&first), &kept).await.unwrap();
    assert!(answer.writable);
    assert_eq!(answer.caller_name, "coordinator");
    first.stop(SOON).await.unwrap();

    let second = start(home.path()).await;
    assert_eq!(token(&second), kept);
    status(channel(&second), &kept).await.unwrap();
    second.stop(SOON).await.unwrap();

    std::fs::write(home.path().join("coordinator.token"), "muster_not_good\n").unwrap();
    let third = start(home.path()).await;
    assert_ne!(token(&third), kept);
    status(channel(&third), &token(&third)).await.unwrap();
    third.stop(SOON).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_stopped_starts_from_its_snapshots_and_without_them_as_well() {
    let home = tempfile::tempdir().unwrap();
    let first = start(home.path()).await;
    let kept = token(&first);
    let registry = first.handle.registry();
    first.stop(SOON).await.unwrap();
    let listed = snapshot::list(home.path()).unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].project, "_daemon");
    assert_eq!(listed[0].version, registry.version());

    let second = start(home.path()).await;
    let report = second.handle.start_reports()[0].clone();
    assert_eq!(report.from_snapshot, Some(registry.version()));
    assert_eq!(*second.handle.registry(), *registry);
    status(channel(&second), &kept).await.unwrap();
    second.stop(SOON).await.unwrap();

    snapshot::forget(home.path(), "_daemon").unwrap();
    let third = start(home.path()).await;
    assert_eq!(third.handle.start_reports()[0].from_snapshot, None);
    assert_eq!(*third.handle.registry(), *registry);
    third.stop(SOON).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_daemon_on_the_same_directory_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let first = start(home.path()).await;
    let options = DaemonOptions::new(settings(home.path(), &[]));
    let message = refused(Daemon::start(options).await);
    assert!(message.contains(home.path().to_str().unwrap()), "{message}");
    first.stop(SOON).await.unwrap();
    start(home.path()).await.stop(SOON).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_is_told_as_such() {
    let home = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let options = DaemonOptions::new(settings(home.path(), &[("server.listen", &address)]));
    let message = refused(Daemon::start(options).await);
    assert!(
        message.contains(&address) && message.contains("another program"),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_served_beyond_this_machine_without_tls() {
    let home = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let options = DaemonOptions {
        listener: Some(listener),
        ..DaemonOptions::new(settings(home.path(), &[]))
    };
    let message = refused(Daemon::start(options).await);
    assert!(message.contains("TLS"), "{message}");
    assert!(
        !home.path().join("coordinator.token").exists(),
        "nothing was begun"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_may_not_be_written_is_told_as_such() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    std::fs::write(&file, "").unwrap();
    let options = DaemonOptions::new(settings(&file.join("data"), &[]));
    let message = refused(Daemon::start(options).await);
    assert!(message.contains("file"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_answers_who_waits_and_cuts_off_who_does_not_end() {
    let home = tempfile::tempdir().unwrap();
    let running = Daemon::start(DaemonOptions {
        store: Some(Box::new(MemoryStore::new())),
        ..DaemonOptions::new(settings(home.path(), &[]))
    })
    .await
    .unwrap();
    let agent = waiting_agent(&running).await;
    let half_open = tokio::net::TcpStream::connect(running.address)
        .await
        .unwrap();
    let waiting = tokio::spawn({
        let mut client = wire::work_service_client::WorkServiceClient::new(channel(&running));
        let claim = wire::ClaimTaskRequest {
            wait_ms: 50_000,
            ..Default::default()
        };
        async move { client.claim_task(with_token(claim, &agent)).await }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let watch = Stopwatch::start();
    let outcome = running.stop(Duration::from_secs(2)).await;
    assert!(
        watch.elapsed() < SOON,
        "a half-open client holds nothing up"
    );
    assert_eq!(outcome, Err(CutOff), "it was connected to the end");
    let answer = tokio::time::timeout(SOON, waiting).await.unwrap().unwrap();
    assert_eq!(answer.unwrap_err().code(), tonic::Code::Unavailable);
    drop(half_open);
}

/// Makes a project with an agent and a task that somebody else's role must do; gives the agent's token.
async fn waiting_agent(running: &Running) -> String {
    let coordinator = token(running);
    let project = wire::CreateProjectRequest {
        name: "Shop".to_owned(),
        ..Default::default()
    };
    wire::project_service_client::ProjectServiceClient::new(channel(running))
        .create_project(with_token(project, &coordinator))
        .await
        .unwrap();
    let phase = wire::CreatePhaseRequest {
        name: "Base".to_owned(),
        ..Default::default()
    };
    wire::phase_service_client::PhaseServiceClient::new(channel(running))
        .create_phase(with_token(phase, &coordinator))
        .await
        .unwrap();
    let task = wire::CreateTaskRequest {
        task: Some(wire::NewTask {
            title: "Set up".to_owned(),
            role: "devops".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    wire::task_service_client::TaskServiceClient::new(channel(running))
        .create_task(with_token(task, &coordinator))
        .await
        .unwrap();
    let agent = wire::RegisterAgentRequest {
        name: "qa-1".to_owned(),
        roles: vec!["qa".to_owned()],
        ..Default::default()
    };
    wire::agent_service_client::AgentServiceClient::new(channel(running))
        .register_agent(with_token(agent, &coordinator))
        .await
        .unwrap()
        .into_inner()
        .token
}

/// The status and the body of a page of figures and health.
async fn page(running: &Running, path: &str) -> (String, String) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let address = running.metrics_address().expect("it is on");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().to_owned();
    (status, body.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_takes_no_writes_any_more_is_alive_and_not_ready() {
    let home = tempfile::tempdir().unwrap();
    // The daemon's own log and the coordinator's token are written; the first project is not.
    let faulty = FaultyStore::failing_at(MemoryStore::new(), 3, Fault::BeforeStoring);
    let on = settings(home.path(), &[("metrics.listen", "127.0.0.1:0")]);
    let running = Daemon::start(DaemonOptions {
        store: Some(Box::new(faulty)),
        ..DaemonOptions::new(on)
    })
    .await
    .unwrap();
    let of = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.map(str::to_owned).unwrap_or_default()
    };
    assert_eq!(page(&running, "/readyz").await.0, "200");
    let (_, before) = page(&running, "/metrics").await;
    assert_eq!(
        of(&before, "muster_store_writable"),
        "muster_store_writable 1"
    );

    let project = wire::CreateProjectRequest {
        name: "Shop".to_owned(),
        ..Default::default()
    };
    wire::project_service_client::ProjectServiceClient::new(channel(&running))
        .create_project(with_token(project, &token(&running)))
        .await
        .unwrap_err();
    let (ready, why) = page(&running, "/readyz").await;
    assert_eq!(ready, "503");
    assert!(why.contains("takes no writes"), "{why}");
    assert_eq!(page(&running, "/healthz").await.0, "200");
    let (_, after) = page(&running, "/metrics").await;
    assert_eq!(
        of(&after, "muster_store_writable"),
        "muster_store_writable 0"
    );
    assert_eq!(of(&after, "muster_writer_alive"), "muster_writer_alive 1");
    running.stop(SOON).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_for_figures_is_told_as_such() {
    let home = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let on = settings(home.path(), &[("metrics.listen", &address)]);
    let message = refused(Daemon::start(DaemonOptions::new(on)).await);
    assert!(
        message.contains(&address) && message.contains("`metrics.listen`"),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_certificate_it_speaks_tls_and_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (cert, key) = (home.path().join("cert.pem"), home.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let files = [
        ("tls.cert_file", cert.to_str().unwrap()),
        ("tls.key_file", key.to_str().unwrap()),
    ];
    let data = home.path().join("data");
    let running = Daemon::start(DaemonOptions::new(settings(&data, &files)))
        .await
        .unwrap();
    let tls = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(made.cert.pem()))
        .domain_name("localhost");
    let secure = Endpoint::from_shared(format!("https://{}", running.address))
        .unwrap()
        .tls_config(tls)
        .unwrap()
        .connect_lazy();
    status(secure, &token(&running)).await.unwrap();
    assert!(status(channel(&running), &token(&running)).await.is_err());
    running.stop(SOON).await.unwrap();

    std::fs::write(&key, "no key").unwrap();
    let options = DaemonOptions::new(settings(&data, &files));
    let message = refused(Daemon::start(options).await);
    assert!(message.contains("certificate"), "{message}");
}
