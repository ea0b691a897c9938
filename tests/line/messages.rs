//! A win that reaches somebody whose page is closed: from the tap through the whole line to WeChat.

use super::{
    clerk::{Clerk, claim_id},
    house::{House, PACK, PASSWORD},
};
use crate::{api::double::Double, servers};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_win_is_told_by_wechat_to_who_asked_and_to_nobody_else() {
    let double = Double::start();
    let (wechat, wecom) = double.settings();
    let house = House::with(servers::redis_url().await, |settings| {
        settings.wechat = wechat;
        settings.wecom = wecom;
    })
    .await;
    let login = json!({"login": "s0001", "password": PASSWORD});
    let (_, signed_in) = house.call(None, "POST", "/api/v1/auth/login", &login).await;
    let token = signed_in["access_token"].as_str().expect("a token").to_owned();
    let proof = json!({"code": "me:li", "refresh_token": signed_in["refresh_token"]});
    let (status, _) = house.call(Some(&token), "PUT", "/api/v1/auth/wechat", &proof).await;
    assert_eq!(status, 204);
    let tap = json!({"accepted": ["claim_result"], "attempt_id": "0193cd1c-9f4e-7000-8000-000000000001"});
    let (status, body) = house.call(Some(&token), "POST", "/api/v1/me/consents", &tap).await;
    assert_eq!(status, 200, "{body}");

    let round = house.round(json!({})).await;
    let (mut asked, mut silent) = (Clerk::new(&house, "s0001").await, Clerk::new(&house, "s0002").await);
    house.open(&round).await;
    for clerk in [&mut asked, &mut silent] {
        assert_eq!(clerk.claim(&round, &claim_id(), &[(0, PACK)], "PARTIAL").await["status"], "won");
    }
    let order = asked.hear("ordered").await["orders"][0].clone();
    silent.hear("ordered").await;
    house.until_number("select count(*) from messages where state = 'sent'", 1).await;
    let told = double.play().messages.clone();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["touser"], "li");
    assert_eq!(told[0]["data"]["character_string1"]["value"], order["order_no"]);
    assert_eq!(told[0]["data"]["number3"]["value"], PACK.to_string());
    assert_eq!(house.number("select count(*) from messages").await, 1);
    house.end().await;
    double.end().await;
}
