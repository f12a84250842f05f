//! `ringi.toml`: the desks, their mailboxes, how letters leave, where the state is kept.
//!
//! Parsed once, at the edge: what comes out needs no further checking. Secrets are named here and fetched when they are
//! needed, so that a list command never runs a password command.

mod desk;
mod environment;
mod file;
mod policy;
mod secrets;
mod server;
#[cfg(test)]
mod tests;
mod trust;
mod words;

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveTime;
use chrono_tz::Tz;

use crate::dkim::Dns;
use crate::domain::address::EmailAddress;
use crate::domain::calendar::Calendar;
use crate::domain::policy::{Alignment, Desk, Policy, Signature};
use crate::domain::words::Language;
use crate::fault::{Fault, line_of};
use crate::reading::DeskSide;
use crate::reading::authentication::Pin;
use environment::Lines;
pub use environment::{names_a_key, variables as environment_variables};
pub use policy::PolicyOverrides;
pub use secrets::SecretSource;

/// Where the config is sought when the command line does not say.
pub const PLACES: [&str; 2] = ["ringi.toml", "/etc/ringi/ringi.toml"];

/// A config with every key explained: what `ringi init` writes.
pub const EXAMPLE: &str = include_str!("config/example.toml");

/// A whole config. Paths are absolute or relative to the working directory, never to the file any more.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it was read from.
    pub file: PathBuf,
    /// The SQLite file that holds the state.
    pub database: PathBuf,
    /// Rule files that stand in for the built-in ones of the same name.
    pub rules: Option<PathBuf>,
    /// Templates that stand in for the built-in ones of the same name.
    pub templates: Option<PathBuf>,
    /// What the log says: a level, or `tracing` directives.
    pub log: String,
    /// How long `run` may take to end after SIGTERM.
    pub grace: Duration,
    /// At least one; names are distinct.
    pub desks: Vec<DeskConfig>,
}

/// One desk.
#[derive(Debug, Clone)]
pub struct DeskConfig {
    pub name: String,
    pub signature: Signature,
    pub address: EmailAddress,
    /// `address` first.
    pub addresses: Vec<EmailAddress>,
    /// Domains that are the desk's own side when a mail is read.
    pub own_domains: Vec<String>,
    pub reviewers: Vec<Reviewer>,
    pub language: Language,
    pub plus_addressing: bool,
    pub zone: Tz,
    pub opens: NaiveTime,
    pub closes: NaiveTime,
    pub alignment: Alignment,
    /// The authserv-id of the desk's own mail server.
    pub pin: Option<Pin>,
    /// Where keys for our own check of DKIM signatures are looked up; `None` where nothing is checked.
    pub dkim: Option<Dns>,
    pub backlog: Backlog,
    pub policy: PolicyOverrides,
    /// At least one; names are distinct within the desk.
    pub mailboxes: Vec<MailboxConfig>,
    pub sending: SendingConfig,
}

/// A person of the desk.
#[derive(Debug, Clone, PartialEq)]
pub struct Reviewer {
    /// The name that `--as` takes.
    pub name: String,
    pub address: EmailAddress,
}

/// What becomes of mail that lay in a mailbox before it was first opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backlog {
    /// Recorded and listed, and left to people.
    Human,
    /// Worked like new mail.
    Process,
    /// Recorded by its headers only.
    Ignore,
}

/// A mailbox that is read.
#[derive(Debug, Clone)]
pub struct MailboxConfig {
    pub name: String,
    /// How long between two looks where the server does not tell of new mail.
    pub poll: Duration,
    /// Where worked mails are moved; `None` leaves them in the inbox.
    pub folders: Option<FolderNames>,
    pub kind: MailboxKind,
}

/// Names of the folders for worked mails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderNames {
    pub done: String,
    pub human: String,
    pub parked: String,
}

/// Where mails come from.
#[derive(Debug, Clone)]
pub enum MailboxKind {
    Imap { server: Server, inbox: String, idle: bool },
    Maildir { path: PathBuf },
}

/// How letters leave.
#[derive(Debug, Clone)]
pub enum SendingConfig {
    Smtp { server: Server, hello: Option<String> },
    Maildir { path: PathBuf },
}

/// A mail server, IMAP or SMTP.
#[derive(Debug, Clone)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub security: crate::tls::Security,
    pub trust: crate::tls::Trust,
    pub login: Option<Login>,
}

/// Who logs in.
#[derive(Debug, Clone)]
pub struct Login {
    pub user: String,
    pub password: SecretSource,
}

impl Config {
    /// Reads the config that the command line names, or the first that is found in [`PLACES`].
    ///
    /// # Errors
    /// Every fault, each with its line where it has one.
    pub fn find(named: Option<&Path>) -> Result<Self, Vec<Fault>> {
        match named {
            Some(file) => Self::load(file),
            None => match PLACES.iter().map(Path::new).find(|place| place.is_file()) {
                Some(file) => Self::load(file),
                None => Err(vec![Fault::new(
                    format!("no config was found at {}", PLACES.join(" or ")),
                    "Name one with --config FILE, or make one with `ringi init DIR`.",
                )]),
            },
        }
    }

    /// Reads a config file, with the overrides of the environment (`RINGI_SECTION__KEY`).
    ///
    /// # Errors
    /// Every fault, each with its line where it has one.
    pub fn load(file: &Path) -> Result<Self, Vec<Fault>> {
        let bytes = std::fs::read(file).map_err(|error| {
            vec![
                Fault::new(format!("the config cannot be read: {error}"), "Check the path and its permissions.")
                    .in_file(file),
            ]
        })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let line = line_of(&String::from_utf8_lossy(error.as_bytes()), error.utf8_error().valid_up_to());
            vec![Fault::new("the config is no UTF-8", "Save it as UTF-8.").in_file(file).at_line(line)]
        })?;
        let overrides: Vec<(String, String)> = environment_variables().collect();
        Self::parse(file, &text, &overrides)
    }

    /// Reads the text of a config file, with these overrides and no others; paths in it are taken from the file's folder.
    ///
    /// # Errors
    /// Every fault, each with its line where it has one.
    pub fn parse(file: &Path, text: &str, overrides: &[(String, String)]) -> Result<Self, Vec<Fault>> {
        // Faults of the file itself come first: they have lines.
        let raw = environment::read(file, text).map_err(|fault| vec![fault])?;
        let of_file = file::checked(raw, file, &Lines::of(text));
        let overrides: Vec<_> = overrides.iter().filter(|(variable, _)| environment::names_a_key(variable)).collect();
        if overrides.is_empty() {
            return of_file;
        }
        let raw = environment::read_with(file, text, &overrides).map_err(|fault| vec![fault])?;
        file::checked(raw, file, &Lines::none()).map_err(|faults| {
            let of_file = of_file.err().unwrap_or_default();
            environment::blamed_of(faults, &of_file, &overrides)
        })
    }

    /// The desk of that name; the only one where none is named.
    ///
    /// # Errors
    /// A fault that lists the desks.
    pub fn desk(&self, name: Option<&str>) -> Result<&DeskConfig, Fault> {
        let names = || self.desks.iter().map(|desk| desk.name.as_str()).collect::<Vec<_>>().join(", ");
        match (name, self.desks.as_slice()) {
            (Some(name), desks) => desks
                .iter()
                .find(|desk| desk.name == name)
                .ok_or_else(|| Fault::new(format!("there is no desk {name:?}"), format!("Name one of: {}.", names()))),
            (None, [desk, ..]) => Ok(desk),
            (None, []) => Err(Fault::new("the config has no desk", "Add a [[desk]].")),
        }
    }
}

impl DeskConfig {
    /// The desk as decisions see it, with the policy of the rules and what this desk overrides of it.
    pub fn to_desk(&self, policy: Policy) -> Desk {
        let weekdays = Calendar::plain(self.zone).weekdays;
        Desk {
            name: self.name.clone(),
            signature: self.signature.clone(),
            address: self.address.clone(),
            addresses: self.addresses.clone(),
            reviewers: self.reviewers.iter().map(|reviewer| reviewer.address.clone()).collect(),
            reviewer_names: self.reviewers.iter().map(|reviewer| reviewer.name.clone()).collect(),
            language: self.language,
            plus_addressing: self.plus_addressing,
            calendar: Calendar { zone: self.zone, opens: self.opens, closes: self.closes, weekdays },
            policy: self.policy.over(policy, self.alignment),
        }
    }

    /// Who the desk is when a mail is read.
    pub fn side(&self) -> DeskSide {
        DeskSide {
            addresses: self.addresses.iter().map(EmailAddress::key).collect(),
            domains: self.own_domains.clone(),
        }
    }
}
