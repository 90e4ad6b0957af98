//! One session with a mail server: all recipients get the mail or the reason why not is told, and what the server
//! says is shown only where it cannot hold the password.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::stream::{Bounded, ask, reply};
use super::tls::Encryption;
use crate::notify::channel::{Delivered, Timeouts};
use crate::notify::error::DeliveryError;
use crate::notify::letter::one_line;
use crate::secret::Secret;

/// Characters that are told of what a server said.
const TOLD_CHARS_MAX: usize = 200;
/// How long the goodbye may take; the mail has arrived by then.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(2);

/// A mail server and how to reach it.
#[derive(Debug)]
pub(super) struct Server {
    pub host: String,
    pub port: u16,
    pub encryption: Encryption,
    pub credentials: Option<(String, Secret)>,
    /// What this side calls itself.
    pub hello: String,
    pub timeouts: Timeouts,
}

impl Server {
    /// Sends a mail. While there are attempts left it goes to all recipients or none: one that is refused for now
    /// would get it twice or never otherwise. In the last attempt it goes to whom the server takes.
    pub async fn send(
        &self,
        from: &Address,
        to: &[Address],
        message: &[u8],
        is_last: bool,
    ) -> Result<Delivered, DeliveryError> {
        let session = Session {
            server: self,
            deadline: Instant::now() + self.timeouts.whole,
        };
        let mut connection = session.open().await?;
        session.authenticate(&mut connection).await?;
        let mail = connection.command(Mail::new(Some(from.clone()), Vec::new()));
        session.smtp("the sender", mail).await?;
        let warnings = session.recipients(&mut connection, to, is_last).await?;
        session.smtp("the mail", connection.command(Data)).await?;
        let taken = session
            .smtp("the mail", connection.message(message))
            .await?;
        let said = taken.first_line().unwrap_or_default();
        let note = format!("{} took the mail: {}", self.host, self.told(said));
        // It has arrived, whatever becomes of the goodbye.
        let _ = tokio::time::timeout(GOODBYE_TIMEOUT, connection.quit()).await;
        Ok(Delivered { note, warnings })
    }

    /// What the server said, to be shown.
    fn told(&self, said: &str) -> String {
        let said = match &self.credentials {
            Some((_, password)) => password.hide_in(said),
            None => said.to_owned(),
        };
        one_line(&said, TOLD_CHARS_MAX)
    }
}

struct Session<'a> {
    server: &'a Server,
    deadline: Instant,
}

impl Session<'_> {
    /// Waits for a step until the time of the whole session is over.
    async fn within<T, E>(
        &self,
        waiting_for: &str,
        step: impl Future<Output = Result<T, E>>,
    ) -> Result<Result<T, E>, DeliveryError> {
        let host = &self.server.host;
        let step = tokio::time::timeout_at(self.deadline, step).await;
        step.map_err(|_| {
            DeliveryError::retry(format!(
                "{host} did not answer about {waiting_for} in time; the session was given up"
            ))
        })
    }

    async fn smtp<T>(
        &self,
        about: &str,
        step: impl Future<Output = Result<T, SmtpError>>,
    ) -> Result<T, DeliveryError> {
        let step = self.within(about, step).await?;
        step.map_err(|error| self.refused(about, &error))
    }

    /// What an answer means that is no success.
    fn refused(&self, about: &str, error: &SmtpError) -> DeliveryError {
        let host = &self.server.host;
        let told = cause(error);
        let told = self.server.told(&told);
        match error.status() {
            Some(code) if error.is_permanent() => DeliveryError::permanent(format!(
                "{host} refused {about} for good ({code}): {told}"
            )),
            Some(code) => {
                DeliveryError::retry(format!("{host} refused {about} for now ({code}): {told}"))
            }
            None => DeliveryError::retry(format!(
                "the session with {host} broke off at {about}: {told}; the mail may have arrived"
            )),
        }
    }

    fn broken(&self, about: &str, error: &io::Error) -> DeliveryError {
        let host = &self.server.host;
        let told = one_line(&error.to_string(), TOLD_CHARS_MAX);
        DeliveryError::retry(format!(
            "the session with {host} broke off at {about}: {told}"
        ))
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, DeliveryError> {
        let (stream, peer) = self.connect().await?;
        let stream = self.encrypt(stream, peer).await?;
        let hello = ClientId::Domain(self.server.hello.clone());
        let greeted = AsyncSmtpConnection::connect_with_transport(stream, &hello);
        self.smtp("the greeting", greeted).await
    }

    async fn connect(&self) -> Result<(TcpStream, SocketAddr), DeliveryError> {
        let (host, port) = (self.server.host.as_str(), self.server.port);
        let found = self
            .within("its name", tokio::net::lookup_host((host, port)))
            .await?;
        let found = found.map_err(|error| {
            DeliveryError::retry(format!("the mail server {host} is not found: {error}"))
        })?;
        let mut why = "its name has no address".to_owned();
        for address in found {
            let is_plain = matches!(self.server.encryption, Encryption::None);
            if is_plain && !address.ip().is_loopback() {
                why = "its name leads away from this machine, where nothing goes unencrypted"
                    .to_owned();
                continue;
            }
            let connecting = TcpStream::connect(address);
            let connecting = tokio::time::timeout(self.server.timeouts.connect, connecting);
            match self.within("a connection", connecting).await? {
                Ok(Ok(stream)) => return Ok((stream, address)),
                Ok(Err(error)) => why = error.to_string(),
                Err(_) => why = "no connection in time".to_owned(),
            }
        }
        Err(DeliveryError::retry(format!(
            "the mail server {host}:{port} cannot be connected to: {why}"
        )))
    }

    async fn encrypt(
        &self,
        mut stream: TcpStream,
        peer: SocketAddr,
    ) -> Result<Box<dyn AsyncTokioStream>, DeliveryError> {
        let Encryption::Tls {
            connector,
            name,
            starts_plain,
        } = &self.server.encryption
        else {
            return Ok(Box::new(Bounded::new(stream, peer)));
        };
        if *starts_plain {
            self.start_tls(&mut stream).await?;
        }
        let encrypted = self
            .within("encryption", connector.connect(name.clone(), stream))
            .await?;
        let encrypted = encrypted.map_err(|error| {
            let host = &self.server.host;
            let told = one_line(&error.to_string(), TOLD_CHARS_MAX);
            DeliveryError::retry(format!(
                "the connection to {host} cannot be encrypted: {told}; nothing was sent"
            ))
        })?;
        Ok(if *starts_plain {
            Box::new(Bounded::greeted(encrypted, peer))
        } else {
            Box::new(Bounded::new(encrypted, peer))
        })
    }

    /// The conversation in the open up to the encryption.
    async fn start_tls(&self, stream: &mut TcpStream) -> Result<(), DeliveryError> {
        let host = &self.server.host;
        let greeting = self.within("the greeting", reply(stream)).await?;
        let greeting = greeting.map_err(|error| self.broken("the greeting", &error))?;
        self.expect(greeting.code, 220, "the greeting")?;
        let hello = format!("EHLO {}", self.server.hello);
        let offers = self.within("what it can do", ask(stream, &hello)).await?;
        let offers = offers.map_err(|error| self.broken("what it can do", &error))?;
        self.expect(offers.code, 250, "what it can do")?;
        let can = |offer: &String| offer.trim().eq_ignore_ascii_case("STARTTLS");
        if !offers.lines.iter().any(can) {
            // Somebody in between may have taken the offer away.
            return Err(DeliveryError::retry(format!(
                "{host} does not offer STARTTLS; nothing was sent. Does it want implicit encryption?"
            )));
        }
        let begun = self.within("encryption", ask(stream, "STARTTLS")).await?;
        let begun = begun.map_err(|error| self.broken("encryption", &error))?;
        self.expect(begun.code, 220, "encryption")
    }

    /// Refuses any other code. Nothing is quoted that was said in the open, where anybody may have said it.
    fn expect(&self, code: u16, expected: u16, about: &str) -> Result<(), DeliveryError> {
        if code == expected {
            return Ok(());
        }
        let host = &self.server.host;
        Err(DeliveryError::retry(format!(
            "{host} answered {code} to {about}; nothing was sent"
        )))
    }

    async fn authenticate(
        &self,
        connection: &mut AsyncSmtpConnection,
    ) -> Result<(), DeliveryError> {
        let Some((username, password)) = &self.server.credentials else {
            return Ok(());
        };
        let host = &self.server.host;
        let credentials = Credentials::new(username.clone(), password.expose().to_owned());
        let login = connection.auth(DEFAULT_MECHANISMS, &credentials);
        // Some servers repeat what they were told, encoded one way or another, so nothing of it is shown.
        match self.within("the password", login).await? {
            Ok(_) => Ok(()),
            Err(error) => Err(match error.status() {
                Some(code) if error.is_permanent() => DeliveryError::permanent(format!(
                    "{host} refused the user name or password ({code}); check both"
                )),
                Some(code) => {
                    DeliveryError::retry(format!("{host} does not check passwords now ({code})"))
                }
                None if error.is_client() => DeliveryError::permanent(format!(
                    "{host} offers no way to log in with a password; leave the user name out or use another port"
                )),
                None => DeliveryError::retry(format!(
                    "the session with {host} broke off at the password"
                )),
            }),
        }
    }

    /// Names the recipients. Says whom the server refused; an error if nobody is left, or somebody is refused
    /// for now and there is another attempt.
    async fn recipients(
        &self,
        connection: &mut AsyncSmtpConnection,
        to: &[Address],
        is_last: bool,
    ) -> Result<Vec<String>, DeliveryError> {
        let mut refusals = Vec::new();
        for address in to {
            let about = format!("the recipient {address}");
            let named = connection.command(Rcpt::new(address.clone(), Vec::new()));
            match self.within(&about, named).await? {
                Ok(_) => {}
                Err(error) if error.status().is_some() => {
                    refusals.push(self.refused(&about, &error))
                }
                Err(error) => return Err(self.refused(&about, &error)),
            }
        }
        let for_now = refusals.iter().find(|refusal| !refusal.is_permanent());
        let nobody = refusals.len() == to.len();
        let decisive = match for_now {
            Some(refusal) if nobody || !is_last => Some(refusal),
            None if nobody => refusals.first(),
            Some(_) | None => None,
        };
        if let Some(refusal) = decisive {
            // Nothing was sent; the server forgets it with the connection anyway.
            let _ = tokio::time::timeout(GOODBYE_TIMEOUT, connection.command(Rset)).await;
            return Err(refusal.clone());
        }
        Ok(refusals
            .iter()
            .map(|refusal| refusal.sentence().to_owned())
            .collect())
    }
}

/// What the server or the system said, without the words around it.
fn cause(error: &SmtpError) -> String {
    let cause = std::error::Error::source(error);
    cause.map_or_else(|| error.to_string(), ToString::to_string)
}
