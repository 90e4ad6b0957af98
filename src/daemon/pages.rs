//! The port for figures and health, when the settings ask for one. It is bound before anything is served
//! and closed last, so that probes see a daemon that stops as one that stops.

use std::net::{SocketAddr, TcpListener};

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::StartError;
use crate::web::{self, WebOptions};

/// Takes the port.
pub(super) fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    super::bind(address).map_err(|error| match error {
        StartError::PortTaken(address) => StartError::MetricsPortTaken(address),
        other => other,
    })
}

/// The pages while they are served; dropping them closes the port.
pub(super) struct Pages {
    /// Where they are.
    pub address: SocketAddr,
    _close: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Pages {
    /// Serves the pages.
    pub(super) fn start(options: WebOptions) -> Result<Self, StartError> {
        let address = local_address(&options.listener)?;
        let (close, closed) = oneshot::channel::<()>();
        let server = web::serve(options, async move {
            let _ = closed.await;
        })
        .map_err(StartError::Serve)?;
        let task = tokio::spawn(async move {
            if let Err(error) = server.await {
                let error = crate::telemetry::chain(&error);
                tracing::error!(error, "figures and health are no longer served");
            }
        });
        Ok(Self {
            address,
            _close: close,
            task,
        })
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // A scrape that is cut off is asked for again.
        self.task.abort();
    }
}

fn local_address(listener: &TcpListener) -> Result<SocketAddr, StartError> {
    listener.local_addr().map_err(|source| StartError::Listen {
        address: ([0, 0, 0, 0], 0).into(),
        source,
    })
}
