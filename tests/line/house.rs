//! A node of one's own on a small chain with round figures: what every store lacks of every SKU it lists is sixty units.

use crate::servers;
use graborder::{
    app::{self, Node, Roles},
    auth::password,
    config::Settings,
    domain::{
        ids::{PoolId, SkuId, StoreId, UserId, WarehouseId},
        order::MovementKind,
        role::Role,
    },
    storage::{
        Db,
        seed::{self, ChainSeed, ListingSeed, SkuSeed, StoreSeed, UserSeed},
        stock::{self, Bucket, Document, Movement},
    },
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::OnceCell;

pub const PACK: i64 = 6;
pub const PRICE_CENTS: i64 = 1_000;
pub const NEED: i64 = 60;
pub const PASSWORD: &str = "correct horse";
/// Stores by what is special about them: plain ones first.
pub const STORES: [&str; 6] = ["0001", "0002", "0003", "0004", "0005", "0006"];

static HASH: OnceCell<String> = OnceCell::const_new();

pub struct House {
    pub node: Node,
    pub base: String,
    pub db: Db,
    pub settings: Settings,
    pub stores: Vec<StoreId>,
    pub skus: Vec<SkuId>,
    pub warehouses: Vec<WarehouseId>,
    pub http: reqwest::Client,
}

impl House {
    pub async fn new() -> Self {
        Self::on(servers::redis_url().await).await
    }

    /// With a Redis of the test's choice.
    pub async fn on(redis_url: String) -> Self {
        Self::with(redis_url, |_| ()).await
    }

    /// With settings of the test's choice.
    pub async fn with(redis_url: String, change: impl FnOnce(&mut Settings)) -> Self {
        let (postgres_url, prefix) = servers::database().await;
        let mut settings =
            Settings::private(redis_url, postgres_url, "a secret of thirty-two bytes or more".to_owned())
                .expect("fits");
        settings.redis.prefix = prefix;
        settings.http.bind = "127.0.0.1:0".to_owned();
        settings.http.workers = 1;
        settings.postgres.connections = 6;
        settings.rounds.open_lead_ms = 500;
        // Receivers of the tests live on this machine.
        settings.webhooks.allow_private = true;
        // One supervisor is enough here.
        settings.rounds.hot_value_cents = 0;
        settings.rounds.hot_scarcity_percent = 0;
        change(&mut settings);
        let db = Db::connect(&settings.postgres.url, 2).await.expect("connects");
        let (stores, skus, warehouses) = plant(&db).await;
        let node = app::start(&settings, Roles::ALL).await.expect("the node starts");
        let base = format!("http://{}", node.address.expect("an address"));
        Self { node, base, db, settings, stores, skus, warehouses, http: reqwest::Client::new() }
    }

    /// A second node on the same Redis and books.
    pub async fn second_node(&self) -> (Node, String) {
        let node = app::start(&self.settings, Roles::ALL).await.expect("the node starts");
        let base = format!("http://{}", node.address.expect("an address"));
        (node, base)
    }

    pub async fn end(self) {
        self.node.end().await;
    }

    pub async fn sign_in(&self, login: &str) -> String {
        let answer =
            self.call(None, "POST", "/api/v1/auth/login", &json!({"login": login, "password": PASSWORD})).await;
        assert_eq!(answer.0, 200, "{}", answer.1);
        answer.1["access_token"].as_str().expect("a token").to_owned()
    }

    /// Status and JSON body of a call.
    pub async fn call(&self, token: Option<&str>, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let method: reqwest::Method = method.parse().expect("a method");
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if method != reqwest::Method::GET {
            request = request.json(body);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        let text = response.text().await.expect("a body");
        (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(Value::String(text)) })
    }

    pub async fn get(&self, token: &str, path: &str) -> Value {
        let (status, body) = self.call(Some(token), "GET", path, &Value::Null).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Drafts and publishes a round over HTTP. `wishes` are laid over the plain round: every store, one line of 60 packs
    /// of the first SKU, opening in 1.2 s, open for a minute.
    pub async fn round(&self, wishes: Value) -> Round {
        let token = self.sign_in("supervisor").await;
        let now = chrono_now();
        let mut draft = json!({
            "name": "测试场次",
            "opens_at": at(now + Duration::from_millis(1_200)),
            "closes_at": at(now + Duration::from_secs(61)),
            "lines": [self.line(0, 60 * PACK)],
            "stores": "all",
        });
        if let (Value::Object(draft), Value::Object(wishes)) = (&mut draft, wishes) {
            draft.extend(wishes);
        }
        let (status, body) = self.call(Some(&token), "POST", "/api/v1/rounds", &draft).await;
        assert_eq!(status, 201, "{body}");
        let id = body["round_id"].as_str().expect("an id").to_owned();
        let (status, body) = self.call(Some(&token), "POST", &format!("/api/v1/rounds/{id}/publish"), &json!({})).await;
        assert_eq!(status, 200, "{body}");
        let lines = body["lines"].as_array().expect("lines").iter();
        let lines = lines.map(|line| line["line_id"].as_str().expect("an id").to_owned()).collect();
        Round { id, lines, supervisor: token }
    }

    /// An offer line of a SKU from the first warehouse.
    pub fn line(&self, sku: usize, pledged: i64) -> Value {
        json!({"sku_id": self.skus[sku], "warehouse_id": self.warehouses[0], "pledged": pledged})
    }

    /// Waits until the round is in this state, for at most ten seconds.
    pub async fn until(&self, round: &Round, state: &str) {
        for _ in 0..400 {
            let body = self.get(&round.supervisor, &format!("/api/v1/rounds/{}", round.id)).await;
            if body["state"] == state {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the round never became {state}");
    }

    /// Waits until the round grants.
    pub async fn open(&self, round: &Round) {
        self.until(round, "OPEN").await;
        let body = self.get(&round.supervisor, &format!("/api/v1/rounds/{}", round.id)).await;
        let opens_at_ms = body["opens_at_ms"].as_i64().expect("a time");
        let wait = opens_at_ms - graborder::domain::clock::now_ms() + 20;
        tokio::time::sleep(Duration::from_millis(u64::try_from(wait).unwrap_or(0))).await;
    }

    /// One number out of the books.
    pub async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.db.0).await.expect("a number")
    }

    /// Waits until the books hold this many units in orders.
    pub async fn until_ordered(&self, units: i64) {
        self.until_number("select coalesce(sum(units), 0)::bigint from orders", units).await;
    }

    /// Waits until a number out of the books is this, for at most ten seconds.
    pub async fn until_number(&self, sql: &'static str, wanted: i64) {
        let mut found = 0;
        for _ in 0..400 {
            found = self.number(sql).await;
            if found == wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{sql}: {found}, never {wanted}");
    }

    /// Repeats a question until the answer is as wanted, for at most ten seconds.
    pub async fn eventually<F: Future<Output = Value>>(
        &self,
        ask: impl Fn() -> F,
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        let mut answer = Value::Null;
        for _ in 0..50 {
            answer = ask().await;
            if wanted(&answer) {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("never; the last answer was {answer}");
    }

    /// The books are right once this many orders, at least, stand in them.
    pub async fn books_eventually_right(&self, orders: i64) {
        for _ in 0..400 {
            if self.number("select count(*) from orders").await >= orders {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        self.books_are_right().await;
    }

    /// Every check of the books is right.
    pub async fn books_are_right(&self) {
        // Losers may still be on their way into the books: everything is judged as of one moment.
        let mut db = self.db.0.begin_with("begin isolation level repeatable read read only").await.expect("begins");
        for check in &graborder::storage::audit::CHECKS {
            assert_eq!(check.run(&mut db).await.expect("runs"), 0, "{}: {}", check.name, check.meaning);
        }
        for round in graborder::storage::round_list::with_decisions(&mut db).await.expect("rounds") {
            let found = graborder::storage::chain::verify(&mut db, round).await.expect("verifies");
            assert!(found.is_sound(), "{found:?}");
        }
    }
}

pub struct Round {
    pub id: String,
    pub lines: Vec<String>,
    pub supervisor: String,
}

pub fn chrono_now() -> chrono::DateTime<chrono::Utc> {
    graborder::domain::clock::now()
}

pub fn at(time: chrono::DateTime<chrono::Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// Six stores; the last but one does not list the second SKU, the last has little credit and a small dock.
async fn plant(db: &Db) -> (Vec<StoreId>, Vec<SkuId>, Vec<WarehouseId>) {
    let hash = HASH.get_or_init(|| async { password::hash(&PASSWORD.into()).expect("hashes") }).await;
    let mut tx = db.0.begin().await.expect("begins");
    let pool = PoolId::main();
    let facts = ChainSeed { name: "Test", currency: "CNY", time_zone: "Asia/Shanghai", labelled_demo: true };
    seed::chain(&mut tx, &facts, &pool).await.expect("a chain");
    let warehouses = vec![WarehouseId::new(), WarehouseId::new()];
    seed::warehouses(&mut tx, &[(warehouses[0], "W1", "一号仓"), (warehouses[1], "W2", "二号仓")])
        .await
        .expect("warehouses");
    let stores: Vec<StoreId> = STORES.iter().map(|_| StoreId::new()).collect();
    let rows: Vec<_> = (stores.iter().zip(STORES))
        .map(|(&id, code)| StoreSeed {
            id,
            code,
            name: code,
            region: "north",
            lat: None,
            lng: None,
            credit_limit_cents: if code == "0006" { 3 * PACK * PRICE_CENTS } else { 100_000_000 },
            dock_units_per_day: if code == "0005" { 2 * PACK } else { 100_000 },
        })
        .collect();
    seed::stores(&mut tx, &pool, &rows).await.expect("stores");
    let skus: Vec<SkuId> = (0..4).map(|_| SkuId::new()).collect();
    let codes = ["A", "B", "C", "D"];
    let rows: Vec<_> = (skus.iter().zip(codes))
        .map(|(&id, code)| SkuSeed {
            id,
            code,
            name: code,
            category: "milk",
            brand: "",
            case_pack: PACK,
            inner_pack: None,
            broken_case_ok: false,
            price_cents: PRICE_CENTS,
            barcode: "",
        })
        .collect();
    seed::skus(&mut tx, &rows).await.expect("SKUs");
    // Presentation stock alone makes the need: nothing was sold, nothing stands there, sixty should. Of the last SKU the
    // shelves are full.
    let mut listings = Vec::new();
    for (s, &store_id) in stores.iter().enumerate() {
        for (k, &sku_id) in skus.iter().enumerate() {
            if (s, k) != (4, 1) {
                listings.push(ListingSeed {
                    store_id,
                    sku_id,
                    max_units: 10 * NEED,
                    presentation_units: NEED,
                    safety_days: 1,
                    lead_days: 1,
                    review_days: 1,
                    on_hand_units: if k == 3 { 2 * NEED } else { 0 },
                });
            }
        }
    }
    seed::listings(&mut tx, &listings).await.expect("listings");
    let stock: Vec<_> = warehouses
        .iter()
        .flat_map(|w| {
            skus.iter().map(move |&sku_id| Movement {
                site_id: w.0,
                sku_id,
                bucket: Bucket::OnHand,
                delta: 10_000 * PACK,
                kind: MovementKind::CountGain,
                document: Document::Opening,
                by_user: None,
            })
        })
        .collect();
    stock::book(&mut tx, &stock).await.expect("stock");
    let mut users = vec![
        (Role::Supervisor, "supervisor".to_owned(), None),
        (Role::WarehouseClerk, "warehouse".to_owned(), None),
        (Role::Finance, "finance".to_owned(), None),
        (Role::Admin, "admin".to_owned(), None),
    ];
    for (&id, code) in stores.iter().zip(STORES) {
        users.push((Role::StoreStaff, format!("s{code}"), Some(id)));
        users.push((Role::StoreManager, format!("m{code}"), Some(id)));
    }
    let rows: Vec<_> = users
        .iter()
        .map(|(role, login, store_id)| UserSeed {
            id: UserId::new(),
            login,
            password_hash: hash,
            name: login,
            role: *role,
            store_id: *store_id,
        })
        .collect();
    seed::users(&mut tx, &rows).await.expect("users");
    tx.commit().await.expect("commits");
    (stores, skus, warehouses)
}
