//! Lists that leave the house as files. Read page by page behind a key, each page by a query of its own: nothing is held
//! while somebody's line is slow, and a row that is added or changed meanwhile stands as it was when its page was read.

mod orders;
mod results;
mod shipments;
mod skus;
mod stock;
mod stores;

pub use orders::{OrderLineRow, OrderLines};
pub use results::{ResultRow, Results};
pub use shipments::{ShipmentLineRow, ShipmentLines};
pub use skus::{SkuRow, Skus};
pub use stock::{Stock, StockRow};
pub use stores::{StoreRow, Stores};

use super::Result;
use crate::domain::ids::{RoundId, StoreId, UserId};
use sqlx::PgConnection;

/// Rows of a page.
pub const PAGE: i64 = 1_000;

/// A list and how far it was read.
pub trait Pages {
    type Row;

    /// All rows, as of now.
    fn count(&self, db: &mut PgConnection) -> impl Future<Output = Result<i64>>;

    /// The next `PAGE` rows; fewer when there are no more.
    fn next(&mut self, db: &mut PgConnection) -> impl Future<Output = Result<Vec<Self::Row>>>;
}

/// Whose rows somebody may take.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reach {
    /// Only this store's.
    pub store_id: Option<StoreId>,
    /// Only of stores in the regions of this user, if they have any.
    pub area_of: Option<UserId>,
}

/// Whether there is such a round for those people: a store knows the published ones that it is invited to.
pub async fn sees_round(db: &mut PgConnection, round_id: RoundId, reach: Reach) -> Result<bool> {
    sqlx::query_scalar(
        "select exists (
                  select
                    from rounds r
                   where r.id = $1
                     and ($2::uuid is null
                          or r.published_at is not null
                         and exists (select from invitations where round_id = r.id and store_id = $2)))",
    )
    .bind(round_id)
    .bind(reach.store_id)
    .fetch_one(db)
    .await
}
