//! A mailbox on an IMAP server, with nothing believed that the server has not said for sure.
//!
//! `async-imap` gives the framing and the login. Its helpers for FETCH, SEARCH, NOOP and IDLE are not used: a tagged NO
//! and a lost connection look to their callers like a short, good answer. Every command goes through
//! `session::Link::command`, which reads up to the tagged status and takes anything else for a failure.

mod fetch;
mod idle;
mod moving;
mod session;
mod wire;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::ClientConfig;

use super::source::{Fetched, Folders, MoveResult, Opened, Source, Trouble, TroubleKind, Woken};
use crate::domain::outcome::Folder;
use crate::fault::Fault;
use crate::secret::Password;
use crate::tls::{self, Trust};
use session::Link;

pub use crate::tls::Security;

/// How to reach a mailbox and what to do in it.
#[derive(Debug, Clone)]
pub struct ImapOptions {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub user: String,
    /// Fetched anew at each login.
    pub password: Password,
    pub trust: Trust,
    /// The folder that mail arrives in, in UTF-8; mostly `INBOX`.
    pub inbox: String,
    pub folders: Folders,
    /// Use IDLE where the server announces it.
    pub idle: bool,
    /// How often to look where IDLE is not used.
    pub poll: Duration,
    /// How long the server may take for one response; for a whole command ten times that.
    pub command_timeout: Duration,
}

impl ImapOptions {
    /// Is this host this machine? Only then may a line be plain.
    fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// A mailbox on an IMAP server.
#[derive(Debug)]
pub struct ImapSource {
    options: ImapOptions,
    tls: Option<Arc<ClientConfig>>,
    /// Taken out for the length of each call: a call that fails or is dropped leaves no half-read connection behind.
    link: Option<Link>,
}

impl ImapSource {
    /// Prepares a mailbox; nothing is connected yet.
    ///
    /// # Errors
    /// A plain line to another machine is asked for, or the trust cannot be set up.
    pub fn new(options: ImapOptions) -> Result<Self, Fault> {
        let tls = match options.security {
            Security::Tls | Security::StartTls => Some(tls::client_config(&options.trust)?),
            Security::Plain if options.is_loopback() => None,
            Security::Plain => {
                return Err(Fault::new(
                    format!("the line to {} would carry the password in the clear", options.host),
                    "Set security to \"tls\" or \"starttls\"; \"plain\" is for loopback addresses only.",
                ));
            }
        };
        Ok(Self { options, tls, link: None })
    }

    fn take(&mut self) -> Result<Link, Trouble> {
        self.link.take().ok_or_else(|| Trouble::new(TroubleKind::Lost, "the mailbox is not open"))
    }
}

impl Source for ImapSource {
    async fn open(&mut self) -> Result<Opened, Trouble> {
        self.link = None;
        let client = wire::connect(&self.options, self.tls.as_ref()).await?;
        let mut link = Link::login(client, &self.options).await?;
        let mut notes = Vec::new();
        for name in self.options.folders.names() {
            if let Some(note) = link.make_folder(name).await? {
                notes.push(note);
            }
        }
        let mut opened = link.select(&self.options.inbox).await?;
        opened.notes.extend(notes);
        self.link = Some(link);
        Ok(opened)
    }

    async fn close(&mut self) {
        if let Some(link) = self.link.take() {
            link.logout().await;
        }
    }

    async fn uids_after(&mut self, cursor: u32) -> Result<Vec<u32>, Trouble> {
        let mut link = self.take()?;
        let uids = link.uids_after(cursor).await?;
        self.link = Some(link);
        Ok(uids)
    }

    async fn fetch(&mut self, uids: &[u32]) -> Result<Fetched, Trouble> {
        let mut link = self.take()?;
        let fetched = link.fetch(uids).await?;
        self.link = Some(link);
        Ok(fetched)
    }

    async fn wait(
        &mut self,
        short: bool,
        longest: Duration,
        interrupt: impl Future<Output = ()> + Send,
    ) -> Result<Woken, Trouble> {
        let mut link = self.take()?;
        let how = if short {
            idle::How::Short
        } else if self.options.idle {
            idle::How::Idle { else_poll: self.options.poll }
        } else {
            idle::How::Poll(self.options.poll)
        };
        let woken = link.wait(how, longest, interrupt).await?;
        self.link = Some(link);
        Ok(woken)
    }

    async fn move_mail(
        &mut self,
        uid: u32,
        same: &(dyn Fn(&[u8]) -> bool + Sync),
        folder: Folder,
    ) -> Result<MoveResult, Trouble> {
        let Some(name) = self.options.folders.name(folder).map(str::to_owned) else {
            return Ok(MoveResult::Off);
        };
        let mut link = self.take()?;
        let result = link.move_mail(uid, same, &name).await?;
        self.link = Some(link);
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn options(host: &str, security: Security) -> ImapOptions {
        ImapOptions {
            host: host.to_owned(),
            port: 143,
            security,
            user: "desk".to_owned(),
            password: Secret::new("geheim").into(),
            trust: Trust::PinnedSha256([0; 32]),
            inbox: "INBOX".to_owned(),
            folders: Folders::default(),
            idle: true,
            poll: Duration::from_secs(30),
            command_timeout: Duration::from_secs(60),
        }
    }

    #[test]
    fn a_plain_line_leads_to_this_machine_only() {
        for host in ["127.0.0.1", "::1", "localhost", "127.8.9.10"] {
            assert!(ImapSource::new(options(host, Security::Plain)).is_ok(), "{host}");
        }
        for host in ["192.0.2.1", "mail.example", "127.0.0.1.example"] {
            assert!(ImapSource::new(options(host, Security::Plain)).is_err(), "{host}");
            assert!(ImapSource::new(options(host, Security::Tls)).is_ok(), "{host}");
        }
    }

    #[test]
    fn options_do_not_show_the_password_when_printed() {
        assert!(!format!("{:?}", options("mail.example", Security::Tls)).contains("geheim"));
    }
}
