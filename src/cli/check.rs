//! `ringi check`: config, rules with their own cases, templates, secrets and database; every fault with file and line.

use std::path::Path;

use super::{Context, Failure, output, run as daemon};
use crate::config::{Config, DeskConfig, MailboxKind, SendingConfig, Server};
use crate::dkim::Checker;
use crate::domain::policy::Alignment;
use crate::failure::opening;
use crate::fault::Fault;
use crate::letters::Templates;
use crate::rules::Rules;
use crate::store::{Store, StoreError};

pub async fn run(context: &Context) -> Result<(), Failure> {
    let config = context.config()?;
    let mut faults = Vec::new();
    faults.extend(daemon::log_filter(&config).err());
    match Rules::load(config.rules.as_deref()) {
        Ok(rules) => {
            faults.extend(rules.run_cases());
            config.desks.iter().for_each(|desk| warn_of_free_mail(desk, &rules));
        }
        Err(found) => faults.extend(found),
    }
    match Templates::load(config.templates.as_deref()) {
        Ok(templates) => templates.text_only().iter().for_each(|letter| {
            eprintln!("Letter {letter} leaves as text alone: its text is your own, and its HTML is not.");
        }),
        Err(found) => faults.extend(found),
    }
    for server in config.desks.iter().flat_map(servers) {
        faults.extend(server.check_trust().err());
        let Some(login) = &server.login else { continue };
        faults.extend(login.password.fetch().err());
        if let Some(file) = login.password.open_to_all() {
            eprintln!("Warning: everybody on this machine may read {}. Run `chmod 600` on it.", file.display());
        }
    }
    faults.extend(config.desks.iter().flat_map(maildirs).filter_map(not_a_folder));
    match database(&config).await {
        Ok(()) => {}
        Err(Failure::Faults(found)) => faults.extend(found),
        Err(Failure::Refused(lines)) => faults.push(Fault::new(lines.join(" "), "Mend it first.")),
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

fn servers(desk: &DeskConfig) -> Vec<&Server> {
    let mailboxes = desk.mailboxes.iter().filter_map(|mailbox| match &mailbox.kind {
        MailboxKind::Imap { server, .. } => Some(server),
        MailboxKind::Maildir { .. } => None,
    });
    let sending = match &desk.sending {
        SendingConfig::Smtp { server, .. } => Some(server),
        SendingConfig::Maildir { .. } => None,
    };
    mailboxes.chain(sending).collect()
}

fn maildirs(desk: &DeskConfig) -> Vec<&Path> {
    let mailboxes = desk.mailboxes.iter().filter_map(|mailbox| match &mailbox.kind {
        MailboxKind::Maildir { path } => Some(path.as_path()),
        MailboxKind::Imap { .. } => None,
    });
    let sending = match &desk.sending {
        SendingConfig::Maildir { path } => Some(path.as_path()),
        SendingConfig::Smtp { .. } => None,
    };
    mailboxes.chain(sending).collect()
}

/// What is not there is made; a file in its place cannot be.
fn not_a_folder(maildir: &Path) -> Option<Fault> {
    let taken = maildir.exists() && !maildir.is_dir();
    taken.then(|| Fault::new("the Maildir is a file", "Name a folder with new, cur and tmp in it.").in_file(maildir))
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
        // What cannot be asked about is not missing.
        Ok(None) if config.database.try_exists().is_err() => {
            Err(opening(&config.database)(StoreError::Missing { path: config.database.clone() }))
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
        let verified = match desk.dkim {
            None => "no mail is ever verified and every answer needs a second mail",
            Some(_) => "only mails are verified whose DKIM signature Ringi can check itself",
        };
        eprintln!(
            "Desk {}: alignment is required and no authserv_id is pinned, so {verified}. Set trust.authserv_id.",
            desk.name
        );
    }
    if let Some(dns) = desk.dkim
        && let Err(cause) = Checker::new(dns)
    {
        eprintln!(
            "Desk {}: DKIM signatures cannot be checked here: {cause}. Set trust.dns, or trust.dkim = \"off\".",
            desk.name
        );
    }
}

fn warn_of_free_mail(desk: &DeskConfig, rules: &Rules) {
    for domain in desk.own_domains.iter().filter(|domain| rules.companies.is_free_mail(domain)) {
        eprintln!(
            "Warning: desk {}: anybody gets an address at {domain}, and as one of own_domains it makes them all the desk's own people. Write the desk's addresses into `addresses` instead.",
            desk.name
        );
    }
}
