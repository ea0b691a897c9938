//! `graborder bench needs`: how long the need of a whole chain takes, on a private Postgres that waits for the disk.

use super::{Failure, say, scratch::Scratch};
use crate::{
    cli::{needs::compute, runtime},
    config::Surroundings,
    servers::{PgOptions, PrivatePostgres, Search},
    storage::{
        Db, Tx,
        need_runs::NeedRunState,
        need_views::{self, NeedFilter, NeedSort},
        seed,
        synthetic::{self, Size},
    },
};
use clap::Args;
use serde_json::json;
use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

const STORES_AT_ONCE: i64 = 10;

#[derive(Args, Clone, Debug)]
pub(super) struct Options {
    #[arg(long, default_value_t = 670)]
    stores: i32,
    #[arg(long, default_value_t = 3_063)]
    skus: i32,
    #[arg(long, default_value_t = 210_628)]
    sales_lines: i32,
    /// Runs one after the other; the second replaces the first.
    #[arg(long, default_value_t = 2)]
    runs: usize,
}

pub(super) fn run(options: Options) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let around = Surroundings::read();
        let scratch = Scratch::new(&around.temp_dir, "bench-needs")?;
        let search = Search::new(&around.path, Vec::new(), around.temp_dir);
        let wishes = PgOptions { fsync: true, discard: true, ..PgOptions::new(search) };
        let postgres = PrivatePostgres::start(&scratch.path().join("postgres"), wishes).await?;
        postgres.create_database("graborder").await?;
        let db = Db::connect(&postgres.url("graborder"), 4).await?;
        db.migrate().await?;
        let size = Size { stores: options.stores, skus: options.skus, sales_lines: options.sales_lines };
        make_chain(&db, size).await?;
        let mut runs = Vec::new();
        for _ in 0..options.runs {
            let began = Instant::now();
            let run = compute(&db).await?;
            if run.state != NeedRunState::Done {
                return Err("the run failed".into());
            }
            let took_ms = run.took_ms.unwrap_or(0).max(1);
            say(format_args!("{} pairs in {took_ms} ms", run.pairs_done));
            runs.push(json!({
                "pairs": run.pairs_done,
                "pairs_in_need": run.pairs_in_need,
                "seconds": took_ms as f64 / 1000.0,
                "pairs_per_s": run.pairs_done * 1000 / took_ms,
                "seconds_with_clearing": seconds(began.elapsed()),
            }));
        }
        println!("{}", json!({"sales_lines": size.sales_lines, "runs": runs, "list_ms": lists(&db).await?}));
        db.0.close().await;
        Ok(ExitCode::SUCCESS)
    })
}

async fn make_chain(db: &Db, size: Size) -> Result<(), Failure> {
    let began = Instant::now();
    let mut tx = Tx::begin(db).await?;
    synthetic::begin(&mut tx, size).await?;
    tx.commit().await?;
    loop {
        let mut tx = Tx::begin(db).await?;
        seed::take_time(&mut tx).await?;
        let listed = synthetic::list_everything(&mut tx, STORES_AT_ONCE).await?;
        tx.commit().await?;
        if listed == 0 {
            break;
        }
    }
    let mut tx = Tx::begin(db).await?;
    seed::take_time(&mut tx).await?;
    synthetic::sell(&mut tx, size).await?;
    synthetic::settle(&mut tx).await?;
    tx.commit().await?;
    say(format_args!("a chain of {} stores and {} SKUs made in {:.0?}", size.stores, size.skus, began.elapsed()));
    Ok(())
}

/// Milliseconds that the first page takes, by its order.
async fn lists(db: &Db) -> Result<serde_json::Value, Failure> {
    let mut took = serde_json::Map::new();
    for (name, sort) in [("score", NeedSort::Score), ("need", NeedSort::Need), ("dos", NeedSort::Dos)] {
        let filter = NeedFilter {
            store_id: None,
            sku_id: None,
            region: None,
            category: None,
            min_score_bp: 0,
            all: false,
            area_of: None,
            after: None,
        };
        let mut tx = Tx::begin(db).await?;
        let began = Instant::now();
        let items = need_views::list(&mut tx, sort, filter, 50).await?;
        took.insert(name.to_owned(), json!({"items": items.len(), "ms": seconds(began.elapsed()) * 1000.0}));
        tx.commit().await?;
    }
    Ok(took.into())
}

fn seconds(span: Duration) -> f64 {
    (span.as_secs_f64() * 1000.0).round() / 1000.0
}
