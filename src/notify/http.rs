//! One request to a receiver on the web and what its answer means. Only the status, `Retry-After` and the
//! beginning of the body are looked at, for a limited time.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Method, StatusCode};

use super::channel::{Attempt, Timeouts};
use super::error::{ChannelError, DeliveryError};
use crate::outbound::{
    Destination, Lookup, Outbound, OutboundOptions, Refusal, Rules, SystemLookup, body_at_most,
    refusal,
};
use crate::secret::Secret;

/// How much of an answer is read, in bytes.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// How long the body of an answer may take: the status has decided already.
const BODY_TIMEOUT: Duration = Duration::from_secs(2);

/// A receiver at a fixed address.
#[derive(Debug)]
pub(super) struct Receiver {
    outbound: Outbound,
    destination: Destination,
}

/// What came back.
pub(super) struct Answer {
    pub status: StatusCode,
    retry_after: Option<Duration>,
    /// The body, empty when it was long, slow or broke off.
    pub body: Vec<u8>,
}

impl Receiver {
    /// Checks the address. Its name is looked up at each delivery, not here.
    pub fn open(url: &Secret, rules: Rules, timeouts: Timeouts) -> Result<Self, ChannelError> {
        Self::with_lookup(url, rules, timeouts, Arc::new(SystemLookup))
    }

    /// As [`Receiver::open`], asking `lookup` for names.
    pub fn with_lookup(
        url: &Secret,
        rules: Rules,
        timeouts: Timeouts,
        lookup: Arc<dyn Lookup>,
    ) -> Result<Self, ChannelError> {
        let timeouts = timeouts.check()?;
        let wrong = |problem: String| ChannelError::new("url", problem);
        let options = OutboundOptions {
            rules,
            lookup_timeout: timeouts.connect,
            connect_timeout: timeouts.connect,
            request_timeout: timeouts.whole,
            ..OutboundOptions::default()
        };
        let outbound = Outbound::with_lookup(options, lookup);
        let outbound = outbound.map_err(|error| wrong(error.to_string()))?;
        let destination = outbound.destination(url.expose());
        let destination = destination.map_err(|refusal| wrong(refusal.to_string()))?;
        Ok(Self {
            outbound,
            destination,
        })
    }

    /// Posts JSON, once.
    pub async fn post(
        &self,
        headers: HeaderMap,
        body: Vec<u8>,
        attempt: Attempt,
    ) -> Result<Answer, DeliveryError> {
        let request = self.outbound.request(Method::POST, &self.destination);
        let request = request.map_err(|refusal| refused(&refusal))?;
        let sent = request
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .headers(headers)
            .body(body)
            .send()
            .await;
        let response = sent.map_err(|error| self.unsent(&error))?;
        let status = response.status();
        let retry_after = retry_after(response.headers(), attempt.now_ms);
        let body = tokio::time::timeout(BODY_TIMEOUT, body_at_most(response, BODY_BYTES_MAX)).await;
        let body = body.ok().and_then(Result::ok).unwrap_or_default();
        Ok(Answer {
            status,
            retry_after,
            body,
        })
    }

    /// What a status means that is no success; `told` is what the receiver said about it, if it may be shown.
    pub fn failed(&self, answer: &Answer, told: &str) -> DeliveryError {
        let whom = &self.destination;
        let status = answer.status;
        let code = status.as_u16();
        let told = if told.is_empty() {
            String::new()
        } else {
            format!(": {told}")
        };
        let permanent = |advice: &str| {
            DeliveryError::permanent(format!("{whom} answered {code}{told}; {advice}"))
        };
        match status {
            _ if status.is_redirection() => {
                permanent("redirects are not followed, configure the address it leads to")
            }
            StatusCode::REQUEST_TIMEOUT
            | StatusCode::CONFLICT
            | StatusCode::TOO_EARLY
            | StatusCode::TOO_MANY_REQUESTS => self.again(answer, &told),
            StatusCode::GONE => permanent(
                "it wants no more letters: disable the channel, or configure its new address",
            ),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                permanent("check the channel's secret or address")
            }
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
                permanent("check the channel's address")
            }
            StatusCode::PAYLOAD_TOO_LARGE => permanent("it takes no letter of that length"),
            _ if status.is_client_error() => permanent("it does not understand the letter"),
            _ => self.again(answer, &told),
        }
    }

    fn again(&self, answer: &Answer, told: &str) -> DeliveryError {
        let (whom, code) = (&self.destination, answer.status.as_u16());
        let after = answer.retry_after;
        DeliveryError::retry_after(after, format!("{whom} answered {code}{told}"))
    }

    /// Why no answer came.
    fn unsent(&self, error: &reqwest::Error) -> DeliveryError {
        if let Some(refusal) = refusal(error) {
            return refused(refusal);
        }
        let whom = &self.destination;
        DeliveryError::retry(if error.is_timeout() && error.is_connect() {
            format!("{whom} was not connected to in time")
        } else if error.is_timeout() {
            format!("{whom} did not answer in time; the letter may have arrived")
        } else if error.is_connect() {
            format!("{whom} cannot be connected to: {}", root(error))
        } else {
            format!(
                "the exchange with {whom} broke off: {}; the letter may have arrived",
                root(error)
            )
        })
    }
}

/// The last cause of an error, which names no address: that stands in the first.
fn root(error: &reqwest::Error) -> String {
    let mut cause = std::error::Error::source(error);
    let mut said = "no reason is known".to_owned();
    while let Some(error) = cause {
        said = error.to_string();
        cause = error.source();
    }
    said
}

/// A name may have an address later; one that leads inside does so on purpose.
fn refused(refusal: &Refusal) -> DeliveryError {
    match refusal {
        Refusal::Unknown { .. } | Refusal::Unresolved { .. } => {
            DeliveryError::retry(refusal.to_string())
        }
        _ => DeliveryError::permanent(refusal.to_string()),
    }
}

/// How long the receiver asks to wait: seconds, or a date.
fn retry_after(headers: &HeaderMap, now_ms: i64) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number holds are a very long time.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value);
    let wait_ms = date.ok()?.as_millisecond().saturating_sub(now_ms);
    Some(Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_asked_for_in_seconds_or_by_a_date() {
        let asked = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().expect("a header"));
            retry_after(&headers, 1_795_770_000_000).map(|wait| wait.as_secs())
        };
        assert_eq!(asked("120"), Some(120));
        assert_eq!(asked(" 0 "), Some(0));
        assert_eq!(asked("Fri, 27 Nov 2026 09:02:00 GMT"), Some(120));
        assert_eq!(asked("Fri, 27 Nov 2026 08:00:00 GMT"), Some(0));
        assert_eq!(asked("99999999999999999999999"), Some(u64::MAX));
        for nonsense in ["", "-1", "soon", "1.5", "27 Nov"] {
            assert_eq!(asked(nonsense), None, "{nonsense}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), 0), None);
    }
}
