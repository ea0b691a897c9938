//! A supervisor with regions sees and steers only what is there.

use super::books::Books;
use serde_json::{Value, json};

fn ids(page: &Value, name: &str) -> Vec<Value> {
    page["items"].as_array().expect("is a list").iter().map(|item| item[name].clone()).collect()
}

#[actix_web::test]
async fn a_supervisor_with_regions_sees_orders_shipments_and_stores_from_there() {
    let books = Books::open().await;
    sqlx::query("update stores set region = '西南' where id = $1")
        .bind(books.other_store)
        .execute(&books.world.db.0)
        .await
        .expect("runs");
    let (near, far) = (books.order().await, books.order_of(books.other_store).await);
    let (world, chief) = (&books.world, &books.supervisor);
    assert_eq!(ids(&world.get(chief, "/orders").await.ok(), "order_id").len(), 2, "no region: the whole chain");

    let path = format!("/users/{}", chief.user_id);
    world.patch(&books.admin, &path, json!({"regions": ["西南"], "reason": "分区"})).await.ok();
    assert_eq!(ids(&world.get(chief, "/orders").await.ok(), "order_id"), [json!(far.id)]);
    assert_eq!(ids(&world.get(chief, "/shipments").await.ok(), "shipment_id"), [json!(far.shipment)]);
    assert_eq!(ids(&world.get(chief, "/stores").await.ok(), "code"), ["S002"]);

    let before = books.digest().await;
    world.get(chief, &format!("/orders/{}", near.id)).await.problem(404, "not_found");
    world.get(chief, &format!("/stores/{}", books.store)).await.problem(404, "not_found");
    let edit = json!({"dock_units_per_day": 1});
    world.patch(chief, &format!("/stores/{}", books.store), edit.clone()).await.problem(404, "not_found");
    let reason = json!({"reason": "x"});
    world.post(chief, &format!("/orders/{}/cancel", near.id), reason.clone()).await.problem(404, "not_found");
    assert_eq!(books.digest().await, before);

    world.get(chief, &format!("/orders/{}", far.id)).await.ok();
    world.patch(chief, &format!("/stores/{}", books.other_store), edit).await.ok();
    world.post(chief, &format!("/orders/{}/cancel", far.id), reason).await.ok();
    // Others with the chain in sight are not narrowed by it.
    assert_eq!(ids(&world.get(&books.admin, "/orders").await.ok(), "order_id").len(), 2);
    assert_eq!(ids(&world.get(&books.clerk, "/shipments").await.ok(), "shipment_id").len(), 2);
}
