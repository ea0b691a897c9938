//! The node's hand that reads files and writes them into the books, one job at a time. A job belongs to the node that took
//! it for a while; if the node dies, another one takes the job up and begins it anew. Nothing of a broken-off job is in the
//! books, because all of a job is written in one transaction, together with its end: so a job is resumed by doing it again,
//! exactly once.

use super::{
    check::Known,
    faults::Fault,
    judge::{self, Plan},
    preview::Preview,
    reading::{self, Ask, Mended, Read},
    table,
};
use crate::{
    domain::{
        ids::ImportId,
        import::{ImportStage, ImportState, Rights},
        import_fault::{Failure, FailureCode},
    },
    storage::{
        self, Db, Tx, auth_versions,
        imports::{
            self, books, counted,
            faults::{self, FaultRow},
            file, jobs, prices, sales_lines, sales_totals, skus, stores,
            work::{self, Beat, Found, Work},
        },
        trouble::{self, Trouble},
    },
};
use serde_json::Value;
use sqlx::types::Json;
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Between two looks for jobs.
const PACE: Duration = Duration::from_millis(250);
const TIDY_EVERY: Duration = Duration::from_secs(600);
/// A file that ends node after node is not tried for ever.
const TRIES_MAX: i32 = 5;

#[derive(Clone, Copy, Debug)]
pub struct WorkerConfig {
    /// A node that has not been heard of for so long has lost its job.
    pub lease: Duration,
}

impl Default for WorkerConfig {
    fn default() -> Self {
        Self { lease: Duration::from_secs(15) }
    }
}

pub struct Worker {
    db: Db,
    config: WorkerConfig,
    name: Uuid,
}

/// How far the work is, for those who watch.
#[derive(Default)]
struct Progress {
    rows: Arc<AtomicI64>,
    stage: AtomicU8,
}

impl Progress {
    fn enter(&self, stage: ImportStage) {
        self.stage.store(stage as u8, Ordering::Relaxed);
    }

    fn stage(&self) -> ImportStage {
        let stage = self.stage.load(Ordering::Relaxed);
        [ImportStage::Reading, ImportStage::Checking]
            .into_iter()
            .find(|one| *one as u8 == stage)
            .unwrap_or(ImportStage::Writing)
    }
}

/// Why a job did not come to its end.
enum Stopped {
    /// And never will.
    Failed(Failure),
    Storage(storage::Error),
}

impl From<storage::Error> for Stopped {
    fn from(error: storage::Error) -> Self {
        Self::Storage(error)
    }
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Worker {
    pub fn new(db: Db, config: WorkerConfig) -> Self {
        Self { db, config, name: Uuid::now_v7() }
    }

    /// Until it is told to stop; a job under way is finished first.
    pub async fn run(self, stop: CancellationToken) {
        const DOING: &str = "importing";
        let mut trouble = Trouble::default();
        let mut tidied: Option<Instant> = None;
        while !stop.is_cancelled() {
            let worked = self.step(None).await;
            let pause = match worked {
                Ok(true) => continue,
                Ok(false) => {
                    trouble.over(DOING);
                    PACE
                }
                Err(error) => trouble.note(DOING, trouble::kind(&error), &error),
            };
            if tidied.is_none_or(|at| at.elapsed() > TIDY_EVERY) {
                tidied = Some(Instant::now());
                if let Err(error) = self.tidy().await {
                    tracing::warn!(%error, "old imports could not be tidied");
                }
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => break,
            }
        }
    }

    /// Drops what nobody came back to.
    pub async fn tidy(&self) -> storage::Result<()> {
        let mut tx = Tx::begin(&self.db).await?;
        imports::take_time(&mut tx).await?;
        let dropped = jobs::tidy(&mut tx).await?;
        tx.commit().await?;
        if dropped > 0 {
            tracing::info!(dropped, "old imports were dropped");
        }
        Ok(())
    }

    /// Does one job that waits, or this very one. `false`: there is none.
    pub async fn step(&self, only: Option<ImportId>) -> storage::Result<bool> {
        let taken = work::take(&mut *self.db.0.acquire().await?, self.name, self.config.lease, only).await?;
        let Some(job) = taken else { return Ok(false) };
        let begun = Instant::now();
        let (done, progress, total) = (CancellationToken::new(), Progress::default(), AtomicI64::new(-1));
        let work = async {
            let outcome = self.work(&job, &progress, &total).await;
            done.cancel();
            outcome
        };
        let (outcome, ()) = tokio::join!(work, self.beats(&job, &progress, &total, &done));
        let seconds = begun.elapsed().as_secs_f64();
        metrics::histogram!("import_seconds", "kind" => job.kind.name()).record(seconds);
        match outcome {
            Ok(()) => tracing::info!(import_id = %job.import_id, kind = job.kind.name(), seconds, "import worked on"),
            Err(Stopped::Failed(failure)) => {
                tracing::warn!(import_id = %job.import_id, code = failure.code.name(), "nothing comes of an import");
                work::failed(&mut *self.db.0.acquire().await?, self.name, job.import_id, &failure).await?;
            }
            Err(Stopped::Storage(error)) => {
                work::put_back(&mut *self.db.0.acquire().await?, self.name, job.import_id).await?;
                return Err(error);
            }
        }
        Ok(true)
    }

    /// Says that the node lives and how far it is, until the work is done.
    async fn beats(&self, job: &Work, progress: &Progress, total: &AtomicI64, done: &CancellationToken) {
        let pace = (self.config.lease / 5).min(Duration::from_millis(500));
        loop {
            tokio::select! {
                () = tokio::time::sleep(pace) => {}
                () = done.cancelled() => return,
            }
            let total = total.load(Ordering::Relaxed);
            let beat = Beat {
                stage: progress.stage(),
                rows_read: progress.rows.load(Ordering::Relaxed),
                rows_total: (total >= 0).then_some(total),
            };
            let said = async {
                let mut db = self.db.0.acquire().await?;
                work::beat(&mut db, self.name, job.import_id, self.config.lease, &beat).await
            };
            if let Err(error) = said.await {
                tracing::warn!(%error, "the progress of an import could not be told");
            }
        }
    }

    async fn work(&self, job: &Work, progress: &Progress, total: &AtomicI64) -> Result<(), Stopped> {
        if job.tries > TRIES_MAX {
            return Err(Failure::new(FailureCode::GivenUp).into());
        }
        progress.enter(ImportStage::Reading);
        let read = self.read(job, progress, total).await?;
        progress.enter(ImportStage::Checking);
        match job.state {
            ImportState::Applying => self.apply(job, read, progress).await,
            _ => self.show(job, read).await,
        }
    }

    async fn read(&self, job: &Work, progress: &Progress, total: &AtomicI64) -> Result<Read, Stopped> {
        let mut db = self.db.0.acquire().await?;
        let bytes = file::read(&mut db, job.import_id).await?;
        let mut mended = Mended::new();
        for cell in file::mended(&mut db, job.import_id).await? {
            let (Ok(row), Ok(column)) = (u32::try_from(cell.row_no), usize::try_from(cell.column_no)) else { continue };
            mended.entry(row).or_default().push((column, cell.value));
        }
        let known = known(&mut db, job).await?;
        drop(db);
        total.store(table::rows_about(&bytes).unwrap_or(-1), Ordering::Relaxed);
        let ask = Ask { kind: job.kind, encoding_said: job.encoding_said, mended, known };
        let rows = Arc::clone(&progress.rows);
        let read = tokio::task::spawn_blocking(move || reading::read(&bytes, &ask, &rows)).await;
        // A file that ends its reader is no workbook of ours; the node goes on.
        Ok(read.map_err(|error| {
            tracing::error!(%error, import_id = %job.import_id, "the reading of a file broke off");
            Failure::new(FailureCode::NotAWorkbook)
        })??)
    }

    /// Nothing is written but what was found.
    async fn show(&self, job: &Work, mut read: Read) -> Result<(), Stopped> {
        let mut tx = Tx::begin(&self.db).await?;
        imports::take_time(&mut tx).await?;
        judge::judge(&mut tx, &mut read, false).await?;
        self.save_found(tx, job, read, work::previewed).await?;
        Ok(())
    }

    async fn apply(&self, job: &Work, mut read: Read, progress: &Progress) -> Result<(), Stopped> {
        let mut tx = Tx::begin(&self.db).await?;
        imports::one_at_a_time(&mut tx).await?;
        if !job.again && jobs::applied_before(&mut tx, job.kind, &job.sha256).await?.is_some() {
            tx.rollback().await?;
            return Err(Failure::new(FailureCode::AlreadyApplied).into());
        }
        let plan = judge::judge(&mut tx, &mut read, true).await?;
        if read.faults.bad() > 0 && !job.skip_bad {
            // The books moved since it was shown: whoever confirmed sees what is wrong now.
            tx.rollback().await?;
            let tx = Tx::begin(&self.db).await?;
            self.save_found(tx, job, read, work::previewed).await?;
            return Ok(());
        }
        progress.enter(ImportStage::Writing);
        write(&mut tx, job, plan).await?;
        file::remove(&mut tx, job.import_id).await?;
        self.save_found(tx, job, read, work::applied).await?;
        Ok(())
    }

    /// Saves what was found, moves the job on and commits. A job that is no longer ours is left alone, with everything
    /// that was done for it.
    async fn save_found(
        &self,
        mut tx: Tx,
        job: &Work,
        read: Read,
        finish: impl AsyncFnOnce(&mut sqlx::PgConnection, Uuid, ImportId, &Found<'_>) -> storage::Result<bool>,
    ) -> Result<(), Stopped> {
        let preview = preview(job, &read);
        let (rows, good_rows, bad_rows) = (preview.rows, preview.good, preview.bad);
        let preview = serde_json::to_value(preview).unwrap_or(Value::Null);
        let found = Found { preview: &preview, rows, good_rows, bad_rows };
        let headers = read.columns.headers.clone();
        let kept = fault_rows(read.faults.kept(), &headers);
        if finish(&mut tx, self.name, job.import_id, &found).await? {
            faults::write(&mut tx, job.import_id, &kept).await?;
            tx.commit().await?;
        } else {
            tracing::warn!(import_id = %job.import_id, "an import was dropped, or taken up by another node");
            tx.rollback().await?;
        }
        Ok(())
    }
}

async fn known(db: &mut sqlx::PgConnection, job: &Work) -> storage::Result<Known> {
    let (zone, today, now) = books::clock(db).await?.ok_or(sqlx::Error::RowNotFound)?;
    let regions = match job.by_user {
        Some(user_id) => books::regions_of(db, user_id).await?,
        None => Vec::new(),
    };
    Ok(Known {
        rights: Rights::of(job.by_role),
        regions: (!regions.is_empty()).then(|| regions.into_iter().collect()),
        stores: books::stores(db).await?.into_iter().map(|store| (store.code.clone(), store)).collect(),
        skus: books::skus(db).await?.into_iter().map(|sku| (sku.code.clone(), sku)).collect(),
        warehouses: books::warehouses(db).await?.into_iter().map(|(id, code)| (code, id)).collect::<HashMap<_, _>>(),
        zone: zone.parse().unwrap_or(chrono_tz::Tz::UTC),
        today,
        now,
        made_at: job.made_at,
    })
}

async fn write(tx: &mut Tx, job: &Work, plan: Plan) -> storage::Result<()> {
    let import_id = job.import_id;
    match plan {
        Plan::Stores(rows) => {
            let pool = books::first_pool(tx).await?.ok_or(sqlx::Error::RowNotFound)?;
            stores::apply(tx, import_id, &pool, &rows).await?;
            for user_id in stores::users_of_closed(tx, import_id).await? {
                auth_versions::bump(tx, user_id).await?;
            }
            Ok(())
        }
        Plan::Skus(rows) => skus::apply(tx, import_id, &rows).await,
        Plan::Prices(rows) => prices::apply(tx, import_id, &rows).await,
        Plan::Stock(differences) => counted::apply(tx, import_id, job.confirmed_by, &differences).await,
        Plan::SalesLines(rows) => sales_lines::apply(tx, import_id, &rows).await,
        Plan::SalesTotals(rows) => sales_totals::apply(tx, import_id, &rows).await,
    }
}

fn preview(job: &Work, read: &Read) -> Preview {
    let bad = read.faults.bad();
    Preview {
        form: read.form.clone(),
        columns: reading::seen_columns(job.kind, &read.columns),
        sample: read.sample.clone(),
        rows: read.rows,
        good: read.rows - bad,
        bad,
        warned: read.faults.warned(),
        new: read.outcome.new,
        changed: read.outcome.changed,
        unchanged: read.outcome.unchanged,
        fault_counts: read.faults.counts.iter().map(|(code, count)| (code.name().to_owned(), *count)).collect(),
    }
}

fn fault_rows(faults: Vec<Fault>, headers: &[String]) -> Vec<FaultRow> {
    (1_i32..)
        .zip(faults)
        .map(|(number, fault)| FaultRow {
            number,
            severity: fault.code.severity(),
            row_no: i32::try_from(fault.row).unwrap_or(i32::MAX),
            column_no: fault.column.and_then(|column| i32::try_from(column).ok()),
            header: fault.column.and_then(|column| headers.get(column).cloned()),
            value: fault.value,
            code: fault.code,
            numbers: Json(fault.numbers),
        })
        .collect()
}
