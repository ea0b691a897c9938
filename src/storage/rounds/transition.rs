//! Changes of state that the books make themselves; what a script did to a round follows from the log instead.

use crate::{
    domain::{ids::RoundId, round::RoundState},
    storage::Result,
};
use sqlx::PgConnection;

/// `from` is compared once more, so that a caller who looked without the lock changes nothing.
pub async fn move_to(tx: &mut PgConnection, id: RoundId, from: RoundState, to: RoundState) -> Result<bool> {
    let done = sqlx::query("update rounds set state = $3 where id = $1 and state = $2")
        .bind(id)
        .bind(from)
        .bind(to)
        .execute(tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Everything unsold of every line goes to `returned`: afterwards offered = granted + returned.
pub async fn return_unsold(tx: &mut PgConnection, id: RoundId) -> Result<()> {
    sqlx::query("update offer_lines set returned = pledged - holdback - granted where round_id = $1")
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}

pub async fn note_settled(tx: &mut PgConnection, id: RoundId) -> Result<()> {
    sqlx::query("update rounds set state = 'CLOSED', settled_at = now() where id = $1 and state = 'SETTLING'")
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}

/// Whether the warehouses still hold as pledged what the round has not granted.
pub async fn pledged_in_stock(tx: &mut PgConnection, id: RoundId) -> Result<bool> {
    sqlx::query_scalar(
        "select not exists (
                  select 1
                    from offer_lines l
                    left join stock_levels s on s.site_id = l.warehouse_id and s.sku_id = l.sku_id
                   where l.round_id = $1
                     and coalesce(s.pledged, 0) < l.pledged - l.granted - l.returned)",
    )
    .bind(id)
    .fetch_one(tx)
    .await
}

pub async fn count_invited(tx: &mut PgConnection, id: RoundId) -> Result<i64> {
    sqlx::query_scalar("select count(*) from invitations where round_id = $1").bind(id).fetch_one(tx).await
}
