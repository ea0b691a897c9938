//! The smoke run: two nodes on one Redis and one Postgres, 300 stores signed in, one hot round, a node killed with
//! `kill -9` in mid-rush and started again. What k6 saw is held against the books; one JSON line tells.

mod judge;
mod rush;

use super::{crowd, machine, nodes::Node, round, say, scratch::Scratch};
use crate::{
    cli::{
        Failure,
        private::{self, stop_asked},
        runtime, verify,
    },
    config::Surroundings,
    storage::{Db, shortage, tally},
};
use clap::Args;
use std::{path::PathBuf, process::ExitCode, time::Duration};

#[derive(Args, Clone, Debug)]
pub(super) struct Options {
    /// The k6 program.
    #[arg(long)]
    k6: PathBuf,
    /// The rush as k6 runs it.
    #[arg(long, default_value = "loadtest/rush.js")]
    script: PathBuf,
    /// Folders in which to look for redis-server and postgres before PATH.
    #[arg(long)]
    programs: Vec<PathBuf>,
    /// How many stores tap; each is a session of its own.
    #[arg(long, default_value_t = 300)]
    sessions: usize,
    /// Packs on offer, over all lines.
    #[arg(long, default_value_t = 240)]
    packs: i64,
    #[arg(long, default_value_t = 4)]
    lines: i64,
    /// The round opens so many seconds after its publication.
    #[arg(long, default_value_t = 20)]
    opens_in_s: u64,
    /// Decides which node dies and when; drawn when not given.
    #[arg(long)]
    seed: Option<u64>,
}

pub(super) fn run(options: Options) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        // Whatever ends this block drops what it started, and dropping ends it.
        let report = tokio::select! {
            report = smoke(&options) => report?,
            asked = stop_asked() => { asked?; return Err("stopped".into()) }
        };
        println!("{}", serde_json::to_string(&report)?);
        for what in &report.broken {
            say(format_args!("BROKEN: {what}"));
        }
        Ok(if report.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

async fn smoke(options: &Options) -> Result<judge::Report, Failure> {
    let seed = options.seed.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    let (script, k6) = (options.script.canonicalize()?, options.k6.canonicalize()?);
    let scratch = Scratch::new(&Surroundings::read().temp_dir, "smoke")?;
    say("starting Redis and Postgres with the demo chain");
    let private = private::start(&private::Options {
        data: scratch.path().to_owned(),
        programs: options.programs.clone(),
        discard: true,
        durable: true,
    })
    .await?;
    let db = Db::connect(&private.settings.postgres.url, 2).await?;

    say("starting two nodes");
    let (program, connections) = (Surroundings::program()?, super::http::connections()?);
    let start = |name| Node::start(name, &program, scratch.path(), &private.settings, connections.clone());
    let mut nodes = [start("node-a").await?, start("node-b").await?];
    let [a, b] = &nodes;

    let clerks = crowd::sign_in(&private.logins, [&a.api, &b.api], options.sessions).await?;
    let [supervisor, second] = crowd::sign_in_two(&private.logins, &a.api).await?;
    let packs_a_line = options.packs / options.lines.max(1);
    let goods = shortage::most_needed(&mut *db.0.acquire().await?, packs_a_line, options.lines).await?;
    if goods.len() != usize::try_from(options.lines)? {
        return Err("the warehouses cannot spare that many packs".into());
    }
    let round =
        round::publish([&supervisor, &second], &goods, packs_a_line, Duration::from_secs(options.opens_in_s)).await?;
    say(format_args!("round {} opens in {} s", round.round_id, options.opens_in_s));
    let (clerks, able) = round::line_up(clerks, &round).await?;
    let expected_packs = able.iter().map(|stores| packs_a_line.min(i64::try_from(*stores).unwrap_or(i64::MAX))).sum();

    let tapping = rush::Tapping::start(&k6, &script, scratch.path(), [a, b], &round, &clerks).await?;
    // The seed decides who dies and how far into its answers.
    let (victim, percent) = (usize::try_from(seed % 2)?, 20 + seed / 2 % 60);
    let killed = rush::kill_in_mid_rush(&mut nodes[victim], &round, clerks.len(), percent).await;
    let kill = killed.inspect_err(|_| tell_logs(&nodes))?;
    say("waiting for k6");
    let seen = tapping.seen().await.inspect_err(|_| tell_logs(&nodes))?;
    let rss_mb = nodes.iter().filter_map(|node| machine::rss_mb(node.pid()?)).collect();

    // The supervisor's node may have been the one that died; it is back.
    round::end(&supervisor, round.round_id).await.inspect_err(|_| tell_logs(&nodes))?;
    let books = tally::of_round(&mut *db.0.acquire().await?, round.round_id).await?;
    let audit = verify::report(&db).await?;
    let broken = judge::broken(&seen, &books, clerks.len(), expected_packs, audit.wrong);
    if !broken.is_empty() {
        tell_logs(&nodes);
    }
    let name = nodes[victim].name;
    Ok(judge::Report::new(&seen, &books, clerks.len(), options.packs, kill, name, rss_mb, seed, broken))
}

fn tell_logs(nodes: &[Node]) {
    for node in nodes {
        eprintln!("--- {} ends with:\n{}", node.name, node.log_tail());
    }
}
