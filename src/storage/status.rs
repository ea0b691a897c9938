//! Where a round stands, as everybody is told it: read inside the transaction that changed it, so that what is told and
//! what is in the books cannot differ.

use super::{Error, Result};
use crate::domain::{
    event::{BoardFigures, BoardLine, LineLeft, RoundStatus, Winner},
    ids::{LineId, RoundId},
    round::RoundState,
};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The round's status. A round that does not exist is `RowNotFound`.
pub async fn round_status(tx: &mut PgConnection, round_id: RoundId) -> Result<RoundStatus> {
    round_statuses(tx, &[round_id]).await?.pop().ok_or(Error::RowNotFound)
}

/// The statuses of those rounds that exist, in the order of their ids.
pub async fn round_statuses(tx: &mut PgConnection, round_ids: &[RoundId]) -> Result<Vec<RoundStatus>> {
    let rows: Vec<StatusRow> = sqlx::query_as(
        "select r.id, r.state, r.opens_at, r.closes_at, r.shift_ms, r.paused_at, r.chain_n, r.chain_hash,
                array(select l.id from offer_lines l where l.round_id = r.id order by l.line_no) as line_ids,
                array(select greatest(0, l.pledged - l.holdback - l.granted - l.returned)
                        from offer_lines l
                       where l.round_id = r.id
                       order by l.line_no) as lefts
           from rounds r
          where r.id = any($1)
          order by r.id",
    )
    .bind(uuids(round_ids))
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(StatusRow::status).collect())
}

/// The board's figures of a round, apart from who is online. A round that does not exist is `RowNotFound`.
pub async fn board(tx: &mut PgConnection, round_id: RoundId) -> Result<BoardFigures> {
    boards(tx, &[round_id]).await?.pop().ok_or(Error::RowNotFound)
}

/// The figures of those rounds that exist, in the order of their ids.
pub async fn boards(tx: &mut PgConnection, round_ids: &[RoundId]) -> Result<Vec<BoardFigures>> {
    let rows: Vec<BoardRow> = sqlx::query_as(
        "select r.id, t.as_of,
                coalesce(t.claims, 0)         as claims,
                coalesce(t.won, 0)            as won,
                coalesce(t.winning_stores, 0) as winning_stores,
                coalesce(t.granted_units, 0)  as granted_units,
                coalesce(t.revoked, 0)        as revoked,
                coalesce(t.refused, '{}')     as refused,
                coalesce(t.winners, '[]')     as winners,
                array(select l.id from offer_lines l where l.round_id = r.id order by l.line_no) as line_ids,
                array(select l.pledged - l.holdback
                        from offer_lines l
                       where l.round_id = r.id
                       order by l.line_no) as offered,
                array(select greatest(0, l.pledged - l.holdback - l.granted - l.returned)
                        from offer_lines l
                       where l.round_id = r.id
                       order by l.line_no) as lefts,
                array(select l.sold_out_at from offer_lines l where l.round_id = r.id order by l.line_no) as sold_out
           from rounds r
           left join round_totals t on t.round_id = r.id
          where r.id = any($1)
          order by r.id",
    )
    .bind(uuids(round_ids))
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(BoardRow::figures).collect())
}

#[derive(sqlx::FromRow)]
struct StatusRow {
    id: RoundId,
    state: RoundState,
    opens_at: DateTime<Utc>,
    closes_at: DateTime<Utc>,
    shift_ms: i64,
    paused_at: Option<DateTime<Utc>>,
    chain_n: i64,
    chain_hash: Vec<u8>,
    line_ids: Vec<Uuid>,
    lefts: Vec<i64>,
}

impl StatusRow {
    fn status(self) -> RoundStatus {
        RoundStatus {
            round_id: self.id,
            state: self.state,
            opens_at_ms: self.opens_at.timestamp_millis().saturating_add(self.shift_ms),
            closes_at_ms: self.closes_at.timestamp_millis().saturating_add(self.shift_ms),
            paused_at_ms: self.paused_at.map(|at| at.timestamp_millis()),
            lines: (self.line_ids.into_iter().zip(self.lefts))
                .map(|(id, left)| LineLeft { line_id: LineId(id), left })
                .collect(),
            chain_n: self.chain_n,
            chain_hash: hex::encode(self.chain_hash),
        }
    }
}

#[derive(sqlx::FromRow)]
struct BoardRow {
    id: RoundId,
    as_of: Option<DateTime<Utc>>,
    claims: i64,
    won: i64,
    winning_stores: i64,
    granted_units: i64,
    revoked: i64,
    refused: Json<BTreeMap<String, i64>>,
    winners: Json<Vec<Winner>>,
    line_ids: Vec<Uuid>,
    offered: Vec<i64>,
    lefts: Vec<i64>,
    sold_out: Vec<Option<DateTime<Utc>>>,
}

impl BoardRow {
    fn figures(self) -> BoardFigures {
        let lines = self.line_ids.into_iter().zip(self.offered).zip(self.lefts).zip(self.sold_out);
        BoardFigures {
            round_id: self.id,
            as_of_ms: self.as_of.map_or(0, |at| at.timestamp_millis()),
            claims: self.claims,
            won: self.won,
            winning_stores: self.winning_stores,
            granted_units: self.granted_units,
            revoked: self.revoked,
            refused: self.refused.0,
            lines: lines
                .map(|(((id, offered), left), sold_out)| BoardLine {
                    line_id: LineId(id),
                    offered,
                    left,
                    sold_out_at_ms: sold_out.map(|at| at.timestamp_millis()),
                })
                .collect(),
            winners: self.winners.0,
        }
    }
}

fn uuids(round_ids: &[RoundId]) -> Vec<Uuid> {
    round_ids.iter().map(|id| id.0).collect()
}
