//! A mail to a list of people over SMTP, encrypted unless the server is on this machine. Every attempt at a letter
//! is the same mail to the byte, so a server or a reader can drop the second.

mod address;
mod message;
mod session;
mod stream;
mod tls;

use std::path::PathBuf;

use lettre::message::Mailbox;

use super::channel::{Attempt, Delivered, Timeouts};
use super::error::{ChannelError, DeliveryError};
use super::letter::Letter;
use crate::secret::Secret;
use session::Server;

/// How many recipients a channel may have.
const RECIPIENTS_MAX: usize = 50;
/// Bytes of a user name.
const USERNAME_BYTES_MAX: usize = 256;

/// How the connection to the mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTls {
    /// From its first byte; usually port 465.
    Implicit,
    /// From the command STARTTLS on, without which nothing is sent; usually port 587.
    StartTls,
    /// Not at all: only to a server on this machine.
    None,
}

/// A mail.
#[derive(Debug, Clone)]
pub struct MailOptions {
    /// The mail server: a name or an address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: MailTls,
    /// The certificates (PEM) that the server's is checked against, in place of the system's.
    pub ca_file: Option<PathBuf>,
    /// The user name, if the server asks for one.
    pub username: Option<String>,
    /// The password to it.
    pub password: Option<Secret>,
    /// Whom mails are from, such as `Muster <muster@example.com>`.
    pub from: String,
    /// Who gets them, 1 to 50 addresses. Each sees the others.
    pub to: Vec<String>,
    /// How long it may take.
    pub timeouts: Timeouts,
}

/// The channel.
#[derive(Debug)]
pub(super) struct Mail {
    server: Server,
    from: Mailbox,
    to: Vec<Mailbox>,
}

impl Mail {
    pub fn open(options: MailOptions) -> Result<Self, ChannelError> {
        let timeouts = options.timeouts.check()?;
        let from = address::mailbox("from", &options.from)?;
        if options.to.is_empty() || options.to.len() > RECIPIENTS_MAX {
            let problem = format!("name 1 to {RECIPIENTS_MAX} recipients");
            return Err(ChannelError::new("to", problem));
        }
        let to = options.to.iter();
        let to = to.map(|to| address::mailbox("to", to));
        let to: Vec<Mailbox> = to.collect::<Result<_, _>>()?;
        if options.port == 0 {
            return Err(ChannelError::new(
                "port",
                "0 is no port; mail has 465 or 587",
            ));
        }
        let credentials = match (options.username, options.password) {
            (Some(username), Some(password)) => {
                let is_wrong = username.is_empty()
                    || username.len() > USERNAME_BYTES_MAX
                    || username.chars().any(char::is_control);
                if is_wrong {
                    let problem =
                        format!("a user name has 1 to {USERNAME_BYTES_MAX} bytes in one line");
                    return Err(ChannelError::new("username", problem));
                }
                Some((username, password))
            }
            (None, None) => None,
            (Some(_), None) => {
                return Err(ChannelError::new(
                    "password",
                    "a user name needs a password",
                ));
            }
            (None, Some(_)) => {
                return Err(ChannelError::new(
                    "username",
                    "a password needs a user name",
                ));
            }
        };
        let encryption = tls::Encryption::read(&options.host, options.tls, options.ca_file)?;
        let server = Server {
            host: options.host,
            port: options.port,
            encryption,
            credentials,
            // The name of this machine is seldom one that the world knows; that of the sender's is.
            hello: from.email.domain().to_owned(),
            timeouts,
        };
        Ok(Self { server, from, to })
    }

    pub async fn deliver(
        &self,
        letter: &Letter,
        attempt: Attempt,
    ) -> Result<Delivered, DeliveryError> {
        let message = message::compose(letter, &self.from, &self.to)?;
        let to = self.to.iter().map(|to| &to.email);
        let to: Vec<_> = to.cloned().collect();
        self.server
            .send(&self.from.email, &to, &message, attempt.is_last)
            .await
    }
}

#[cfg(test)]
mod tests;
