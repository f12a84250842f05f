//! A logged-in connection: one command at a time, its tagged status looked at, every wait limited.

use std::collections::BTreeSet;
use std::time::Duration;

use async_imap::error::Error;
use async_imap::imap_proto::{Capability, MailboxDatum, RequestId, Response, ResponseCode, Status};
use async_imap::{Authenticator, Client, Session};
use tokio::time::{Instant, timeout, timeout_at};

use super::ImapOptions;
use super::wire::Line;
use crate::mailbox::source::{Opened, Trouble, TroubleKind, shorten};
use crate::mailbox::utf7;

/// A connection that stands. Whoever gets an error from it drops it: what would come next cannot be told.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) session: Session<Line>,
    /// For one response.
    pub(super) limit: Duration,
    pub(super) can_idle: bool,
    pub(super) can_move: bool,
    pub(super) can_uid_expunge: bool,
    pub(super) read_only: bool,
    /// The server spoke of EXISTS since the last SEARCH was sent: there may be more than that found.
    pub(super) news: bool,
    uid_validity: Option<u32>,
    delimiter: Option<String>,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tagged {
    Ok,
    /// NO or BAD, in the server's words.
    Refused {
        words: String,
        try_create: bool,
    },
}

impl Tagged {
    /// Takes NO and BAD for an error.
    pub(super) fn ok(self, what: &str) -> Result<(), Trouble> {
        match self {
            Self::Ok => Ok(()),
            Self::Refused { words, .. } => Err(Trouble::new(TroubleKind::Refused, format!("{what}: {words}"))),
        }
    }
}

impl Link {
    /// Logs in and asks what the server can do.
    pub(super) async fn login(client: Client<Line>, options: &ImapOptions) -> Result<Self, Trouble> {
        // A secret that cannot be had is no wrong password: the server is not asked, and the wait stays short.
        let secret = options.password.fetch().await.map_err(|why| Trouble::new(TroubleKind::Files, why))?;
        let (user, password) = (options.user.as_str(), secret.expose());
        let attempt = async {
            // A quoted string of LOGIN is ASCII without line ends (RFC 3501, section 9); PLAIN carries any UTF-8.
            if [user, password].iter().all(|s| s.bytes().all(|b| matches!(b, b' '..=b'~'))) {
                client.login(user, password).await
            } else {
                client.authenticate("PLAIN", Plain(Some(format!("\0{user}\0{password}")))).await
            }
        };
        let session = timeout(options.command_timeout, attempt)
            .await
            .map_err(|_| Trouble::new(TroubleKind::Stalled, "login: no answer in time"))?
            .map_err(|(e, _)| login_trouble(&e).without(password))?;
        let mut link = Self {
            session,
            limit: options.command_timeout,
            can_idle: false,
            can_move: false,
            can_uid_expunge: false,
            read_only: false,
            news: true,
            uid_validity: None,
            delimiter: None,
        };
        let mut can = BTreeSet::new();
        link.command("CAPABILITY", "CAPABILITY", |response| {
            if let Response::Capabilities(list) = response {
                can.extend(list.iter().filter_map(|c| match c {
                    Capability::Atom(name) => Some(name.to_ascii_uppercase()),
                    Capability::Imap4rev1 | Capability::Auth(_) => None,
                }));
            }
        })
        .await?
        .ok("CAPABILITY")?;
        link.can_idle = can.contains("IDLE");
        link.can_move = can.contains("MOVE");
        link.can_uid_expunge = can.contains("UIDPLUS");
        Ok(link)
    }

    /// Sends a command and hands each response up to the tagged one to `each`.
    ///
    /// # Errors
    /// The connection ended or went silent, or the server said BYE. The text names the command, never its arguments.
    pub(super) async fn command(
        &mut self,
        what: &'static str,
        line: &str,
        mut each: impl FnMut(&Response<'_>) + Send,
    ) -> Result<Tagged, Trouble> {
        let end = Instant::now() + self.limit * 10;
        let tag = timeout(self.limit, self.session.run_command(line))
            .await
            .map_err(|_| stalled(what))?
            .map_err(|e| Trouble::new(TroubleKind::Lost, format!("{what}: {e}")))?;
        loop {
            let by = end.min(Instant::now() + self.limit);
            let tagged = self
                .response(what, by, |response| {
                    each(response);
                    tagged(response, &tag)
                })
                .await?;
            if let Some(tagged) = tagged {
                return Ok(tagged);
            }
        }
    }

    /// Shows the next response, whatever it is, to `see`; it must be there at `by`. Safe to drop: what was read stays in
    /// the session's buffer.
    pub(super) async fn response<R>(
        &mut self,
        what: &'static str,
        by: Instant,
        see: impl FnOnce(&Response<'_>) -> R + Send,
    ) -> Result<R, Trouble> {
        let response = timeout_at(by, self.session.read_response())
            .await
            .map_err(|_| stalled(what))?
            .map_err(|e| {
                let kind = match e.kind() {
                    std::io::ErrorKind::Other | std::io::ErrorKind::InvalidData => TroubleKind::Protocol,
                    _ => TroubleKind::Lost,
                };
                Trouble::new(kind, format!("{what}: {e}"))
            })?
            // The library tells a connection that ends between two responses by an empty answer.
            .ok_or_else(|| Trouble::new(TroubleKind::Lost, format!("{what}: the server closed the connection")))?;
        match response.parsed() {
            Response::Data { status: Status::Bye, outcome } => {
                let words = outcome.information.as_deref().unwrap_or_default();
                return Err(Trouble::new(TroubleKind::Lost, format!("{what}: the server takes its leave: {words}")));
            }
            Response::Data { outcome, .. } => {
                if let (Some(ResponseCode::UidValidity(now)), Some(known)) = (&outcome.code, self.uid_validity)
                    && *now != known
                {
                    return Err(Trouble::new(TroubleKind::Lost, format!("{what}: the inbox has a new UIDVALIDITY")));
                }
            }
            Response::MailboxData(MailboxDatum::Exists(_)) => self.news = true,
            _ => {}
        }
        Ok(see(response.parsed()))
    }

    /// Opens the inbox.
    pub(super) async fn select(&mut self, inbox: &str) -> Result<Opened, Trouble> {
        let (mut uid_validity, mut uid_next, mut read_only) = (None, None, false);
        let name = self.on_server(inbox);
        self.command("SELECT", &format!("SELECT {}", quoted(&name)), |response| {
            if let Response::Data { outcome, .. } | Response::Done { outcome, .. } = response {
                match outcome.code {
                    Some(ResponseCode::UidValidity(value)) => uid_validity = Some(value),
                    Some(ResponseCode::UidNext(value)) => uid_next = Some(value),
                    Some(ResponseCode::ReadOnly) => read_only = true,
                    _ => {}
                }
            }
        })
        .await?
        .ok("SELECT")?;
        let uid_validity = uid_validity.filter(|v| *v > 0).ok_or_else(|| {
            Trouble::new(
                TroubleKind::Protocol,
                "the server gives the inbox no UIDVALIDITY: mails could not be told apart",
            )
        })?;
        self.uid_validity = Some(uid_validity);
        self.read_only = read_only;
        let uid_next = match uid_next {
            Some(value) => value,
            // Servers older than RFC 3501 leave it out.
            None => self.uids_after(0).await?.last().map_or(1, |highest| highest.saturating_add(1)),
        };
        self.news = true;
        let notes = if read_only { vec!["The inbox is read-only: no mail is moved.".to_owned()] } else { Vec::new() };
        Ok(Opened { uid_validity, uid_next, notes })
    }

    /// Makes a folder that is missing. A server that refuses keeps no mail from being read: its words come back.
    pub(super) async fn make_folder(&mut self, name: &str) -> Result<Option<String>, Trouble> {
        if self.delimiter.is_none() {
            let mut delimiter = None;
            self.command("LIST", "LIST \"\" \"\"", |response| {
                if let Response::MailboxData(MailboxDatum::List(list)) = response {
                    delimiter = list.delimiter.as_deref().map(str::to_owned);
                }
            })
            .await?
            .ok("LIST")?;
            self.delimiter = Some(delimiter.unwrap_or_default());
        }
        let on_server = quoted(&self.on_server(name));
        let mut there = false;
        self.command("LIST", &format!("LIST \"\" {on_server}"), |response| {
            there |= matches!(response, Response::MailboxData(MailboxDatum::List(_)));
        })
        .await?
        .ok("LIST")?;
        if there {
            return Ok(None);
        }
        match self.command("CREATE", &format!("CREATE {on_server}"), |_| {}).await? {
            Tagged::Ok => {
                // So that mail programs show it; a server without subscriptions is none the worse.
                self.command("SUBSCRIBE", &format!("SUBSCRIBE {on_server}"), |_| {}).await?;
                Ok(None)
            }
            Tagged::Refused { words, .. } if words.to_ascii_uppercase().contains("ALREADYEXISTS") => Ok(None),
            Tagged::Refused { words, .. } => Ok(Some(format!("The folder \"{name}\" could not be made: {words}."))),
        }
    }

    /// A folder's name in the server's spelling: `/` stands for the server's own delimiter.
    pub(super) fn on_server(&self, name: &str) -> String {
        match self.delimiter.as_deref() {
            None | Some("" | "/") => utf7::encode(name),
            Some(delimiter) => utf7::encode(&name.replace('/', delimiter)),
        }
    }

    /// Says good-bye, but does not wait long for the answer.
    pub(super) async fn logout(mut self) {
        let _ = timeout(Duration::from_secs(2), self.session.logout()).await;
    }
}

/// How the command with this tag ended, if this response says so.
pub(super) fn tagged(response: &Response<'_>, tag: &RequestId) -> Option<Tagged> {
    let Response::Done { tag: theirs, status, outcome } = response else { return None };
    if theirs != tag {
        return None;
    }
    Some(match status {
        Status::Ok => Tagged::Ok,
        Status::No | Status::Bad | Status::Bye | Status::PreAuth => Tagged::Refused {
            words: shorten(outcome.information.as_deref().unwrap_or("no reason given")),
            try_create: matches!(outcome.code, Some(ResponseCode::TryCreate)),
        },
    })
}

/// SASL PLAIN (RFC 4616); to a second challenge, which tells of a failure, an empty answer.
struct Plain(Option<String>);

impl Authenticator for Plain {
    type Response = String;

    fn process(&mut self, _challenge: &[u8]) -> String {
        self.0.take().unwrap_or_default()
    }
}

pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

pub(super) fn stalled(what: &str) -> Trouble {
    Trouble::new(TroubleKind::Stalled, format!("{what}: no answer in time"))
}

fn login_trouble(error: &Error) -> Trouble {
    let kind = match error {
        Error::No(_) | Error::Bad(_) | Error::Validate(_) => TroubleKind::Login,
        Error::Io(_) | Error::ConnectionLost => TroubleKind::Lost,
        _ => TroubleKind::Protocol,
    };
    Trouble::new(kind, format!("login: {error}"))
}
