//! Builds everything, in order, and stops it in reverse: store, engine, the coordinator's token, port,
//! server. Nothing listens before what it serves is whole; nothing acknowledged is lost by stopping.

mod channels;
mod checking;
mod coordinator;
mod defaults;
mod error;
mod gates;
mod pages;
mod prepared;
mod service;
mod ticking;
mod watching;

#[cfg(test)]
mod tests;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::api::{self, Api, ApiOptions, Health, ServeOptions, TlsFiles};
use crate::clock::{Clock, Stopwatch, SystemClock};
use crate::config::{Settings, Tls};
use crate::engine::{Engine, EngineHandle, EngineOptions, Limits, snapshot};
use crate::plan::fact::Guards;
use crate::store::Store;
use crate::store::sqlite::{SqliteOptions, SqliteStore};
use crate::web::WebOptions;

pub use error::StartError;
use pages::Pages;
use prepared::Prepared;
pub use service::Service;

/// Newest events of each project that stay in memory for watchers and reports.
const RECENT_EVENTS: usize = 10_000;

/// What a daemon is made of.
pub struct DaemonOptions {
    /// The settings, checked.
    pub settings: Settings,
    /// What the time is.
    pub clock: Arc<dyn Clock>,
    /// The safety checks; all on but in a test's negative control.
    pub guards: Guards,
    /// Where the logs are; none = SQLite in the data directory.
    pub store: Option<Box<dyn Store>>,
    /// Where to listen; none = where the settings say.
    pub listener: Option<TcpListener>,
}

impl DaemonOptions {
    /// What a daemon of these settings is made of outside of tests.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            clock: Arc::new(SystemClock::new()),
            guards: Guards::default(),
            store: None,
            listener: None,
        }
    }
}

/// Starts daemons.
pub struct Daemon;

impl Daemon {
    /// Reads what a start would read of the settings, secrets and certificates too, and starts nothing.
    ///
    /// # Errors
    /// All that cannot be used, each with its key; no secret is ever shown.
    pub fn check(settings: &Settings) -> Result<(), StartError> {
        prepared::prepare(settings).map(drop)
    }

    /// Starts a daemon; when this returns, it listens. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// A sentence with the next step for whatever does not work; nothing is left running.
    pub async fn start(options: DaemonOptions) -> Result<Running, StartError> {
        let settings = options.settings.clone();
        let exposed = listens_beyond(&options);
        if let Some(address) = exposed.filter(|_| settings.tls.is_none()) {
            return Err(StartError::Exposed(address));
        }
        let Prepared {
            defaults,
            tls,
            channels,
            sources,
        } = prepared::prepare(&settings)?;

        let DaemonOptions {
            clock,
            guards,
            store,
            listener,
            ..
        } = options;
        let started_ms = clock.now_ms();
        let data_dir = settings.server.data_dir.clone();
        let limits = Limits {
            queued_requests: settings.limits.queued_requests,
            waiting_claims: settings.limits.waiting_claims,
            watchers: settings.limits.watchers,
            projects: settings.limits.projects,
            recent_events: RECENT_EVENTS,
            snapshot_events: settings.server.snapshot_events,
        };
        // A store of the caller's own has its own place, and nothing is kept beside it.
        let snapshots = store.is_none().then(|| snapshot::folder(&data_dir));
        // Opening and replaying a log block.
        let starting = tokio::task::spawn_blocking(move || {
            let store = store.map_or_else(|| open_store(data_dir), Ok)?;
            let options = EngineOptions {
                store,
                clock,
                limits,
                guards,
                snapshots,
            };
            Engine::start(options).map_err(StartError::Engine)
        });
        let (handle, engine) = starting.await.map_err(|_| StartError::Panicked)??;

        let token_file = coordinator::provide(&handle, &settings.server.data_dir).await?;
        let listener = match listener {
            Some(listener) => listener,
            None => bind(settings.server.listen)?,
        };
        let metrics = settings.metrics.as_ref();
        let pages_listener = metrics
            .map(|metrics| pages::bind(metrics.listen))
            .transpose()?;
        let address = listener.local_addr().map_err(|source| StartError::Listen {
            address: settings.server.listen,
            source,
        })?;
        let commands = gates::commands(&settings.gates);
        let prober = gates::Probing::start(handle.clone(), commands.clone());
        let checker = checking::Checking::start(handle.clone(), commands.clone(), sources);
        let clock = ticking::Ticking::start(handle.clone(), channels.clone());
        let watching = watching::WatchingOver::start(
            handle.clone(),
            channels.clone(),
            settings.watch.interval_ms,
        );
        let delivering = channels::Delivering::start(handle.clone(), channels.clone());
        let api = Api::new(
            handle.clone(),
            ApiOptions {
                defaults,
                usual_schedules: settings.project.schedules == "usual",
                page_size_max: settings.limits.page_size_max,
                import_bytes: settings.limits.import_bytes,
                message_bytes: settings.limits.message_bytes,
                commands,
                channels,
            },
        );
        let health = Health::new();
        let pages = pages_listener
            .map(|listener| {
                Pages::start(WebOptions {
                    listener,
                    tls: tls.clone(),
                    api: api.clone(),
                    health: health.clone(),
                    data_dir: settings.server.data_dir.clone(),
                    projects: metrics.map_or(0, |metrics| metrics.projects),
                    connections_max: settings.limits.connections,
                    started_ms,
                })
            })
            .transpose()?;
        let serving = Serving::start(
            api.clone(),
            health,
            ServeOptions {
                listener,
                tls,
                connections: settings.limits.connections,
            },
        )?;
        Ok(Running {
            address,
            handle,
            api,
            token_file,
            engine,
            serving,
            pages,
            prober,
            checker,
            clock,
            watching,
            delivering,
        })
    }
}

/// The address other machines could reach, if there is one.
fn listens_beyond(options: &DaemonOptions) -> Option<SocketAddr> {
    let given = options
        .listener
        .as_ref()
        .and_then(|listener| listener.local_addr().ok());
    let address = given.unwrap_or(options.settings.server.listen);
    (!address.ip().is_loopback()).then_some(address)
}

fn open_store(data_dir: PathBuf) -> Result<Box<dyn Store>, StartError> {
    let store = SqliteStore::open(&data_dir, SqliteOptions::default());
    Ok(Box::new(store.map_err(StartError::Store)?))
}

fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortTaken(address),
        _ => StartError::Listen { address, source },
    })
}

fn read_tls(tls: &Tls) -> Result<TlsFiles, StartError> {
    let read = |path: &PathBuf| {
        std::fs::read(path).map_err(|source| StartError::TlsFile {
            path: path.clone(),
            source,
        })
    };
    Ok(TlsFiles {
        certificate: read(&tls.cert_file)?,
        key: read(&tls.key_file)?,
    })
}

/// A running daemon. Stop it; dropping it lets go of everything without waiting.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its engine.
    pub handle: EngineHandle,
    /// Its services, for calls from within the process.
    pub api: Api,
    /// The file with the coordinator's token.
    pub token_file: PathBuf,
    engine: Engine,
    serving: Serving,
    pages: Option<Pages>,
    prober: gates::Probing,
    checker: checking::Checking,
    clock: ticking::Ticking,
    watching: watching::WatchingOver,
    delivering: channels::Delivering,
}

/// Not everything ended within the time given; what was acknowledged is durable all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not every call ended in time; those left were cut off")]
pub struct CutOff;

impl Running {
    /// Where figures and health are, if anywhere.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.pages.as_ref().map(|pages| pages.address)
    }

    /// Waits until the server ends by itself, which it does only when it fails; the log says why.
    pub async fn ended(&self) {
        self.serving.ended.cancelled().await;
    }

    /// Stops within `timeout`: takes no more calls, answers those in flight, closes the log.
    ///
    /// # Errors
    /// Calls were cut off, because their clients did not take the answers in time.
    pub async fn stop(self, timeout: Duration) -> Result<(), CutOff> {
        let Self {
            engine,
            serving,
            pages: _pages,
            prober,
            checker,
            clock,
            watching,
            delivering,
            ..
        } = self;
        // First of all: what is delivered from here on could not be recorded.
        drop(delivering);
        // Commands under way are killed; the next start runs them again.
        drop(prober);
        drop(checker);
        drop(clock);
        drop(watching);
        let watch = Stopwatch::start();
        let server = serving.close().await;
        let left = timeout.saturating_sub(watch.elapsed());
        let stopping = tokio::task::spawn_blocking(move || engine.stop(left));
        // Side by side: the last snapshots take nothing of the time in which calls end.
        let (stopped, server_ended) = tokio::join!(stopping, server.end_within(left));
        if matches!(stopped, Ok(Ok(()))) && server_ended {
            Ok(())
        } else {
            Err(CutOff)
        }
    }
}

/// The server and what looks after its health.
struct Serving {
    health: Health,
    follower: JoinHandle<()>,
    close: oneshot::Sender<()>,
    ended: CancellationToken,
    task: JoinHandle<()>,
}

impl Serving {
    fn start(api: Api, health: Health, options: ServeOptions) -> Result<Self, StartError> {
        let (close, closed) = oneshot::channel::<()>();
        let server = api::serve(api.clone(), health.clone(), options, async move {
            // A daemon that is dropped closes its server as well.
            let _ = closed.await;
        })
        .map_err(StartError::Serve)?;
        let follower = tokio::spawn({
            let health = health.clone();
            async move { health.follow(&api).await }
        });
        let ended = CancellationToken::new();
        let guard = ended.clone().drop_guard();
        let task = tokio::spawn(async move {
            let _ended = guard;
            if let Err(error) = server.await {
                let error = crate::telemetry::chain(&error);
                tracing::error!(error, "the server ended");
            }
        });
        Ok(Self {
            health,
            follower,
            close,
            ended,
            task,
        })
    }

    /// Takes no more connections and says so; calls under way go on.
    async fn close(self) -> Closing {
        self.follower.abort();
        self.health.set_serving(false).await;
        // An error means that the server has ended already.
        let _ = self.close.send(());
        Closing(self.task)
    }
}

/// A server that takes no more connections.
struct Closing(JoinHandle<()>);

impl Closing {
    /// Waits for the calls under way; half-open clients would keep it waiting for ever.
    async fn end_within(mut self, timeout: Duration) -> bool {
        let ended = tokio::time::timeout(timeout, &mut self.0).await.is_ok();
        if !ended {
            self.0.abort();
        }
        ended
    }
}
