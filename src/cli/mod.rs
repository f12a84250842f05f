//! The command line: one file a subcommand. Data goes to stdout, talk to stderr; 0 done, 1 failed, 2 wrong use or a fault.

mod arguments;
mod check;
mod contracts;
mod demo;
mod init;
mod letters;
mod log;
mod mail;
mod outbox;
mod output;
mod read;
mod requests;
mod review;
mod run;
mod tasks;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{self, Config};
pub use crate::failure::Failure;
use crate::failure::opening;
use crate::store::{Create, Store};

/// Works a support mailbox: registration requests in, approvals asked and given by mail, answers out.
#[derive(Debug, Parser)]
#[command(name = "ringi", version, arg_required_else_help = true)]
struct Arguments {
    /// The config; without it ./ringi.toml, then /etc/ringi/ringi.toml.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The whole job with nothing installed: sample register and mails in, letters out.
    Demo(demo::Arguments),
    /// Write ringi.toml, rules/ and templates/ to start from.
    Init(init::Arguments),
    /// Check config, rules with their own cases, templates and database.
    Check,
    /// The daemon.
    Run(run::Arguments),
    /// What a mail says, without any state.
    Read(read::Arguments),
    /// The register of contracts.
    #[command(subcommand)]
    Contracts(contracts::Command),
    /// Requests and where they stand.
    #[command(subcommand)]
    Requests(requests::Command),
    /// What only a person of the desk can settle.
    #[command(subcommand)]
    Tasks(tasks::Command),
    /// The ledger of received mails.
    #[command(subcommand)]
    Mail(mail::Command),
    /// What letters look like, with invented particulars.
    #[command(subcommand)]
    Letters(letters::Command),
    /// The letters, sent and unsent.
    #[command(subcommand)]
    Outbox(outbox::Command),
}

/// What every command is given.
struct Context {
    config: Option<PathBuf>,
}

impl Context {
    fn config(&self) -> Result<Config, Failure> {
        for (variable, _) in config::environment_variables().filter(|(variable, _)| !config::names_a_key(variable)) {
            eprintln!("Warning: the environment variable {variable} names no key; write RINGI_SECTION__KEY.");
        }
        Ok(Config::find(self.config.as_deref())?)
    }

    /// The config with its store, to look at: the daemon may be writing at the same time.
    async fn store(&self) -> Result<(Config, Store), Failure> {
        let config = self.config()?;
        let store = Store::open_read_only(&config.database).await.map_err(opening(&config.database))?;
        Ok((config, store))
    }

    /// The config with its store, to write into beside the daemon.
    async fn writable_store(&self) -> Result<(Config, Store), Failure> {
        let config = self.config()?;
        let store = Store::open(&config.database, Create::No).await.map_err(opening(&config.database))?;
        Ok((config, store))
    }
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("ringi: the runtime does not start: {error}");
            return ExitCode::from(1);
        }
    };
    let result = runtime.block_on(dispatch(arguments));
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Faults(faults)) => {
            for fault in faults {
                eprintln!("{fault}");
            }
            ExitCode::from(2)
        }
        Err(Failure::Refused(lines)) => {
            for line in lines {
                eprintln!("{line}");
            }
            ExitCode::from(2)
        }
        Err(Failure::Failed(what)) => {
            eprintln!("ringi: {what}");
            ExitCode::from(1)
        }
    }
}

async fn dispatch(arguments: Arguments) -> Result<(), Failure> {
    let context = Context { config: arguments.config };
    match arguments.command {
        Command::Demo(arguments) => demo::run(arguments).await,
        Command::Init(arguments) => init::run(&arguments),
        Command::Check => check::run(&context).await,
        Command::Run(arguments) => run::run(&context, &arguments).await,
        Command::Read(arguments) => read::run(&context, &arguments),
        Command::Contracts(command) => contracts::run(&context, command).await,
        Command::Requests(command) => requests::run(&context, command).await,
        Command::Tasks(command) => tasks::run(&context, command).await,
        Command::Mail(command) => mail::run(&context, command).await,
        Command::Letters(command) => letters::run(&context, command),
        Command::Outbox(command) => outbox::run(&context, command).await,
    }
}
