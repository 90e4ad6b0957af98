//! Answers lost on the way back: a proxy lets the request through and cuts the connection once it has
//! taken effect. The same request id brings the same answer, and there is one effect.

use std::net::SocketAddr;
use std::time::Duration;

use muster::clock::Stopwatch;
use muster_proto::v1;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tonic::Code;

use super::fleet::{add_plain_tasks, make_project, register};
use super::leases::{and_start, claim, complete};
use crate::api::Caller;
use crate::daemon::{Agent, Daemon};

/// What the proxy does with what the daemon says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Passes it on.
    Open,
    /// Swallows it.
    Deaf,
    /// Closes every connection.
    Cut,
}

/// A proxy in front of a daemon.
struct Proxy {
    address: SocketAddr,
    way: watch::Sender<Way>,
}

impl Proxy {
    fn before(daemon: &Daemon) -> Self {
        let (way, seen) = watch::channel(Way::Open);
        let listener = daemon.block_on(TcpListener::bind("127.0.0.1:0"));
        let listener = listener.expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let behind = daemon.address().to_owned();
        daemon.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, behind.clone(), seen.clone()));
            }
        });
        Self { address, way }
    }

    fn set(&self, way: Way) {
        self.way.send_replace(way);
    }

    fn caller(&self, daemon: &Daemon, agent: &Agent) -> Caller {
        let url = format!("http://{}", self.address);
        daemon.block_on(async { Caller::new(&url, Some(&agent.token)) })
    }
}

/// One connection.
async fn pass(client: TcpStream, behind: String, mut way: watch::Receiver<Way>) {
    let server = TcpStream::connect(behind)
        .await
        .expect("the daemon listens");
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let there = tokio::io::copy(&mut from_client, &mut to_server);
    let told = way.clone();
    let back = async {
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from_server.read(&mut bytes).await {
            if *told.borrow() == Way::Open && to_client.write_all(&bytes[..count]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        biased;
        _ = way.wait_for(|way| *way == Way::Cut) => {}
        _ = there => {}
        () = back => {}
    }
}

/// Sends a request whose answer is lost once the project's version has moved; the version then.
fn lose<T: Send + 'static>(
    daemon: &Daemon,
    proxy: &Proxy,
    call: impl Future<Output = Result<T, tonic::Status>> + Send + 'static,
) -> u64 {
    let before = daemon.version("yard");
    proxy.set(Way::Deaf);
    let call = daemon.spawn(call);
    let watch = Stopwatch::start();
    while daemon.version("yard") == before {
        assert!(
            watch.elapsed() < Duration::from_secs(60),
            "it takes no effect"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    proxy.set(Way::Cut);
    let told = daemon
        .block_on(call)
        .expect("the call does not fail by itself");
    let status = told.err().expect("the answer is lost");
    assert!(
        matches!(
            status.code(),
            Code::Unavailable | Code::Unknown | Code::Cancelled | Code::Internal
        ),
        "{status:?}"
    );
    proxy.set(Way::Open);
    daemon.version("yard")
}

#[test]
fn a_lost_answer_is_given_again_and_there_is_one_effect() {
    let daemon = Daemon::start();
    make_project(&daemon, "yard", 1_000, 60_000);
    add_plain_tasks(&daemon, "yard", &["Lay the keel", "Raise the mast"]);
    let ann = register(&daemon, "yard", "ann");
    let proxy = Proxy::before(&daemon);
    let caller = proxy.caller(&daemon, &ann);

    let request = v1::ClaimTaskRequest {
        request_id: "c-1".to_owned(),
        ..and_start()
    };
    let (sent, sender) = (request.clone(), caller.clone());
    let version = lose(&daemon, &proxy, async move {
        sender.work().claim_task(sent).await
    });
    let held = claim(&daemon, &caller, request.clone());
    let again = claim(&daemon, &caller, request);
    assert_eq!(
        (held.fence, held.attempt),
        (again.fence, 1),
        "the same lease"
    );
    assert_eq!(daemon.version("yard"), version, "a repeat records nothing");
    let mut tasks = daemon.coordinator().tasks();
    let get = v1::GetTaskRequest {
        project: "yard".to_owned(),
        task: "T-1".to_owned(),
    };
    let task = daemon
        .block_on(tasks.get_task(get))
        .expect("the task is there");
    let holder = task.into_inner().task.and_then(|task| task.holder);
    assert_eq!(holder.map(|holder| holder.agent).as_deref(), Some("ann"));

    let request = v1::CompleteTaskRequest {
        request_id: "d-1".to_owned(),
        ..complete(held.fence)
    };
    let (sent, sender) = (request.clone(), caller.clone());
    let version = lose(&daemon, &proxy, async move {
        sender.work().complete_task(sent).await
    });
    for _ in 0..2 {
        let done = daemon.block_on(caller.work().complete_task(request.clone()));
        let task = done.expect("the repeat is answered").into_inner().task;
        let task = task.expect("the task is answered");
        assert_eq!(task.status(), v1::TaskStatus::Completed);
    }
    assert_eq!(daemon.version("yard"), version, "a repeat records nothing");
    // The lease is free for the next one, so the first claim took one task and not two.
    let next = claim(&daemon, &caller, and_start());
    assert_eq!(next.task.map(|task| task.id).as_deref(), Some("T-2"));
    daemon.finish();
}
