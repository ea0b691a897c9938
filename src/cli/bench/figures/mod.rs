//! The five figures. Everything is measured by turns (A, B, A, B …) within the same minutes, because one machine differs
//! from itself by a quarter from one hour to the next; what counts is the ratio.

mod frames;
mod ledger;
mod load;
mod report;
mod scene;
mod script;
mod stage;

use super::{
    machine::{Busy, Machine, Watched},
    say,
    scratch::Scratch,
};
use crate::{
    cli::{Failure, private::stop_asked, runtime},
    config::Surroundings,
    domain::clock,
};
use clap::Args;
use load::{Measured, Shape};
use report::{Figure, Report, Run};
use scene::{Scene, Servers};
use stage::Stage;
use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

#[derive(Args, Clone, Debug)]
#[group(skip)]
pub(super) struct Options {
    /// Fewer and shorter runs: to see that it works, not to quote.
    #[arg(long)]
    quick: bool,
    /// Folders in which to look for redis-server and postgres before PATH.
    #[arg(long)]
    programs: Vec<PathBuf>,
    /// Where the results are written.
    #[arg(long, default_value = "loadtest/results/latest.json")]
    out: PathBuf,
}

const FEW: usize = 100;
const MANY: usize = 1_000;

pub(super) fn run(options: Options) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let report = tokio::select! {
            report = measure(&options) => report?,
            asked = stop_asked() => { asked?; return Err("stopped".into()) }
        };
        if let Some(folder) = options.out.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&options.out, serde_json::to_string_pretty(&report)? + "\n")?;
        println!("{}", report.table());
        say(format_args!("written to {}", options.out.display()));
        Ok(ExitCode::SUCCESS)
    })
}

async fn measure(options: &Options) -> Result<Report, Failure> {
    let (runs, turns, warm_up, measured) = match options.quick {
        true => (2, 10, Duration::from_millis(300), Duration::from_millis(700)),
        false => (5, 40, Duration::from_millis(500), Duration::from_millis(2_000)),
    };
    let scratch = Scratch::new(&Surroundings::read().temp_dir, "bench")?;
    let program = Surroundings::program()?;
    say("setting the scenes: Redis, Postgres, a thousand stores, two open rounds, twice");
    let servers = Servers::start(scratch.path(), &options.programs).await?;
    // The books have a scene of their own: rows inserted bare would be news to the node that serves the claims.
    let books = Arc::new(Scene::set(&servers, "books", scratch.path(), &program).await?);
    let scene = Arc::new(Scene::set(&servers, "claims", scratch.path(), &program).await?);

    say("orders: the writer against bare inserts");
    let (ledger, ledger_busy) = ledger::run(&books, turns).await?;
    drop(books);

    say("starting the servers");
    let stage = Stage::set(&scene, scratch.path(), &program).await?;
    let mut seen = Seen::default();
    for run in 1..=runs {
        for connections in [FEW, MANY] {
            say(format_args!("claims: run {run} of {runs}, {connections} connections"));
            let shape = Shape { connections, warm_up, measured };
            let of = seen.of(connections);
            of.echo_won.push(load::run(stage.echo("/won"), shape).await?);
            of.won.push(load::run(stage.ours(scene.plenty, "won"), shape).await?);
            of.echo_refused.push(load::run(stage.echo("/refused"), shape).await?);
            of.refused.push(load::run(stage.ours(scene.sold_out, "refused"), shape).await?);
            of.rival.push(load::run(stage.rival(), shape).await?);
        }
        seen.script.push(script::run(&scene, warm_up, measured).await?);
    }

    say("claims beside a writer that catches up");
    let keeper = scene.keeper(&program, scratch.path(), "writer").await?;
    let shape = Shape { connections: MANY, warm_up, measured };
    for _ in 0..runs {
        seen.beside_echo.push(load::run(stage.echo("/won"), shape).await?);
        let mut ours = stage.ours(scene.plenty, "won");
        ours.watched = Watched { writer: keeper.pid(), ..ours.watched };
        seen.beside.push(load::run(ours, shape).await?);
    }
    drop(keeper);
    Ok(seen.report(&ledger, ledger_busy))
}

#[derive(Default)]
struct Seen {
    few: Claims,
    many: Claims,
    script: Vec<(f64, Busy)>,
    beside: Vec<Measured>,
    beside_echo: Vec<Measured>,
}

/// The runs with one number of connections.
#[derive(Default)]
struct Claims {
    won: Vec<Measured>,
    refused: Vec<Measured>,
    echo_won: Vec<Measured>,
    echo_refused: Vec<Measured>,
    rival: Vec<Measured>,
}

impl Seen {
    fn of(&mut self, connections: usize) -> &mut Claims {
        if connections == FEW { &mut self.few } else { &mut self.many }
    }

    fn report(&self, ledger: &[ledger::Turn], ledger_busy: Busy) -> Report {
        let claims = |name, goal, reference_is, ours: &[Measured], theirs: &[Measured]| {
            let pairs: Vec<_> = ours.iter().zip(theirs).map(|(a, b)| (a.per_s, b.per_s)).collect();
            Figure::of(name, "claims/s", goal, reference_is, &pairs)
        };
        let (few, many) = (&self.few, &self.many);
        let raw: Vec<_> = many.won.iter().zip(&self.script).map(|(ours, script)| (ours.per_s, script.0)).collect();
        let echo = "bare actix-ws, same frames";
        let rival = "the same batching straight into Postgres";
        let orders: Vec<_> = ledger.iter().map(|turn| (turn.writer_per_s, turn.bare_per_s)).collect();
        let figures = vec![
            claims("claims_lose_vs_echo", Some(0.6), echo, &many.refused, &many.echo_refused),
            claims("claims_win_vs_echo", Some(0.4), echo, &many.won, &many.echo_won),
            Figure::of("claims_win_vs_script", "claims/s", Some(0.45), "the script called raw, 4 × 64", &raw),
            Figure::of("orders_vs_insert", "orders/s", Some(0.5), "the same rows inserted bare", &orders),
            claims("claims_win_vs_postgres", Some(3.0), rival, &many.won, &many.rival),
            claims("claims_lose_vs_echo_100", None, echo, &few.refused, &few.echo_refused),
            claims("claims_win_vs_echo_100", None, echo, &few.won, &few.echo_won),
            claims("claims_win_vs_postgres_100", None, rival, &few.won, &few.rival),
            claims(
                "claims_win_beside_writer_vs_echo",
                None,
                "bare actix-ws, writer busy too",
                &self.beside,
                &self.beside_echo,
            ),
        ];
        let mut runs = Vec::new();
        for (connections, claims) in [(MANY, many), (FEW, few)] {
            for (what, of) in [
                ("echo of wins", &claims.echo_won),
                ("wins", &claims.won),
                ("echo of refusals", &claims.echo_refused),
                ("refusals", &claims.refused),
                ("wins in Postgres", &claims.rival),
            ] {
                runs.push(Run::of(format!("{what}, {connections} sockets"), of));
            }
        }
        runs.push(Run::of(format!("wins beside the writer, {MANY} sockets"), &self.beside));
        runs.push(Run::plain("script raw", &self.script));
        let per_s = report::median(ledger.iter().map(|turn| turn.writer_per_s));
        runs.push(Run::plain("writer and bare inserts by turns", &[(per_s, ledger_busy)]));
        let measured_at = clock::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        Report { figures, runs, machine: Machine::look(), measured_at }
    }
}
