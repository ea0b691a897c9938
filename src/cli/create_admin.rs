//! `graborder create-admin`: the first start without demo data, for whoever has the server's console.

use super::{Failure, runtime};
use crate::{
    auth::password,
    config::Settings,
    domain::account::{self, PASSWORD_CHARS_MIN, WeakPassword},
    storage::{Db, Tx, first_start},
};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use std::{
    io::{self, BufRead, IsTerminal, Write},
    process::{Command, ExitCode, Stdio},
};

#[derive(Args, Clone, Debug)]
#[group(skip)]
pub(super) struct Options {
    /// 3 to 64 of a–z 0–9 . _ @ -
    #[arg(long)]
    login: String,
    /// As colleagues know them; the login if not given.
    #[arg(long)]
    name: Option<String>,
    /// How screens name the chain, where there is none yet.
    #[arg(long, default_value = "graborder")]
    chain_name: String,
}

pub(super) fn run(options: &Options) -> Result<ExitCode, Failure> {
    if !account::is_login(&options.login) {
        return Err("a login has 3 to 64 lower-case letters, digits or . _ @ -".into());
    }
    let settings = Settings::load()?;
    let said = ask()?;
    account::check_password(said.expose_secret(), &options.login).map_err(sentence)?;
    let hash = password::hash(&said)?;
    runtime()?.block_on(async {
        let db = Db::connect(&settings.postgres.url, 2).await?;
        let mut tx = Tx::begin(&db).await?;
        first_start::lock(&mut tx).await?;
        let name = options.name.as_deref().unwrap_or(&options.login);
        let Some(user_id) = first_start::make_admin(&mut tx, &options.login, name, &hash, &options.chain_name).await?
        else {
            tx.rollback().await?;
            return Err("somebody has this login already; choose another".into());
        };
        tx.commit().await?;
        println!("{} is an administrator now ({user_id})", options.login);
        Ok(ExitCode::SUCCESS)
    })
}

fn sentence(weak: WeakPassword) -> String {
    match weak {
        WeakPassword::Short => format!("a password has at least {PASSWORD_CHARS_MIN} characters"),
        WeakPassword::Long => format!("a password has at most {} bytes", account::PASSWORD_BYTES_MAX),
        WeakPassword::Login => "the password must not be the login".to_owned(),
        WeakPassword::OneSign | WeakPassword::Old => "the password must not repeat one sign".to_owned(),
    }
}

/// From a terminal unseen and twice, from a pipe one line: never from an argument, which every process could read.
fn ask() -> io::Result<SecretString> {
    if !io::stdin().is_terminal() {
        return line();
    }
    let hidden = Hidden::begin()?;
    eprint!("password: ");
    io::stderr().flush()?;
    let first = line();
    eprint!("\nonce more: ");
    io::stderr().flush()?;
    let second = line();
    drop(hidden);
    eprintln!();
    let (first, second) = (first?, second?);
    if first.expose_secret() == second.expose_secret() { Ok(first) } else { Err(io::Error::other("the two differ")) }
}

fn line() -> io::Result<SecretString> {
    let mut text = String::new();
    io::stdin().lock().read_line(&mut text)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned().into())
}

/// The terminal shows nothing of what is typed until this is dropped. Ctrl-C is off meanwhile, because it would end us and
/// leave the terminal mute; an empty line is the way out.
struct Hidden;

impl Hidden {
    fn begin() -> io::Result<Self> {
        stty(&["-echo", "-isig"]).map(|()| Self)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if let Err(error) = stty(&["echo", "isig"]) {
            eprintln!("\nthe terminal stays mute ({error}); type: stty sane");
        }
    }
}

fn stty(words: &[&str]) -> io::Result<()> {
    let status = Command::new("stty").args(words).stdin(Stdio::inherit()).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("stty {}: {status}", words.join(" ")))) }
}
