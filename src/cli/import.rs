//! `graborder import`: a file into the books, through the same code as over HTTP, with the rights of an administrator.

use super::{Failure, runtime};
use crate::{
    config::Settings,
    domain::{
        ids::ImportId,
        import::{Encoding, ImportKind, ImportState},
        import_fault,
        lang::Lang,
        role::Role,
    },
    import::{self, Confirmed, FILE_BYTES_MAX, Given, Handed, Preview, Worker, WorkerConfig, cell_name},
    storage::{
        Db, Tx,
        imports::{
            faults,
            jobs::{self, JobView},
        },
    },
};
use clap::Args;
use std::{
    fs,
    io::{self, IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

/// Faults that are shown; the console has the others.
const SHOWN: i64 = 20;
const LOOK_EVERY: Duration = Duration::from_millis(200);

#[derive(Args, Clone, Debug)]
#[group(skip)]
pub(super) struct Options {
    /// stores, skus, prices, stock or sales.
    #[arg(long, value_parser = kind)]
    kind: ImportKind,
    /// CSV or XLSX, up to 32 MiB.
    file: PathBuf,
    /// Take it over; without it the preview waits in the console.
    #[arg(long)]
    confirm: bool,
    /// Rows with errors stay out; without it they keep everything out.
    #[arg(long)]
    skip_bad: bool,
    /// Although the very file was taken over before.
    #[arg(long)]
    again: bool,
    /// utf-8, gb18030, utf-16le or utf-16be; found out if not given.
    #[arg(long, value_parser = encoding)]
    encoding: Option<Encoding>,
}

fn kind(name: &str) -> Result<ImportKind, String> {
    ImportKind::named(name).ok_or_else(|| "one of stores, skus, prices, stock, sales".to_owned())
}

fn encoding(name: &str) -> Result<Encoding, String> {
    let found = Encoding::ALL.into_iter().find(|encoding| encoding.name() == name);
    found.ok_or_else(|| "one of utf-8, gb18030, utf-16le, utf-16be".to_owned())
}

pub(super) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let settings = Settings::load()?;
    let bytes = fs::read(&options.file).map_err(|error| format!("{}: {error}", options.file.display()))?;
    if bytes.len() > FILE_BYTES_MAX {
        return Err("the file is larger than 32 MiB: make several files of it".into());
    }
    runtime()?.block_on(async {
        let db = Db::connect(&settings.postgres.url, 4).await?;
        let Some(import_id) = hand_in(&db, options, &bytes).await? else { return Ok(ExitCode::SUCCESS) };
        let worker = Worker::new(db.clone(), WorkerConfig::default());
        let job = work(&db, &worker, import_id).await?;
        tell(&db, &job).await?;
        if job.state != ImportState::Previewed || !options.confirm {
            let clean = job.state == ImportState::Previewed && job.bad_rows == 0;
            if clean {
                println!("nothing is in the books yet: --confirm takes it over, or confirm {import_id} in the console");
            }
            return Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        let mut tx = Tx::begin(&db).await?;
        let job = jobs::hold(&mut tx, &ImportKind::ALL, import_id).await?.ok_or("somebody dropped the job")?;
        match import::confirm(&mut tx, &job, None, options.skip_bad, "").await? {
            Confirmed::Now | Confirmed::Before => tx.commit().await?,
            Confirmed::BadRows => return Err("rows with errors: mend them, or say --skip-bad".into()),
            Confirmed::AppliedBefore => return Err("this very file was taken over before: say --again".into()),
            Confirmed::WrongState => return Err("somebody else moved the job on".into()),
        }
        let job = work(&db, &worker, import_id).await?;
        if job.state == ImportState::Applied {
            println!("taken over: {} rows ({import_id})", job.good_rows);
            return Ok(ExitCode::SUCCESS);
        }
        tell(&db, &job).await?;
        Ok(ExitCode::FAILURE)
    })
}

/// `None`: that very file was taken over before, which is said.
async fn hand_in(db: &Db, options: &Options, bytes: &[u8]) -> Result<Option<ImportId>, Failure> {
    let file_name = options.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let file_name: String = file_name.chars().filter(|sign| !sign.is_control()).take(200).collect();
    let handed = Handed {
        kind: options.kind,
        bytes,
        file_name: &file_name,
        encoding: options.encoding,
        again: options.again,
        by_user: None,
        by_role: Role::Admin,
    };
    match import::hand_in(db, &handed).await? {
        Given::Job(import_id) => Ok(Some(import_id)),
        Given::AppliedBefore(import_id) => {
            println!("this very file was taken over before, by {import_id}; --again does it once more");
            Ok(None)
        }
        Given::Full => Err("too many imports are under way: confirm or drop some first".into()),
    }
}

/// Works on the job until it rests, or watches a node do so.
async fn work(db: &Db, worker: &Worker, import_id: ImportId) -> Result<JobView, Failure> {
    let watch = async {
        loop {
            let mut conn = db.0.acquire().await?;
            let job = jobs::job(&mut conn, &ImportKind::ALL, import_id).await?.ok_or("somebody dropped the job")?;
            drop(conn);
            line(&job)?;
            if !matches!(job.state, ImportState::Reading | ImportState::Applying) {
                return Ok::<_, Failure>(job);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    let (worked, watched) = tokio::join!(worker.step(Some(import_id)), watch);
    worked?;
    watched
}

/// One line that is written over, on a terminal; nothing in a log.
fn line(job: &JobView) -> io::Result<()> {
    let mut out = io::stderr();
    if !out.is_terminal() {
        return Ok(());
    }
    let total = job.rows_total.map(|total| format!(" / {total}")).unwrap_or_default();
    let stage = job.stage.map(|stage| format!("{stage:?} ").to_lowercase()).unwrap_or_default();
    let resting = !matches!(job.state, ImportState::Reading | ImportState::Applying);
    write!(out, "\r{stage}{}{total} rows\u{1b}[K{}", job.rows_read, if resting { "\n" } else { "" })?;
    out.flush()
}

async fn tell(db: &Db, job: &JobView) -> Result<(), Failure> {
    if let Some(failed) = &job.failed {
        println!("nothing comes of it: {} ({})", failed.0.sentence(Lang::En), failed.0.code.name());
        return Ok(());
    }
    let preview: Option<Preview> =
        job.preview.as_ref().and_then(|preview| serde_json::from_value(preview.0.clone()).ok());
    let Some(preview) = preview else { return Ok(()) };
    println!(
        "{} rows: {} good ({} new, {} changed, {} unchanged), {} bad, {} with warnings",
        preview.rows, preview.good, preview.new, preview.changed, preview.unchanged, preview.bad, preview.warned
    );
    let unread: Vec<&str> =
        preview.columns.iter().filter(|column| column.field.is_none()).map(|column| column.header.as_str()).collect();
    if !unread.is_empty() {
        println!("columns not read: {}", unread.join(", "));
    }
    for (code, count) in &preview.fault_counts {
        println!("  {count:>7} {code}");
    }
    let mut conn = db.0.acquire().await?;
    let rows = faults::list(&mut conn, job.import_id, None, None, SHOWN - 1).await?;
    for row in rows {
        let place = u32::try_from(row.row_no).ok().zip(row.column_no.and_then(|column| usize::try_from(column).ok()));
        let place = place.map_or_else(|| format!("row {}", row.row_no), |(row, column)| cell_name(row, column));
        let sentence = import_fault::sentence(row.code, Lang::En, &row.numbers);
        println!("  {place} {} {:?}: {sentence}", row.header.unwrap_or_default(), row.value);
    }
    Ok(())
}
