//! `[metrics]`: where figures for Prometheus and answers about health may be fetched. Off unless an address
//! is set, and beyond this machine only with TLS or by saying so.

use std::net::SocketAddr;

use serde::Deserialize;

use super::check::Checker;
use super::server::{Server, read_address};

const LISTEN: &str = "metrics.listen";
const ANYWHERE: &str = "anywhere";
const REACHES: [&str; 2] = ["loopback", ANYWHERE];

/// Where figures may be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metrics {
    /// The address to listen on; port 0 takes a free one. Default: not set, which is off.
    pub listen: SocketAddr,
    /// Projects with series of their own; all others share one. Default 100.
    pub projects: usize,
}

/// `[metrics]` as written; no address means off.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    listen: String,
    without_tls: String,
    projects: usize,
}

impl Written {
    /// The section, or `None` where it is off or cannot be used. `server` is what the main port is.
    pub(super) fn check(
        self,
        server: Option<&Server>,
        has_tls: bool,
        checker: &mut Checker<'_>,
    ) -> Option<Metrics> {
        checker.one_of("metrics.without_tls", &self.without_tls, &REACHES);
        let projects = u64::try_from(self.projects).unwrap_or(u64::MAX);
        checker.range("metrics.projects", projects, 0..=10_000, "projects");
        if self.listen.is_empty() {
            return None;
        }
        let Some(listen) = read_address(&self.listen) else {
            checker.refuse(
                LISTEN,
                format_args!(
                    "is {:?}; it must be an address and a port, such as \"127.0.0.1:9733\", or empty",
                    self.listen
                ),
            );
            return None;
        };
        if !has_tls && self.without_tls != ANYWHERE && !listen.ip().is_loopback() {
            checker.refuse(
                LISTEN,
                format_args!(
                    "is {listen}, which other machines can reach, and there is no TLS; set \
                     `tls.cert_file` and `tls.key_file`, listen on 127.0.0.1, or set \
                     `metrics.without_tls` to \"anywhere\" where the network is trusted"
                ),
            );
        }
        if listen.port() != 0 && server.is_some_and(|server| server.listen == listen) {
            checker.refuse(
                LISTEN,
                format_args!("is {listen}, as is `server.listen`; take another port"),
            );
        }
        Some(Metrics {
            listen,
            projects: self.projects,
        })
    }
}
