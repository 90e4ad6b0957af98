//! TLS with a certificate of one's own authority.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use crate::daemon::Daemon;
use crate::process::Output;

fn an_authority() -> CertificateParams {
    let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority
}

fn self_signed() -> String {
    let key = KeyPair::generate().unwrap();
    an_authority().self_signed(&key).unwrap().pem()
}

#[test]
fn https_with_the_authoritys_certificate_is_spoken_and_without_it_refused() {
    let authority_key = KeyPair::generate().unwrap();
    let authority = an_authority();
    let authority_pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let certificate = CertificateParams::new(names)
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();

    let mut daemon = Daemon::prepared_in(|home| {
        let write = |name: &str, text: &str| {
            let path = home.join(name);
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let cert_file = write("cert.pem", &certificate.pem());
        let key_file = write("key.pem", &key.serialize_pem());
        write("ca.pem", &authority_pem);
        let text = format!("[tls]\ncert_file = {cert_file:?}\nkey_file = {key_file:?}\n");
        vec!["--config".to_owned(), write("muster.toml", &text)]
    });
    daemon.launch();
    assert!(daemon.url().starts_with("https://"), "{}", daemon.url());
    let ca = daemon.home().join("ca.pem");
    let ca = ca.to_str().unwrap().to_owned();
    let plan = daemon.plan_file("garden.md", super::GARDEN);
    daemon
        .cli(&["plan", "import", &plan, "--ca-file", &ca, "--json"])
        .exits(0)
        .json();
    let mut command = daemon.cli_command(&["task", "list", "--json"]);
    command
        .env("MUSTER_TOKEN", daemon.coordinator_token())
        .env("MUSTER_CA_FILE", &ca);
    let list = Output::of(command).exits(0).json();
    assert_eq!(list["tasks"].as_array().map(Vec::len), Some(5));

    // Without the authority nothing is trusted, by another one neither.
    daemon.cli(&["task", "list", "--json"]).exits(2).error();
    let stranger = self_signed();
    let stranger = daemon.plan_file("stranger.pem", &stranger);
    let list = ["task", "list", "--ca-file", &stranger, "--json"];
    daemon.cli(&list).exits(6).error();
    let mut command = daemon.cli_command(&["task", "list", "--ca-file", &ca, "--json"]);
    let plain = daemon.url().replacen("https", "http", 1);
    command
        .env("MUSTER_TOKEN", daemon.coordinator_token())
        .env("MUSTER_SERVER", plain);
    Output::of(command).exits(6).error();
    // The clients of these tests speak without TLS; the files are held against the log all the same.
    daemon.terminate();
    let stopped = daemon.log("garden");
    assert!(!stopped.is_empty());
    daemon.finish_unserved();
}
