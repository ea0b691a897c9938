//! Access tokens: a signed statement of who somebody is, good for a quarter of an hour and checked without a look-up.

use super::session::Session;
use crate::domain::{
    ids::{PoolId, StoreId, UserId},
    role::Role,
};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub const ACCESS_SECONDS: i64 = 15 * 60;
/// Below the strength of the hash a secret could be guessed from one token.
const SECRET_BYTES_MIN: usize = 32;
/// Clocks of two nodes differ by less.
const LEEWAY_SECONDS: u64 = 5;
/// Ours have some 400 bytes; anything much longer is not worth decoding.
const TOKEN_BYTES_MAX: usize = 4096;
const NAME: &str = "graborder";

#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("the signing secret needs at least {SECRET_BYTES_MIN} bytes")]
    ShortSecret,
    #[error("signing failed")]
    Signing(#[source] jsonwebtoken::errors::Error),
}

/// Makes and reads access tokens. Cheap to clone.
#[derive(Clone)]
pub struct Tokens {
    keys: Arc<Keys>,
}

struct Keys {
    signing: EncodingKey,
    checking: DecodingKey,
    rules: Validation,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens")
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    iat: i64,
    nbf: i64,
    exp: i64,
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    store_id: Option<StoreId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pool: Option<String>,
}

impl Tokens {
    pub fn new(secret: &SecretString) -> Result<Self, TokenError> {
        let bytes = secret.expose_secret().as_bytes();
        if bytes.len() < SECRET_BYTES_MIN {
            return Err(TokenError::ShortSecret);
        }
        // One algorithm, ours: the token's own header chooses nothing. A claim that is required is also checked.
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        rules.set_issuer(&[NAME]);
        rules.set_audience(&[NAME]);
        rules.validate_nbf = true;
        rules.leeway = LEEWAY_SECONDS;
        let keys = Keys { signing: EncodingKey::from_secret(bytes), checking: DecodingKey::from_secret(bytes), rules };
        Ok(Self { keys: Arc::new(keys) })
    }

    pub fn issue(&self, session: &Session, now: DateTime<Utc>) -> Result<String, TokenError> {
        let claims = Claims {
            iss: NAME.to_owned(),
            aud: NAME.to_owned(),
            sub: session.user_id,
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: now.timestamp() + ACCESS_SECONDS,
            role: session.role,
            store_id: session.store_id,
            pool: session.pool.as_ref().map(ToString::to_string),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.keys.signing).map_err(TokenError::Signing)
    }

    /// The session that a token speaks for; `None` for anything forged, expired, not yet valid or made for others.
    pub fn read(&self, token: &str) -> Option<Session> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let claims = jsonwebtoken::decode::<Claims>(token, &self.keys.checking, &self.keys.rules).ok()?.claims;
        let pool = match claims.pool {
            Some(text) => Some(PoolId::parse(&text)?),
            None => None,
        };
        // Store people have a store and its pool, headquarters have neither: anything else was never issued.
        let whole =
            claims.role.is_of_a_store() == claims.store_id.is_some() && claims.store_id.is_some() == pool.is_some();
        whole.then_some(Session { user_id: claims.sub, role: claims.role, store_id: claims.store_id, pool })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock;
    use serde_json::{Value, json};

    const SECRET: &str = "a secret of at least thirty-two bytes";

    fn tokens() -> Tokens {
        Tokens::new(&SECRET.to_owned().into()).expect("is long enough")
    }

    fn clerk() -> Session {
        Session { user_id: UserId::new(), role: Role::WarehouseClerk, store_id: None, pool: None }
    }

    fn claims(change: impl FnOnce(&mut Value)) -> Value {
        let now = clock::now().timestamp();
        let mut claims = json!({
            "iss": NAME, "aud": NAME, "sub": UserId::new(), "iat": now, "nbf": now, "exp": now + 60, "role": "finance",
        });
        change(&mut claims);
        claims
    }

    fn signed(header: &Header, claims: &Value, secret: &str) -> String {
        jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(secret.as_bytes())).expect("signs")
    }

    #[test]
    fn a_token_gives_back_the_session_it_was_made_for() {
        let staff = Session {
            user_id: UserId::new(),
            role: Role::StoreStaff,
            store_id: Some(StoreId::new()),
            pool: Some(PoolId::main()),
        };
        for session in [clerk(), staff] {
            let token = tokens().issue(&session, clock::now()).expect("signs");
            assert_eq!(tokens().read(&token), Some(session));
        }
    }

    #[test]
    fn a_secret_that_is_too_short_starts_nothing() {
        assert!(matches!(Tokens::new(&"short".to_owned().into()), Err(TokenError::ShortSecret)));
    }

    #[test]
    fn a_token_lives_for_its_time_and_not_before() {
        let (now, tokens) = (clock::now(), tokens());
        let at = |seconds| tokens.issue(&clerk(), now + chrono::Duration::seconds(seconds)).expect("signs");
        assert!(tokens.read(&at(-ACCESS_SECONDS + 10)).is_some());
        assert!(tokens.read(&at(-ACCESS_SECONDS - 10)).is_none());
        assert!(tokens.read(&at(60)).is_none(), "is valid only in a minute");
    }

    #[test]
    fn a_token_made_elsewhere_or_bent_is_nobody() {
        let tokens = tokens();
        let plain = Header::new(Algorithm::HS256);
        assert!(
            tokens.read(&signed(&plain, &claims(|_| ()), SECRET)).is_some(),
            "the table below starts from a good one"
        );
        for (what, change) in [
            ("issuer", json!({"iss": "else"})),
            ("audience", json!({"aud": "else"})),
            ("audiences", json!({"aud": ["else", "other"]})),
            ("expiry as text", json!({"exp": "never"})),
            ("endless expiry", json!({"exp": -1})),
            ("not before as text", json!({"nbf": "now"})),
            ("role", json!({"role": "owner"})),
            ("subject", json!({"sub": "' or 1=1"})),
            ("a store for finance", json!({"store_id": StoreId::new(), "pool": "main"})),
            ("staff without a store", json!({"role": "store_staff"})),
            ("a pool that is no name", json!({"role": "store_staff", "store_id": StoreId::new(), "pool": "main}:x"})),
        ] {
            let bent = claims(|claims| {
                for (key, value) in change.as_object().into_iter().flatten() {
                    claims[key] = value.clone();
                }
            });
            assert!(tokens.read(&signed(&plain, &bent, SECRET)).is_none(), "{what}");
        }
        for missing in ["iss", "aud", "sub", "exp", "nbf", "role"] {
            let bent = claims(|claims| {
                claims.as_object_mut().expect("is an object").remove(missing);
            });
            assert!(tokens.read(&signed(&plain, &bent, SECRET)).is_none(), "without {missing}");
        }
        let good = claims(|_| ());
        assert!(tokens.read(&signed(&plain, &good, "another secret of thirty-two bytes")).is_none(), "another key");
        assert!(tokens.read(&signed(&Header::new(Algorithm::HS384), &good, SECRET)).is_none(), "another algorithm");
        let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
        let body = signed(&plain, &good, SECRET).split('.').nth(1).expect("has a body").to_owned();
        for unsigned in [format!("{none}.{body}."), format!("{none}.{body}"), String::new(), "x".repeat(65_536)] {
            assert!(tokens.read(&unsigned).is_none(), "unsigned");
        }
    }
}
