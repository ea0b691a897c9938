//! What left the house: who took what, why and how much of it. Written down before the first byte leaves.

use crate::{
    domain::{
        admin_action::{Action, OnKind},
        export::{ExportFormat, ExportKind},
        ids::UserId,
    },
    storage::{
        self, Db,
        admin_actions::{self, Act},
    },
};
use serde_json::{Value, json};
use uuid::Uuid;

/// An export that is about to leave.
#[derive(Clone, Debug)]
pub struct Logged {
    export_id: Uuid,
    by: UserId,
    kind: ExportKind,
}

impl Logged {
    pub fn new(by: UserId, kind: ExportKind) -> Self {
        Self { export_id: Uuid::now_v7(), by, kind }
    }

    pub async fn leaves(
        &self,
        db: &Db,
        format: ExportFormat,
        filters: &Value,
        rows: i64,
        reason: &str,
    ) -> storage::Result<()> {
        let told = json!({"kind": self.kind, "format": format, "filters": filters, "rows": rows});
        let act = Act::new(Some(self.by), Action::DataExported, reason).after(told);
        let mut connection = db.0.acquire().await?;
        admin_actions::write(&mut connection, OnKind::Export, self.export_id, act).await
    }

    /// So many rows had left when reading on failed. The reader's program sees that the file ends too early.
    pub async fn broke_off(&self, db: &Db, rows: i64, error: &storage::Error) {
        tracing::error!(export_id = %self.export_id, by = %self.by, kind = self.kind.name(), rows, %error, "an export broke off");
        let act = Act::new(Some(self.by), Action::DataExportFailed, "").after(json!({"kind": self.kind, "rows": rows}));
        let written = async {
            let mut connection = db.0.acquire().await?;
            admin_actions::write(&mut connection, OnKind::Export, self.export_id, act).await
        };
        if let Err(error) = written.await {
            tracing::error!(export_id = %self.export_id, %error, "that an export broke off is not in the books");
        }
    }
}
