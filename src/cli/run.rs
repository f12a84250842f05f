//! `ringi run`: the daemon.

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::log::Lines;
use super::{Context, Failure};
use crate::app::App;
use crate::config::Config;
use crate::domain::event::OPERATOR_LOG;
use crate::fault::Fault;
use crate::mailbox::LOG_TARGET;

/// `ringi run`
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Drain mailboxes, inputs and letters, then end.
    #[arg(long)]
    until_idle: bool,
}

pub async fn run(context: &Context, arguments: &Arguments) -> Result<(), Failure> {
    let stop = stop_signal()?;
    let config = context.config()?;
    start_log(&config)?;
    let mut app = App::build(&config).await?;
    if arguments.until_idle {
        tokio::select! {
            ended = app.until_idle() => ended?,
            // Stopped between two commits: what was not committed is done again next time.
            () = stop => {}
        }
        app.close().await;
        return Ok(());
    }
    tracing::info!(target: OPERATOR_LOG, desks = config.desks.len(), version = env!("CARGO_PKG_VERSION"), "started");
    app.run(stop).await?;
    tracing::info!(target: OPERATOR_LOG, "ended");
    Ok(())
}

/// A future that ends at SIGTERM or SIGINT. The signals are caught from the call on, not from the first poll: one that
/// comes while the daemon is being built must not kill it.
///
/// # Errors
/// The operating system catches no signals.
pub fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// What the log says, by the config.
///
/// # Errors
/// A fault where the filter is none.
pub fn log_filter(config: &Config) -> Result<EnvFilter, Fault> {
    EnvFilter::try_new(&config.log).map_err(|error| {
        Fault::new(format!("the log filter {:?} is none: {error}", config.log), "Write a level such as \"info\".")
            .in_file(&config.file)
    })
}

/// Two logs on stderr, one line an event: the operator's, always, and the program's own by the filter. The IMAP library
/// would print the password at trace: it never gets that far.
pub fn start_log(config: &Config) -> Result<(), Failure> {
    let always = [format!("{LOG_TARGET}=info"), format!("{OPERATOR_LOG}=info")];
    let filter = always.iter().filter_map(|text| text.parse().ok()).fold(log_filter(config)?, EnvFilter::add_directive);
    // A second start in one process (tests) keeps the first log.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .event_format(Lines { journal: Lines::to_journal() })
        .try_init();
    Ok(())
}
