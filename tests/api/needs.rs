//! Who needs what most: asked for over HTTP, computed by a node, shown with its parts.

use super::{
    books::Books,
    shelves::{AS_OF, Pair, computed, list, sku, small_chain, store},
    world::Caller,
};
use graborder::{
    domain::{
        need::Need,
        pack::{Pack, Rounding, Shelf},
        score::{Score, ScoreInput, ScoreWeights},
    },
    needs::{Nightly, Step, Worker},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

async fn item(books: &Books, pair: Pair) -> Value {
    let path = format!("/needs?store_id={}&sku_id={}", pair.store, pair.sku);
    let page = books.world.get(&books.supervisor, &path).await.ok();
    assert_eq!(page["items"].as_array().map(Vec::len), Some(1), "{page}");
    page["items"][0].clone()
}

fn parts(item: &Value) -> [i64; 6] {
    ["score_bp", "shortage_bp", "urgency_bp", "velocity_bp", "debt_bp", "reliability_bp"]
        .map(|name| item[name].as_i64().expect("a figure"))
}

#[actix_web::test]
async fn the_golden_vectors_come_out_of_the_books_as_well() {
    let books = Books::open().await;
    let vector = |sku, on_hand, inbound, sold_units, stockout_days, presentation_units, max_units| Pair {
        store: books.store,
        sku,
        on_hand,
        inbound,
        sold_units,
        stockout_days,
        presentation_units,
        max_units,
    };
    let (a, b, c) = (sku(&books, "A").await, sku(&books, "B").await, sku(&books, "C").await);
    let (d, e) = (sku(&books, "D").await, sku(&books, "E").await);
    let a = vector(a, 6, 12, 84, 3, 12, 60);
    let b = vector(b, 0, 0, 20, 0, 6, 24);
    let c = vector(c, 40, 24, 140, 0, 24, 120);
    let d = vector(d, 3, 0, 0, 0, 6, 24);
    // 194 on the shelf, a target of 300: 106 are needed.
    let e = vector(e, 194, 0, 0, 0, 300, 300);
    for pair in [a, b, c, d, e] {
        list(&books, pair).await;
    }
    // A hundred more stores list A, 62 of which sell less: velocity 6,200.
    for i in 0..100 {
        let store = store(&books, &format!("A{i:03}"), "华北").await;
        let sold_units = if i < 62 { 1 } else { 1_000 };
        list(&books, Pair { store, stockout_days: 0, sold_units, ..a }).await;
    }
    let run = computed(&books).await;
    assert_eq!((&run["state"], &run["pairs_done"], &run["as_of"]), (&json!("DONE"), &json!(105), &json!(AS_OF)));

    let figures = |item: &Value| {
        ["ads_milli", "cover_days", "target_units", "net_units", "need_units"]
            .map(|name| item[name].as_i64().expect(name))
    };
    let shown = item(&books, a).await;
    assert_eq!(figures(&shown), [3360, 7, 24, 18, 6]);
    assert_eq!(shown["dos_milli"], 5357);
    // Without debt and points yet: (40 × 2500 + 25 × 2347 + 10 × 6200 + 5 × 10000) // 100.
    assert_eq!(parts(&shown), [2706, 2500, 2347, 6200, 0, 10_000]);
    let shown = item(&books, b).await;
    assert_eq!((figures(&shown), &shown["dos_milli"]), ([714, 7, 6, 0, 6], &json!(0)));
    let shown = item(&books, c).await;
    assert_eq!(figures(&shown), [5000, 7, 35, 64, 0]);
    let shown = item(&books, d).await;
    assert_eq!((figures(&shown), &shown["dos_milli"]), ([0, 7, 6, 3, 3], &json!(null)));
    assert_eq!(parts(&shown), [2500, 5000, 0, 0, 0, 10_000]);
    let shown = item(&books, e).await;
    let (need, net) = (shown["need_units"].as_i64().expect("need"), shown["net_units"].as_i64().expect("net"));
    assert_eq!((net, need), (194, 106));
    let pack = Pack { case_units: 100, inner_units: None, broken_case_ok: false };
    let shelf = Shelf { net_units: net, max_units: 300 };
    assert_eq!((pack.round(need, Rounding::Up, shelf), pack.round(need, Rounding::UpToMax, shelf)), (200, 100));
}

#[actix_web::test]
async fn what_is_stored_is_what_the_rules_say_to_the_last_digit() {
    let books = Books::open().await;
    let mut random = StdRng::seed_from_u64(20_261_122);
    let mut stores = vec![books.store, books.other_store];
    for i in 0..6 {
        stores.push(store(&books, &format!("R{i}"), "华南").await);
    }
    let mut pairs = Vec::new();
    for i in 0..12 {
        let sku = sku(&books, &format!("R{i}")).await;
        for &store in &stores {
            if random.random_range(0..10) == 0 {
                continue;
            }
            let presentation_units = random.random_range(0..40);
            let pair = Pair {
                store,
                sku,
                on_hand: random.random_range(0..60),
                inbound: random.random_range(0..30),
                // Often nothing, now and then more returns than sales.
                sold_units: [0, 0, random.random_range(-5..400)][random.random_range(0..3)],
                stockout_days: random.random_range(0..28),
                presentation_units,
                max_units: presentation_units + random.random_range(0..90),
            };
            list(&books, pair).await;
            pairs.push(pair);
        }
    }
    let run = computed(&books).await;
    assert_eq!((&run["pairs_total"], &run["pairs_done"]), (&json!(pairs.len()), &json!(pairs.len())));
    for pair in &pairs {
        let need = Need::of(&pair.input());
        let others: Vec<i64> = pairs
            .iter()
            .filter(|other| other.sku == pair.sku)
            .map(|other| Need::of(&other.input()).ads_milli)
            .collect();
        let input = ScoreInput {
            need,
            stores_with_lower_ads: others.iter().filter(|ads| **ads < need.ads_milli).count() as i64,
            invited_stores: others.len() as i64,
            chain_fill_bp: 0,
            store_fill_bp: 0,
            points: 0,
        };
        let score = Score::of(&input, &ScoreWeights::default());
        let shown = item(&books, *pair).await;
        let stored: Need = serde_json::from_value(json!({
            "ads_milli": shown["ads_milli"],
            "cover_days": shown["cover_days"],
            "target_units": shown["target_units"],
            "net_units": shown["net_units"],
            "need_units": shown["need_units"],
            "dos_milli": shown["dos_milli"],
        }))
        .expect("figures");
        assert_eq!(stored, need, "{pair:?}");
        let said = [
            score.score_bp,
            score.shortage_bp,
            score.urgency_bp,
            score.velocity_bp,
            score.debt_bp,
            score.reliability_bp,
        ];
        assert_eq!(parts(&shown), said, "{pair:?}");
    }
}

#[actix_web::test]
async fn the_list_is_sorted_narrowed_and_paged() {
    let books = Books::open().await;
    let [.., far] = small_chain(&books).await;
    let world = &books.world;
    assert_eq!(world.get(&books.supervisor, "/needs").await.ok()["items"], json!([]), "before the first run");
    computed(&books).await;
    let read = async |path: &str| world.get(&books.supervisor, path).await.ok();
    for (sort, key, falling) in [("score", "score_bp", true), ("need", "need_units", true), ("dos", "dos_milli", false)]
    {
        let all = read(&format!("/needs?sort={sort}")).await;
        let all = all["items"].as_array().expect("a list");
        let mut figures: Vec<i64> = all.iter().map(|item| item[key].as_i64().expect("a figure")).collect();
        assert!(figures.len() >= 4 && all.iter().all(|item| item["need_units"].as_i64() > Some(0)), "{sort}");
        if falling {
            figures.reverse();
        }
        assert!(figures.is_sorted(), "{sort} {figures:?}");
        // Page by page nothing is lost and nothing comes twice.
        let (mut seen, mut path) = (Vec::new(), format!("/needs?sort={sort}&limit=2"));
        loop {
            let page = read(&path).await;
            seen.extend(page["items"].as_array().expect("a list").clone());
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/needs?sort={sort}&limit=2&cursor={cursor}");
        }
        assert_eq!(&seen, all, "{sort}");
    }
    let count = async |path: &str| read(path).await["items"].as_array().map(Vec::len);
    assert_eq!(count("/needs").await, Some(5));
    assert_eq!(count(&format!("/needs?store_id={far}")).await, Some(2), "with what needs nothing");
    assert_eq!(count(&format!("/needs?sku_id={}", books.skus[0])).await, Some(3));
    assert_eq!(count("/needs?region=%E5%8D%8E%E5%8C%97").await, Some(1));
    assert_eq!(count("/needs?category=%E6%B2%A1%E6%9C%89").await, Some(0));
    assert_eq!(count("/needs?min_score=10000").await, Some(0));
    for odd in ["min_score=10001", "min_score=x", "sort=price", "cursor=00", "store_id=1", "limit=0", "nothing=1"] {
        world.get(&books.supervisor, &format!("/needs?{odd}")).await.problem(422, "invalid");
    }
}

#[actix_web::test]
async fn everybody_sees_only_their_own_part_of_the_need() {
    let books = Books::open().await;
    small_chain(&books).await;
    computed(&books).await;
    let world = &books.world;
    let codes = async |caller: &Caller, path: &str| -> Vec<String> {
        let page = world.get(caller, path).await.ok();
        let items = page["items"].as_array().expect("a list").clone();
        let mut codes: Vec<_> =
            items.iter().map(|item| item["store_code"].as_str().expect("a code").to_owned()).collect();
        codes.sort();
        codes.dedup();
        codes
    };
    assert_eq!(codes(&books.staff, "/needs").await, ["S001"]);
    assert_eq!(codes(&books.other_manager, "/needs").await, ["S002"]);
    assert!(codes(&books.staff, &format!("/needs?store_id={}", books.other_store)).await.is_empty());
    assert_eq!(codes(&books.supervisor, "/needs").await, ["S001", "S002", "S003"]);
    sqlx::query("insert into user_regions (user_id, region) values ($1, '华北')")
        .bind(books.supervisor.user_id)
        .execute(&world.db.0)
        .await
        .expect("has a region");
    assert_eq!(codes(&books.supervisor, "/needs").await, ["S003"]);
    assert_eq!(codes(&books.admin, "/needs").await, ["S001", "S002", "S003"]);
}

#[actix_web::test]
async fn one_run_goes_on_at_a_time_and_replaces_the_one_before() {
    let books = Books::open().await;
    small_chain(&books).await;
    computed(&books).await;
    let world = &books.world;
    let (first, second) = tokio::join!(
        world.post(&books.supervisor, "/need-runs", json!({})),
        world.post(&books.admin, "/need-runs", json!({}))
    );
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 202]);
    assert_eq!(first.json()["need_run_id"], second.json()["need_run_id"]);
    // The old rows are read until the new ones stand.
    assert_eq!(world.get(&books.supervisor, "/needs").await.ok()["items"].as_array().map(Vec::len), Some(5));

    // Two nodes at once: one of them does it, and nothing stands there twice.
    let (one, other) = (Worker::new(world.db.clone(), None), Worker::new(world.db.clone(), None));
    let (one, other) = tokio::join!(one.step(), other.step());
    let done = [one, other].into_iter().flatten().filter(|step| matches!(step, Step::Done(_))).count();
    assert_eq!(done, 1);
    let rows: (i64, i64) = sqlx::query_as("select count(*), count(distinct run_no) from needs")
        .fetch_one(&world.db.0)
        .await
        .expect("counts");
    assert_eq!(rows, (6, 1));
    let runs = world.get(&books.supervisor, "/need-runs?limit=1").await.ok();
    assert_eq!(runs["items"][0]["state"], "DONE");
    let cursor = runs["next_cursor"].as_str().expect("one more");
    let older = world.get(&books.supervisor, &format!("/need-runs?limit=1&cursor={cursor}")).await.ok();
    assert_eq!((&older["items"][0]["state"], &older["next_cursor"]), (&json!("DONE"), &json!(null)));
}

#[actix_web::test]
async fn a_run_whose_node_died_is_taken_up_and_the_dead_one_writes_nothing_more() {
    let books = Books::open().await;
    small_chain(&books).await;
    let world = &books.world;
    world.post(&books.supervisor, "/need-runs", json!({})).await;
    // A node began, wrote something, and is gone: its lease has run out.
    sqlx::query("update need_runs set state = 'RUNNING', tries = 1, started_at = now(), pairs_done = 1")
        .execute(&world.db.0)
        .await
        .expect("has begun");
    sqlx::query(
        "insert into needs (run_no, store_id, sku_id, ads_milli, cover_days, target_units, net_units, need_units, score_bp,
                            shortage_bp, urgency_bp, velocity_bp, debt_bp, reliability_bp)
         select run_no, $1, $2, 0, 0, 0, 0, 999, 0, 0, 0, 0, 0, 0 from need_runs",
    )
    .bind(books.store)
    .bind(books.skus[0])
    .execute(&world.db.0)
    .await
    .expect("was written");
    let worker = Worker::new(world.db.clone(), None);
    assert!(matches!(worker.step().await.expect("computes"), Step::Done(_)));
    let (rows, most): (i64, i64) =
        sqlx::query_as("select count(*), max(need_units) from needs").fetch_one(&world.db.0).await.expect("counts");
    assert_eq!(rows, 6);
    assert!(most < 999);
    assert_eq!(worker.step().await.expect("looks"), Step::Idle);
}

#[actix_web::test]
async fn a_night_has_one_run_whatever_restarts() {
    let books = Books::open().await;
    small_chain(&books).await;
    let midnight = Nightly::parse("00:00").expect("a time of day");
    for _ in 0..3 {
        Worker::new(books.world.db.clone(), midnight).step().await.expect("computes");
    }
    let runs = books.world.get(&books.admin, "/need-runs").await.ok();
    // The chain's midnight may fall between two of the steps.
    let nights: Vec<_> = runs["items"].as_array().expect("a list").iter().map(|run| run["night"].clone()).collect();
    assert!(nights.len() == 1 || nights.len() == 2 && nights[0] != nights[1], "{nights:?}");
    assert!(nights.iter().all(Value::is_string));
}
