//! A mail server for tests of the daemon: it says to each sender what the test has put down for that session, and
//! keeps the letters it took and the commands it heard, so that nothing counts as delivered that did not arrive.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Good news for a sender.
pub const WELCOME: &str = "250 fine";

/// What a server heard and took.
#[derive(Debug, Default, Clone)]
pub struct Heard {
    /// The commands of all sessions.
    pub commands: Vec<String>,
    /// The letters, without the dots that the protocol adds.
    pub letters: Vec<String>,
}

/// A server on this machine.
pub struct MailServer {
    pub address: SocketAddr,
    /// The certificate it shows, as PEM.
    pub certificate: String,
    says: Arc<Mutex<Vec<&'static str>>>,
    heard: Arc<Mutex<Heard>>,
}

impl MailServer {
    /// One that speaks in the open and says these to the senders of its sessions in turn, the last to all others.
    pub fn saying(says: &[&'static str]) -> Self {
        Self::start(says, false)
    }

    /// One that encrypts from the first byte.
    pub fn encrypted() -> Self {
        Self::start(&[WELCOME], true)
    }

    /// What senders are told from here on.
    pub fn says_from_now_on(&self, says: &'static str) {
        *held(&self.says) = vec![says];
    }

    pub fn heard(&self) -> Heard {
        held(&self.heard).clone()
    }

    fn start(says: &[&'static str], encrypted: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let signed = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]);
        let signed = signed.expect("a certificate");
        let key = PrivatePkcs8KeyDer::from(signed.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![signed.cert.der().clone()], PrivateKeyDer::from(key));
        let config = Arc::new(config.expect("a certificate with its key"));
        let server = Self {
            address,
            certificate: signed.cert.pem(),
            says: Arc::new(Mutex::new(says.to_vec())),
            heard: Arc::default(),
        };
        let (says, heard) = (Arc::clone(&server.says), Arc::clone(&server.heard));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
                let mut says = held(&says);
                let said = says.first().copied().unwrap_or(WELCOME);
                if says.len() > 1 {
                    says.remove(0);
                }
                drop(says);
                // A guest that hangs up is none of the server's trouble.
                let _ = if encrypted {
                    let connection = ServerConnection::new(Arc::clone(&config));
                    let connection = connection.expect("a connection");
                    serve(StreamOwned::new(connection, stream), said, &heard)
                } else {
                    serve(stream, said, &heard)
                };
            }
        });
        server
    }
}

fn held<T>(kept: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One session; over when the guest has said goodbye or is gone.
fn serve(stream: impl Read + Write, to_sender: &str, heard: &Mutex<Heard>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let answer = |stream: &mut BufReader<_>, said: &str| {
        let it: &mut _ = stream.get_mut();
        Write::write_all(it, format!("{said}\r\n").as_bytes())?;
        Write::flush(it)
    };
    answer(&mut stream, "220 test ready")?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        held(heard).commands.push(line.to_owned());
        match line.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => answer(&mut stream, "250-test\r\n250-AUTH PLAIN\r\n250 8BITMIME")?,
            "AUTH" => answer(&mut stream, "235 welcome")?,
            "MAIL" => answer(&mut stream, to_sender)?,
            "DATA" => {
                answer(&mut stream, "354 go on")?;
                let mut letter = String::new();
                loop {
                    let mut line = String::new();
                    if stream.read_line(&mut line)? == 0 {
                        return Ok(());
                    }
                    if line == ".\r\n" {
                        break;
                    }
                    letter.push_str(line.strip_prefix('.').unwrap_or(&line));
                }
                held(heard).letters.push(letter);
                answer(&mut stream, "250 queued as 1")?;
            }
            "QUIT" => return answer(&mut stream, "221 bye"),
            _ => answer(&mut stream, WELCOME)?,
        }
    }
}
