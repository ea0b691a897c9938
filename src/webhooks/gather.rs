//! From the outbox to messages: what happened since the cursor, for every webhook that asked for it, in one transaction with
//! the cursor.

use super::Error;
use crate::{
    domain::{
        clock,
        event::{StateEvent, StoreEvent},
        ids::{PoolId, StoreId},
        order::{OrderState, ShipmentState},
        round::RoundState,
        webhook::meets,
    },
    storage::{
        Db, Tx,
        outbox_tail::{self, TailRow},
        webhooks::{
            self as books, Wish,
            messages::{self, NewMessage},
        },
    },
};
use chrono::SecondsFormat;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::HashMap;

const ROWS_MAX: i64 = 500;
/// A receiver that is so far behind is not coming back; it is switched off and told so on its page.
const WAITING_MAX: i64 = 50_000;

/// Reads on until nothing is new.
pub(super) async fn gather(db: &Db, pool: &PoolId) -> Result<(), Error> {
    while some(db, pool).await? == ROWS_MAX {}
    Ok(())
}

async fn some(db: &Db, pool: &PoolId) -> Result<i64, Error> {
    let mut tx = Tx::begin(db).await?;
    let Some(cursor) = messages::hold_cursor(&mut tx, pool).await? else {
        // The first look: nobody asked before now.
        let head = outbox_tail::head(&mut tx, pool).await?;
        messages::move_cursor(&mut tx, pool, head).await?;
        tx.commit().await?;
        return Ok(0);
    };
    books::switch_off_overflowing(&mut tx, WAITING_MAX).await?;
    let wishes = books::wishes(&mut tx).await?;
    let rows = outbox_tail::after(&mut tx, pool, cursor, ROWS_MAX).await?;
    let Some(last) = rows.last().map(|row| row.number) else {
        tx.rollback().await?;
        return Ok(0);
    };
    let read = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    if !wishes.is_empty() {
        let mut news = Vec::new();
        for row in &rows {
            news.extend(told(&mut tx, row).await?);
        }
        let codes = books::store_codes(&mut tx, &stores(&news)).await?;
        messages::insert(&mut tx, &addressed(&wishes, &news, &codes)?).await?;
    }
    messages::move_cursor(&mut tx, pool, last).await?;
    tx.commit().await?;
    Ok(read)
}

struct News {
    event: &'static str,
    at: String,
    store_id: Option<StoreId>,
    data: Value,
}

fn stores(news: &[News]) -> Vec<StoreId> {
    news.iter().filter_map(|one| one.store_id).collect()
}

/// What a row of the outbox is outside.
async fn told(tx: &mut Tx, row: &TailRow) -> Result<Vec<News>, Error> {
    let Some(event) = &row.event else { return Ok(Vec::new()) };
    let at = row.at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let news = |event, data| News { event, at: at.clone(), store_id: row.store_id, data };
    if row.store_id.is_none() {
        let Some(StateEvent::Round(status)) = read(row.number, event) else { return Ok(Vec::new()) };
        let Some(name) = round_event(status.state) else { return Ok(Vec::new()) };
        let is_new = messages::note_round_state(tx, status.round_id, status.state).await?;
        return Ok(if is_new { vec![news(name, event.clone())] } else { Vec::new() });
    }
    let Some(of_store) = read(row.number, event) else { return Ok(Vec::new()) };
    Ok(match of_store {
        StoreEvent::Ordered(ordered) => {
            let (round_id, claim_id) = (ordered.round_id, ordered.claim_id);
            let one = |order| -> Result<News, Error> {
                let mut data = serde_json::to_value(order)?;
                data["round_id"] = json!(round_id);
                data["claim_id"] = json!(claim_id);
                Ok(news("order.created", data))
            };
            ordered.orders.into_iter().map(one).collect::<Result<_, _>>()?
        }
        StoreEvent::Revoked(_) => vec![news("order.revoked", event.clone())],
        StoreEvent::Order(changed) => {
            let name = match (changed.state, changed.shipment_state) {
                (OrderState::Cancelled, _) => Some("order.cancelled"),
                (_, ShipmentState::Dispatched) => Some("shipment.dispatched"),
                (_, ShipmentState::InTransit) => Some("shipment.in_transit"),
                (_, ShipmentState::Arrived) => Some("shipment.arrived"),
                (_, ShipmentState::Received | ShipmentState::ReceivedWithDifference) => Some("receipt.created"),
                (_, ShipmentState::Planned | ShipmentState::Cancelled) => None,
            };
            name.map(|name| news(name, event.clone())).into_iter().collect()
        }
        StoreEvent::Notice(_) => Vec::new(),
    })
}

/// A row that this version cannot read was written by a newer one, which knows what to tell of it.
fn read<T: DeserializeOwned>(number: i64, event: &Value) -> Option<T> {
    T::deserialize(event)
        .inspect_err(|error| tracing::warn!(%error, number, "a row of the outbox is told to no webhook"))
        .ok()
}

fn round_event(state: RoundState) -> Option<&'static str> {
    match state {
        RoundState::Scheduled => Some("round.scheduled"),
        RoundState::Warming => Some("round.warming"),
        RoundState::Open => Some("round.open"),
        RoundState::Paused => Some("round.paused"),
        RoundState::Settling => Some("round.settling"),
        RoundState::Closed => Some("round.closed"),
        RoundState::Cancelled => Some("round.cancelled"),
        RoundState::Draft | RoundState::PendingApproval | RoundState::Archived => None,
    }
}

fn addressed(
    wishes: &[Wish],
    news: &[News],
    codes: &HashMap<StoreId, String>,
) -> Result<Vec<NewMessage>, serde_json::Error> {
    let now = clock::now();
    let mut all = Vec::new();
    for one in news {
        let hearing = || wishes.iter().filter(|wish| wish.events.iter().any(|wish| meets(wish, one.event)));
        if hearing().next().is_none() {
            continue;
        }
        let mut data = one.data.clone();
        if let Some(fields) = data.as_object_mut() {
            // The name of the frame says nothing outside.
            fields.remove("t");
        }
        if let Some(store_id) = one.store_id {
            data["store_id"] = json!(store_id);
            data["store_code"] = json!(codes.get(&store_id));
        }
        let body = serde_json::to_string(&json!({"type": one.event, "timestamp": one.at, "data": data}))?;
        all.extend(hearing().map(|wish| NewMessage::new(wish.webhook_id, one.event, body.clone(), now)));
    }
    Ok(all)
}
