//! Numbered wishes about a round. Postgres hands out even numbers under the round's lock, so that they are committed in
//! their order; a pause takes an odd one from Redis (see `rounds`).

use crate::{
    domain::{
        ids::{RoundId, UserId},
        round::Intent,
    },
    storage::Result,
};
use sqlx::{PgConnection, types::Json};

/// The caller holds the round.
pub async fn add(
    tx: &mut PgConnection,
    round: RoundId,
    intent: Intent,
    reason: &str,
    by: Option<UserId>,
) -> Result<i64> {
    let intent_no: i64 =
        sqlx::query_scalar("update rounds set intent_no = intent_no + 2 where id = $1 returning intent_no")
            .bind(round)
            .fetch_one(&mut *tx)
            .await?;
    sqlx::query("insert into round_intents (round_id, intent_no, intent, reason, by_user) values ($1, $2, $3, $4, $5)")
        .bind(round)
        .bind(intent_no)
        .bind(Json(intent))
        .bind(reason)
        .bind(by)
        .execute(tx)
        .await?;
    Ok(intent_no)
}

#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    pub intent_no: i64,
    pub intent: Intent,
}

/// Wishes that nobody has seen an end of, in their order.
pub async fn waiting(conn: &mut PgConnection, round: RoundId) -> Result<Vec<Waiting>> {
    let rows: Vec<(i64, Json<Intent>)> = sqlx::query_as(
        "select intent_no, intent
           from round_intents
          where round_id = $1
            and outcome is null
          order by intent_no",
    )
    .bind(round)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|(intent_no, intent)| Waiting { intent_no, intent: intent.0 }).collect())
}

/// Why the script ignored the wish. What it applied is noted by the writer, from the log.
pub async fn note_ignored(conn: &mut PgConnection, round: RoundId, intent_no: i64, why: &str) -> Result<()> {
    sqlx::query("update round_intents set outcome = $3 where round_id = $1 and intent_no = $2 and outcome is null")
        .bind(round)
        .bind(intent_no)
        .bind(why)
        .execute(conn)
        .await?;
    Ok(())
}

/// A pause that Redis has already obeyed: who asked for it, as far as somebody still knows. It waits like any other wish,
/// so that one which Redis obeyed and then lost is obeyed again.
pub async fn note_pause(
    conn: &mut PgConnection,
    round: RoundId,
    pause_no: i64,
    reason: &str,
    by: Option<UserId>,
) -> Result<()> {
    sqlx::query(
        "insert into round_intents as i (round_id, intent_no, intent, reason, by_user)
         values ($1, $2, $3, $4, $5)
         on conflict (round_id, intent_no) do update
            set reason  = excluded.reason,
                by_user = excluded.by_user
          where i.by_user is null
            and excluded.by_user is not null",
    )
    .bind(round)
    .bind(pause_no)
    .bind(Json(Intent::Pause))
    .bind(reason)
    .bind(by)
    .execute(conn)
    .await?;
    Ok(())
}

/// The number of the pause that holds the round in the books: that of the newest pause, or, where the books were away
/// when it was asked for, the last number they saw.
pub async fn pause_no(conn: &mut PgConnection, round: RoundId) -> Result<i64> {
    sqlx::query_scalar(
        "select coalesce(
                  (select max(i.intent_no)
                     from round_intents i
                    where i.round_id = r.id
                      and i.intent_no <= r.applied_no
                      and i.intent ->> 'kind' = 'pause'),
                  r.applied_no)
           from rounds r
          where r.id = $1",
    )
    .bind(round)
    .fetch_one(conn)
    .await
}

/// A wish below the last number seen in the log, and without an end of its own, was ignored by a script whose answer got
/// lost: had it been applied, its entry had come first. A pause is only ever noted after it was obeyed, perhaps after its
/// entry was read.
pub async fn note_passed(conn: &mut PgConnection, round: RoundId) -> Result<()> {
    sqlx::query(
        "update round_intents i
            set outcome = case i.intent ->> 'kind' when 'pause' then 'applied' else 'passed' end
           from rounds r
          where r.id = $1
            and i.round_id = r.id
            and i.outcome is null
            and (i.intent_no < r.applied_no or i.intent_no = r.applied_no and i.intent ->> 'kind' = 'pause')",
    )
    .bind(round)
    .execute(conn)
    .await?;
    Ok(())
}

/// What became of a wish, as far as the books know.
pub async fn outcome(conn: &mut PgConnection, round: RoundId, intent_no: i64) -> Result<Option<String>> {
    sqlx::query_scalar("select outcome from round_intents where round_id = $1 and intent_no = $2")
        .bind(round)
        .bind(intent_no)
        .fetch_one(conn)
        .await
}
