//! The made-up batches that `graborder bench` measures the ledger with.

use super::world::{AT_MS, Offer, World};
use graborder::storage::ledger::{
    self,
    measure::{Bare, Scene},
};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_made_up_batch_makes_the_same_rows_by_the_ledger_and_bare() {
    let world = World::new(&[Offer(100_000, 0, 0), Offer(100_000, 0, 1)], 300).await;
    let scene = Scene {
        pool_id: world.pool.clone(),
        round_id: world.round,
        stores: world.stores.clone(),
        lines: world.lines.clone(),
        user_id: world.user,
    };
    let tables = "select jsonb_build_array((select count(*) from claims), (select count(*) from round_events), (select count(*) from orders),
                    (select count(*) from order_lines), (select count(*) from order_events), (select count(*) from shipments),
                    (select count(*) from movements), (select count(*) from outbox))";
    let (mut bare, mut spent) = (Bare::default(), [Duration::ZERO; 2]);
    for turn in 0..3 {
        let batch = scene.batch(world.position().await, 200, AT_MS + turn);
        let before: serde_json::Value = world.one(tables).await;
        let mut tx = world.db.0.begin().await.unwrap();
        let rows = bare.prepare(&mut tx, &batch).await.unwrap();
        let begun = Instant::now();
        rows.insert(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        spent[0] += begun.elapsed();
        let between: serde_json::Value = world.one(tables).await;

        let batch = scene.batch(world.position().await, 200, AT_MS + turn);
        let begun = Instant::now();
        let mut tx = world.db.0.begin().await.unwrap();
        let written = ledger::apply(&mut tx, &batch).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        spent[1] += begun.elapsed();
        assert_eq!((written.claims, written.orders, written.dead.len()), (200, 200, 0));
        let after: serde_json::Value = world.one(tables).await;
        for table in 0..8 {
            let count = |value: &serde_json::Value| value[table].as_i64().unwrap();
            assert_eq!(count(&between) - count(&before), count(&after) - count(&between), "table {table}");
        }
    }
    println!(
        "bare {:?}, ledger {:?}: ratio {:.2}",
        spent[0],
        spent[1],
        spent[0].as_secs_f64() / spent[1].as_secs_f64()
    );
}
