//! Suspending a store, and its limits. A suspension reaches claims by an effect, and is answered once it has; credit and dock count from the
//! next round that is published, because a published round keeps the limits it was published with.

use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
        users::changed,
        values::{self, Cents, Units, nullable},
        words::Words,
    },
    auth::{May, Permission, may},
    domain::{event::Effect, ids::StoreId},
    storage::{
        Tx,
        catalogue::{self, Store, StoreEdit},
        outbox::{self, NewRow},
    },
};
use actix_web::{HttpResponse, patch, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// A time, or null to lift the suspension. Supervisors.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, format = DateTime)]
    suspended_until: Option<Option<DateTime<Utc>>>,
    /// Finance.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 0)]
    credit_limit_cents: Option<Cents>,
    /// Supervisors.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 0)]
    dock_units_per_day: Option<Units>,
}

/// Change a store
#[utoipa::path(
    tag = "stores",
    params(("store_id" = String, Path)),
    request_body = Edit,
    responses(
        (status = 200, body = Store, description = "Claims feel it from now on"),
        (status = 202, body = Store, description = "It stands in the books; claims feel it as soon as Redis answers"),
        (status = 403, description = "`not_allowed`: a field that is not for this role", body = ProblemBody),
        (status = 404, body = ProblemBody),
    ),
)]
#[patch("/stores/{store_id}")]
pub async fn edit(
    state: web::Data<ApiState>,
    session: May<may::EditStore>,
    store_id: web::Path<StoreId>,
    Body(said): Body<Edit>,
) -> Result<HttpResponse, Problem> {
    let steers = said.suspended_until.is_some() || said.dock_units_per_day.is_some();
    let lends = said.credit_limit_cents.is_some();
    if steers && !session.may(Permission::SuspendStore) || lends && !session.may(Permission::SetCredit) {
        return Err(Kind::NotAllowed.into());
    }
    if !steers && !lends {
        return Err(Problem::invalid("", Words::fixed("没有要改的内容。", "There is nothing to change.")));
    }
    if let Some(Some(until)) = said.suspended_until {
        values::sensible("/suspended_until", until)?;
    }
    let edit = StoreEdit {
        suspended_until: said.suspended_until,
        credit_limit_cents: said.credit_limit_cents.map(Cents::get),
        dock_units_per_day: said.dock_units_per_day.map(Units::get),
    };
    let mut tx = Tx::begin(&state.db).await?;
    let seen = catalogue::store(&mut tx, *store_id, session.area_of()).await?.is_some();
    let Some(pool) = catalogue::pool_of_store(&mut tx, *store_id).await?.filter(|_| seen) else {
        tx.rollback().await?;
        return Err(Kind::NotFound.into());
    };
    // The outbox before the store's row: everybody who tells a store something takes the two in this order.
    let mut number = None;
    if let Some(until) = edit.suspended_until {
        let until_ms = until.map_or(0, |until| until.timestamp_millis().max(0));
        let effect = Effect::Suspend { store_id: *store_id, until_ms };
        number = Some(outbox::append(&mut tx, &pool, &[NewRow::Effect(effect)]).await?);
    }
    catalogue::edit_store(&mut tx, *store_id, edit).await?;
    let store = catalogue::store(&mut tx, *store_id, None).await?.ok_or(Kind::NotFound)?;
    tx.commit().await?;
    let felt = match number {
        Some(number) => changed::is_effect_felt(&state, &pool, number).await,
        None => true,
    };
    Ok(if felt { HttpResponse::Ok().json(store) } else { HttpResponse::Accepted().json(store) })
}
