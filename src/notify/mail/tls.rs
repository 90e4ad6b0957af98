//! Whether and how the way to the mail server is encrypted. Without encryption nothing leaves this machine.

use std::io::Read as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio_rustls::TlsConnector;

use super::MailTls;
use crate::notify::error::ChannelError;

/// The longest file of certificates, in bytes.
const CA_BYTES_MAX: u64 = 1024 * 1024;

/// How the connection is encrypted, ready to be used.
pub(super) enum Encryption {
    /// Not at all; the server is on this machine.
    None,
    /// By TLS.
    Tls {
        connector: TlsConnector,
        /// The name or address that the server's certificate must be for.
        name: ServerName<'static>,
        /// Whether it begins with the command STARTTLS.
        starts_plain: bool,
    },
}

impl Encryption {
    pub fn read(host: &str, tls: MailTls, ca_file: Option<PathBuf>) -> Result<Self, ChannelError> {
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|_| {
            ChannelError::new(
                "host",
                "this is no name or address of a server; write it like mail.example.com",
            )
        })?;
        if tls == MailTls::None {
            if !is_this_machine(host) {
                return Err(ChannelError::new(
                    "tls",
                    "without encryption mail goes only to this machine (localhost, 127.0.0.1 or ::1); use starttls or implicit",
                ));
            }
            return Ok(Self::None);
        }
        Ok(Self::Tls {
            connector: TlsConnector::from(Arc::new(config(ca_file.as_deref())?)),
            name,
            starts_plain: tls == MailTls::StartTls,
        })
    }
}

impl std::fmt::Debug for Encryption {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => formatter.write_str("None"),
            Self::Tls {
                name, starts_plain, ..
            } => formatter
                .debug_struct("Tls")
                .field("name", name)
                .field("starts_plain", starts_plain)
                .finish_non_exhaustive(),
        }
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.parse::<IpAddr>();
    address.map_or(host.eq_ignore_ascii_case("localhost"), |address| {
        address.is_loopback()
    })
}

fn config(ca_file: Option<&Path>) -> Result<ClientConfig, ChannelError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ChannelError::new("tls", error.to_string()))?;
    let builder = match ca_file {
        Some(path) => builder.with_root_certificates(roots(path)?),
        None => builder.with_platform_verifier().map_err(|error| {
            ChannelError::new(
                "tls",
                format!("the system's certificates cannot be read: {error}; install ca-certificates or name a ca_file"),
            )
        })?,
    };
    Ok(builder.with_no_client_auth())
}

fn roots(path: &Path) -> Result<RootCertStore, ChannelError> {
    let wrong = |why: String| ChannelError::new("ca_file", format!("{} {why}", path.display()));
    let file =
        std::fs::File::open(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let mut pem = Vec::new();
    file.take(CA_BYTES_MAX + 1)
        .read_to_end(&mut pem)
        .map_err(|error| wrong(format!("cannot be read: {error}")))?;
    if pem.len() as u64 > CA_BYTES_MAX {
        return Err(wrong(format!("has more than {CA_BYTES_MAX} bytes")));
    }
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        certificate
            .map_err(|error| error.to_string())
            .and_then(|certificate| roots.add(certificate).map_err(|error| error.to_string()))
            .map_err(|error| wrong(format!("holds a certificate that cannot be read: {error}")))?;
    }
    if roots.is_empty() {
        return Err(wrong("holds no certificate in PEM form".to_owned()));
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_encryption_nothing_leaves_this_machine() {
        let plain = |host: &str| Encryption::read(host, MailTls::None, None);
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"] {
            assert!(plain(host).is_ok(), "{host}");
        }
        for host in [
            "mail.example.com",
            "10.0.0.1",
            "0.0.0.0",
            "localhost.example.com",
            "",
            "a b",
        ] {
            assert!(plain(host).is_err(), "{host}");
        }
    }

    #[test]
    fn a_file_without_certificates_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ca.pem");
        let read = || {
            config(Some(&path))
                .map(drop)
                .map_err(|error| error.to_string())
        };
        assert!(read().is_err_and(|error| error.contains("cannot be read")));
        std::fs::write(&path, "hello").expect("a file");
        assert!(read().is_err_and(|error| error.contains("no certificate")));
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        std::fs::write(&path, broken).expect("a file");
        assert!(read().is_err_and(|error| error.contains("ca_file")));
        std::fs::write(&path, vec![b'x'; 2 << 20]).expect("a file");
        assert!(read().is_err_and(|error| error.contains("more than")));
    }
}
