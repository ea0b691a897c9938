//! A whole chain by files: as many stores, goods and lines as a real one sends in a quarter, made from the demo's figures.

use super::{
    books::Books,
    imports_world::{chain, confirm, count, id, read, take_over, undo, verify},
};
use graborder::demo::chain::DemoChain;
use serde_json::json;
use std::fmt::Write as _;

const STORES: usize = 670;
const SKUS: usize = 3_063;
const LINES: usize = 210_628;

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[actix_web::test]
async fn a_whole_chain_comes_in_by_files_and_goes_again() {
    let books = Books::open().await;
    let (admin, before) = (&books.admin, chain(&books).await);
    let demo = DemoChain::load().expect("is read");
    let mut stores = "code,name,address,city,postcode,lat,lon,state,status\n".to_owned();
    for n in 0..STORES {
        let store = &demo.stores[n % demo.stores.len()];
        let place = store.lat.zip(store.lng).map_or_else(|| ",".to_owned(), |(lat, lng)| format!("{lat},{lng}"));
        writeln!(stores, "R{n:04},{},1 MAIN ST,{},50613,{place},IA,A", quoted(&store.name), quoted(&store.city))
            .expect("is text");
    }
    let mut skus =
        "sku,name,category,vendor,case_pack,unit_cost,unit_price,barcode,inner_pack,case_barcode\n".to_owned();
    for n in 0..SKUS {
        let sku = &demo.skus[n % demo.skus.len()];
        let (name, brand) = (quoted(&sku.name), quoted(&sku.brand));
        let price = format!("{}.{:02}", sku.price_cents / 100, sku.price_cents % 100);
        writeln!(
            skus,
            "P{n:05},{name},{},{brand},{},1.00,{price},{},{},",
            sku.category,
            sku.case_pack,
            sku.barcode,
            sku.inner_pack.unwrap_or(1)
        )
        .expect("is text");
    }
    let mut sales = "date,store_code,sku,quantity,amount,order_no,line_no\n".to_owned();
    let mut units = 0;
    for n in 0..LINES {
        let sale = &demo.sales[n % demo.sales.len()];
        units += sale.units;
        writeln!(
            sales,
            "{},R{:04},P{:05},{},9.99,INV-{},{}",
            sale.day,
            (n / 25) % STORES,
            (n * 7) % SKUS,
            sale.units,
            n / 25,
            1 + n % 25
        )
        .expect("is text");
    }
    let of_stores = take_over(&books, admin, "kind=stores", stores).await;
    let of_skus = take_over(&books, admin, "kind=skus", skus).await;
    let job = read(&books, admin, "kind=sales", sales).await;
    assert_eq!((&job["good_rows"], &job["bad_rows"]), (&json!(LINES), &json!(0)), "{}", job["preview"]["fault_counts"]);
    let of_sales = id(&job);
    assert_eq!(confirm(&books, admin, &of_sales, json!({})).await["state"], "APPLIED");
    assert_eq!(count(&books, "select count(*) from sales_lines").await, i64::try_from(LINES).expect("fits"));
    assert_eq!(count(&books, "select sum(units)::bigint from sales_days").await, units);
    verify(&books).await;
    for id in [of_sales, of_skus, of_stores] {
        undo(&books, admin, &id).await.ok();
    }
    assert_eq!(chain(&books).await, before);
}
