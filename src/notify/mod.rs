//! Published reports on their way to people: a letter is delivered to a channel once a call, and the outbox calls
//! until it has arrived or was given up. A letter that is delivered twice is recognised as the same by whoever
//! receives it.

mod backoff;
mod channel;
mod command;
mod error;
mod files;
mod filter;
mod html;
mod http;
mod letter;
mod mail;
mod outbox;
mod outgoing;
mod signature;
mod slack;
mod webhook;

#[cfg(test)]
mod fixture;

pub use backoff::{ATTEMPTS_MAX, backoff};
pub use channel::{Attempt, Channel, ChannelOptions, Delivered, Timeouts};
pub use command::{CommandOptions, environment, judge};
pub use error::{ChannelError, DeliveryError, FailureKind};
pub use files::FilesOptions;
pub use filter::Filter;
pub use letter::{Letter, LetterKind, Severity};
pub use mail::{MailOptions, MailTls};
pub use outbox::Outbox;
pub use outgoing::{Channels, LastError, NoSuchChannel, NotDelivered};
pub use slack::SlackOptions;
pub use webhook::WebhookOptions;
