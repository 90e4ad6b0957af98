//! A webhook: the letter as JSON, signed as the Standard Webhooks specification says. Every attempt at a letter
//! carries the same id and the same body under a new time, so a receiver can drop what it has seen.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::channel::{Attempt, Delivered, Timeouts};
use super::error::{ChannelError, DeliveryError};
use super::http::Receiver;
use super::letter::{Letter, wire_id};
use super::signature::Keys;
use crate::outbound::Rules;
use crate::secret::Secret;

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// A signed request to a web address.
#[derive(Debug, Clone)]
pub struct WebhookOptions {
    /// The address, https. Secret, because many carry a key in the path.
    pub url: Secret,
    /// The secrets, `whsec_` and base64 of 24 to 64 bytes: one, and more while receivers change to a new one.
    /// Each signs.
    pub secrets: Vec<Secret>,
    /// Which addresses inside the network may be reached; none by default.
    pub rules: Rules,
    /// How long it may take.
    pub timeouts: Timeouts,
}

/// The channel.
#[derive(Debug)]
pub(super) struct Webhook {
    receiver: Receiver,
    keys: Keys,
}

impl Webhook {
    pub fn open(options: WebhookOptions) -> Result<Self, ChannelError> {
        let keys = Keys::read(&options.secrets)?;
        let receiver = Receiver::open(&options.url, options.rules, options.timeouts)?;
        Ok(Self { receiver, keys })
    }

    pub async fn deliver(
        &self,
        letter: &Letter,
        attempt: Attempt,
    ) -> Result<Delivered, DeliveryError> {
        let body = letter.to_json()?;
        let id = wire_id(&letter.id);
        let timestamp = attempt.now_ms.div_euclid(1_000);
        let signature = self.keys.sign(&id, timestamp, &body);
        let mut headers = HeaderMap::new();
        headers.insert(ID, value(&id)?);
        headers.insert(TIMESTAMP, timestamp.into());
        headers.insert(SIGNATURE, value(&signature)?);
        let answer = self.receiver.post(headers, body, attempt).await?;
        if answer.status.is_success() {
            let code = answer.status.as_u16();
            return Ok(Delivered::noting(format!("the receiver answered {code}")));
        }
        Err(self.receiver.failed(&answer, ""))
    }

    #[cfg(test)]
    fn with_lookup(
        options: WebhookOptions,
        lookup: std::sync::Arc<dyn crate::outbound::Lookup>,
    ) -> Result<Self, ChannelError> {
        let keys = Keys::read(&options.secrets)?;
        let (rules, timeouts) = (options.rules, options.timeouts);
        let receiver = Receiver::with_lookup(&options.url, rules, timeouts, lookup)?;
        Ok(Self { receiver, keys })
    }
}

fn value(text: &str) -> Result<HeaderValue, DeliveryError> {
    HeaderValue::from_str(text)
        .map_err(|_| DeliveryError::permanent("the letter's id cannot stand in a header"))
}

#[cfg(test)]
mod tests;
