//! A server of one's own over https: it is believed when its certificate is one that was named, and by nothing
//! else.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::super::error::Kind;
use super::samples::issue;
use super::*;

/// Somebody who encrypts what a server says, under a certificate of its own.
struct Front {
    port: u16,
    certificate: String,
}

impl Front {
    async fn of(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let signed = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]);
        let signed = signed.expect("a certificate");
        let key = PrivatePkcs8KeyDer::from(signed.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![signed.cert.der().clone()], PrivateKeyDer::from(key))
            .expect("a certificate with its key");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let behind = server.origin().replace("http://", "");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, behind) = (acceptor.clone(), behind.clone());
                tokio::spawn(async move {
                    let mut guest = acceptor.accept(stream).await?;
                    let mut server = TcpStream::connect(behind).await?;
                    tokio::io::copy_bidirectional(&mut guest, &mut server).await
                });
            }
        });
        Self {
            port,
            certificate: signed.cert.pem(),
        }
    }

    fn options(&self, server: &Server, authorities: Option<&str>) -> Options {
        Options {
            base_url: format!("https://localhost:{}", self.port),
            authorities: authorities.map(|pem| pem.as_bytes().to_vec()),
            retries: 0,
            ..options(server)
        }
    }
}

#[tokio::test]
async fn a_server_is_asked_over_https_when_its_certificate_was_named() {
    let server = Server::start(|_| Answer::json(&json!([issue(7, 3, 3)]))).await;
    let front = Front::of(&server).await;
    let named = front.options(&server, Some(&front.certificate));
    let github = GitHub::new(named).expect("a client");
    let blocking = ask(&github).await.expect("the issues");
    assert_eq!(numbers(&blocking), [7]);
    assert!(server.received(TOKEN));
}

#[tokio::test]
async fn nobody_else_gets_the_token() {
    let server = Server::start(|_| Answer::json(&json!([]))).await;
    let front = Front::of(&server).await;
    let stranger = Front::of(&server).await.certificate;
    for authorities in [None, Some(stranger.as_str())] {
        let github = GitHub::new(front.options(&server, authorities)).expect("a client");
        let error = failure(&github).await;
        assert_eq!(error.kind(), Kind::Unavailable, "{error}");
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn what_holds_no_certificate_is_said_before_anything_is_asked() {
    let server = Server::start(|_| Answer::json(&json!([]))).await;
    let front = Front::of(&server).await;
    let broken = "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n";
    for pem in ["", "not a certificate", broken] {
        let error = GitHub::new(front.options(&server, Some(pem))).err();
        let error = error.expect("it is refused").to_string();
        assert!(error.contains("PEM"), "{error}");
    }
}
