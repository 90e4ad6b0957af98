//! Why a daemon does not start, in a sentence with the next step.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::api::ServeError;
use crate::clock::ChanceError;
use crate::engine::{self, EngineError};
use crate::store::StoreError;

/// Why a daemon does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// More than one thing is wrong with the settings.
    #[error("{}", listed(.0))]
    Several(Vec<StartError>),
    /// Other machines could read tokens off the wire.
    #[error(
        "{0} can be reached from other machines and there is no TLS; set `tls.cert_file` and \
         `tls.key_file`, or listen on 127.0.0.1"
    )]
    Exposed(SocketAddr),
    /// A default that this release does not offer.
    #[error("`{key}` is {value:?}; {expected}")]
    Default {
        /// The setting.
        key: String,
        /// What it is.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// GitHub cannot be asked as the settings say.
    #[error("[github] cannot be used: {0}")]
    GitHub(String),
    /// What a setting names or says cannot be used: a channel's, or where a secret is.
    #[error("`{key}` cannot be used: {problem}")]
    Setting {
        /// The setting.
        key: String,
        /// What is wrong about it; never the value of a secret.
        problem: String,
    },
    /// The store cannot be opened.
    #[error(transparent)]
    Store(StoreError),
    /// The engine cannot take the logs in.
    #[error(transparent)]
    Engine(engine::StartError),
    /// The coordinator's token cannot be recorded.
    #[error("the coordinator's token cannot be recorded")]
    Token(#[source] EngineError),
    /// No random bytes.
    #[error(transparent)]
    Chance(ChanceError),
    /// The coordinator's token cannot be written down.
    #[error(
        "{} cannot be written; see that the data directory belongs to the user the daemon runs as",
        .path.display()
    )]
    TokenFile {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Somebody listens there already.
    #[error(
        "{0} is taken by another program; stop it, or listen elsewhere with --listen 127.0.0.1:PORT"
    )]
    PortTaken(SocketAddr),
    /// Somebody listens where figures and health should be.
    #[error("{0} is taken by another program; stop it, or set `metrics.listen` to another port")]
    MetricsPortTaken(SocketAddr),
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}; see that this machine has the address and may use the port"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A certificate or key cannot be read.
    #[error("{} cannot be read; `tls.cert_file` and `tls.key_file` name PEM files", .path.display())]
    TlsFile {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The server cannot be put together.
    #[error(transparent)]
    Serve(ServeError),
    /// The start panicked; the log has the place.
    #[error("the start failed by a fault of the program; the lines above say where")]
    Panicked,
}

impl StartError {
    /// One error of all that is wrong, in the order it was found.
    pub(super) fn several(mut problems: Vec<Self>) -> Self {
        match problems.pop() {
            Some(only) if problems.is_empty() => only,
            last => {
                problems.extend(last);
                Self::Several(problems)
            }
        }
    }
}

/// All problems, each with its causes: a list has no one source that the log could print for it.
fn listed(problems: &[StartError]) -> String {
    let mut text = format!("the settings cannot be used, {} problems:", problems.len());
    for problem in problems {
        text.push_str(&format!("\n- {}", crate::telemetry::chain(problem)));
    }
    text
}
