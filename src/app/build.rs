//! From a config to a daemon that is ready to run: rules, templates, secrets, database, servers.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;

use super::bells::Bells;
use super::ledger::StoreLedger;
use super::lock::Lock;
use super::mailboxes::Mailbox;
use super::watch::Watch;
use super::{App, Clock, DeskApp, Surroundings};
use crate::config::{self, Config, DeskConfig, MailboxConfig, MailboxKind, SecretSource, SendingConfig};
use crate::dkim::{Checker, Dns};
use crate::engine::{Engine, Equipment};
use crate::failure::{Failure, opening};
use crate::fault::Fault;
use crate::letters::Templates;
use crate::mailbox::{Folders, Identify, Identity, ImapOptions, ImapSource, MaildirOptions, MaildirSource, Worker};
use crate::outbox::Outbox;
use crate::reading::{Reader, identity};
use crate::rules::Rules;
use crate::secret::Password;
use crate::sending::{MaildirSink, Smtp, SmtpOptions, Transport};
use crate::store::{Backlog, Create, DeskId, Store};
use crate::timers::Timers;

/// How long one command to a mail server may take.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(60);

impl App {
    /// Builds the daemon: takes the lock, brings the database up to date, fetches the secrets. Connects to nothing yet.
    ///
    /// # Errors
    /// Faults of config, rules, templates and secrets; another daemon; the database.
    pub async fn build(config: &Config) -> Result<Self, Failure> {
        Self::build_in(config, &Surroundings::default()).await
    }

    /// The same, with a clock and randomness of one's own.
    ///
    /// # Errors
    /// As [`App::build`].
    pub async fn build_in(config: &Config, surroundings: &Surroundings) -> Result<Self, Failure> {
        let rules = Arc::new(Rules::load(config.rules.as_deref())?);
        let templates = Arc::new(Templates::load(config.templates.as_deref())?);
        let lock = Lock::take_soon(&config.database).await?;
        let store = Store::open(&config.database, Create::Yes).await.map_err(opening(&config.database))?;
        let mut desks = Vec::new();
        for desk in &config.desks {
            desks.push(build_desk(desk, &store, &rules, &templates, surroundings).await?);
        }
        Ok(Self { store, desks, clock: Arc::clone(&surroundings.clock), grace: config.grace, _lock: lock })
    }
}

async fn build_desk(
    config: &DeskConfig,
    store: &Store,
    rules: &Arc<Rules>,
    templates: &Arc<Templates>,
    surroundings: &Surroundings,
) -> Result<DeskApp, Failure> {
    let id = store.desk(&config.name).await?;
    let desk = Arc::new(config.to_desk(rules.policy.policy(&rules.companies)));
    let bells = Bells::default();
    let transport = transport(&config.sending)?;
    let outbox = Outbox::new(store.clone(), id, desk.address.clone(), owner(), transport, desk.policy.breakers)
        .named(&config.name);
    let engine = engine(config, store, id, rules, templates, surroundings);
    let backlog = match config.backlog {
        config::Backlog::Human => Backlog::Human,
        config::Backlog::Process => Backlog::Process,
        config::Backlog::Ignore => Backlog::Ignore,
    };
    let mut mailboxes = Vec::new();
    for mailbox in &config.mailboxes {
        let ledger = Arc::new(StoreLedger::new(
            store.clone(),
            id,
            backlog,
            Arc::clone(&bells.engine),
            Arc::clone(&surroundings.clock),
        ));
        mailboxes.push(build_mailbox(mailbox, ledger, &surroundings.clock)?);
    }
    let statuses =
        config.mailboxes.iter().zip(&mailboxes).map(|(known, mailbox)| (known.name.clone(), mailbox.status()));
    let watch = Watch::new(store.clone(), id, statuses);
    Ok(DeskApp {
        name: config.name.clone(),
        engine,
        outbox,
        timers: Timers::new(store.clone(), id),
        mailboxes,
        watch,
        bells,
    })
}

/// The engine of a desk.
pub(super) fn engine(
    config: &DeskConfig,
    store: &Store,
    id: DeskId,
    rules: &Arc<Rules>,
    templates: &Arc<Templates>,
    surroundings: &Surroundings,
) -> Engine {
    let equipment = Equipment {
        desk: Arc::new(config.to_desk(rules.policy.policy(&rules.companies))),
        side: Arc::new(config.side()),
        pin: config.pin.clone(),
        dkim: config.dkim.and_then(|dns| checker(dns, &config.name)),
        reader: Reader::new(Arc::clone(rules)),
        templates: Arc::clone(templates),
        entropy: (surroundings.entropy)(),
    };
    Engine::new(store.clone(), id, equipment)
}

/// A machine without name servers has no key to look up: that verifies nobody, and is no reason not to start.
fn checker(dns: Dns, desk: &str) -> Option<Arc<Checker>> {
    match Checker::new(dns) {
        Ok(checker) => Some(Arc::new(checker)),
        Err(cause) => {
            tracing::info!(desk, cause, "DKIM signatures are not checked here: no name server is known");
            None
        }
    }
}

/// Names this start of the program: what an earlier one claimed and did not settle is taken back.
fn owner() -> String {
    format!("{}-{}", std::process::id(), Utc::now().timestamp_millis())
}

fn transport(config: &SendingConfig) -> Result<Transport, Failure> {
    Ok(match config {
        SendingConfig::Maildir { path } => Transport::Maildir(MaildirSink::open(path)?),
        SendingConfig::Smtp { server, hello } => {
            let login = server.login.as_ref();
            let password = login.map(|login| password(&login.password)).transpose()?;
            Transport::Smtp(Box::new(Smtp::new(SmtpOptions {
                host: server.host.clone(),
                port: server.port,
                security: server.security,
                user: login.map(|login| login.user.clone()),
                password,
                trust: server.trust.clone(),
                hello_name: hello.clone(),
                timeout: COMMAND_TIMEOUT,
            })?))
        }
    })
}

/// A secret that is looked at once now, so that a missing one is told at the start, and anew at each login.
fn password(source: &SecretSource) -> Result<Password, Fault> {
    source.fetch()?;
    let source = source.clone();
    Ok(Password::new(move || source.fetch().map_err(|fault| fault.to_string())))
}

fn build_mailbox(config: &MailboxConfig, ledger: Arc<StoreLedger>, clock: &Clock) -> Result<Mailbox, Failure> {
    let folders = config.folders.as_ref().map_or_else(Folders::default, |names| Folders {
        done: Some(names.done.clone()),
        human: Some(names.human.clone()),
        parked: Some(names.parked.clone()),
    });
    let identify: Identify = Arc::new(|raw| {
        let identity = identity::identity(raw);
        Identity { message_id: identity.message_id, digest: identity.digest }
    });
    let clock = Arc::clone(clock);
    Ok(match &config.kind {
        MailboxKind::Maildir { path } => {
            let source = MaildirSource::new(MaildirOptions { path: path.clone(), folders });
            Mailbox::Maildir(Box::new(Worker::new(&config.name, source, ledger, clock, identify)))
        }
        MailboxKind::Imap { server, inbox, idle } => {
            let login = server
                .login
                .as_ref()
                .ok_or_else(|| Fault::new("an IMAP server needs a user and a password", "Give both in the config."))?;
            let source = ImapSource::new(ImapOptions {
                host: server.host.clone(),
                port: server.port,
                security: server.security,
                user: login.user.clone(),
                password: password(&login.password)?,
                trust: server.trust.clone(),
                inbox: inbox.clone(),
                folders,
                idle: *idle,
                poll: config.poll,
                command_timeout: COMMAND_TIMEOUT,
            })?;
            Mailbox::Imap(Box::new(Worker::new(&config.name, source, ledger, clock, identify)))
        }
    })
}
