//! WeChat and WeCom as they behave, on a port of this machine: they answer 200 with an errcode, know a code once, and can
//! be slow, broken or busy when a test wants them to be.

use actix_web::{App, HttpResponse, HttpServer, dev::ServerHandle, web};
use graborder::{
    channels::{Channels, WechatSettings, WecomSettings},
    config::Settings,
    hot::Hot,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

pub const APP_SECRET: &str = "wechat-app-secret-5b1f";
pub const CORP_SECRET: &str = "wecom-app-secret-90ac";
pub const SESSION_KEY: &str = "session-key-that-nobody-may-see";
/// How long our side waits for an answer here.
const TIMEOUT_MS: u64 = 1_500;

/// What `subscribe/send` does with the next message, beside taking it.
#[derive(Clone, Copy, Debug)]
pub enum Mood {
    Code(i64),
    Slow,
    Garbage,
}

#[derive(Default)]
pub struct Play {
    used: HashSet<String>,
    tries: HashMap<String, u32>,
    /// Raised by `spoil_tokens`: older ones are not good any more.
    generation: u32,
    pub tokens_given: u32,
    /// Messages that were taken.
    pub messages: Vec<Value>,
    /// Calls of `subscribe/send`.
    pub sends: u32,
    /// Of the calls to come; afterwards all goes well.
    pub moods: VecDeque<Mood>,
    /// How long a token takes to be made.
    pub token_delay_ms: u64,
    pub token_errcode: i64,
}

pub struct Double {
    pub base_url: String,
    play: Arc<Mutex<Play>>,
    server: ServerHandle,
}

type Shared = web::Data<Mutex<Play>>;

impl Double {
    pub fn start() -> Self {
        let play = Arc::new(Mutex::new(Play::default()));
        let shared = web::Data::from(Arc::clone(&play));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .route("/sns/jscode2session", web::get().to(session))
                .route("/cgi-bin/stable_token", web::post().to(stable_token))
                .route("/cgi-bin/message/subscribe/send", web::post().to(send))
                .route("/cgi-bin/gettoken", web::get().to(corp_token))
                .route("/cgi-bin/auth/getuserinfo", web::get().to(member))
        })
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .expect("binds");
        let base_url = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        #[expect(clippy::disallowed_methods, reason = "ends with the double")]
        tokio::spawn(server);
        Self { base_url, play, server: handle }
    }

    pub fn play(&self) -> MutexGuard<'_, Play> {
        self.play.lock().expect("is not poisoned")
    }

    /// No token of before is good any more.
    pub fn spoil_tokens(&self) {
        self.play().generation += 1;
    }

    pub async fn end(&self) {
        self.server.stop(false).await;
    }

    pub fn settings(&self) -> (WechatSettings, WecomSettings) {
        let defaults =
            Settings::private("redis://h".into(), "postgres://h".into(), "a secret of thirty-two bytes or more".into());
        let Settings { mut wechat, mut wecom, .. } = defaults.expect("fits");
        wechat.app_id = "wx1".to_owned();
        wechat.app_secret = APP_SECRET.to_owned();
        wechat.round_reminder.template_id = "tmpl-reminder".to_owned();
        wechat.round_reminder.page = "pages/rounds/rounds".to_owned();
        wechat.claim_result.template_id = "tmpl-result".to_owned();
        wecom.corp_id = "ww1".to_owned();
        wecom.agent_id = "1000002".to_owned();
        wecom.secret = CORP_SECRET.to_owned();
        for (base_url, timeout_ms) in
            [(&mut wechat.base_url, &mut wechat.timeout_ms), (&mut wecom.base_url, &mut wecom.timeout_ms)]
        {
            base_url.clone_from(&self.base_url);
            *timeout_ms = TIMEOUT_MS;
        }
        (wechat, wecom)
    }

    pub fn channels(&self, hot: &Hot) -> Channels {
        let (wechat, wecom) = self.settings();
        wechat.check().and_then(|()| wecom.check()).expect("fits");
        Channels::new(&wechat, &wecom, hot).expect("are built")
    }
}

fn code(errcode: i64) -> HttpResponse {
    HttpResponse::Ok().json(json!({"errcode": errcode, "errmsg": "as it is said, rid: 6a0b"}))
}

/// A code says what it does: `me:<subject>`, `err:<errcode>`, `busy:<times>:<subject>`, `slow`, `garbage`, `long`, `odd`,
/// `down`, `silent`.
async fn by_code(play: &Shared, code_said: &str, good: impl Fn(&str) -> Value) -> HttpResponse {
    let parts: Vec<&str> = code_said.splitn(3, ':').collect();
    match parts[..] {
        ["me", subject] => {
            if !play.lock().expect("is not poisoned").used.insert(code_said.to_owned()) {
                return code(40163);
            }
            HttpResponse::Ok().json(good(subject))
        }
        ["err", errcode] => code(errcode.parse().expect("a number")),
        ["busy", times, subject] => {
            let mut play = play.lock().expect("is not poisoned");
            let tries = play.tries.entry(code_said.to_owned()).or_default();
            *tries += 1;
            if *tries <= times.parse().expect("a number") { code(-1) } else { HttpResponse::Ok().json(good(subject)) }
        }
        ["slow"] => {
            tokio::time::sleep(Duration::from_millis(3 * TIMEOUT_MS)).await;
            HttpResponse::Ok().json(good("too-late"))
        }
        ["garbage"] => HttpResponse::Ok().body("<html>出错了</html>"),
        ["long"] => HttpResponse::Ok().body(format!("{{\"openid\": \"{}\"}}", "x".repeat(100_000))),
        ["odd"] => HttpResponse::Ok().json(json!({"openid": 7, "userid": 7, "session_key": SESSION_KEY})),
        ["down"] => HttpResponse::BadGateway().body("no upstream"),
        ["silent"] => HttpResponse::Ok().json(json!({"errmsg": "ok"})),
        _ => code(40029),
    }
}

#[derive(Deserialize)]
struct SessionQuery {
    appid: String,
    secret: String,
    js_code: String,
    grant_type: String,
}

async fn session(play: Shared, asked: web::Query<SessionQuery>) -> HttpResponse {
    match (&*asked.appid, &*asked.secret, &*asked.grant_type) {
        ("wx1", APP_SECRET, "authorization_code") => {}
        ("wx1", _, "authorization_code") => return code(40125),
        _ => return code(40013),
    }
    // As WeChat does it: no errcode with a success.
    by_code(&play, &asked.js_code, |openid| json!({"openid": openid, "session_key": SESSION_KEY})).await
}

/// A token of this moment. It tells its generation, so that an old one is known.
async fn fresh(play: &Shared) -> HttpResponse {
    let (delay_ms, errcode) = {
        let play = play.lock().expect("is not poisoned");
        (play.token_delay_ms, play.token_errcode)
    };
    tokio::time::sleep(Duration::from_millis(delay_ms)).await;
    if errcode != 0 {
        return code(errcode);
    }
    let mut play = play.lock().expect("is not poisoned");
    play.tokens_given += 1;
    HttpResponse::Ok().json(json!({"errcode": 0, "access_token": token(play.generation), "expires_in": 7200}))
}

pub fn token(generation: u32) -> String {
    format!("access-token-{generation}")
}

async fn stable_token(play: Shared, said: web::Json<Value>) -> HttpResponse {
    let wanted = json!({"grant_type": "client_credential", "appid": "wx1", "secret": APP_SECRET});
    if *said != wanted {
        return code(40125);
    }
    fresh(&play).await
}

#[derive(Deserialize)]
struct CorpQuery {
    corpid: String,
    corpsecret: String,
}

async fn corp_token(play: Shared, asked: web::Query<CorpQuery>) -> HttpResponse {
    if (&*asked.corpid, &*asked.corpsecret) != ("ww1", CORP_SECRET) {
        return code(40001);
    }
    fresh(&play).await
}

#[derive(Deserialize)]
struct MemberQuery {
    access_token: String,
    code: String,
}

async fn member(play: Shared, asked: web::Query<MemberQuery>) -> HttpResponse {
    if asked.access_token != token(play.lock().expect("is not poisoned").generation) {
        return code(42001);
    }
    by_code(&play, &asked.code, |userid| match userid.strip_prefix("guest-") {
        Some(guest) => json!({"errcode": 0, "errmsg": "ok", "openid": guest}),
        None => json!({"errcode": 0, "errmsg": "ok", "userid": userid}),
    })
    .await
}

#[derive(Deserialize)]
struct SendQuery {
    access_token: String,
}

async fn send(play: Shared, asked: web::Query<SendQuery>, said: web::Json<Value>) -> HttpResponse {
    let mood = {
        let mut play = play.lock().expect("is not poisoned");
        play.sends += 1;
        if asked.access_token != token(play.generation) {
            return code(40001);
        }
        let mood = play.moods.pop_front();
        if !matches!(mood, Some(Mood::Code(_))) {
            play.messages.push(said.into_inner());
        }
        mood
    };
    match mood {
        Some(Mood::Code(errcode)) => code(errcode),
        Some(Mood::Slow) => {
            tokio::time::sleep(Duration::from_millis(3 * TIMEOUT_MS)).await;
            code(0)
        }
        Some(Mood::Garbage) => HttpResponse::Ok().body("<html>"),
        None => code(0),
    }
}
