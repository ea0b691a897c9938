//! The hot path's way to the books: what became of a claim whose round Redis does not hold.

use crate::grab::{Looked, Lookup};
use crate::storage::{Db, round_list, verdicts};
use std::sync::Arc;

pub(super) fn from_books(db: Db) -> Lookup {
    Arc::new(move |round_id, claim_id| {
        let db = db.clone();
        Box::pin(async move {
            let mut connection = db.0.acquire().await.map_err(|error| error.to_string())?;
            let verdict =
                verdicts::packed(&mut connection, round_id, claim_id).await.map_err(|error| error.to_string())?;
            if let Some(packed) = verdict {
                return Ok(Looked::Verdict(packed));
            }
            let times = round_list::times(&mut connection, round_id).await.map_err(|error| error.to_string())?;
            Ok(times.map_or(Looked::Nothing, |(opens_at, closes_at)| Looked::Round {
                opens_at_ms: opens_at.timestamp_millis(),
                closes_at_ms: closes_at.timestamp_millis(),
            }))
        })
    })
}
