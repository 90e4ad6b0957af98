//! `[tls]`: the certificate the daemon shows. Both files are named or none; they are opened by the
//! daemon, not here.

use std::path::PathBuf;

use serde::Deserialize;

use super::check::Checker;

const CERT_FILE: &str = "tls.cert_file";
const KEY_FILE: &str = "tls.key_file";

/// The certificate the daemon shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The certificate chain, a PEM file. Default: not set.
    pub cert_file: PathBuf,
    /// The private key of the first certificate, a PEM file. Default: not set.
    pub key_file: PathBuf,
}

/// `[tls]` as written; empty means not set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    cert_file: String,
    key_file: String,
}

impl Written {
    /// The two files, or `None` where TLS is off.
    pub(super) fn check(self, checker: &mut Checker<'_>) -> Option<Tls> {
        checker.path(CERT_FILE, &self.cert_file);
        checker.path(KEY_FILE, &self.key_file);
        match (self.cert_file.is_empty(), self.key_file.is_empty()) {
            (true, true) => return None,
            (false, true) => checker.refuse(
                CERT_FILE,
                "is set without `tls.key_file`; set both, or neither",
            ),
            (true, false) => checker.refuse(
                KEY_FILE,
                "is set without `tls.cert_file`; set both, or neither",
            ),
            (false, false) => {}
        }
        // A half-written section still means that TLS is wanted: no second complaint about its absence.
        Some(Tls {
            cert_file: PathBuf::from(self.cert_file),
            key_file: PathBuf::from(self.key_file),
        })
    }
}
