//! The sessions run: whether a store keeps its place over lines that fail, phones that stall, nodes that restart and nodes
//! that die. Two real nodes on one Redis and one Postgres; one JSON line tells.

mod permissions;
mod phone;
mod pump;
mod resume;
mod rolling;
mod slow;
mod storm;

use super::{crowd, nodes::Node, round, say, scratch::Scratch};
use crate::{
    auth::{Person, Tokens},
    cli::{
        Failure,
        private::{self, Private, stop_asked},
        runtime,
    },
    config::Surroundings,
    domain::{
        clock,
        identity::FIRST_VERSION,
        ids::{PoolId, StoreId, UserId},
        role::Role,
    },
    storage::{Db, outbox_tail, shortage},
};
use clap::Args;
use phone::Caller;
use pump::Pump;
use serde::Serialize;
use std::{path::PathBuf, process::ExitCode, time::Duration};

#[derive(Args, Clone, Debug)]
pub(super) struct Options {
    /// Folders in which to look for redis-server and postgres before PATH.
    #[arg(long)]
    programs: Vec<PathBuf>,
    /// Lines lost while events flow.
    #[arg(long, default_value_t = 10_000)]
    cycles: usize,
    /// Phones that hear events while one in twenty of them stalls.
    #[arg(long, default_value_t = 300)]
    listeners: usize,
    /// Each of four stretches, by turns without and with the stalled phones.
    #[arg(long, default_value_t = 10)]
    stretch_s: u64,
    /// Clerks that tap while both nodes restart.
    #[arg(long, default_value_t = 300)]
    clerks: usize,
    /// Sessions of a node that dies.
    #[arg(long, default_value_t = 2_000)]
    storm: usize,
    /// Idle sessions whose memory is measured.
    #[arg(long, default_value_t = 5_000)]
    idle: usize,
}

/// The one line that is printed.
#[derive(Debug, Serialize)]
struct Report {
    resume: resume::Figures,
    slow: slow::Figures,
    rolling: rolling::Figures,
    storm: storm::Figures,
    permissions: permissions::Figures,
    memory_per_session_bytes: i64,
    broken: Vec<String>,
}

/// Everybody must be back within this time after a node's death.
const ALL_BACK: Duration = Duration::from_secs(60);
const LINES: i64 = 4;

pub(super) fn run(options: Options) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        // Whatever ends this block drops what it started, and dropping ends it.
        let report = tokio::select! {
            report = sessions(&options) => report?,
            asked = stop_asked() => { asked?; return Err("stopped".into()) }
        };
        println!("{}", serde_json::to_string(&report)?);
        for what in &report.broken {
            say(format_args!("BROKEN: {what}"));
        }
        Ok(if report.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

async fn sessions(options: &Options) -> Result<Report, Failure> {
    let scratch = Scratch::new(&Surroundings::read().temp_dir, "sessions")?;
    say("starting Redis and Postgres with the demo chain");
    let private = private::start(&private::Options {
        data: scratch.path().to_owned(),
        programs: options.programs.clone(),
        discard: true,
        durable: false,
    })
    .await?;
    let db = Db::connect(&private.settings.postgres.url, 2).await?;
    say("starting two nodes");
    let (program, connections) = (Surroundings::program()?, super::http::connections()?);
    let start = |name| Node::start(name, &program, scratch.path(), &private.settings, connections.clone());
    let mut nodes = [start("node-a").await?, start("node-b").await?];
    let outcome = all(options, &private, &db, &mut nodes).await;
    if outcome.as_ref().is_ok_and(|report| report.broken.is_empty()) {
        return outcome;
    }
    for node in &nodes {
        eprintln!("--- {} ends with:\n{}", node.name, node.log_tail());
    }
    outcome
}

async fn all(options: &Options, private: &Private, db: &Db, nodes: &mut [Node; 2]) -> Result<Report, Failure> {
    let callers = callers(private, db, options.idle.max(options.storm)).await?;
    let mut pump = Pump::new(db.clone()).await?;
    say(format_args!("memory: {} idle sessions", options.idle));
    let memory_per_session_bytes = storm::memory_per_session(&nodes[1], &callers[..options.idle], &pump).await?;
    say(format_args!("resume: {} lines lost while events flow", options.cycles));
    let addresses = [nodes[0].address.clone(), nodes[1].address.clone()];
    let resume = resume::run(addresses, &callers[..100], options.cycles, &mut pump).await?;
    say(format_args!("slow: {} phones, one in twenty stalls", options.listeners));
    let stretch = Duration::from_secs(options.stretch_s);
    let slow = slow::run(&nodes[0].address, &callers[..options.listeners], stretch, &mut pump).await?;
    let rolling = rolling(options, private, db, nodes).await?;
    say(format_args!("storm: a node dies with {} sessions", options.storm));
    let [victim, refuge] = nodes;
    let storm = storm::run(victim, refuge, &callers[..options.storm], ALL_BACK, &pump).await?;
    say("permissions: every door and frame, every role");
    let permissions = permissions::run(&refuge.api, &refuge.address, &private.logins).await?;
    let broken = broken(&resume, &slow, &rolling, &storm, permissions);
    Ok(Report { resume, slow, rolling, storm, permissions, memory_per_session_bytes, broken })
}

async fn rolling(
    options: &Options,
    private: &Private,
    db: &Db,
    nodes: &mut [Node; 2],
) -> Result<rolling::Figures, Failure> {
    let clerks = crowd::sign_in(&private.logins, [&nodes[0].api, &nodes[1].api], options.clerks).await?;
    let [supervisor, second] = crowd::sign_in_two(&private.logins, &nodes[0].api).await?;
    // Enough for two taps in three: winners and losers.
    let packs_a_line = i64::try_from(options.clerks)? * 2 / LINES;
    let goods = shortage::most_needed(&mut *db.0.acquire().await?, packs_a_line, LINES).await?;
    if goods.len() != usize::try_from(LINES)? {
        return Err("the warehouses cannot spare that many packs".into());
    }
    let round = round::publish([&supervisor, &second], &goods, packs_a_line, Duration::from_secs(10)).await?;
    let (clerks, _) = round::line_up(clerks, &round).await?;
    say(format_args!("rolling: both nodes restart while {} clerks tap", clerks.len()));
    rolling::run(nodes, &clerks, &round, db).await
}

/// Sessions are what is looked at here, so their tokens are signed here: nobody has to type thousands of passwords.
async fn callers(private: &Private, db: &Db, count: usize) -> Result<Vec<Caller>, Failure> {
    let pool = PoolId::main();
    let mut stores: Vec<StoreId> =
        outbox_tail::store_heads(&mut *db.0.acquire().await?, &pool).await?.into_iter().map(|(id, _)| id).collect();
    stores.sort_unstable();
    let secret = private.settings.tokens.secret.as_str().into();
    let tokens = Tokens::new(&secret, chrono::Duration::hours(2))?;
    (0..count)
        .map(|i| {
            let store_id = stores[i % stores.len()];
            let person = Person {
                user_id: UserId::new(),
                role: Role::StoreStaff,
                store_id: Some(store_id),
                pool: pool.clone(),
                auth_version: FIRST_VERSION,
            };
            let (token, _) = tokens.issue(&person, clock::now())?;
            Ok(Caller { store_id, token })
        })
        .collect()
}

/// Every promise that does not hold, in words.
fn broken(
    resume: &resume::Figures,
    slow: &slow::Figures,
    rolling: &rolling::Figures,
    storm: &storm::Figures,
    permissions: permissions::Figures,
) -> Vec<String> {
    let mut broken = Vec::new();
    let mut must = |holds: bool, what: String| {
        if !holds {
            broken.push(what);
        }
    };
    must(resume.gaps == 0 && resume.missing == 0, format!("{} gaps, {} events missing", resume.gaps, resume.missing));
    must(resume.doubles == 0, format!("{} events told twice", resume.doubles));
    must(resume.events > 0, "no event was heard at all".to_owned());
    must(slow.delivered == slow.expected, format!("{} of {} events delivered", slow.delivered, slow.expected));
    must(slow.cut_off > 0, "no stalled phone was cut off".to_owned());
    must(rolling.lost == 0, format!("{} claims lost over the restarts", rolling.lost));
    must(rolling.doubled == 0, format!("{} claims doubled over the restarts", rolling.doubled));
    must(rolling.changed == 0, format!("{} verdicts changed over the restarts", rolling.changed));
    must(rolling.won > 0 && rolling.moved > 0, "nobody won, or nobody had to move".to_owned());
    must(storm.back == storm.sessions, format!("{} of {} sessions are back", storm.back, storm.sessions));
    must(storm.read == storm.sessions, format!("{} of {} phones read what is theirs", storm.read, storm.sessions));
    must(
        permissions.wrong == 0,
        format!("{} of {} doors open to the wrong people", permissions.wrong, permissions.cells),
    );
    broken
}
