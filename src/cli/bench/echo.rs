//! The servers that ours is held against: a bare actix-ws server that reads the same frame and answers with one of the same
//! length, and the same with every claim decided straight in Postgres. Hidden commands, each a process of its own.

use super::super::Failure;
use crate::{
    app::tasks::{self, Tasks},
    cli::{private::stop_asked, runtime},
    config::Surroundings,
    domain::{
        clock,
        ids::{ClaimId, LineId, RoundId, StoreId},
    },
    protocol::In,
    storage::{
        Db,
        rival::{self, Ask},
    },
};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use actix_ws::Message;
use clap::Args;
use futures_util::StreamExt;
use serde::Deserialize;
use std::{process::ExitCode, sync::Arc};
use tokio::sync::{Mutex, mpsc, oneshot};

/// As in `grab`: claims a call at most, and claims that may wait.
const BATCH_MAX: usize = 64;
const QUEUE_MAX: usize = 8192;

#[derive(Args, Clone, Debug)]
pub(super) struct Options {
    #[arg(long)]
    bind: String,
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// Claim loops, each with a connection of its own; without it every claim is won unasked.
    #[arg(long, default_value_t = 0)]
    loops: usize,
}

struct Job {
    ask: Ask,
    answer: oneshot::Sender<bool>,
}

/// Whose session it is, where that matters.
#[derive(Deserialize)]
struct Who {
    #[serde(default)]
    store: StoreId,
}

/// `None`: an echo.
type Jobs = Option<mpsc::Sender<Job>>;

pub(super) fn run(options: Options) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let tasks = Tasks::new();
        let jobs = match options.loops {
            0 => None,
            loops => {
                let url = Surroundings::read().postgres_url.ok_or("DATABASE_URL says where the loops decide")?;
                Some(claim_loops(&url, loops, &tasks).await?)
            }
        };
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(jobs.clone()))
                .route("/readyz", web::get().to(HttpResponse::Ok))
                .route("/won", web::get().to(won))
                .route("/refused", web::get().to(refused))
        })
        .workers(options.workers)
        .disable_signals()
        .bind(&options.bind)?
        .run();
        let handle = server.handle();
        tasks.spawn_named("http", async move {
            if let Err(error) = server.await {
                eprintln!("graborder: {error}");
            }
        });
        let stop = tasks.stop.clone();
        let broke = tokio::select! {
            asked = stop_asked() => { asked?; false }
            () = stop.cancelled() => true,
        };
        handle.stop(false).await;
        tasks.stop.cancel();
        tasks.ended().await;
        Ok(if broke { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    })
}

async fn won(
    request: HttpRequest,
    body: web::Payload,
    jobs: web::Data<Jobs>,
    who: web::Query<Who>,
) -> actix_web::Result<HttpResponse> {
    open(&request, body, jobs, who.store, "")
}

/// A loser's frame is longer: it says why, for the claim and for its line.
async fn refused(request: HttpRequest, body: web::Payload, jobs: web::Data<Jobs>) -> actix_web::Result<HttpResponse> {
    let why = r#""code":"E14","numbers":{"sold_out_at_ms":1700000000000,"recv_at_ms":1700000000000,"left":0},"#;
    open(&request, body, jobs, StoreId::default(), why)
}

fn open(
    request: &HttpRequest,
    body: web::Payload,
    jobs: web::Data<Jobs>,
    store_id: StoreId,
    why: &'static str,
) -> actix_web::Result<HttpResponse> {
    let (response, mut session, mut messages) = actix_ws::handle(request, body)?;
    tasks::spawn_session(async move {
        while let Some(Ok(message)) = messages.next().await {
            let Message::Text(text) = message else { continue };
            let Ok(In::Claim { claim_id, round_id, lines, .. }) = serde_json::from_str::<In>(&text) else { return };
            let Some(line) = lines.first() else { return };
            if let Some(jobs) = jobs.as_ref() {
                let (answer, decided) = oneshot::channel();
                let verdict = packed(store_id, line.line_id);
                let ask = Ask { claim_id, store_id, line_id: line.line_id, qty: line.qty, verdict };
                if jobs.send(Job { ask, answer }).await.is_err() || !decided.await.unwrap_or(false) {
                    return;
                }
            }
            if session.text(verdict(claim_id, round_id, line.line_id, why)).await.is_err() {
                return;
            }
        }
    });
    Ok(response)
}

/// As much text as our script keeps under a winner's id.
fn packed(store_id: StoreId, line_id: LineId) -> String {
    let hash = "0123456789abcdef0123456789abcdef";
    let now_ms = clock::now_ms();
    format!("{hash}|{store_id}|{store_id}|P|W||{now_ms}|1|1|{line_id},1,1,")
}

fn verdict(claim_id: ClaimId, round_id: RoundId, line_id: LineId, why: &str) -> String {
    let (status, granted) = if why.is_empty() { ("won", 1) } else { ("refused", 0) };
    let line_why = why.strip_suffix(',').map(|why| format!(",{why}")).unwrap_or_default();
    let now_ms = clock::now_ms();
    format!(
        r#"{{"t":"verdict","claim_id":"{claim_id}","round_id":"{round_id}","status":"{status}",{why}"lines":[{{"line_id":"{line_id}","asked":1,"granted":{granted}{line_why}}}],"decided_at_ms":{now_ms},"epoch":1}}"#
    )
}

async fn claim_loops(url: &str, loops: usize, tasks: &Tasks) -> Result<mpsc::Sender<Job>, Failure> {
    let db = Db::connect(url, u32::try_from(loops)?).await?;
    let (jobs, queue) = mpsc::channel(QUEUE_MAX);
    let queue = Arc::new(Mutex::new(queue));
    for _ in 0..loops {
        let (db, queue) = (db.clone(), Arc::clone(&queue));
        tasks.spawn_named("rival_loop", async move {
            if let Err(error) = claim_loop(db, queue).await {
                eprintln!("graborder: a claim loop on Postgres broke off: {error}");
            }
        });
    }
    Ok(jobs)
}

/// Like `grab`'s: whatever arrived while it was busy goes out next.
async fn claim_loop(db: Db, queue: Arc<Mutex<mpsc::Receiver<Job>>>) -> Result<(), Failure> {
    let mut connection = db.0.acquire().await?;
    rival::prepare(&mut connection).await?;
    let mut jobs = Vec::with_capacity(BATCH_MAX);
    loop {
        if queue.lock().await.recv_many(&mut jobs, BATCH_MAX).await == 0 {
            return Ok(());
        }
        let (asks, answers): (Vec<Ask>, Vec<_>) = jobs.drain(..).map(|job| (job.ask, job.answer)).unzip();
        let all = rival::grant(&mut connection, &asks).await?;
        for answer in answers {
            // Whoever asked may have gone; the claim stands all the same.
            let _gone = answer.send(all);
        }
    }
}
