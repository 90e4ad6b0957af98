//! Signatures of webhooks as the Standard Webhooks specification has them: whoever holds the secret can tell
//! that a body is ours, whole and new.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::error::ChannelError;
use crate::secret::Secret;

/// What a secret begins with.
const PREFIX: &str = "whsec_";
/// Bytes of a key, by the specification.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// How many secrets may be valid at once.
const KEYS_MAX: usize = 4;

/// The keys of a webhook: one, and more while receivers change from one to another.
pub(super) struct Keys(Vec<Hmac<Sha256>>);

impl Keys {
    /// Reads secrets of the form `whsec_` and base64.
    pub fn read(secrets: &[Secret]) -> Result<Self, ChannelError> {
        if secrets.is_empty() || secrets.len() > KEYS_MAX {
            return Err(ChannelError::new(
                "secrets",
                format!(
                    "a webhook has 1 to {KEYS_MAX} secrets; make one: echo whsec_$(openssl rand -base64 32)"
                ),
            ));
        }
        secrets.iter().map(key).collect::<Result<_, _>>().map(Self)
    }

    /// The value of the header `webhook-signature`: a signature for each key, in their order.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let signatures = self.0.iter().map(|key| {
            let mut mac = key.clone();
            mac.update(id.as_bytes());
            mac.update(format!(".{timestamp}.").as_bytes());
            mac.update(body);
            format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
        });
        signatures.collect::<Vec<_>>().join(" ")
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Keys({})", self.0.len())
    }
}

fn key(secret: &Secret) -> Result<Hmac<Sha256>, ChannelError> {
    let wrong = |problem: &str| ChannelError::new("secrets", problem);
    let encoded = secret.expose().strip_prefix(PREFIX);
    let encoded = encoded.ok_or_else(|| wrong("a secret begins with whsec_"))?;
    let key = STANDARD.decode(encoded);
    let key = key.map_err(|_| wrong("what follows whsec_ is not base64 with its padding"))?;
    if !KEY_BYTES.contains(&key.len()) {
        return Err(wrong(
            "the key after whsec_ has 24 to 64 bytes; this one has not",
        ));
    }
    Hmac::new_from_slice(&key).map_err(|_| wrong("the key after whsec_ cannot be used"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(secrets: &[&str]) -> Result<Keys, ChannelError> {
        let secrets: Vec<Secret> = secrets.iter().map(|secret| Secret::new(*secret)).collect();
        Keys::read(&secrets)
    }

    const FIRST: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const SECOND: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    #[test]
    fn a_signature_is_that_of_another_implementation() {
        // By `standardwebhooks` for Python, version 1.1.0.
        let keys = keys(&[FIRST, SECOND]).expect("two keys");
        let signed = keys.sign("shop/rep-12/ops", 1_795_770_000, br#"{"a":"\u00fc"}"#);
        assert_eq!(
            signed,
            "v1,fYbwqRMLE0mFBS6byRDp8DfFTCNWJmiJUFV8hJFy0l0= v1,cY8S2rVm3ig1CYpkewrYe3oi8neRtA6m1lLStdlXPco="
        );
    }

    #[test]
    fn a_secret_that_cannot_be_one_is_refused_and_not_shown() {
        let short = format!("{PREFIX}{}", STANDARD.encode([7; 23]));
        let long = format!("{PREFIX}{}", STANDARD.encode([7; 65]));
        for secret in ["hunter2", "whsec_", "whsec_hunter2!", &short, &long] {
            let error = keys(&[secret]).map(drop).expect_err("it is none");
            assert_eq!(error.field, "secrets");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
        assert!(keys(&[]).is_err());
        assert!(keys(&[FIRST; 5]).is_err());
        assert!(keys(&[FIRST; 4]).is_ok());
    }
}
