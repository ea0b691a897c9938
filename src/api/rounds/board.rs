//! Running totals of a round for headquarters: the frame `board` of the socket, asked for instead of told.

use crate::{
    api::{
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    domain::{
        clock,
        ids::{PoolId, RoundId},
    },
    protocol::outbound::{BoardFrame, Versioned},
    storage::{round_views, status},
};
use actix_web::{get, web};

/// A node that has not written for so long does not count.
const STALE_MS: i64 = 5_000;

/// The board of a round
#[utoipa::path(
    tag = "rounds",
    params(("round_id" = String, Path)),
    responses(
        (status = 200, description = "The frame `board` without its `t`", body = Object),
        (status = 404, body = ProblemBody),
    ),
)]
#[get("/rounds/{round_id}/board")]
pub async fn board(
    state: web::Data<ApiState>,
    _session: May<may::SeeBoard>,
    round_id: web::Path<RoundId>,
) -> Result<web::Json<Versioned<BoardFrame>>, Problem> {
    let mut db = state.connection().await?;
    // Read before the figures, so that they are at least as new as the version says.
    let (pool, version) = round_views::pool_and_number(&mut db, *round_id).await?.ok_or(Kind::NotFound)?;
    let figures = status::board(&mut db, *round_id).await?;
    drop(db);
    let (sessions_online, stores_online) = online(&state, &pool).await;
    let frame = BoardFrame { figures, sessions_online, stores_online };
    Ok(web::Json(Versioned { version, server_time_ms: clock::now_ms(), state: frame }))
}

/// Sessions and stores over all nodes. Only numbers on a board: when Redis does not answer, nobody is known to be online.
async fn online(state: &ApiState, pool: &PoolId) -> (i64, i64) {
    match state.hot.pool(pool).presence_read().await {
        Ok(nodes) => {
            let now_ms = clock::now_ms();
            let fresh = nodes.iter().filter(|node| now_ms - node.at_ms < STALE_MS);
            fresh.fold((0, 0), |(sessions, stores), node| (sessions + node.sessions, stores + node.stores))
        }
        Err(error) => {
            tracing::warn!(%error, "presence could not be read");
            (0, 0)
        }
    }
}
