//! Secrets and signatures. A webhook's secret follows from the house's own, its id and a version: the books hold none.

use crate::domain::ids::WebhookId;
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use std::sync::Arc;

/// Cheap to clone.
#[derive(Clone)]
pub struct Secrets(Arc<SecretString>);

impl Secrets {
    pub fn new(house: SecretString) -> Self {
        Self(Arc::new(house))
    }

    /// As it is shown to whoever will check signatures with it.
    pub fn shown(&self, webhook_id: WebhookId, version: i32) -> String {
        format!("whsec_{}", STANDARD.encode(self.key(webhook_id, version)))
    }

    /// `v1,` and the signature of id, time and body.
    pub fn sign(&self, webhook_id: WebhookId, version: i32, message_id: &str, at_s: i64, body: &str) -> String {
        let text = format!("{message_id}.{at_s}.{body}");
        format!("v1,{}", STANDARD.encode(mac(&self.key(webhook_id, version), text.as_bytes())))
    }

    fn key(&self, webhook_id: WebhookId, version: i32) -> Vec<u8> {
        let text = format!("graborder webhook\0{webhook_id}\0{version}");
        mac(self.0.expose_secret().as_bytes(), text.as_bytes())
    }
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    // A key of any length is one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries: secret, id, time and body give this signature.
    #[test]
    fn a_signature_is_what_others_compute() {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("base64");
        let text = r#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#;
        assert_eq!(STANDARD.encode(mac(&key, text.as_bytes())), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn every_webhook_and_version_has_a_secret_of_its_own() {
        let secrets = Secrets::new("a secret of thirty-two bytes or more".to_owned().into());
        let other = Secrets::new("another secret of thirty-two bytes".to_owned().into());
        let (one, two) = (WebhookId::new(), WebhookId::new());
        let shown = secrets.shown(one, 1);
        assert!(shown.starts_with("whsec_") && shown.len() == 6 + 44);
        assert_eq!(shown, secrets.shown(one, 1));
        for differs in [secrets.shown(one, 2), secrets.shown(two, 1), other.shown(one, 1)] {
            assert_ne!(shown, differs);
        }
    }
}
