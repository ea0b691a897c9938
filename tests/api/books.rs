//! A small chain in the books: one warehouse, two stores with their people, headquarters, two SKUs, and orders as the
//! ledger leaves them: pledged, won, allocated, inbound.

use super::world::{Caller, World};
use graborder::{
    auth::password,
    domain::{
        ids::{ClaimId, LineId, OrderId, PoolId, RoundId, ShipmentId, SkuId, StoreId, UserId, WarehouseId},
        order::MovementKind,
        role::Role,
    },
    storage::{
        seed::{self, ChainSeed, SkuSeed, StoreSeed, UserSeed},
        stock::{self, Bucket, Document, Movement},
    },
};
use sqlx::Row;
use std::sync::LazyLock;
use uuid::Uuid;

pub const PASSWORD: &str = "抢单-let-me-in";

/// Hashing takes a moment, so it is done once.
static HASH: LazyLock<String> = LazyLock::new(|| password::hash(&PASSWORD.to_owned().into()).expect("hashes"));

pub struct Books {
    pub world: World,
    pub warehouse: WarehouseId,
    /// The store most tests are about, and another one.
    pub store: StoreId,
    pub other_store: StoreId,
    pub staff: Caller,
    pub manager: Caller,
    pub other_manager: Caller,
    pub supervisor: Caller,
    pub clerk: Caller,
    pub finance: Caller,
    pub admin: Caller,
    /// At 1.50 and 20.00 a unit.
    pub skus: [SkuId; 2],
}

/// An order of two lines: 24 and 12 units.
pub struct Order {
    pub id: OrderId,
    pub shipment: ShipmentId,
    pub round: RoundId,
    pub lines: [LineId; 2],
}

/// What an order of the fixture asks of each SKU.
pub const ORDERED: [i64; 2] = [24, 12];
const PRICES: [i64; 2] = [150, 2_000];

impl Books {
    pub async fn open() -> Self {
        Self::open_in(World::new().await).await
    }

    pub async fn open_in(world: World) -> Self {
        let (warehouse, store, other_store) = (WarehouseId::new(), StoreId::new(), StoreId::new());
        let skus = [SkuId::new(), SkuId::new()];
        let mut tx = world.db.0.begin().await.expect("begins");
        let chain =
            ChainSeed { name: "测试连锁", currency: "CNY", time_zone: "Asia/Shanghai", labelled_demo: false };
        let pool = PoolId::main();
        seed::chain(&mut tx, &chain, &pool).await.expect("is inserted");
        seed::warehouses(&mut tx, &[(warehouse, "W1", "中心仓")]).await.expect("is inserted");
        let row = |id, code, name| StoreSeed {
            id,
            code,
            name,
            region: "华东",
            lat: None,
            lng: None,
            credit_limit_cents: 10_000_000,
            dock_units_per_day: 1_000,
        };
        seed::stores(&mut tx, &pool, &[row(store, "S001", "一号店"), row(other_store, "S002", "二号店")])
            .await
            .expect("is inserted");
        let row = |id, code, name, price_cents| SkuSeed {
            id,
            code,
            name,
            category: "饮料",
            brand: "",
            case_pack: 12,
            inner_pack: None,
            broken_case_ok: false,
            price_cents,
            barcode: "",
        };
        seed::skus(&mut tx, &[row(skus[0], "K1", "苏打水", PRICES[0]), row(skus[1], "K2", "坚果", PRICES[1])])
            .await
            .expect("is inserted");
        let opening = [(warehouse.0, skus[0], 1_000), (warehouse.0, skus[1], 1_000), (store.0, skus[0], 5)];
        seed::opening_stock(&mut tx, &opening).await.expect("is booked");

        let people = [
            ("staff", Role::StoreStaff, Some(store)),
            ("manager", Role::StoreManager, Some(store)),
            ("other-manager", Role::StoreManager, Some(other_store)),
            ("supervisor", Role::Supervisor, None),
            ("clerk", Role::WarehouseClerk, None),
            ("finance", Role::Finance, None),
            ("admin", Role::Admin, None),
        ];
        let rows: Vec<_> = people
            .iter()
            .map(|&(login, role, store_id)| UserSeed {
                id: UserId::new(),
                login,
                password_hash: &HASH,
                name: login,
                role,
                store_id,
            })
            .collect();
        seed::users(&mut tx, &rows).await.expect("is inserted");
        tx.commit().await.expect("commits");

        let [staff, manager, other_manager, supervisor, clerk, finance, admin] =
            std::array::from_fn(|i| world.caller(rows[i].id, people[i].1, people[i].2));
        Self {
            world,
            warehouse,
            store,
            other_store,
            staff,
            manager,
            other_manager,
            supervisor,
            clerk,
            finance,
            admin,
            skus,
        }
    }

    /// Somebody more, with a good token.
    pub async fn another(&self, login: &str, role: Role) -> Caller {
        let id = UserId::new();
        let user = UserSeed { id, login, password_hash: &HASH, name: login, role, store_id: None };
        let mut tx = self.world.db.0.begin().await.expect("begins");
        seed::users(&mut tx, &[user]).await.expect("is inserted");
        tx.commit().await.expect("commits");
        self.world.caller(id, role, None)
    }

    /// Everybody by role.
    pub fn everybody(&self) -> [(Role, &Caller); 6] {
        [
            (Role::StoreStaff, &self.staff),
            (Role::StoreManager, &self.manager),
            (Role::Supervisor, &self.supervisor),
            (Role::WarehouseClerk, &self.clerk),
            (Role::Finance, &self.finance),
            (Role::Admin, &self.admin),
        ]
    }

    /// A round over both SKUs, 60 units each of which 12 are held back, open, with both stores invited.
    pub async fn round(&self) -> (RoundId, [LineId; 2]) {
        let (round, lines) = (RoundId::new(), [LineId::new(), LineId::new()]);
        let mut tx = self.world.db.0.begin().await.expect("begins");
        sqlx::query(
            "insert into rounds (id, code, name, pool_id, state, opens_at, closes_at, policy, policy_hash, day, period,
                                 dock_day, created_by, published_at)
             values ($1, $1::text, '周末补货', 'main', 'OPEN', '2026-11-22T02:00:00.123456Z', '2026-11-22T12:00:00Z',
                     '{\"need_percent\": 100}', 'hash', '2026-11-22', '2026-11-19', '2026-11-23', $2, now())",
        )
        .bind(round)
        .bind(self.supervisor.user_id)
        .execute(&mut *tx)
        .await
        .expect("is inserted");
        let mut movements = Vec::new();
        for i in 0..2 {
            sqlx::query(
                "insert into offer_lines (id, round_id, line_no, sku_id, warehouse_id, pledged, holdback, price_cents, pack, cap_line)
                 values ($1, $2, $3, $4, $5, 60, 12, $6, 12, 48)",
            )
            .bind(lines[i])
            .bind(round)
            .bind(i as i32 + 1)
            .bind(self.skus[i])
            .bind(self.warehouse)
            .bind(PRICES[i])
            .execute(&mut *tx)
            .await
            .expect("is inserted");
            movements.push(self.movement(
                self.warehouse.0,
                i,
                Bucket::Pledged,
                60,
                MovementKind::Pledge,
                Document::Round(round.0),
            ));
        }
        for store in [self.store, self.other_store] {
            sqlx::query(
                "insert into invitations (round_id, store_id, offset_ms, cap_round, dock_units, credit_limit_cents)
                 values ($1, $2, 2000, 60, 1000, 10000000)",
            )
            .bind(round)
            .bind(store)
            .execute(&mut *tx)
            .await
            .expect("is inserted");
            sqlx::query(
                "insert into invitation_lines (line_id, store_id, round_id, listed, net, target, need, ads_milli, gate, need_cap)
                 select id, $2, round_id, line_no = 1, 5, 41, 36, 1000, 41, 36
                   from offer_lines
                  where round_id = $1",
            )
            .bind(round)
            .bind(store)
            .execute(&mut *tx)
            .await
            .expect("is inserted");
        }
        stock::book(&mut tx, &movements).await.expect("is booked");
        tx.commit().await.expect("commits");
        (round, lines)
    }

    /// A win of `store` in a round of its own, as the ledger books it.
    pub async fn order(&self) -> Order {
        self.order_of(self.store).await
    }

    pub async fn order_of(&self, store: StoreId) -> Order {
        let (round, lines) = self.round().await;
        let (order, shipment, claim) = (OrderId::new(), ShipmentId::new(), ClaimId::new());
        let mut tx = self.world.db.0.begin().await.expect("begins");
        sqlx::query(
            "insert into claims (round_id, claim_id, store_id, user_id, status, verdict, granted, decided_at, chain_n)
             values ($1, $2, $3, $4, 'won', '-', 36, now(), 1)",
        )
        .bind(round)
        .bind(claim)
        .bind(store)
        .bind(self.staff.user_id)
        .execute(&mut *tx)
        .await
        .expect("is inserted");
        sqlx::query(
            "insert into orders (id, order_no, round_id, claim_id, store_id, warehouse_id, state, promised_date, units, total_cents)
             values ($1, 'RO-' || $1, $2, $3, $4, $5, 'APPROVED', '2026-11-23', $6, $7)",
        )
        .bind(order)
        .bind(round)
        .bind(claim)
        .bind(store)
        .bind(self.warehouse)
        .bind(ORDERED.iter().sum::<i64>())
        .bind(ORDERED[0] * PRICES[0] + ORDERED[1] * PRICES[1])
        .execute(&mut *tx)
        .await
        .expect("is inserted");
        sqlx::query(
            "insert into shipments (id, shipment_no, order_id, store_id, warehouse_id, state)
             values ($1, 'SH-' || $1, $2, $3, $4, 'PLANNED')",
        )
        .bind(shipment)
        .bind(order)
        .bind(store)
        .bind(self.warehouse)
        .execute(&mut *tx)
        .await
        .expect("is inserted");
        sqlx::query("insert into order_events (order_id, n, what) values ($1, 1, 'ORDERED')")
            .bind(order)
            .execute(&mut *tx)
            .await
            .expect("is inserted");
        let document = Document::Order(order.0);
        let mut movements = Vec::new();
        for i in 0..2 {
            let units = ORDERED[i];
            sqlx::query(
                "insert into order_lines (order_id, line_id, sku_id, ordered, price_cents) values ($1, $2, $3, $4, $5)",
            )
            .bind(order)
            .bind(lines[i])
            .bind(self.skus[i])
            .bind(units)
            .bind(PRICES[i])
            .execute(&mut *tx)
            .await
            .expect("is inserted");
            sqlx::query("update offer_lines set granted = granted + $2 where id = $1")
                .bind(lines[i])
                .bind(units)
                .execute(&mut *tx)
                .await
                .expect("is granted");
            let mut book = |site, bucket, delta| {
                movements.push(self.movement(site, i, bucket, delta, MovementKind::Allocate, document));
            };
            book(self.warehouse.0, Bucket::Pledged, -units);
            book(self.warehouse.0, Bucket::Allocated, units);
            book(store.0, Bucket::Inbound, units);
        }
        stock::book(&mut tx, &movements).await.expect("is booked");
        tx.commit().await.expect("commits");
        Order { id: order, shipment, round, lines }
    }

    fn movement(
        &self,
        site_id: Uuid,
        sku: usize,
        bucket: Bucket,
        delta: i64,
        kind: MovementKind,
        document: Document,
    ) -> Movement {
        Movement { site_id, sku_id: self.skus[sku], bucket, delta, kind, document, by_user: None }
    }

    /// The movements of a document's type since the order was won: site (`W` or `S`), SKU, bucket, delta, kind.
    pub async fn movements(&self, doc_type: &str) -> Vec<(char, usize, String, i64, String)> {
        let rows = sqlx::query(
            "select site_id, sku_id, bucket, delta, kind
               from movements
              where doc_type = $1
                and kind <> 'ALLOCATE'
              order by id",
        )
        .bind(doc_type)
        .fetch_all(&self.world.db.0)
        .await
        .expect("is read");
        rows.iter()
            .map(|row| {
                let site = if row.get::<Uuid, _>("site_id") == self.warehouse.0 { 'W' } else { 'S' };
                let sku = usize::from(row.get::<SkuId, _>("sku_id") == self.skus[1]);
                (site, sku, row.get("bucket"), row.get("delta"), row.get("kind"))
            })
            .collect()
    }

    /// Every level is the sum of its movements.
    pub async fn assert_stock_is_its_movements(&self) {
        let wrong: i64 = sqlx::query_scalar(
            "select count(*)
               from stock_levels l
              cross join lateral (values ('on_hand', l.on_hand), ('allocated', l.allocated), ('pledged', l.pledged),
                                         ('inbound', l.inbound)) as b (bucket, units)
              where b.units <> coalesce((select sum(m.delta)
                                           from movements m
                                          where m.site_id = l.site_id
                                            and m.sku_id = l.sku_id
                                            and m.bucket = b.bucket), 0)",
        )
        .fetch_one(&self.world.db.0)
        .await
        .expect("is read");
        assert_eq!(wrong, 0, "levels that are not the sum of their movements");
    }

    /// A digest of everything a request could have changed.
    pub async fn digest(&self) -> String {
        let mut parts = Vec::new();
        for table in [
            "orders",
            "order_lines",
            "order_events",
            "shipments",
            "receipts",
            "receipt_lines",
            "stock_levels",
            "movements",
            "offer_lines",
            "outbox",
            "stores",
            "rounds",
            "invitations",
            "round_intents",
            "round_steps",
            "users",
            "user_stores",
            "user_regions",
            "invites",
            "admin_actions",
            "claims",
            "identities",
            "consents",
            "consent_taps",
            "messages",
            "need_runs",
            "needs",
        ] {
            let sql = format!("select coalesce(md5(string_agg(t::text, E'\\n' order by t::text)), '-') from {table} t");
            let sum: String =
                sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&self.world.db.0).await.expect("is read");
            parts.push(format!("{table} {sum}"));
        }
        parts.join("\n")
    }
}
