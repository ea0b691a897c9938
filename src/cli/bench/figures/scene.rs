//! Where the figures are measured: private servers, a chain of a thousand stores without limits, and two open rounds, one
//! with more stock than anybody can take, one sold out.

use crate::{
    auth::{Person, Tokens},
    cli::Failure,
    config::{Settings, Surroundings},
    domain::{
        claim::{Claim, ClaimLine, ClaimMode, QTY_MAX},
        clock,
        identity::FIRST_VERSION,
        ids::{ClaimId, LineId, PoolId, RoundId, SkuId, StoreId, UserId, WarehouseId},
        role::Role,
        round::Policy,
    },
    hot::{ClaimAnswer, ClaimReply, Hot, HotConfig, HotPool},
    rounds::{InvitedStores, NewLine, NewRound, Rounds},
    servers::{PgOptions, PrivatePostgres, PrivateRedis, Program, RedisOptions, Search},
    storage::{
        Db,
        seed::{self, ChainSeed, ListingSeed, SkuSeed, StoreSeed, UserSeed},
        tally,
    },
};
use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

const STORES: usize = 1_000;
/// No store ever reaches these.
const DOCK_UNITS: i64 = 1_000_000_000_000;
const CREDIT_CENTS: i64 = 1_000_000_000_000_000;

pub(super) struct Scene {
    pub(super) settings: Settings,
    pub(super) db: Db,
    pub(super) hot: HotPool,
    pub(super) pool: PoolId,
    pub(super) epoch: i64,
    pub(super) stores: Vec<StoreId>,
    pub(super) user: UserId,
    /// Everybody wins here.
    pub(super) plenty: Place,
    /// Everybody is too late here.
    pub(super) sold_out: Place,
    pub(super) redis: Option<u32>,
    pub(super) postgres: Option<u32>,
}

/// The servers that all scenes share, each with a database and a prefix of its own.
pub(super) struct Servers {
    redis: PrivateRedis,
    postgres: PrivatePostgres,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) round_id: RoundId,
    pub(super) line_id: LineId,
}

impl Servers {
    pub(super) async fn start(folder: &Path, programs: &[PathBuf]) -> Result<Self, Failure> {
        let around = Surroundings::read();
        let search = Search::new(&around.path, programs.to_vec(), around.temp_dir);
        // Rewriting its file would be a second process beside some runs and not beside others.
        let extra = ["--auto-aof-rewrite-percentage", "0"].map(str::to_owned).to_vec();
        let redis = RedisOptions { discard: true, extra, ..RedisOptions::new(search.clone()) };
        let redis = PrivateRedis::start(&folder.join("redis"), redis).await?;
        let postgres = PgOptions { discard: true, ..PgOptions::new(search) };
        Ok(Self { redis, postgres: PrivatePostgres::start(&folder.join("postgres"), postgres).await? })
    }
}

impl Scene {
    pub(super) async fn set(
        servers: &Servers,
        name: &'static str,
        folder: &Path,
        program: &Path,
    ) -> Result<Self, Failure> {
        let Servers { redis, postgres } = servers;
        postgres.create_database(name).await?;
        let secret = hex::encode(rand::random::<[u8; 32]>());
        let mut settings = Settings::private(redis.url(), postgres.url(name), secret)?;
        settings.redis.prefix = name.to_owned();
        let db = Db::connect(&settings.postgres.url, 4).await?;
        db.migrate().await?;

        let pool = PoolId::main();
        let hot = HotConfig { url: settings.redis.url.clone(), prefix: settings.redis.prefix.clone() };
        let hot = Hot::connect(hot).await?.pool(&pool);
        let (goods, stores, user) = plant(&db, &pool).await?;
        let rounds = Rounds::new(db.clone(), hot.clone(), pool.clone());
        let plenty = publish(&rounds, goods, QTY_MAX, user).await?;
        let sold_out = publish(&rounds, goods, 1, user).await?;
        let [plenty, sold_out] = [place(&db, plenty).await?, place(&db, sold_out).await?];

        let (redis, postgres) = (redis.pid(), postgres.pid());
        let mut scene = Self { settings, db, hot, pool, epoch: 0, stores, user, plenty, sold_out, redis, postgres };
        // Rounds are opened and the log written by a node of its own, which is gone before anything is measured.
        let mut keeper = scene.keeper(program, folder, name).await?;
        scene.wait_until_open().await?;
        keeper.stop().await?;
        Ok(scene)
    }

    /// A node that writes the books and keeps the rounds, and serves nobody.
    pub(super) async fn keeper(&self, program: &Path, folder: &Path, name: &'static str) -> Result<Program, Failure> {
        let mut node = Program::claim(name, &folder.join(name), program)?;
        let mut command = Command::new(program);
        command.args(["serve", "--role", "writer,rounds"]).envs(self.environment());
        node.start(command, Duration::from_secs(10), || async { true }).await?;
        Ok(node)
    }

    pub(super) fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("GRABORDER_REDIS_URL", self.settings.redis.url.clone()),
            ("GRABORDER_REDIS__PREFIX", self.settings.redis.prefix.clone()),
            ("DATABASE_URL", self.settings.postgres.url.clone()),
            ("GRABORDER_TOKEN_SECRET", self.settings.tokens.secret.clone()),
            ("GRABORDER_LOG__FORMAT", "text".to_owned()),
            ("GRABORDER_LOG__LEVEL", "warn".to_owned()),
            // Whoever measures claims wants to be held up by nothing else.
            ("GRABORDER_GRAB__BACKLOG_MAX", "1000000000".to_owned()),
            ("GRABORDER_HTTP__HANDSHAKES_PER_S", "1000000".to_owned()),
            ("GRABORDER_HTTP__SOCKETS_PER_USER", "1000000".to_owned()),
            ("GRABORDER_HTTP__SOCKETS_PER_STORE", "1000000".to_owned()),
            ("GRABORDER_HTTP__USER_REQUESTS_PER_S", "1000000".to_owned()),
            ("GRABORDER_GRAB__SESSION_CLAIMS_PER_S", "1000000".to_owned()),
            ("GRABORDER_GRAB__STORE_CLAIMS_PER_S", "1000000".to_owned()),
        ]
    }

    /// A token for a clerk of every store.
    pub(super) fn tokens(&self) -> Result<Vec<String>, Failure> {
        let tokens = Tokens::new(&self.settings.tokens.secret.as_str().into(), chrono::Duration::hours(2))?;
        let token = |store_id: &StoreId| {
            let who = Person {
                user_id: self.user,
                role: Role::StoreStaff,
                store_id: Some(*store_id),
                pool: self.pool.clone(),
                auth_version: FIRST_VERSION,
            };
            Ok(tokens.issue(&who, clock::now())?.0)
        };
        self.stores.iter().map(token).collect()
    }

    pub(super) fn claim(&self, place: Place, claim_id: ClaimId, store: usize) -> Result<Claim, Failure> {
        let store_id = self.stores[store % self.stores.len()];
        let lines = vec![ClaimLine { line_id: place.line_id, qty: 1 }];
        let claim = Claim::new(claim_id, place.round_id, store_id, self.user, FIRST_VERSION, ClaimMode::Partial, lines);
        claim.ok_or_else(|| "a claim of one unit is no claim".into())
    }

    /// Until either round decides; the second is sold out with that.
    async fn wait_until_open(&mut self) -> Result<(), Failure> {
        let mut claimer = self.hot.claimer().await?;
        for place in [self.sold_out, self.plenty] {
            let claim = self.claim(place, ClaimId::new(), 0)?;
            let mut tries = 0;
            loop {
                tries += 1;
                self.epoch = self.hot.head().await?.epoch;
                let deadline_ms = clock::now_ms() + 10_000;
                let reply = claimer.claim(self.epoch, deadline_ms, i64::MAX >> 11, place.round_id, &[&claim]).await?;
                match reply {
                    ClaimReply::Ok { replies, .. } if matches!(replies[..], [ClaimAnswer::Decided(_)]) => break,
                    other if tries > 600 => return Err(format!("a round does not open: {other:?}").into()),
                    _ => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        }
        Ok(())
    }
}

async fn plant(db: &Db, pool: &PoolId) -> Result<((SkuId, WarehouseId), Vec<StoreId>, UserId), Failure> {
    let mut tx = db.0.begin().await?;
    seed::take_time(&mut tx).await?;
    let facts = ChainSeed { name: "bench", currency: "CNY", time_zone: "Asia/Shanghai", labelled_demo: true };
    seed::chain(&mut tx, &facts, pool).await?;
    let (sku_id, warehouse_id, user_id) = (SkuId::new(), WarehouseId::new(), UserId::new());
    seed::warehouses(&mut tx, &[(warehouse_id, "W", "bench")]).await?;
    let codes: Vec<(StoreId, String)> = (0..STORES).map(|i| (StoreId::new(), format!("S{i:04}"))).collect();
    let stores: Vec<StoreSeed> = codes
        .iter()
        .map(|(id, code)| StoreSeed {
            id: *id,
            code,
            name: code,
            region: "bench",
            lat: None,
            lng: None,
            credit_limit_cents: CREDIT_CENTS,
            dock_units_per_day: DOCK_UNITS,
        })
        .collect();
    seed::stores(&mut tx, pool, &stores).await?;
    let sku = SkuSeed {
        id: sku_id,
        code: "bench",
        name: "bench",
        category: "bench",
        brand: "",
        case_pack: 1,
        inner_pack: None,
        broken_case_ok: false,
        price_cents: 1,
        barcode: "",
    };
    seed::skus(&mut tx, &[sku]).await?;
    // A shelf that is full and sells nothing: what such a store may take is the policy's to say.
    let listings: Vec<ListingSeed> = codes
        .iter()
        .map(|(store_id, _)| ListingSeed {
            store_id: *store_id,
            sku_id,
            max_units: 1,
            presentation_units: 1,
            safety_days: 0,
            lead_days: 0,
            review_days: 0,
            on_hand_units: 1,
        })
        .collect();
    seed::listings(&mut tx, &listings).await?;
    seed::opening_stock(&mut tx, &[(warehouse_id.0, sku_id, 2 * QTY_MAX)]).await?;
    let user = UserSeed {
        id: user_id,
        login: "bench",
        // Nobody signs in with a password here, and nobody can with this one.
        password_hash: "-",
        name: "bench",
        role: Role::Supervisor,
        store_id: None,
    };
    seed::users(&mut tx, &[user]).await?;
    tx.commit().await?;
    Ok(((sku_id, warehouse_id), codes.into_iter().map(|(id, _)| id).collect(), user_id))
}

async fn publish(rounds: &Rounds, goods: (SkuId, WarehouseId), units: i64, by: UserId) -> Result<RoundId, Failure> {
    let opens_at = clock::now() + Duration::from_secs(3);
    let round = NewRound {
        name: "bench".to_owned(),
        opens_at,
        closes_at: opens_at + Duration::from_secs(7_200),
        policy: Policy { cap_no_need: QTY_MAX, gate_percent: None, ..Policy::default() },
        lines: vec![NewLine {
            sku_id: goods.0,
            warehouse_id: goods.1,
            pledged: units,
            holdback: 0,
            price_cents: None,
            pack: None,
            min_claim: None,
            cap_line: None,
        }],
        stores: InvitedStores::All,
    };
    let id = rounds.draft(round, by).await?;
    rounds.publish(id, by).await?;
    Ok(id)
}

async fn place(db: &Db, round_id: RoundId) -> Result<Place, Failure> {
    let lines = tally::lines(&mut *db.0.acquire().await?, round_id).await?;
    let line_id = lines.first().copied().ok_or("a round without lines")?;
    Ok(Place { round_id, line_id })
}
