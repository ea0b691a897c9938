//! A small chain with one open round, and a log to write into.

use crate::servers;
use graborder::{
    domain::{
        claim::{ClaimMode, Verdict},
        ids::{ClaimId, LineId, PoolId, RoundId, SkuId, StoreId, UserId, WarehouseId},
        order::MovementKind,
    },
    storage::{
        Db,
        ledger::{self, Batch, Change, DecidedClaim, Entry, What, Written},
        log_position::{self, Position},
        stock::{self, Bucket, Document, Movement},
    },
};
use sqlx::PgConnection;

/// 2026-11-23 10:00 UTC.
pub const AT_MS: i64 = 1_795_428_000_000;

pub struct World {
    pub db: Db,
    pub url: String,
    /// Also the key prefix in Redis.
    pub name: String,
    pub pool: PoolId,
    pub warehouses: [WarehouseId; 2],
    pub stores: Vec<StoreId>,
    pub user: UserId,
    pub round: RoundId,
    pub lines: Vec<LineId>,
    pub skus: Vec<SkuId>,
}

/// A line of the round: units pledged, the part held back, and the warehouse (0 or 1).
pub struct Offer(pub i64, pub i64, pub usize);

impl World {
    pub async fn new(offers: &[Offer], stores: usize) -> Self {
        let (url, name) = servers::database().await;
        let mut world = Self {
            db: Db::connect(&url, 4).await.unwrap(),
            url,
            name,
            pool: PoolId::main(),
            warehouses: [WarehouseId::new(), WarehouseId::new()],
            stores: (0..stores).map(|_| StoreId::new()).collect(),
            user: UserId::new(),
            round: RoundId::new(),
            lines: Vec::new(),
            skus: Vec::new(),
        };
        let mut tx = world.db.0.begin().await.unwrap();
        world.people(&mut tx).await;
        world.round = world.add_round(&mut tx, "OPEN").await;
        for (index, offer) in offers.iter().enumerate() {
            world.add_line(&mut tx, index, offer).await;
        }
        tx.commit().await.unwrap();
        world
    }

    async fn people(&self, tx: &mut PgConnection) {
        sqlx::raw_sql(
            "insert into chain values (true, 'Chain', 'CNY', 'Asia/Shanghai', false);
             insert into pools (id, epoch) values ('main', 1);
             insert into pool_out (pool_id) values ('main');",
        )
        .execute(&mut *tx)
        .await
        .unwrap();
        for (index, id) in self.warehouses.iter().enumerate() {
            sqlx::query("insert into warehouses values ($1, $2, $2)")
                .bind(id)
                .bind(format!("W{index}"))
                .execute(&mut *tx)
                .await
                .unwrap();
        }
        sqlx::query(
            "insert into stores (id, code, name, region, pool_id, credit_limit_cents, dock_units_per_day)
             select id, 'S' || no, 'Store ' || no, 'North', 'main', 100000000, 100000
               from unnest($1::uuid[]) with ordinality as s (id, no)",
        )
        .bind(self.stores.iter().map(|s| s.0).collect::<Vec<_>>())
        .execute(&mut *tx)
        .await
        .unwrap();
        sqlx::query(
            "insert into users (id, login, password_hash, name, role) values ($1, 'boss', '', 'Boss', 'supervisor')",
        )
        .bind(self.user)
        .execute(&mut *tx)
        .await
        .unwrap();
    }

    pub async fn add_round(&self, tx: &mut PgConnection, state: &str) -> RoundId {
        let id = RoundId::new();
        sqlx::query(
            "insert into rounds (id, code, name, pool_id, state, opens_at, closes_at, policy, day, period, dock_day,
                                 created_by, applied_no)
             values ($1, $2, 'Round', 'main', $3, to_timestamp($4 / 1000.0), to_timestamp($4 / 1000.0) + interval '1 h',
                     '{}', '2026-11-23', '2026-11-19', '2026-11-24', $5, 1)",
        )
        .bind(id)
        .bind(id.to_string())
        .bind(state)
        .bind(AT_MS)
        .bind(self.user)
        .execute(&mut *tx)
        .await
        .unwrap();
        sqlx::query("insert into invitations (round_id, store_id, dock_units, credit_limit_cents) select $1, id, 1, 1 from stores")
            .bind(id)
            .execute(&mut *tx)
            .await
            .unwrap();
        id
    }

    async fn add_line(&mut self, tx: &mut PgConnection, index: usize, &Offer(pledged, holdback, warehouse): &Offer) {
        let (sku, line, warehouse) = (SkuId::new(), LineId::new(), self.warehouses[warehouse]);
        sqlx::query(
            "insert into skus (id, code, name, category, case_pack, price_cents) values ($1, $2, $2, 'C', 6, 250)",
        )
        .bind(sku)
        .bind(format!("K{index}"))
        .execute(&mut *tx)
        .await
        .unwrap();
        sqlx::query(
            "insert into offer_lines (id, round_id, line_no, sku_id, warehouse_id, pledged, holdback, price_cents, pack)
             values ($1, $2, $3, $4, $5, $6, $7, $8, 6)",
        )
        .bind(line)
        .bind(self.round)
        .bind(i32::try_from(index + 1).unwrap())
        .bind(sku)
        .bind(warehouse)
        .bind(pledged)
        .bind(holdback)
        .bind(price(index))
        .execute(&mut *tx)
        .await
        .unwrap();
        let movement = |bucket, delta, kind, document| Movement {
            site_id: warehouse.0,
            sku_id: sku,
            bucket,
            delta,
            kind,
            document,
            by_user: None,
        };
        let opening = movement(Bucket::OnHand, pledged + 100, MovementKind::Receipt, Document::Opening);
        let pledge = movement(Bucket::Pledged, pledged, MovementKind::Pledge, Document::Round(self.round.0));
        stock::book(tx, &[opening, pledge]).await.unwrap();
        self.lines.push(line);
        self.skus.push(sku);
    }

    pub async fn position(&self) -> Position {
        let mut conn = self.db.0.acquire().await.unwrap();
        log_position::read(&mut conn, &self.pool).await.unwrap().unwrap()
    }

    /// The batch that would follow where the books stand now.
    pub async fn batch(&self, whats: Vec<What>) -> Batch {
        let from = self.position().await;
        let n = from.log_n + i64::try_from(whats.len()).unwrap();
        let claims: usize =
            whats.iter().map(|w| if let What::Claims { claims, .. } = w { claims.len() } else { 0 }).sum();
        let to = Position {
            log_pos: format!("{n}-0"),
            log_n: n,
            claims_written: from.claims_written + i64::try_from(claims).unwrap(),
            epoch: from.epoch,
        };
        let entries = (from.log_n + 1..).zip(whats).map(|(n, what)| Entry {
            id: format!("{n}-0"),
            raw: vec![("n".into(), n.to_string()), ("kind".into(), "\0?".into())],
            what,
        });
        Batch { pool_id: self.pool.clone(), entries: entries.collect(), from, to }
    }

    pub async fn apply(&self, batch: &Batch) -> Option<Written> {
        let mut tx = self.db.0.begin().await.unwrap();
        let written = ledger::apply(&mut tx, batch).await.unwrap();
        match written {
            Some(_) => tx.commit().await.unwrap(),
            None => tx.rollback().await.unwrap(),
        }
        written
    }

    pub async fn write(&self, whats: Vec<What>) -> Written {
        self.apply(&self.batch(whats).await).await.unwrap()
    }

    pub fn claims(&self, claims: Vec<DecidedClaim>) -> What {
        What::Claims { round_id: self.round, claims }
    }

    pub fn control(&self, intent_no: i64, at_ms: i64, change: Change) -> What {
        What::Control { round_id: self.round, intent_no, at_ms, change }
    }

    /// A claim of a store for lines as (line, asked, granted), decided so many milliseconds after the round opened.
    pub fn decided(&self, store: usize, mode: ClaimMode, after_ms: i64, lines: &[(usize, i64, i64)]) -> DecidedClaim {
        let (asked, granted): (i64, i64) = lines.iter().fold((0, 0), |sum, line| (sum.0 + line.1, sum.1 + line.2));
        let at = AT_MS + after_ms;
        let reason = format!("E14:0:{at}:0");
        let (status, claim_reason) = match granted {
            0 => ('R', reason.as_str()),
            _ if granted < asked => ('P', reason.as_str()),
            _ => ('W', ""),
        };
        let lines: Vec<String> = lines
            .iter()
            .map(|&(line, asked, granted)| {
                format!("{},{asked},{granted},{}", self.lines[line], if granted < asked { reason.as_str() } else { "" })
            })
            .collect();
        let packed = format!(
            "{:032x}|{}|{}|{}|{status}|{claim_reason}|{at}|1|1|{}",
            7,
            self.stores[store],
            self.user,
            mode.letter(),
            lines.join(";")
        );
        DecidedClaim { claim_id: ClaimId::new(), verdict: Verdict::parse(&packed).unwrap(), packed }
    }

    pub async fn one<T>(&self, sql: &'static str) -> T
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        sqlx::query_scalar(sql).fetch_one(&self.db.0).await.unwrap()
    }

    /// Everything that must be true of the books at any time.
    pub async fn assert_books_agree(&self) {
        let differing: i64 = self
            .one(
                "select count(*) from (
                   select site_id, sku_id, on_hand, allocated, pledged, inbound from stock_levels
                   except
                   select site_id, sku_id,
                          coalesce(sum(delta) filter (where bucket = 'on_hand'), 0)::bigint,
                          coalesce(sum(delta) filter (where bucket = 'allocated'), 0)::bigint,
                          coalesce(sum(delta) filter (where bucket = 'pledged'), 0)::bigint,
                          coalesce(sum(delta) filter (where bucket = 'inbound'), 0)::bigint
                     from movements group by site_id, sku_id) as d",
            )
            .await;
        assert_eq!(differing, 0, "stock is the sum of its movements");
        let differing: i64 = self
            .one(
                "select count(*) from offer_lines l
                  where granted <> (select coalesce(sum(ordered), 0) from order_lines o where o.line_id = l.id)",
            )
            .await;
        assert_eq!(differing, 0, "a line's grants are its order lines");
        let differing: i64 = self
            .one(
                "select count(*) from claims c
                  where granted - revoked <> (select coalesce(sum(units), 0) from orders o
                                               where o.round_id = c.round_id and o.claim_id = c.claim_id)",
            )
            .await;
        assert_eq!(differing, 0, "what a claim kept is what its orders hold");
        let differing: i64 = self
            .one(
                "select count(*) from orders o
                  where (units, total_cents) is distinct from (select (sum(ordered)::bigint, sum(ordered * price_cents)::bigint)
                                                                 from order_lines l where l.order_id = o.id)",
            )
            .await;
        assert_eq!(differing, 0, "an order's sums are those of its lines");
        let gaps: i64 = self
            .one("select count(*) from pool_out p where last_number <> (select count(*) from outbox o where o.pool_id = p.pool_id)")
            .await;
        assert_eq!(gaps, 0, "outbox numbers are dense");
        let gaps: i64 = self
            .one("select count(*) from stores s where store_seq <> (select count(*) from outbox o where o.store_id = s.id)")
            .await;
        assert_eq!(gaps, 0, "every store's numbers are dense");
    }
}

/// Each line has a price of its own.
pub fn price(line: usize) -> i64 {
    250 + 10 * i64::try_from(line).unwrap()
}
