//! The application without its sockets and its clockwork, on a database and a key prefix of one's own.

use crate::servers;
use actix_web::{
    App,
    body::to_bytes,
    http::{Method, StatusCode, header},
    test,
};
use chrono::Duration;
use graborder::{
    api::{self, ApiState, WebhookTerms},
    auth::{Person, Tokens, password::Passwords},
    channels::{Channels, Messenger, Step},
    domain::{
        clock,
        heat::Thresholds,
        ids::{PoolId, StoreId, UserId},
        role::Role,
    },
    grab::{Grab, GrabConfig, Looked},
    hot::{Hot, HotConfig},
    rounds::Rounds,
    storage::Db,
    webhooks::sign::Secrets,
};
use metrics_exporter_prometheus::PrometheusBuilder;
use secrecy::ExposeSecret;
use serde_json::Value;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

const SECRET: &str = "only for tests: thirty-two bytes and more";

/// An application on empty books.
pub struct World {
    pub db: Db,
    state: ApiState,
}

/// Who sends a request.
#[derive(Clone, Debug)]
pub struct Caller {
    pub user_id: UserId,
    token: Option<String>,
}

impl Caller {
    pub fn nobody() -> Self {
        Self { user_id: UserId::new(), token: None }
    }

    pub fn with_token(token: &str) -> Self {
        Self { user_id: UserId::new(), token: Some(token.to_owned()) }
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    /// As far as the body is text.
    pub text: String,
    pub bytes: Vec<u8>,
    /// The body came to its end.
    pub is_whole: bool,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// The body of a 2xx.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert!(self.status.is_success(), "{}: {}", self.status, self.text);
        self.json()
    }

    /// Checks status and code of a problem and returns it.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let body = self.json();
        assert_eq!((self.status.as_u16(), body["code"].as_str()), (status, Some(code)), "{}", self.text);
        assert_eq!(self.headers.get(header::CONTENT_TYPE).expect("is named"), "application/problem+json");
        assert_eq!(body["type"], format!("urn:graborder:problem:{code}"));
        assert_eq!(body["status"], status);
        assert!(
            body["title"].as_str().is_some_and(|t| !t.is_empty())
                && body["detail"].as_str().is_some_and(|t| !t.is_empty())
        );
        body
    }
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| Channels::default()).await
    }

    /// With WeChat and WeCom as a test wants them.
    pub async fn with(channels: impl FnOnce(&Hot) -> Channels) -> Self {
        let (url, prefix) = servers::database().await;
        let db = Db::connect(&url, 2).await.expect("connects");
        let hot = Hot::connect(HotConfig { url: servers::redis_url().await, prefix }).await.expect("connects");
        let pool = PoolId::main();
        let draining = CancellationToken::new();
        let config = GrabConfig { loops: 1, backlog_max: 1_000, session_claims_per_s: 5, store_claims_per_s: 20 };
        let nothing = Arc::new(|_, _| Box::pin(async { Ok(Looked::Nothing) }) as _);
        let (grab, loops) =
            Grab::new(&hot, std::slice::from_ref(&pool), config, nothing, draining.clone()).await.expect("starts");
        for one in loops {
            #[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
            tokio::spawn(one);
        }
        let state = ApiState {
            channels: channels(&hot),
            db: db.clone(),
            rounds: Rounds::new(db.clone(), hot.pool(&pool), pool),
            hot,
            grab,
            metrics: PrometheusBuilder::new().build_recorder().handle(),
            draining,
            tokens: Tokens::new(&SECRET.to_owned().into(), Duration::minutes(15)).expect("is long enough"),
            passwords: Passwords::default(),
            refresh: Duration::days(14),
            // Nobody applies effects here.
            felt_within: std::time::Duration::from_millis(20),
            webhooks: WebhookTerms { secrets: Secrets::new(SECRET.to_owned().into()), allow_private: false },
        };
        Self { db, state }
    }

    /// One step of whoever sends messages, whoever did before.
    pub async fn messenger_step(&self) -> Step {
        sqlx::query("delete from leases").execute(&self.db.0).await.expect("runs");
        self.messenger().step().await.expect("steps")
    }

    /// Who sends messages; its steps are the test's to take.
    pub fn messenger(&self) -> Messenger {
        Messenger::new(self.db.clone(), self.state.channels.wechat.clone().expect("is on"))
    }

    /// From now on rounds above these wait for a second person.
    pub fn asks_above(&mut self, thresholds: Thresholds) {
        self.state.rounds = self.state.rounds.clone().asking_above(thresholds);
    }

    /// What the log would show while nobody administrates.
    pub fn setup_token(&self) -> String {
        self.state.tokens.setup_token().expose_secret().to_owned()
    }

    /// Somebody of the books, with a good token.
    pub fn caller(&self, user_id: UserId, role: Role, store_id: Option<StoreId>) -> Caller {
        let who = Person { user_id, role, store_id, pool: PoolId::main(), auth_version: 1 };
        let (token, _) = self.state.tokens.issue(&who, clock::now()).expect("signs");
        Caller { user_id, token: Some(token) }
    }

    pub async fn get(&self, caller: &Caller, path: &str) -> Answer {
        self.send(caller, Method::GET, path, None, &[]).await
    }

    pub async fn post(&self, caller: &Caller, path: &str, body: Value) -> Answer {
        self.send(caller, Method::POST, path, Some(body.to_string().into()), &[]).await
    }

    pub async fn patch(&self, caller: &Caller, path: &str, body: Value) -> Answer {
        self.send(caller, Method::PATCH, path, Some(body.to_string().into()), &[]).await
    }

    pub async fn put(&self, caller: &Caller, path: &str, body: Value) -> Answer {
        self.send(caller, Method::PUT, path, Some(body.to_string().into()), &[]).await
    }

    pub async fn delete(&self, caller: &Caller, path: &str) -> Answer {
        self.send(caller, Method::DELETE, path, None, &[]).await
    }

    /// One request, with the body's exact bytes; a header given here replaces the usual one.
    pub async fn send(
        &self,
        caller: &Caller,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let address = if ["/healthz", "/readyz", "/metrics", "/openapi.json"].contains(&path) {
            path.to_owned()
        } else {
            format!("/api/v1{path}")
        };
        let mut request = test::TestRequest::with_uri(&address).method(method);
        if let Some(token) = &caller.token {
            request = request.insert_header((header::AUTHORIZATION, format!("Bearer {token}")));
        }
        if let Some(body) = body {
            request = request.insert_header((header::CONTENT_TYPE, "application/json")).set_payload(body);
        }
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        let state = self.state.clone();
        let app = test::init_service(App::new().configure(move |services| api::configure(services, state))).await;
        let response = test::call_service(&app, request.to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body()).await;
        let (bytes, is_whole) = (body.as_ref().map(|bytes| bytes.to_vec()).unwrap_or_default(), body.is_ok());
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status, headers, text, bytes, is_whole }
    }
}
