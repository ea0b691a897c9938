//! Plants the demo chain into empty books, with a login for every store and every role of headquarters.

use super::chain::DemoChain;
use crate::domain::{
    ids::{PoolId, SkuId, StoreId, UserId, WarehouseId},
    role::Role,
};
use crate::storage::{
    self, Db,
    seed::{self, ChainSeed, ListingSeed, SaleSeed, SkuSeed, StoreSeed, UserSeed},
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

/// One way into the demo.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Login {
    pub role: Role,
    pub login: String,
    pub password: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub store_code: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum PlantError {
    #[error("the demo's own files cannot be read: {0}")]
    Extract(#[from] super::extract::ExtractError),
    #[error("the database refused: {0}")]
    Storage(#[from] storage::Error),
    #[error("the demo names {0:?}, which it does not hold")]
    Unknown(String),
}

const HEADQUARTERS: [(Role, &str, &str); 5] = [
    (Role::Supervisor, "supervisor", "总部 配货主管"),
    // A hot round needs two.
    (Role::Supervisor, "supervisor2", "总部 配货副主管"),
    (Role::WarehouseClerk, "warehouse", "仓库 发货员"),
    (Role::Finance, "finance", "总部 财务"),
    (Role::Admin, "admin", "系统管理员"),
];

/// Everything but users; false when a chain stands there already.
pub async fn chain(db: &Db) -> Result<bool, PlantError> {
    let demo = DemoChain::load()?;
    let mut tx = db.0.begin().await?;
    // Loading a chain takes longer than a claim's transaction may.
    storage::seed::take_time(&mut tx).await?;
    if seed::is_planted(&mut tx).await? {
        tx.rollback().await?;
        return Ok(false);
    }
    let pool = PoolId::main();
    let facts =
        ChainSeed { name: "抢单演示连锁", currency: "CNY", time_zone: "Asia/Shanghai", labelled_demo: true };
    seed::chain(&mut tx, &facts, &pool).await?;

    let warehouses: HashMap<_, _> = demo.warehouses.iter().map(|w| (w.code, WarehouseId::new())).collect();
    let rows: Vec<_> = demo.warehouses.iter().map(|w| (warehouses[w.code], w.code, w.name)).collect();
    seed::warehouses(&mut tx, &rows).await?;

    let stores: HashMap<_, _> = demo.stores.iter().map(|s| (s.code.as_str(), StoreId::new())).collect();
    let rows: Vec<_> = demo
        .stores
        .iter()
        .map(|s| StoreSeed {
            id: stores[s.code.as_str()],
            code: &s.code,
            name: &s.name,
            region: &s.region,
            lat: s.lat,
            lng: s.lng,
            credit_limit_cents: s.credit_limit_cents,
            dock_units_per_day: s.dock_units_per_day,
        })
        .collect();
    seed::stores(&mut tx, &pool, &rows).await?;

    let skus: HashMap<_, _> = demo.skus.iter().map(|s| (s.code.as_str(), SkuId::new())).collect();
    let rows: Vec<_> = demo
        .skus
        .iter()
        .map(|s| SkuSeed {
            id: skus[s.code.as_str()],
            code: &s.code,
            name: &s.name,
            category: &s.category,
            brand: &s.brand,
            case_pack: s.case_pack,
            inner_pack: s.inner_pack,
            broken_case_ok: s.broken_case_ok,
            price_cents: s.price_cents,
            barcode: &s.barcode,
        })
        .collect();
    seed::skus(&mut tx, &rows).await?;

    let store = |code: &str| stores.get(code).copied().ok_or_else(|| PlantError::Unknown(code.to_owned()));
    let sku = |code: &str| skus.get(code).copied().ok_or_else(|| PlantError::Unknown(code.to_owned()));
    let rows = demo
        .listings
        .iter()
        .map(|l| {
            Ok(ListingSeed {
                store_id: store(&l.store_code)?,
                sku_id: sku(&l.sku)?,
                max_units: l.policy.max_units,
                presentation_units: l.policy.presentation_units,
                safety_days: l.policy.safety_days,
                lead_days: l.policy.lead_days,
                review_days: l.policy.review_days,
                on_hand_units: l.on_hand_units,
            })
        })
        .collect::<Result<Vec<_>, PlantError>>()?;
    seed::listings(&mut tx, &rows).await?;
    let rows = demo
        .sales
        .iter()
        .map(|s| Ok(SaleSeed { store_id: store(&s.store_code)?, sku_id: sku(&s.sku)?, day: s.day, units: s.units }))
        .collect::<Result<Vec<_>, PlantError>>()?;
    seed::sales(&mut tx, &rows).await?;
    let rows = demo
        .warehouse_stock
        .iter()
        .map(|w| {
            let site =
                warehouses.get(w.warehouse_code).ok_or_else(|| PlantError::Unknown(w.warehouse_code.to_owned()))?;
            Ok((site.0, sku(&w.sku)?, w.on_hand_units))
        })
        .collect::<Result<Vec<(Uuid, SkuId, i64)>, PlantError>>()?;
    seed::opening_stock(&mut tx, &rows).await?;
    tx.commit().await?;
    Ok(true)
}

/// Somebody who may sign in.
struct Person {
    role: Role,
    login: String,
    name: String,
    /// Id and code.
    store: Option<(StoreId, String)>,
}

/// Gives every store a clerk and a manager (`s<code>`, `m<code>`) and headquarters their five, all with one password.
/// Users who exist get the new password.
pub async fn users(db: &Db, password: &str, password_hash: &str) -> Result<Vec<Login>, PlantError> {
    let mut tx = db.0.begin().await?;
    let mut people: Vec<Person> = HEADQUARTERS
        .iter()
        .map(|&(role, login, name)| Person { role, login: login.to_owned(), name: name.to_owned(), store: None })
        .collect();
    for (store_id, code, name) in seed::store_codes(&mut tx).await? {
        for (role, letter, word) in [(Role::StoreStaff, 's', "店员"), (Role::StoreManager, 'm', "店长")] {
            people.push(Person {
                role,
                login: format!("{letter}{code}"),
                name: format!("{name} {word}"),
                store: Some((store_id, code.clone())),
            });
        }
    }
    let rows: Vec<_> = people
        .iter()
        .map(|person| UserSeed {
            id: UserId::new(),
            login: &person.login,
            password_hash,
            name: &person.name,
            role: person.role,
            store_id: person.store.as_ref().map(|(id, _)| *id),
        })
        .collect();
    seed::users(&mut tx, &rows).await?;
    tx.commit().await?;
    Ok(people
        .into_iter()
        .map(|Person { role, login, store, .. }| Login {
            role,
            login,
            password: password.to_owned(),
            store_code: store.map(|(_, code)| code),
        })
        .collect())
}
