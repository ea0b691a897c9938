//! Access tokens: a signed statement of who somebody is, good for some minutes or until that person is changed, and
//! checked without asking the books.

use super::versions::AuthVersions;
use crate::domain::{
    clock::UnixMs,
    identity::Identity,
    ids::{PoolId, SignInId, StoreId, UserId},
    role::Role,
};
use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Below the strength of the hash a secret could be guessed from one token.
const SECRET_BYTES_MIN: usize = 32;
/// Clocks of two nodes differ by less.
const LEEWAY_SECONDS: u64 = 5;
/// Ours have some 400 bytes; anything much longer is not worth decoding.
const TOKEN_BYTES_MAX: usize = 4096;
const NAME: &str = "graborder";
/// 128 bits: not to be guessed, and still to be copied by hand.
const SETUP_BYTES: usize = 16;

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
    versions: AuthVersions,
}

struct Keys {
    /// What whoever starts the chain must know; follows from the secret, so that all nodes agree without a place to keep it.
    setup_token: SecretString,
    access: Duration,
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
    pool: PoolId,
    /// The user's auth version.
    av: i64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    sign_in_id: Option<SignInId>,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    must_change_password: bool,
}

/// What a token says beside who somebody is; only doors to one's own account ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The device it was made for.
    pub sign_in_id: Option<SignInId>,
    /// Good for nothing but choosing a password of one's own.
    pub must_change_password: bool,
}

impl Tokens {
    /// `access` is how long a token is good for.
    pub fn new(secret: &SecretString, access: Duration) -> Result<Self, TokenError> {
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
        let setup = Sha256::new().chain_update("graborder setup\0").chain_update(bytes).finalize();
        let setup_token = hex::encode(&setup[..SETUP_BYTES]).into();
        let keys = Keys {
            setup_token,
            access,
            signing: EncodingKey::from_secret(bytes),
            checking: DecodingKey::from_secret(bytes),
            rules,
        };
        Ok(Self { keys: Arc::new(keys), versions: AuthVersions::default() })
    }

    /// A token for somebody, and when it ends.
    pub fn issue(&self, who: &Person, now: DateTime<Utc>) -> Result<(String, UnixMs), TokenError> {
        self.issue_under(who, Terms::default(), now)
    }

    pub fn issue_under(&self, who: &Person, terms: Terms, now: DateTime<Utc>) -> Result<(String, UnixMs), TokenError> {
        let ends_at = now + self.keys.access;
        let claims = Claims {
            iss: NAME.to_owned(),
            aud: NAME.to_owned(),
            sub: who.user_id,
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: ends_at.timestamp(),
            role: who.role,
            store_id: who.store_id,
            pool: who.pool.clone(),
            av: who.auth_version,
            sign_in_id: terms.sign_in_id,
            must_change_password: terms.must_change_password,
        };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.keys.signing)
            .map_err(TokenError::Signing)?;
        Ok((token, ends_at.timestamp_millis()))
    }

    /// Whom a token speaks for; `None` for anything forged, expired, not yet valid, made for others, or made before its user
    /// was changed, and for one that is only good for changing the password.
    pub fn read(&self, token: &str) -> Option<Identity> {
        self.read_with_terms(token).filter(|(_, terms)| !terms.must_change_password).map(|(identity, _)| identity)
    }

    /// The same for doors that ask for more than who somebody is; they must look at the terms.
    pub fn read_with_terms(&self, token: &str) -> Option<(Identity, Terms)> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let claims = jsonwebtoken::decode::<Claims>(token, &self.keys.checking, &self.keys.rules).ok()?.claims;
        // Store people have a store and nobody else has: anything else was never issued. A pool's name becomes part of a
        // key, so even a signed one is read like any other text.
        let whole = claims.role.is_of_a_store() == claims.store_id.is_some();
        let pool = PoolId::parse(claims.pool.as_str())?;
        let terms = Terms { sign_in_id: claims.sign_in_id, must_change_password: claims.must_change_password };
        let identity = Identity {
            user_id: claims.sub,
            role: claims.role,
            store_id: claims.store_id,
            pool,
            auth_version: claims.av,
            device: claims.sign_in_id,
            expires_at_ms: claims.exp.saturating_mul(1000),
        };
        (whole && self.versions.is_current(&identity)).then_some((identity, terms))
    }

    /// What this node has heard of changed users; all clones share it.
    pub fn versions(&self) -> &AuthVersions {
        &self.versions
    }

    /// Shown in the log while there is no administrator; whoever can read that may make one.
    pub fn setup_token(&self) -> &SecretString {
        &self.keys.setup_token
    }

    /// Compares digests, so that the time of the answer tells nothing.
    pub fn is_setup_token(&self, said: &str) -> bool {
        Sha256::digest(said) == Sha256::digest(self.keys.setup_token.expose_secret())
    }

    pub fn access_seconds(&self) -> i64 {
        self.keys.access.num_seconds()
    }
}

/// Whom a token is made for: what the books say, without an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub user_id: UserId,
    pub role: Role,
    pub store_id: Option<StoreId>,
    pub pool: PoolId,
    pub auth_version: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock;
    use serde_json::{Value, json};

    const SECRET: &str = "a secret of at least thirty-two bytes";

    fn tokens() -> Tokens {
        Tokens::new(&SECRET.to_owned().into(), Duration::minutes(15)).expect("is long enough")
    }

    fn clerk() -> Person {
        Person {
            user_id: UserId::new(),
            role: Role::WarehouseClerk,
            store_id: None,
            pool: PoolId::main(),
            auth_version: 1,
        }
    }

    fn claims(change: impl FnOnce(&mut Value)) -> Value {
        let now = clock::now().timestamp();
        let mut claims = json!({
            "iss": NAME, "aud": NAME, "sub": UserId::new(), "iat": now, "nbf": now, "exp": now + 60, "role": "finance", "pool": "main",
            "av": 1,
        });
        change(&mut claims);
        claims
    }

    fn signed(header: &Header, claims: &Value, secret: &str) -> String {
        jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(secret.as_bytes())).expect("signs")
    }

    #[test]
    fn a_token_gives_back_whom_it_was_made_for() {
        let staff = Person {
            user_id: UserId::new(),
            role: Role::StoreStaff,
            store_id: Some(StoreId::new()),
            pool: PoolId::main(),
            auth_version: 7,
        };
        for who in [clerk(), staff] {
            let (token, ends_at_ms) = tokens().issue(&who, clock::now()).expect("signs");
            let read = tokens().read(&token).expect("is good");
            assert_eq!(
                (read.user_id, read.role, read.store_id, read.pool, read.auth_version),
                (who.user_id, who.role, who.store_id, who.pool, who.auth_version)
            );
            assert_eq!(read.expires_at_ms, ends_at_ms / 1000 * 1000);
        }
    }

    #[test]
    fn a_token_for_changing_the_password_opens_nothing_else() {
        let sign_in_id = Some(SignInId::new());
        let terms = Terms { sign_in_id, must_change_password: true };
        let (token, _) = tokens().issue_under(&clerk(), terms, clock::now()).expect("signs");
        assert!(tokens().read(&token).is_none());
        assert_eq!(tokens().read_with_terms(&token).expect("is good").1, terms);
        let terms = Terms { sign_in_id, must_change_password: false };
        let (token, _) = tokens().issue_under(&clerk(), terms, clock::now()).expect("signs");
        assert!(tokens().read(&token).is_some());
    }

    #[test]
    fn the_setup_token_is_the_same_on_every_node_and_not_the_secret() {
        let token = tokens().setup_token().expose_secret().to_owned();
        assert_eq!(token.len(), 2 * SETUP_BYTES);
        assert!(tokens().is_setup_token(&token) && !tokens().is_setup_token("") && !tokens().is_setup_token(SECRET));
        let other = Tokens::new(&"another secret of thirty-two bytes".to_owned().into(), Duration::minutes(15));
        assert!(!other.expect("is long enough").is_setup_token(&token));
    }

    #[test]
    fn a_secret_that_is_too_short_starts_nothing() {
        assert!(matches!(Tokens::new(&"short".to_owned().into(), Duration::minutes(15)), Err(TokenError::ShortSecret)));
    }

    #[test]
    fn a_token_lives_for_its_time_and_not_before() {
        let (now, tokens) = (clock::now(), tokens());
        let at = |seconds| tokens.issue(&clerk(), now + Duration::seconds(seconds)).expect("signs").0;
        assert!(tokens.read(&at(-15 * 60 + 10)).is_some());
        assert!(tokens.read(&at(-15 * 60 - 10)).is_none());
        assert!(tokens.read(&at(60)).is_none(), "is valid only in a minute");
    }

    #[test]
    fn a_token_from_before_its_user_was_changed_is_nobody() {
        let (tokens, who) = (tokens(), clerk());
        let signed =
            |auth_version| tokens.issue(&Person { auth_version, ..who.clone() }, clock::now()).expect("signs").0;
        let (first, second) = (signed(1), signed(2));
        assert!(tokens.read(&first).is_some());
        assert!(tokens.read(&second).is_some(), "the books know more than this node has heard");
        tokens.versions().raise(who.user_id, 2);
        tokens.versions().raise(who.user_id, 1);
        assert!(tokens.read(&first).is_none());
        assert!(tokens.read(&second).is_some());
        assert!(tokens.read(&tokens.issue(&clerk(), clock::now()).expect("signs").0).is_some(), "somebody else");
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
            ("version as text", json!({"av": "2"})),
            ("subject", json!({"sub": "' or 1=1"})),
            ("a store for finance", json!({"store_id": StoreId::new()})),
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
        for missing in ["iss", "aud", "sub", "exp", "nbf", "role", "pool", "av"] {
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

    proptest::proptest! {
        #[test]
        fn a_token_bent_anywhere_is_nobody(at: proptest::sample::Index, sign in "[A-Za-z0-9_.~=+/ -]", more in ".{1,40}") {
            let (tokens, (token, _)) = (tokens(), tokens().issue(&clerk(), clock::now()).expect("signs"));
            let at = at.index(token.len());
            let mut bent = token.clone();
            bent.replace_range(at..=at, &sign);
            proptest::prop_assert_eq!(tokens.read(&bent).is_some(), bent == token, "{}", bent);
            proptest::prop_assert!(tokens.read(&token[..at]).is_none());
            let longer = token + &more;
            proptest::prop_assert!(tokens.read(&longer).is_none());
            proptest::prop_assert!(tokens.read(&more).is_none());
        }
    }
}
