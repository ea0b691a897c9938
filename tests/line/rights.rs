//! What is decided stays decided: not even the node's own database role can change it afterwards.

use super::{
    clerk::{Clerk, claim_id},
    house::{House, PACK},
};
use graborder::{
    app::{self, Roles},
    storage::{Db, rights},
};
use serde_json::json;

/// SQLSTATE of what a statement meets.
async fn refused(db: &Db, sql: &'static str) -> String {
    let error = sqlx::raw_sql(sql).execute(&db.0).await.expect_err(sql);
    error.as_database_error().and_then(|error| error.code()).expect("a code").into_owned()
}

/// Where the application's role signs in: the same database, somebody who owns nothing.
async fn app_role_url(house: &House) -> String {
    let role = house.settings.redis.prefix.clone();
    let create = format!("create role {role} login password '{role}'");
    sqlx::raw_sql(sqlx::AssertSqlSafe(create)).execute(&house.db.0).await.expect("a role");
    rights::grant(&mut house.db.0.acquire().await.expect("connects"), &role).await.expect("grants");
    let (before, after) = house.settings.postgres.url.split_once("://").expect("an address");
    let (_, host) = after.split_once('@').expect("a user");
    format!("{before}://{role}:{role}@{host}")
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_and_movements_cannot_be_changed_or_thrown_away() {
    const ATTEMPTS: [&str; 6] = [
        "update round_events set event = 'x'",
        "delete from round_events",
        "truncate round_events",
        "update movements set delta = 7",
        "delete from movements where false",
        "truncate movements cascade",
    ];
    let house = House::new().await;
    let app = Db::connect(&app_role_url(&house).await, 1).await.expect("connects");
    for sql in ATTEMPTS {
        // The owner is held by triggers, which it could drop; the application's role has not the right to begin with.
        assert_eq!(refused(&house.db, sql).await, "23000", "owner: {sql}");
        assert_eq!(refused(&app, sql).await, "42501", "application: {sql}");
    }
    for sql in [
        "drop trigger round_events_append_only on round_events",
        "alter table movements disable trigger all",
        "alter table movements owner to current_user",
        "drop table movements cascade",
        "create table extra ()",
        "insert into _sqlx_migrations values (99, 'x', now(), true, '', 0)",
        "select grant_app_rights(current_user::regrole)",
        "set session_replication_role = replica",
    ] {
        assert_eq!(refused(&app, sql).await, "42501", "application: {sql}");
    }
    let owns =
        async |db: &Db| rights::owns_the_books(&mut db.0.acquire().await.expect("connects")).await.expect("says");
    assert_eq!((owns(&house.db).await, owns(&app).await), (true, false));
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_does_all_its_work_with_a_role_that_owns_nothing() {
    let house = House::new().await;
    let mut settings = house.settings.clone();
    settings.postgres.url = app_role_url(&house).await;
    let mut house = house;
    let node = app::start(&settings, Roles::ALL).await.expect("the node starts");
    let owners = std::mem::replace(&mut house.node, node);
    owners.end().await;
    house.base = format!("http://{}", house.node.address.expect("an address"));

    let round = house.round(json!({})).await;
    let mut clerk = Clerk::new(&house, "s0001").await;
    house.open(&round).await;
    assert_eq!(clerk.claim(&round, &claim_id(), &[(0, PACK)], "PARTIAL").await["status"], "won");
    let order = clerk.hear("ordered").await["orders"][0]["order_id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/orders/{order}/cancel");
    let (status, body) = house.call(Some(&round.supervisor), "POST", &path, &json!({"reason": "x"})).await;
    assert_eq!(status, 200, "{body}");
    let (status, body) = house
        .call(Some(&round.supervisor), "POST", &format!("/api/v1/rounds/{}/stop", round.id), &json!({"reason": "x"}))
        .await;
    assert_eq!(status, 202, "{body}");
    house.until(&round, "CLOSED").await;
    house.books_are_right().await;
    house.end().await;
}
