//! `ringi demo`: the whole job with nothing installed. Sample register and mails in, letters out, administrators answer.

mod account;
mod play;

use std::path::{Path, PathBuf};
use std::time::Duration;

use include_dir::{Dir, include_dir};

use super::{Failure, contracts, output, run as daemon};
use crate::app::{App, Lock};
use crate::config::{self, Config, SendingConfig};
use crate::failure::opening;
use crate::fault::Fault;
use crate::store::{Create, ImportMode, Store};
use account::Account;
use play::Player;

/// Config, register and mails of the demo.
static SAMPLE: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/demo");

/// `ringi demo`
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The folder to work in.
    #[arg(long, value_name = "D", default_value = "ringi-demo")]
    dir: PathBuf,
    /// End when no input, letter or reply is due, and print what happened.
    #[arg(long)]
    once: bool,
    /// Empty the folder first, where an earlier demo used it.
    #[arg(long)]
    fresh: bool,
}

pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let stop = daemon::stop_signal()?;
    let dir = arguments.dir.as_path();
    let delivered = prepare(dir, arguments.fresh)?;
    let config = sample_config(dir)?;
    daemon::start_log(&config)?;
    eprintln!("A desk in {}: {delivered} mails wait in its mailbox.", dir.display());
    import(&config, dir).await?;
    let mut app = App::build(&config).await?;
    let mut player = Player::new(dir);
    loop {
        app.until_idle().await?;
        // The administrators read the letters that left, and answer.
        if player.step()? == 0 {
            break;
        }
    }
    let mut account = Account::new(&config, app.store().clone())?;
    account.print(dir).await?;
    if arguments.once {
        app.close().await;
        return Ok(());
    }
    eprintln!(
        "\nThe desk stays open; end it with Ctrl-C. Drop a mail into {} and it is worked within a second.",
        dir.join("mailbox").join("new").display()
    );
    let running = app.run(stop);
    let playing = async {
        loop {
            tokio::time::sleep(Duration::from_millis(500)).await;
            // Letters of mails that were dropped in may be answered by the same administrators.
            if let Err(error) = player.step() {
                tracing::warn!(%error, "the demo's administrators cannot answer");
            }
            // The store is closed under this at the end.
            if account.news().await.is_err() {
                tracing::debug!("the demo's account cannot be read just now");
            }
        }
    };
    tokio::select! {
        ended = running => ended,
        () = playing => Ok(()),
    }
}

/// The demo's own config, untouched by the environment: an override that was made for the daemon would let the demo work
/// on that daemon's database.
fn sample_config(dir: &Path) -> Result<Config, Failure> {
    if config::environment_variables().next().is_some() {
        eprintln!("The RINGI_ variables of the environment are ignored: the demo works by its own config alone.");
    }
    let text = SAMPLE.get_file("ringi.toml").and_then(|file| file.contents_utf8()).unwrap_or_default();
    let config = Config::parse(&dir.join("ringi.toml"), text, &[])?;
    // The demo must not reach anybody, whatever becomes of its config.
    if config.desks.iter().any(|desk| matches!(desk.sending, SendingConfig::Smtp { .. })) {
        return Err(Failure::Failed("the demo's config would send by SMTP".to_owned()));
    }
    Ok(config)
}

/// Whether an earlier demo made this folder, be it one that failed before it had a database. The config tells: a folder
/// with a database and letters may be somebody's desk.
fn is_demo(dir: &Path) -> bool {
    let first_line = |text: &str| text.lines().next().map(str::to_owned);
    let of_demo = SAMPLE.get_file("ringi.toml").and_then(|file| file.contents_utf8()).and_then(first_line);
    let there = std::fs::read_to_string(dir.join("ringi.toml")).ok().as_deref().and_then(first_line);
    there.is_some() && there == of_demo && dir.join("contracts.csv").is_file() && dir.join("letters").is_dir()
}

/// Lays the folder out. Gives the number of mails in its mailbox.
fn prepare(dir: &Path, fresh: bool) -> Result<usize, Failure> {
    let failed = |error: std::io::Error| Failure::Failed(format!("{} cannot be used: {error}", dir.display()));
    if dir.exists() {
        let empty = std::fs::read_dir(dir).map_err(failed)?.next().is_none();
        let ours = is_demo(dir);
        if !(empty || fresh && ours) {
            let what = format!("the folder {} is used", dir.display());
            let remedy = if ours {
                "Add --fresh to empty it and start anew, or name another folder with --dir."
            } else {
                "It holds no demo; name another folder with --dir."
            };
            return Err(Fault::new(what, remedy).into());
        }
        if !empty {
            // Refused while an earlier demo runs there: its folder must not vanish under it.
            let _lock = Lock::take(&dir.join("ringi.db"))?;
            std::fs::remove_dir_all(dir).map_err(failed)?;
        }
    }
    for name in [
        "",
        "mailbox",
        "mailbox/new",
        "mailbox/cur",
        "mailbox/tmp",
        "letters",
        "letters/new",
        "letters/cur",
        "letters/tmp",
    ] {
        std::fs::create_dir_all(dir.join(name)).map_err(failed)?;
    }
    for file in SAMPLE.files() {
        if let Some(name) = file.path().file_name() {
            std::fs::write(dir.join(name), file.contents()).map_err(failed)?;
        }
    }
    let mails = SAMPLE.get_dir("mails").map(|mails| mails.files().collect::<Vec<_>>()).unwrap_or_default();
    // One mail is delivered twice, as happens.
    let twice = mails.first();
    let delivered: Vec<_> = mails.iter().chain(twice).collect();
    for (n, mail) in delivered.iter().enumerate() {
        play::deliver(&dir.join("mailbox"), &format!("sample{n:02}"), mail.contents()).map_err(failed)?;
    }
    Ok(delivered.len())
}

async fn import(config: &Config, dir: &Path) -> Result<(), Failure> {
    let store = Store::open(&config.database, Create::Yes).await.map_err(opening(&config.database))?;
    for name in ["bill_to.csv", "contracts.csv"] {
        let file = dir.join(name);
        let source = contracts::open_file(&file)?;
        contracts::import_file(&store, config, &file, source, ImportMode::default()).await?;
    }
    store.close().await;
    Ok(())
}

/// Prints a heading.
fn heading(text: &str) -> Result<(), Failure> {
    output::print("")?;
    output::print(text)?;
    output::print(&"─".repeat(unicode_width::UnicodeWidthStr::width(text)))
}
