//! Changing a draft. The caller names the version it read, so that two editors cannot overwrite each other unseen.

use super::{Edit, Error, Result, Rounds, flaw::Flaws, publish::local_day};
use crate::{
    domain::{
        ids::{RoundId, UserId},
        round::RoundState,
        round_step::RoundStep,
    },
    storage::{
        Tx,
        rounds::{
            self,
            draft::{self as books, DraftHead},
            steps,
        },
    },
};

impl Rounds {
    /// The round's version, for the ETag of a draft.
    pub async fn version(&self, id: RoundId) -> Result<i64> {
        let mut conn = self.db.0.acquire().await?;
        Ok(rounds::round(&mut conn, id).await?.ok_or(Error::NotFound)?.version)
    }

    /// Returns the new version.
    pub async fn edit(&self, id: RoundId, version: i64, edit: Edit, by: UserId) -> Result<i64> {
        let mut tx = Tx::begin(&self.db).await?;
        let round = rounds::round_for_update(&mut tx, id).await?.ok_or(Error::NotFound)?;
        if round.state != RoundState::Draft {
            return Err(Error::State(round.state));
        }
        if round.version != version {
            return Err(Error::Version);
        }
        let name = edit.name.unwrap_or(round.name);
        let opens_at = edit.opens_at.unwrap_or(round.opens_at);
        let closes_at = edit.closes_at.unwrap_or(round.closes_at);
        let policy = edit.policy.unwrap_or(round.policy.0);
        let mut flaws = Flaws::default();
        flaws.head(&name, opens_at, closes_at, &policy);
        if let Some(lines) = &edit.lines {
            flaws.lines(lines);
        }
        if let Some(stores) = &edit.stores {
            flaws.stores(stores);
        }
        flaws.none_or_error()?;

        // The code names the day of opening and follows it as long as nobody was told of the round.
        let day = local_day(&mut tx, opens_at).await?;
        let code = if day == local_day(&mut tx, round.opens_at).await? {
            round.code
        } else {
            books::next_code(&mut tx, day).await?
        };
        let head = DraftHead { name: name.trim(), opens_at, closes_at, policy };
        books::replace_head(&mut tx, id, &code, &head, by).await?;
        self.write_parts(&mut tx, id, edit.lines.as_deref(), edit.stores.as_ref()).await?;
        steps::note(&mut tx, id, RoundStep::Edited, by, "").await?;
        let version = rounds::round(&mut tx, id).await?.ok_or(Error::NotFound)?.version;
        tx.commit().await?;
        Ok(version)
    }
}
