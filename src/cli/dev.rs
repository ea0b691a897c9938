//! `graborder dev`: everything `make run` shows, on private servers, with a round every few minutes.

use super::{
    Failure,
    private::{self, stop_asked, write_secret},
    runtime,
};
use crate::{
    app::{self, Roles},
    demo::keeper,
    demo::plant::Login,
};
use clap::Args;
use serde::Serialize;
use std::process::ExitCode;

#[derive(Args, Clone, Debug)]
#[group(skip)]
pub(super) struct Options {
    #[command(flatten)]
    private: private::Options,
    /// Where to listen; 0 takes a free port. Without it 8080, or a free one where that is taken.
    #[arg(long)]
    port: Option<u16>,
    /// The first round opens so many seconds after the start.
    #[arg(long, default_value_t = 60)]
    first_round_s: u64,
    /// No rounds by themselves: whoever uses the instance makes them.
    #[arg(long)]
    no_rounds: bool,
}

/// How scripts use the instance.
#[derive(Serialize)]
struct DemoJson<'a> {
    base_url: &'a str,
    logins: &'a [Login],
}

pub(super) fn run(options: Options) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let private = private::start(&options.private).await?;
        let mut settings = private.settings.clone();
        settings.http.bind = format!("127.0.0.1:{}", options.port.unwrap_or_else(usual_port));
        settings.log.format = crate::config::LogFormat::Text;
        settings.log.level = "warn,graborder=info,graborder::app::http=warn".to_owned();
        // A demo round is published a minute ahead, so it is warmed at once and armed just before it opens.
        settings.rounds.warm_lead_ms = 600_000;
        app::log::start(&settings.log)?;

        let node = app::start(&settings, Roles::ALL).await?;
        let address = node.address.ok_or("the node serves no address")?;
        let base_url = format!("http://{address}");
        let json = DemoJson { base_url: &base_url, logins: &private.logins };
        let file = options.private.data.join("demo.json");
        write_secret(&file, &serde_json::to_vec_pretty(&json)?)?;
        if !options.no_rounds {
            let keeper = keeper::Keeper::new(node.db.clone(), node.rounds.clone(), options.first_round_s);
            node.tasks.spawn_named("demo_keeper", keeper.run(node.tasks.stop.clone()));
        }
        greet(&base_url, &private.logins, &file.display().to_string());

        let stop = node.tasks.stop.clone();
        let broke = tokio::select! {
            asked = stop_asked() => { asked?; false }
            () = stop.cancelled() => true,
        };
        println!("\n正在停下 / stopping");
        node.end().await;
        drop(private);
        Ok(if broke { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    })
}

/// 8080 while nobody else listens there, so that two instances can run side by side.
fn usual_port() -> u16 {
    const USUAL: u16 = 8080;
    if std::net::TcpListener::bind(("127.0.0.1", USUAL)).is_ok() { USUAL } else { 0 }
}

/// What a newcomer needs to see, and no more.
fn greet(base_url: &str, logins: &[Login], file: &str) {
    let login = |role: crate::domain::role::Role| logins.iter().find(|login| login.role == role);
    println!("\n  抢单 graborder 已就绪 / is up");
    println!("\n  门店页 store page   {base_url}/");
    println!("  总部页 console      {base_url}/console/\n");
    use crate::domain::role::Role::{StoreManager, StoreStaff, Supervisor, WarehouseClerk};
    for (role, zh, en) in [
        (StoreStaff, "店员", "store clerk"),
        (StoreManager, "店长", "store manager"),
        (Supervisor, "主管", "supervisor"),
        (WarehouseClerk, "仓库", "warehouse"),
    ] {
        if let Some(login) = login(role) {
            println!("  {zh} {en:<14} {:<12} 密码 password {}", login.login, login.password);
        }
    }
    println!("\n  全部账号 all logins: {file}");
    println!("  演示数据：销量是真实的，库存与参数按规则推算 / demo data: sales are real, stock and policies derived");
    println!("  Ctrl-C 结束 / ends it\n");
}
