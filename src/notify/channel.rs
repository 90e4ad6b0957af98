//! The channels behind one door: opened from typed options, which are checked there and then, and asked to
//! deliver one letter at a time.

use std::time::Duration;

use super::command::{CommandOptions, Program};
use super::error::{ChannelError, DeliveryError};
use super::files::{Files, FilesOptions};
use super::letter::Letter;
use super::mail::{Mail, MailOptions};
use super::slack::{Slack, SlackOptions};
use super::webhook::{Webhook, WebhookOptions};

/// The longest that one delivery may be allowed to take.
const WHOLE_MAX: Duration = Duration::from_secs(10 * 60);

/// How a channel is set up.
#[derive(Debug, Clone)]
pub enum ChannelOptions {
    /// Files in a folder.
    Files(FilesOptions),
    /// A signed request to a web address.
    Webhook(WebhookOptions),
    /// A message in a Slack channel.
    Slack(SlackOptions),
    /// A mail.
    Mail(MailOptions),
    /// A program that is handed the letter.
    Command(CommandOptions),
}

/// How long a delivery waits for the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, its encryption included.
    pub connect: Duration,
    /// For everything, from looking up the name to the last answer; at most ten minutes.
    pub whole: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            whole: Duration::from_secs(60),
        }
    }
}

impl Timeouts {
    pub(super) fn check(self) -> Result<Self, ChannelError> {
        let wrong = |problem| Err(ChannelError::new("timeouts", problem));
        if self.connect.is_zero() || self.whole < self.connect {
            return wrong("the time for everything must not be shorter than that for a connection");
        }
        if self.whole > WHOLE_MAX {
            return wrong("a delivery may take at most ten minutes; state less");
        }
        Ok(self)
    }
}

/// One attempt at a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// The time of the attempt by the wall clock, in milliseconds since the Unix epoch. Receivers of webhooks
    /// refuse what is some minutes off.
    pub now_ms: i64,
    /// Whether the letter is given up when this one fails. A mail then goes to those recipients that the
    /// server takes, instead of waiting for all.
    pub is_last: bool,
}

/// A letter has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// What the other side said, or where it was put; one line.
    pub note: String,
    /// What somebody should know although it arrived, such as a recipient that was refused; a line each.
    pub warnings: Vec<String>,
}

impl Delivered {
    pub(super) fn noting(note: impl Into<String>) -> Self {
        Self {
            note: note.into(),
            warnings: Vec::new(),
        }
    }
}

/// A way to people or programs, ready for letters. Debug shows no secret.
#[derive(Debug)]
pub struct Channel(Way);

#[derive(Debug)]
enum Way {
    Files(Files),
    Webhook(Webhook),
    Slack(Slack),
    Mail(Box<Mail>),
    Command(Program),
}

impl Channel {
    /// Checks the options and prepares what every delivery needs. Connects to nothing.
    ///
    /// # Errors
    /// Names the option that is wrong and what to write instead.
    pub fn open(options: ChannelOptions) -> Result<Self, ChannelError> {
        Ok(Self(match options {
            ChannelOptions::Files(options) => Way::Files(Files::open(options)?),
            ChannelOptions::Webhook(options) => Way::Webhook(Webhook::open(options)?),
            ChannelOptions::Slack(options) => Way::Slack(Slack::open(options)?),
            ChannelOptions::Mail(options) => Way::Mail(Box::new(Mail::open(options)?)),
            ChannelOptions::Command(options) => Way::Command(Program::open(options)),
        }))
    }

    /// Delivers a letter, once: it never tries again by itself. Dropping the future gives the delivery up; the
    /// letter may have arrived then, as after an error that is no answer of the other side.
    ///
    /// # Errors
    /// Says whether trying again may help, and in a sentence what happened.
    pub async fn deliver(
        &self,
        letter: &Letter,
        attempt: Attempt,
    ) -> Result<Delivered, DeliveryError> {
        letter.check()?;
        match &self.0 {
            Way::Files(files) => files.deliver(letter).await,
            Way::Webhook(webhook) => webhook.deliver(letter, attempt).await,
            Way::Slack(slack) => slack.deliver(letter, attempt).await,
            Way::Mail(mail) => mail.deliver(letter, attempt).await,
            Way::Command(program) => program.deliver(letter).await,
        }
    }

    /// The kind of channel in a word: `files`, `webhook`, `slack`, `mail` or `command`.
    pub fn kind(&self) -> &'static str {
        match &self.0 {
            Way::Files(_) => "files",
            Way::Webhook(_) => "webhook",
            Way::Slack(_) => "slack",
            Way::Mail(_) => "mail",
            Way::Command(_) => "command",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_make_no_sense_are_refused() {
        let times = |connect, whole| Timeouts {
            connect: Duration::from_secs(connect),
            whole: Duration::from_secs(whole),
        };
        assert!(Timeouts::default().check().is_ok());
        assert!(times(1, 1).check().is_ok());
        for (connect, whole) in [(0, 1), (2, 1), (1, 601)] {
            assert!(times(connect, whole).check().is_err());
        }
    }
}
