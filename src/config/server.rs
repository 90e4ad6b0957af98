//! `[server]`: where the daemon listens and keeps its files. It never listens beyond this machine
//! without TLS.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

use super::check::Checker;

const LISTEN: &str = "server.listen";
const DATA_DIR: &str = "server.data_dir";

/// Where the daemon listens and keeps its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The address to listen on; port 0 takes a free one. Default 127.0.0.1:7733.
    pub listen: SocketAddr,
    /// The folder of the store, its lock, snapshots and the coordinator's token. Default
    /// `$XDG_STATE_HOME/muster`, else `~/.local/state/muster`.
    pub data_dir: PathBuf,
    /// How long open calls may take to finish once the daemon is told to stop, in milliseconds. Default
    /// 5,000.
    pub shutdown_timeout_ms: u64,
    /// Events of a project after which its next snapshot is written. Default 200,000.
    pub snapshot_events: u64,
}

/// `[server]` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    listen: String,
    data_dir: String,
    shutdown_timeout_ms: u64,
    snapshot_events: u64,
}

impl Written {
    /// The section with its values read, or `None` where one cannot be.
    pub(super) fn check(
        self,
        environment: &BTreeMap<String, String>,
        checker: &mut Checker<'_>,
    ) -> Option<Server> {
        checker.range(
            "server.shutdown_timeout_ms",
            self.shutdown_timeout_ms,
            0..=600_000,
            "milliseconds",
        );
        checker.range(
            "server.snapshot_events",
            self.snapshot_events,
            1..=1_000_000_000,
            "events",
        );
        let listen = read_address(&self.listen);
        if listen.is_none() {
            checker.refuse(
                LISTEN,
                format_args!(
                    "is {:?}; it must be an address and a port, such as \"127.0.0.1:7733\" or \
                     \"[::1]:7733\"",
                    self.listen
                ),
            );
        }
        checker.path(DATA_DIR, &self.data_dir);
        let data_dir = if self.data_dir.is_empty() {
            default_data_dir(environment)
        } else {
            Some(PathBuf::from(self.data_dir))
        };
        if data_dir.is_none() {
            checker.refuse(
                DATA_DIR,
                "is not set, and neither XDG_STATE_HOME nor HOME says where data goes; set it or \
                 start with --data-dir DIR",
            );
        }
        Some(Server {
            listen: listen?,
            data_dir: data_dir?,
            shutdown_timeout_ms: self.shutdown_timeout_ms,
            snapshot_events: self.snapshot_events,
        })
    }
}

impl Server {
    /// Notes an address beyond this machine that would be served without TLS: tokens would cross the
    /// network in the clear.
    pub(super) fn check_exposure(&self, has_tls: bool, checker: &mut Checker<'_>) {
        if !has_tls && !self.listen.ip().is_loopback() {
            checker.refuse(
                LISTEN,
                format_args!(
                    "is {}, which other machines can reach, and there is no TLS; set \
                     `tls.cert_file` and `tls.key_file`, or listen on 127.0.0.1",
                    self.listen
                ),
            );
        }
    }
}

/// Reads an address without asking any name server; `localhost` is the one name it knows.
pub(super) fn read_address(text: &str) -> Option<SocketAddr> {
    match text.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}").parse().ok(),
        None => text.parse().ok(),
    }
}

fn default_data_dir(environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    // The XDG rules say that a relative path in these variables is to be ignored.
    let absolute = |name: &str| {
        environment
            .get(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
        .map(|state| state.join("muster"))
}
