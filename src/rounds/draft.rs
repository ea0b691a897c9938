//! Writing a round down: checked, priced and packed from the books, and known to headquarters only.

use super::{
    InvitedStores, NewInvitation, NewLine, NewRound, Result, Rounds,
    flaw::{FlawKind, Flaws},
    publish::local_day,
};
use crate::{
    domain::{
        ids::{RoundId, SkuId, UserId},
        round_step::RoundStep,
    },
    storage::{
        Tx,
        rounds::{
            draft::{self as books, DraftHead, DraftInvitation, DraftLine, Known},
            steps,
        },
    },
};
use sqlx::PgConnection;

impl Rounds {
    pub async fn draft(&self, new: NewRound, by: UserId) -> Result<RoundId> {
        let mut flaws = Flaws::default();
        flaws.head(&new.name, new.opens_at, new.closes_at, &new.policy);
        flaws.lines(&new.lines);
        flaws.stores(&new.stores);
        flaws.none_or_error()?;

        let mut tx = Tx::begin(&self.db).await?;
        let id = RoundId::new();
        let day = local_day(&mut tx, new.opens_at).await?;
        let code = books::next_code(&mut tx, day).await?;
        let head =
            DraftHead { name: new.name.trim(), opens_at: new.opens_at, closes_at: new.closes_at, policy: new.policy };
        books::insert_round(&mut tx, id, &self.pool, &code, &head, by).await?;
        self.write_parts(&mut tx, id, Some(&new.lines), Some(&new.stores)).await?;
        steps::note(&mut tx, id, RoundStep::Drafted, by, "").await?;
        tx.commit().await?;
        tracing::info!(round_id = %id, code, by = %by, "round drafted");
        Ok(id)
    }

    /// Replaces lines and invitations, as far as given, after checking that the books know what they name.
    pub(super) async fn write_parts(
        &self,
        tx: &mut PgConnection,
        id: RoundId,
        lines: Option<&[NewLine]>,
        stores: Option<&InvitedStores>,
    ) -> Result<()> {
        let skus: Vec<SkuId> = lines.unwrap_or_default().iter().map(|line| line.sku_id).collect();
        let known = books::known(tx, &self.pool, &skus).await?;
        let mut flaws = Flaws::default();
        let lines = lines.map(|lines| complete(lines, &known, &mut flaws));
        let stores = stores.map(|stores| invite(stores, &known, &mut flaws));
        flaws.none_or_error()?;
        if let Some(lines) = lines {
            books::replace_lines(tx, id, &lines).await?;
        }
        if let Some(stores) = stores {
            books::replace_invitations(tx, id, &stores).await?;
        }
        Ok(())
    }
}

/// Fills in what the SKU says where the draft is silent.
fn complete(lines: &[NewLine], known: &Known, flaws: &mut Flaws) -> Vec<DraftLine> {
    let mut complete = Vec::with_capacity(lines.len());
    for (i, line) in lines.iter().enumerate() {
        if !known.warehouses.contains(&line.warehouse_id) {
            flaws.add(format!("/lines/{i}/warehouse_id"), FlawKind::Unknown);
        }
        let Some(&(list_price_cents, case_pack)) = known.skus.get(&line.sku_id) else {
            flaws.add(format!("/lines/{i}/sku_id"), FlawKind::Unknown);
            continue;
        };
        complete.push(DraftLine {
            sku_id: line.sku_id,
            warehouse_id: line.warehouse_id,
            pledged: line.pledged,
            holdback: line.holdback,
            price_cents: line.price_cents.unwrap_or(list_price_cents),
            pack: line.pack.unwrap_or(case_pack),
            min_claim: line.min_claim.unwrap_or(1),
            cap_line: line.cap_line,
        });
    }
    complete
}

fn invite(stores: &InvitedStores, known: &Known, flaws: &mut Flaws) -> Vec<DraftInvitation> {
    let stores = match stores {
        InvitedStores::All => known.stores.iter().copied().map(NewInvitation::plain).collect(),
        InvitedStores::These(stores) => stores.clone(),
    };
    if stores.is_empty() {
        flaws.add("/stores", FlawKind::Empty);
    }
    for (i, store) in stores.iter().enumerate() {
        // The books hand them out in the order of their ids.
        if known.stores.binary_search(&store.store_id).is_err() {
            flaws.add(format!("/stores/{i}/store_id"), FlawKind::Unknown);
        }
    }
    let row = |store: &NewInvitation| DraftInvitation {
        store_id: store.store_id,
        offset_ms: store.offset_ms,
        cap_round: store.cap_round,
        cap_day: store.cap_day,
        cap_period: store.cap_period,
    };
    stores.iter().map(row).collect()
}
