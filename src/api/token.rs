//! Bearer tokens: `muster_<id>_<secret>`. The log keeps the id and a hash of the secret; the secret itself
//! is shown once and kept nowhere.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::clock::{ChanceError, random_id, random_secret};
use crate::plan::Plan;
use crate::plan::hexadecimal::hexadecimal;
use crate::plan::model::Token;

const PREFIX: &str = "muster_";
const ID_LENGTH: usize = 12;

/// A new token. It has no `Debug`, so that no log ever shows it.
pub struct MintedToken {
    /// The public part.
    pub id: String,
    /// SHA-256 of the secret part, in hexadecimal.
    pub secret_hash: String,
    /// The whole token, for its bearer alone.
    pub bearer: String,
}

/// Makes a new token; nothing knows it until its id and hash are recorded.
///
/// # Errors
/// The system gave no random bytes.
pub fn mint() -> Result<MintedToken, ChanceError> {
    let id = random_id(ID_LENGTH)?;
    let secret = hexadecimal(&random_secret()?);
    Ok(MintedToken {
        secret_hash: hash(&secret),
        bearer: format!("{PREFIX}{id}_{secret}"),
        id,
    })
}

/// The recorded token that `bearer` is, unless it is none or was revoked.
pub(super) fn find<'a>(registry: &'a Plan, bearer: &str) -> Option<&'a Token> {
    let (id, secret) = bearer.strip_prefix(PREFIX)?.split_once('_')?;
    let token = registry.token(id)?;
    let same = hash(secret).as_bytes().ct_eq(token.secret_hash.as_bytes());
    (bool::from(same) && token.revoked_at.is_none()).then_some(token)
}

/// Whether `bearer` is a good token.
pub fn is_valid(registry: &Plan, bearer: &str) -> bool {
    find(registry, bearer).is_some()
}

fn hash(secret: &str) -> String {
    hexadecimal(&Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::event::{Event, Principal, Recorded, TokenIssued, TokenRevoked};
    use crate::plan::fact::Actor;
    use crate::plan::time::Timestamp;

    fn registry(token: &MintedToken, revoked: bool) -> Plan {
        let mut plan = Plan::default();
        let mut record = |version, event: Event| {
            plan.apply(&Recorded {
                version,
                at: Timestamp(1),
                actor: Actor::System,
                session: None,
                request: None,
                event,
            });
        };
        let issued = TokenIssued {
            token: token.id.as_str().into(),
            secret_hash: token.secret_hash.as_str().into(),
            principal: Principal::Coordinator { name: "ann".into() },
        };
        record(1, issued.into());
        if revoked {
            let event = TokenRevoked {
                token: token.id.as_str().into(),
                reason: "lost".into(),
            };
            record(2, event.into());
        }
        plan
    }

    #[test]
    fn a_token_is_good_until_it_is_revoked() {
        let token = mint().expect("random bytes");
        assert!(is_valid(&registry(&token, false), &token.bearer));
        assert!(!is_valid(&registry(&token, true), &token.bearer));
    }

    #[test]
    fn anything_but_the_whole_token_is_refused() {
        let token = mint().expect("random bytes");
        let registry = registry(&token, false);
        let other = mint().expect("random bytes");
        let secret = other.bearer.rsplit('_').next().expect("a secret");
        let wrong = [
            String::new(),
            "muster_".to_owned(),
            token.bearer[..token.bearer.len() - 1].to_owned(),
            format!("{}0", token.bearer),
            token.bearer.to_uppercase(),
            format!("muster_{}_{secret}", token.id),
            format!("muster_{}_{}", token.id, token.secret_hash),
            other.bearer.clone(),
        ];
        for bearer in wrong {
            assert!(!is_valid(&registry, &bearer), "{bearer}");
        }
    }
}
