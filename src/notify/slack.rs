//! A message in a Slack channel through an incoming webhook, or through one of a server that speaks the same.
//! Slack drops no doubles: an attempt whose answer got lost may show the message twice.

mod blocks;
mod mrkdwn;
mod table;

use reqwest::header::HeaderMap;

use super::channel::{Attempt, Delivered, Timeouts};
use super::error::{ChannelError, DeliveryError};
use super::http::{Answer, Receiver};
use super::letter::Letter;
use crate::outbound::Rules;
use crate::secret::Secret;

/// The longest error code that is told on, in bytes.
const CODE_BYTES_MAX: usize = 40;

/// A message in a Slack channel.
#[derive(Debug, Clone)]
pub struct SlackOptions {
    /// The address of the incoming webhook, such as `https://hooks.slack.com/services/…`. Secret: whoever holds
    /// it can write to the channel.
    pub url: Secret,
    /// Which addresses inside the network may be reached, for a server of one's own; none by default.
    pub rules: Rules,
    /// How long it may take.
    pub timeouts: Timeouts,
}

/// The channel.
#[derive(Debug)]
pub(super) struct Slack {
    receiver: Receiver,
}

impl Slack {
    pub fn open(options: SlackOptions) -> Result<Self, ChannelError> {
        let receiver = Receiver::open(&options.url, options.rules, options.timeouts)?;
        Ok(Self { receiver })
    }

    pub async fn deliver(
        &self,
        letter: &Letter,
        attempt: Attempt,
    ) -> Result<Delivered, DeliveryError> {
        let message = serde_json::to_vec(&blocks::message(letter)).map_err(|error| {
            DeliveryError::permanent(format!("the message cannot be written as JSON: {error}"))
        })?;
        let answer = self
            .receiver
            .post(HeaderMap::new(), message, attempt)
            .await?;
        if answer.status.is_success() {
            return Ok(Delivered::noting("Slack took the message"));
        }
        let code = code(&answer);
        Err(self.receiver.failed(&answer, &in_words(code)))
    }
}

/// The error code in an answer: a word like `no_service`. Anything else is not told on.
fn code(answer: &Answer) -> &str {
    let text = std::str::from_utf8(&answer.body).unwrap_or_default().trim();
    let is_code = text.len() <= CODE_BYTES_MAX
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if is_code { text } else { "" }
}

/// What the code means for whoever looks after the channel.
fn in_words(code: &str) -> String {
    let meaning = match code {
        "" => return String::new(),
        "invalid_payload" => "Slack cannot read the message",
        "invalid_blocks" | "invalid_blocks_format" => "Slack cannot show the message",
        "channel_not_found" => "the Slack channel of this webhook is gone",
        "channel_is_archived" => "the Slack channel of this webhook is archived",
        "user_not_found" => "whom this webhook writes to is gone",
        "no_service" => "this webhook is switched off, removed or mistyped; make a new one",
        "no_service_id" | "no_team" | "team_disabled" => {
            "the workspace of this webhook is gone or switched off"
        }
        "no_active_hooks" => "the app of this webhook is switched off",
        "invalid_token" => "the address of this webhook is mistyped",
        "action_prohibited" => "an administrator of the workspace does not let this webhook write",
        "posting_to_general_channel_denied" => "this webhook must not write to that channel",
        "too_many_attachments" | "no_text" => "Slack does not take the message",
        "rollup_error" => "Slack has a fault",
        other => return other.to_owned(),
    };
    format!("{code}, {meaning}")
}

#[cfg(test)]
mod tests;
