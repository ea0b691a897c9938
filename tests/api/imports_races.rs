//! Two at once, nodes that die, and books that move between the look and the deed.

use super::{
    books::Books,
    imports_world::{chain, confirm, count, faults, id, read, seen, send, take_over, undo, verify, worker},
};
use graborder::{
    import::{Worker, WorkerConfig},
    storage::Db,
};
use serde_json::json;
use sqlx::ConnectOptions;
use std::time::Duration;

const SALES: &str = "date,store,sku,qty,order_no,line_no\n2026-01-02,S001,K1,6,A,1\n2026-01-02,S002,K1,7,A,2\n";

#[actix_web::test]
async fn confirmed_twice_it_is_taken_over_once() {
    let books = Books::open().await;
    let chief = &books.supervisor;
    let id = id(&read(&books, chief, "kind=sales", SALES).await);
    let path = format!("/imports/{id}/confirm");
    let both = futures_util::future::join(
        books.world.post(chief, &path, json!({})),
        books.world.post(chief, &path, json!({})),
    );
    let (first, second) = both.await;
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 202]);
    let hands = [worker(&books), worker(&books)];
    let (one, other) = futures_util::future::join(hands[0].step(None), hands[1].step(None)).await;
    assert_eq!([one.expect("works"), other.expect("works")].iter().filter(|worked| **worked).count(), 1);
    assert_eq!(books.world.post(chief, &path, json!({})).await.status.as_u16(), 200);
    assert!(!worker(&books).step(None).await.expect("works"));
    assert_eq!(count(&books, "select sum(units)::bigint from sales_days").await, 13);
    assert_eq!(count(&books, "select count(*) from admin_actions where action = 'import_confirmed'").await, 1);
}

#[actix_web::test]
async fn one_file_handed_over_twice_is_taken_over_once() {
    let books = Books::open().await;
    let chief = &books.supervisor;
    let first = id(&read(&books, chief, "kind=sales", SALES).await);
    let second = id(&read(&books, chief, "kind=sales", SALES).await);
    for id in [&first, &second] {
        let answer = books.world.post(chief, &format!("/imports/{id}/confirm"), json!({})).await;
        assert_eq!(answer.status.as_u16(), 202);
    }
    while worker(&books).step(None).await.expect("works") {}
    assert_eq!(seen(&books, chief, &first).await["state"], "APPLIED");
    let job = seen(&books, chief, &second).await;
    assert_eq!((&job["state"], &job["failed"]["code"]), (&json!("FAILED"), &json!("already_applied")));
    let third = send(&books, chief, "kind=sales", SALES).await;
    assert_eq!(third.json()["already_applied"], true);
    verify(&books).await;
}

#[actix_web::test]
async fn two_files_about_the_same_goods_do_not_get_in_each_others_way() {
    let books = Books::open().await;
    let (one, other) = (&books.finance, &books.admin);
    let first = id(&read(&books, one, "kind=prices", "sku,price\nK1,3\nK2,4\n").await);
    let goods = "sku,name,category,case_pack,price\nK2,b,x,6,6\nK1,a,x,6,5\n";
    let second = id(&read(&books, other, "kind=skus", goods).await);
    for (caller, id) in [(one, &first), (other, &second)] {
        books.world.post(caller, &format!("/imports/{id}/confirm"), json!({})).await.ok();
    }
    // Each on connections of its own, as two nodes have them.
    let url = books.world.db.0.connect_options().to_url_lossy().to_string();
    let hands = [Db::connect(&url, 2).await.expect("connects"), Db::connect(&url, 2).await.expect("connects")]
        .map(|db| Worker::new(db, WorkerConfig::default()));
    let (a, b) = futures_util::future::join(hands[0].step(None), hands[1].step(None)).await;
    assert!(a.expect("works") && b.expect("works"));
    assert_eq!(seen(&books, one, &first).await["state"], "APPLIED");
    assert_eq!(seen(&books, other, &second).await["state"], "APPLIED");
    let prices = count(&books, "select sum(price_cents)::bigint from skus").await;
    assert!(prices == 700 || prices == 1_100, "one after the other: {prices}");
    let in_the_way =
        undo(&books, if prices == 700 { other } else { one }, if prices == 700 { &second } else { &first }).await;
    in_the_way.problem(409, "changed_since");
}

#[actix_web::test]
async fn a_node_that_dies_in_mid_work_leaves_nothing_half_and_another_takes_over() {
    let books = Books::open().await;
    let (chief, before) = (&books.supervisor, chain(&books).await);
    let url = books.world.db.0.connect_options().to_url_lossy().to_string();
    let lease = Duration::from_millis(300);
    let lines: String = (0..20_000).map(|n| format!("2026-01-02,S00{},K{},1,B{n},1\n", 1 + n % 2, 1 + n % 2)).collect();
    let file = format!("date,store,sku,qty,order_no,line_no\n{lines}");
    let job = send(&books, chief, "kind=sales", file).await.json();
    let path = format!("/imports/{}", id(&job));
    // Cut off again and again, a little later each time: while it reads, checks, writes, and just before it commits.
    let mut cut = 0;
    for wait_ms in (5..).step_by(35) {
        let db = Db::connect(&url, 2).await.expect("connects");
        let dying = Worker::new(db.clone(), WorkerConfig { lease });
        let outcome = tokio::time::timeout(Duration::from_millis(wait_ms), dying.step(None)).await;
        drop(dying);
        db.0.close().await;
        let job = seen(&books, chief, &id(&job)).await;
        match job["state"].as_str() {
            Some("PREVIEWED") => {
                assert_eq!(chain(&books).await, before);
                books.world.post(chief, &format!("{path}/confirm"), json!({})).await.ok();
            }
            Some("APPLIED") => break,
            Some("FAILED") => panic!("{job}"),
            _ => {
                cut += i32::from(outcome.is_err());
                assert_eq!(chain(&books).await, before, "nothing half, after {wait_ms} ms");
                // Tries are for files that end nodes; here the test does.
                sqlx::query("update imports set tries = 0").execute(&books.world.db.0).await.expect("is reset");
                tokio::time::sleep(lease).await;
            }
        }
    }
    assert!(cut >= 3, "cut off {cut} times");
    assert_eq!(count(&books, "select sum(units)::bigint from sales_days").await, 20_000);
    verify(&books).await;
    undo(&books, chief, &id(&job)).await.ok();
    assert_eq!(chain(&books).await, before);
}

#[actix_web::test]
async fn a_file_that_ends_node_after_node_is_given_up() {
    let books = Books::open().await;
    let chief = &books.supervisor;
    let job = send(&books, chief, "kind=sales", SALES).await.json();
    sqlx::query("update imports set tries = 5").execute(&books.world.db.0).await.expect("is set");
    assert!(worker(&books).step(None).await.expect("works"));
    let job = seen(&books, chief, &id(&job)).await;
    assert_eq!((&job["state"], &job["failed"]["code"]), (&json!("FAILED"), &json!("given_up")));
}

#[actix_web::test]
async fn a_node_that_was_thought_dead_cannot_finish_what_another_one_does() {
    let books = Books::open().await;
    let chief = &books.supervisor;
    let id = id(&read(&books, chief, "kind=sales", SALES).await);
    books.world.post(chief, &format!("/imports/{id}/confirm"), json!({})).await.ok();
    // While the first writes, the job is given to somebody else; the lock holds the first until that is done.
    let mut other = books.world.db.0.acquire().await.expect("connects");
    sqlx::query("select pg_advisory_lock(hashtext('graborder imports apply'))")
        .execute(&mut *other)
        .await
        .expect("locks");
    let url = books.world.db.0.connect_options().to_url_lossy().to_string();
    let slow = Worker::new(Db::connect(&url, 2).await.expect("connects"), WorkerConfig::default());
    let steal = async {
        while count(&books, "select count(*) from imports where worker is not null").await == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        sqlx::query("update imports set worker = gen_random_uuid(), lease_until = now()")
            .execute(&mut *other)
            .await
            .expect("is given away");
        sqlx::query("select pg_advisory_unlock_all()").execute(&mut *other).await.expect("unlocks");
    };
    let (worked, ()) = futures_util::future::join(slow.step(None), steal).await;
    assert!(worked.expect("works"));
    assert_eq!(count(&books, "select count(*) from sales_days").await, 0, "it was no longer its own");
    assert!(worker(&books).step(None).await.expect("works"));
    assert_eq!(seen(&books, chief, &id).await["state"], "APPLIED");
    assert_eq!(count(&books, "select sum(units)::bigint from sales_days").await, 13);
}

#[actix_web::test]
async fn what_went_wrong_since_the_preview_is_shown_and_not_taken_over() {
    let books = Books::open().await;
    let clerk = &books.clerk;
    let job = read(&books, clerk, "kind=stock", "warehouse,sku,on_hand\nW1,K1,30\nW1,K2,30\n").await;
    assert_eq!(job["bad_rows"], 0);
    // 48 of each are promised to a round and an order meanwhile.
    books.order().await;
    let before = chain(&books).await;
    let job = confirm(&books, clerk, &id(&job), json!({})).await;
    assert_eq!((&job["state"], &job["bad_rows"]), (&json!("PREVIEWED"), &json!(2)));
    assert_eq!(faults(&books, clerk, &id(&job)).await, ["C2 below_promised", "C3 below_promised"]);
    assert_eq!(chain(&books).await, before);
}

#[actix_web::test]
async fn a_preview_dropped_while_it_is_read_stays_dropped() {
    let books = Books::open().await;
    let chief = &books.supervisor;
    let first = take_over(&books, chief, "kind=sales", SALES).await;
    let path = format!("/imports/{first}");
    let send_delete =
        async |path: String| books.world.send(chief, actix_web::http::Method::DELETE, &path, None, &[]).await;
    send_delete(path).await.problem(409, "wrong_state");
}
