//! A small chain of one's own: a fresh database, a fresh Redis prefix, a few stores that need sixty units of everything.

use crate::servers;
use chrono::{Duration, NaiveDate};
use graborder::{
    domain::{
        ids::{PoolId, RoundId, SkuId, StoreId, UserId, WarehouseId},
        role::Role,
        round::{Policy, RoundState},
    },
    hot::{Hot, HotConfig, HotPool},
    rounds::{InvitedStores, NewLine, NewRound, Rounds},
    storage::{
        Db, audit,
        seed::{self, ChainSeed, ListingSeed, SkuSeed, StoreSeed, UserSeed},
    },
};
use sqlx::PgConnection;
use uuid::Uuid;

/// What every store lacks of every SKU: its shelf should show 60 and holds none.
pub const NEED: i64 = 60;
pub const PACK: i64 = 6;
pub const PRICE_CENTS: i64 = 1_000;

pub struct World {
    pub db_url: String,
    pub db: Db,
    pub hot: HotPool,
    pub pool: PoolId,
    pub rounds: Rounds,
    pub stores: Vec<StoreId>,
    pub skus: Vec<SkuId>,
    pub warehouse: WarehouseId,
    pub boss: UserId,
    /// Two more supervisors.
    pub colleagues: [UserId; 2],
}

impl World {
    pub async fn new(stores: usize, skus: usize) -> Self {
        Self::on(&servers::redis_url().await, stores, skus).await
    }

    pub async fn on(redis_url: &str, stores: usize, skus: usize) -> Self {
        let (db_url, name) = servers::database().await;
        let db = Db::connect(&db_url, 4).await.expect("connects");
        let pool = PoolId::main();
        let config = HotConfig { url: redis_url.to_owned(), prefix: name.clone() };
        let hot = Hot::connect(config).await.expect("redis answers").pool(&pool);
        let mut world = Self {
            rounds: Rounds::new(db.clone(), hot.clone(), pool.clone()),
            db_url,
            db,
            hot,
            pool,
            stores: (0..stores).map(|_| StoreId::new()).collect(),
            skus: (0..skus).map(|_| SkuId::new()).collect(),
            warehouse: WarehouseId::new(),
            boss: UserId::new(),
            colleagues: [UserId::new(), UserId::new()],
        };
        world.stores.sort();
        world.plant().await.expect("a chain");
        world
    }

    async fn plant(&self) -> graborder::storage::Result<()> {
        let mut tx = self.db.0.begin().await?;
        let chain = ChainSeed { name: "Test", currency: "CNY", time_zone: "Asia/Shanghai", labelled_demo: true };
        seed::chain(&mut tx, &chain, &self.pool).await?;
        seed::warehouses(&mut tx, &[(self.warehouse, "W1", "First")]).await?;
        let codes: Vec<String> = (0..self.stores.len().max(self.skus.len())).map(|i| format!("{i:05}")).collect();
        let stores: Vec<StoreSeed<'_>> = (self.stores.iter().zip(&codes))
            .map(|(&id, code)| StoreSeed {
                id,
                code,
                name: code,
                region: "north",
                lat: None,
                lng: None,
                credit_limit_cents: 100_000_000,
                dock_units_per_day: 100_000,
            })
            .collect();
        seed::stores(&mut tx, &self.pool, &stores).await?;
        let skus: Vec<SkuSeed<'_>> = (self.skus.iter().zip(&codes))
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
        seed::skus(&mut tx, &skus).await?;
        for &store_id in &self.stores {
            let listings: Vec<_> = self.skus.iter().map(|&sku_id| listing(store_id, sku_id)).collect();
            seed::listings(&mut tx, &listings).await?;
        }
        let stock: Vec<_> = self.skus.iter().map(|&sku| (self.warehouse.0, sku, 100_000)).collect();
        seed::opening_stock(&mut tx, &stock).await?;
        let supervisor =
            |id, login| UserSeed { id, login, password_hash: "", name: login, role: Role::Supervisor, store_id: None };
        let [second, third] = self.colleagues;
        let people = [supervisor(self.boss, "boss"), supervisor(second, "second"), supervisor(third, "third")];
        seed::users(&mut tx, &people).await?;
        tx.commit().await
    }

    pub fn line(&self, sku: usize, pledged: i64) -> NewLine {
        NewLine {
            sku_id: self.skus[sku],
            warehouse_id: self.warehouse,
            pledged,
            holdback: 0,
            price_cents: None,
            pack: None,
            min_claim: None,
            cap_line: None,
        }
    }

    /// Opens in `opens_in_ms` from now, for a minute, for all stores, with one line of `pledged` units for each SKU.
    pub fn plan(&self, opens_in_ms: i64, pledged: i64) -> NewRound {
        let opens_at = graborder::domain::clock::now() + Duration::milliseconds(opens_in_ms);
        NewRound {
            name: "Milk".to_owned(),
            opens_at,
            closes_at: opens_at + Duration::seconds(60),
            policy: Policy::default(),
            lines: (0..self.skus.len()).map(|sku| self.line(sku, pledged)).collect(),
            stores: InvitedStores::All,
        }
    }

    pub async fn published(&self, opens_in_ms: i64, pledged: i64) -> RoundId {
        let id = self.rounds.draft(self.plan(opens_in_ms, pledged), self.boss).await.expect("drafts");
        self.rounds.publish(id, self.boss).await.expect("publishes");
        id
    }

    pub async fn state(&self, id: RoundId) -> RoundState {
        sqlx::query_scalar("select state from rounds where id = $1")
            .bind(id)
            .fetch_one(&self.db.0)
            .await
            .expect("state")
    }

    /// A figure by a query without parameters, or with the one given as `$1`.
    pub async fn figure(&self, query: &'static str, id: Uuid) -> i64 {
        sqlx::query_scalar(query).bind(id).fetch_one(&self.db.0).await.expect(query)
    }

    /// Everything that the books say twice, they say alike.
    pub async fn books_agree(&self) {
        let mut db = self.connection().await;
        for check in audit::CHECKS {
            assert_eq!(check.run(&mut db).await.expect(check.name), 0, "{}: {}", check.name, check.meaning);
        }
    }

    pub async fn connection(&self) -> PgConnection {
        self.db.0.acquire().await.expect("a connection").detach()
    }
}

fn listing(store_id: StoreId, sku_id: SkuId) -> ListingSeed {
    ListingSeed {
        store_id,
        sku_id,
        max_units: 1_000,
        presentation_units: NEED,
        safety_days: 2,
        lead_days: 2,
        review_days: 3,
        on_hand_units: 0,
    }
}

/// Twenty-eight days of sales for every store and SKU, made inside Postgres because millions of rows may be wanted.
pub async fn sell_every_day(db: &mut PgConnection, units_a_day: i64, last: NaiveDate) {
    sqlx::query("set statement_timeout = 0").execute(&mut *db).await.expect("patience");
    sqlx::query(
        "insert into sales_days (sku_id, store_id, day, units)
         select sku_id, store_id, $2::date - n, $1
           from listings, generate_series(0, 27) as n",
    )
    .bind(units_a_day)
    .bind(last)
    .execute(db)
    .await
    .expect("sales");
}
