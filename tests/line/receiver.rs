//! A system elsewhere that webhooks lead to: keeps what it was told, answers as a test wants.

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, http::StatusCode, web};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

#[derive(Clone, Debug)]
pub struct Told {
    pub id: String,
    pub at_s: String,
    pub signature: String,
    pub body: String,
}

impl Told {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    pub fn event(&self) -> String {
        self.json()["type"].as_str().expect("a name").to_owned()
    }

    /// As a receiver checks it, with nothing but what Standard Webhooks say.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret")).expect("base64");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
        mac.update(format!("{}.{}.{}", self.id, self.at_s, self.body).as_bytes());
        let wanted = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        self.signature.split(' ').any(|one| one == wanted)
    }
}

#[derive(Default)]
struct Kept {
    told: Vec<Told>,
    /// Of the requests to come; afterwards 204.
    answers: VecDeque<u16>,
}

pub struct Receiver {
    pub url: String,
    kept: Arc<Mutex<Kept>>,
    server: ServerHandle,
}

impl Receiver {
    pub fn start() -> Self {
        let kept = Arc::new(Mutex::new(Kept::default()));
        let data = web::Data::from(Arc::clone(&kept));
        let server = HttpServer::new(move || App::new().app_data(data.clone()).default_service(web::to(hear)))
            .workers(1)
            .disable_signals()
            .bind("127.0.0.1:0")
            .expect("binds");
        let url = format!("http://{}/hook", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        #[expect(clippy::disallowed_methods, reason = "ends with the test")]
        tokio::spawn(server);
        Self { url, kept, server: handle }
    }

    pub fn answer(&self, status: u16) {
        self.kept.lock().expect("whole").answers.push_back(status);
    }

    pub fn told(&self) -> Vec<Told> {
        self.kept.lock().expect("whole").told.clone()
    }

    /// The first that fits, once it has come.
    pub async fn hear(&self, fits: impl Fn(&Told) -> bool) -> Told {
        for _ in 0..400 {
            if let Some(told) = self.told().into_iter().find(|told| fits(told)) {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("never told; only {:?}", self.told().iter().map(Told::event).collect::<Vec<_>>());
    }

    pub async fn end(self) {
        self.server.stop(false).await;
    }
}

async fn hear(request: HttpRequest, body: String, kept: web::Data<Mutex<Kept>>) -> HttpResponse {
    let header =
        |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let mut kept = kept.lock().expect("whole");
    kept.told.push(Told {
        id: header("webhook-id"),
        at_s: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        body,
    });
    let status = kept.answers.pop_front().unwrap_or(204);
    if status == 302 {
        return HttpResponse::Found().insert_header(("location", "http://127.0.0.1:9/elsewhere")).finish();
    }
    HttpResponse::build(StatusCode::from_u16(status).expect("a status")).finish()
}
