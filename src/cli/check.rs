//! `ringi check`: config, rules with their own cases, templates, secrets and database; every fault with file and line.

use super::{Context, Failure, output};
use crate::config::{Config, DeskConfig, MailboxKind, SecretSource, SendingConfig};
use crate::domain::policy::Alignment;
use crate::failure::opening;
use crate::fault::Fault;
use crate::letters::Templates;
use crate::rules::Rules;
use crate::store::Store;

pub async fn run(context: &Context) -> Result<(), Failure> {
    let config = context.config()?;
    let mut faults = Vec::new();
    match Rules::load(config.rules.as_deref()) {
        Ok(rules) => faults.extend(rules.run_cases()),
        Err(found) => faults.extend(found),
    }
    if let Err(found) = Templates::load(config.templates.as_deref()) {
        faults.extend(found);
    }
    for source in config.desks.iter().flat_map(secrets) {
        faults.extend(source.fetch().err());
    }
    match database(&config).await {
        Ok(()) => {}
        Err(Failure::Faults(found)) => faults.extend(found),
        Err(Failure::Failed(what)) => faults.push(Fault::new(what, "Check the file and its permissions.")),
    }
    for desk in &config.desks {
        warn(desk);
    }
    if !faults.is_empty() {
        return Err(Failure::Faults(faults));
    }
    let desks: Vec<&str> = config.desks.iter().map(|desk| desk.name.as_str()).collect();
    output::print(&format!("{} is sound: desk {}.", config.file.display(), desks.join(", ")))
}

fn secrets(desk: &DeskConfig) -> Vec<&SecretSource> {
    let mailboxes = desk.mailboxes.iter().filter_map(|mailbox| match &mailbox.kind {
        MailboxKind::Imap { server, .. } => Some(server),
        MailboxKind::Maildir { .. } => None,
    });
    let sending = match &desk.sending {
        SendingConfig::Smtp { server, .. } => Some(server),
        SendingConfig::Maildir { .. } => None,
    };
    mailboxes.chain(sending).filter_map(|server| server.login.as_ref()).map(|login| &login.password).collect()
}

/// A database of this version, or a folder in which one can be made.
async fn database(config: &Config) -> Result<(), Failure> {
    match Store::schema_is_current(&config.database).await {
        Ok(Some(true)) => Ok(()),
        Ok(Some(false)) => {
            eprintln!(
                "{}: the schema is of another version; `ringi run` brings an older one up to date.",
                config.database.display()
            );
            Ok(())
        }
        Ok(None) => match config.database.parent() {
            Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
                let remedy = "Make it, writable by the daemon's user alone.";
                Err(Fault::new("the database's folder is not there", remedy).in_file(&config.database).into())
            }
            _ => Ok(()),
        },
        Err(error) => Err(opening(&config.database)(error)),
    }
}

fn warn(desk: &DeskConfig) {
    if desk.alignment == Alignment::Required && desk.pin.is_none() {
        eprintln!(
            "Desk {}: alignment is required and no authserv_id is pinned, so no mail is ever verified and every answer needs a second mail. Set trust.authserv_id.",
            desk.name
        );
    }
}
